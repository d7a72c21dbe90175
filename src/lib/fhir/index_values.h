// Takes the values out of one element, by the kind of the search parameter and the type of the element. Private to this
// module.
#pragma once

#include "lib/fhir/index.h"
#include "lib/fhir/index_writer.h"
#include "lib/fhir/tables.h"

namespace musubi::fhir {

/// Where values go: to a parameter, or into the list of one part of a composite.
struct Sink {
    uint16_t parameter = 0;
    std::vector<uint32_t>* part = nullptr;
};

class ValueReader {
  public:
    ValueReader(const Document& document, const IndexOptions& options, IndexWriter& writer)
        : m_document(document), m_options(options), m_writer(writer) {}
    void read(Node node, const tables::PathAction& action, const Sink& sink);

  private:
    void put(const IndexValue& value, const Sink& sink);
    void put_token(std::string_view system, std::string_view code, std::string_view folded_text, const Sink& sink);
    void coding(Node node, std::string_view concept_text, const Sink& sink);
    void identifier(Node node, const Sink& sink);
    void token(Node node, const tables::PathAction& action, const Sink& sink);
    void deceased(Node node, const Sink& sink);
    void put_string(std::string_view raw, const Sink& sink);
    void parts(Node node, std::initializer_list<Symbol> members, const Sink& sink);
    void string(Node node, uint16_t type, const Sink& sink);
    void put_date(int64_t low, int64_t high, const Sink& sink);
    void period(Node node, const Sink& sink);
    void date(Node node, uint16_t type, const Sink& sink);
    void number(Node node, uint16_t type, const Sink& sink);
    void quantity(Node node, uint16_t type, const Sink& sink);
    ResourceType contained_type(std::string_view id) const;
    void canonical(std::string_view text, IndexValue& value) const;
    void literal(std::string_view text, IndexValue& value) const;
    void reference(Node node, const tables::PathAction& action, const Sink& sink);
    void uri(Node node, const Sink& sink);

    const Document& m_document;
    const IndexOptions& m_options;
    IndexWriter& m_writer;
};

} // namespace musubi::fhir
