// One FHIR resource as JSON text, kept byte for byte: numbers keep their digits ("0.010"), members their order. What is
// checked here is that it is JSON a store may keep and that it is a resource of a known type; validation.h judges the
// rest.
#pragma once

#include "lib/fhir/json_tree.h"
#include "lib/fhir/resource_type.h"

namespace musubi::fhir {

/// What a store decides about a stored version (R4 section 3.1.0.1.3, 2.27).
struct Stamp {
    std::string_view id;
    std::string_view version_id;
    std::string_view last_updated; // FHIR instant, "2026-11-22T09:00:00.000+09:00"
};

class Document {
  public:
    /// Errors: those of Tree; "fhir.not-a-resource" when "resourceType" is missing, unknown or not a string, or when
    /// "id" is there and is not an id (R4: 1–64 of A–Z a–z 0–9 - .).
    static base::Result<Document> parse(std::string text, const Limits& limits = {});
    /// A copy of a part (a contained resource, the resource of a bundle entry) as its own document.
    static base::Result<Document> from_part(Node part, const Limits& limits = {});

    ResourceType type() const { return m_type; }
    std::string_view id() const;           // empty: none
    std::string_view version_id() const;   // meta.versionId
    std::string_view last_updated() const; // meta.lastUpdated
    const std::string& text() const { return m_tree.text(); }
    Node root() const { return m_tree.root(); }
    const Tree& tree() const { return m_tree; }

    /// The same text with id, meta.versionId and meta.lastUpdated set; everything else stays byte for byte. New members
    /// are put in after "resourceType"; a missing meta is made.
    std::string with_stamp(const Stamp& stamp) const;

  private:
    explicit Document(Tree tree) : m_tree(std::move(tree)) {}
    Tree m_tree;
    ResourceType m_type = ResourceType::None;
};

/// A literal reference taken apart (R4 section 2.3.0.1).
struct ReferenceParts {
    enum class Form { Relative, Absolute, Contained, Urn, Other };
    Form form = Form::Other;
    std::string_view base; // Absolute: "https://server/fhir"; else empty
    ResourceType type = ResourceType::None;
    std::string_view id;      // Relative, Absolute: the id; Contained: without '#'; Urn: all of it
    std::string_view version; // after "/_history/"
};
ReferenceParts parse_reference(std::string_view reference);
bool is_id(std::string_view text);

} // namespace musubi::fhir
