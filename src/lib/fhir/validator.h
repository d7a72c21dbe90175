// The walk of validate(). Private to this module.
#pragma once

#include "lib/fhir/tables.h"
#include "lib/fhir/validation.h"

namespace musubi::fhir {

/// A node with the type its element has.
struct Typed {
    Node node;
    const tables::Type* type = nullptr;
    explicit operator bool() const { return static_cast<bool>(node); }
};

/// Values of an element, choices and lists resolved: `element` is "value" or "value[x]".
std::vector<Typed> values_of(const Typed& parent, std::string_view element);
/// The first of them, or absent.
Typed value_of(const Typed& parent, std::string_view element);
inline bool has(const Typed& parent, std::string_view element) { return static_cast<bool>(value_of(parent, element)); }

class Validator {
  public:
    Validator(const Document& document, const ValidationOptions& options) : m_document(document), m_options(options) {}
    std::vector<Issue> run();

    void report(Severity severity, std::string_view code, std::string_view rule, std::string diagnostics);
    void error(std::string_view code, std::string_view rule, std::string diagnostics) {
        report(Severity::Error, code, rule, std::move(diagnostics));
    }
    const Document& document() const { return m_document; }
    /// The resource that holds what is being looked at, and the outermost one of its contained kind.
    Node resource() const { return m_resource; }

    /// Moves to a part of the path while it lives.
    class Step {
      public:
        Step(Validator& validator, std::string_view name) : m_validator(validator), m_size(validator.m_path.size()) {
            m_validator.m_path += '.';
            m_validator.m_path += name;
        }
        Step(Validator& validator, size_t index) : m_validator(validator), m_size(validator.m_path.size()) {
            m_validator.m_path += '[' + std::to_string(index) + ']';
        }
        Step(const Step&) = delete;
        Step& operator=(const Step&) = delete;
        ~Step() { m_validator.m_path.resize(m_size); }

      private:
        Validator& m_validator;
        size_t m_size;
    };

    // profiles (validate_profiles.cpp)
    void check_profile(const tables::Profile& profile, const Typed& value);
    bool in_binding(uint16_t binding, const Typed& value, bool& known) const;

  private:
    void check_resource(Node node);
    void check_object(const Typed& value);
    void check_member(const Typed& parent, Node member, const tables::Field& field);
    void check_list(const Typed& parent, Node member, const tables::Field& field);
    void check_value(Node node, const tables::Field& field);
    void check_extension_part(const Typed& parent, Node member, const tables::Field& field);
    void check_reference(const Typed& reference, const tables::Element& element);
    void check_binding(const Typed& value, const tables::Element& element);
    void check_counts(const Typed& value);
    void check_claimed_profiles(const Typed& resource);

    // profiles
    void check_rules(const tables::Rule& rule, const Typed& parent, std::string_view profile);
    void check_rule(const tables::Rule& rule, const std::vector<Typed>& items, std::string_view profile);
    void check_item(const tables::Rule& rule, const Typed& item, std::string_view profile);
    void check_slices(const tables::Rule& element, std::span<const tables::Rule> siblings,
                      const std::vector<Typed>& items, std::string_view profile);

    const Document& m_document;
    const ValidationOptions& m_options;
    std::vector<Issue> m_issues;
    std::string m_path;
    Node m_resource;
    size_t m_profile_depth = 0;
    bool m_contained = false;
};

/// invariants.cpp: the rules of R4 for one type, by name ("per-1"); run after the structure has been looked at.
void check_invariants(Validator& validator, const Typed& value);

} // namespace musubi::fhir
