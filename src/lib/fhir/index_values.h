// Takes the values out of one element, by the kind of the search parameter and the type of the element. Private to this
// module.
#pragma once

#include "lib/fhir/index.h"
#include "lib/fhir/index_writer.h"
#include "lib/fhir/tables.h"

namespace musubi::fhir {

/// The numbers of the values that were read.
using Sink = std::vector<uint32_t>;

class ValueReader {
  public:
    ValueReader(const Document& document, const IndexOptions& options, IndexWriter& writer)
        : m_document(document), m_options(options), m_writer(writer) {}
    void read(Node node, const tables::PathAction& action, Sink& sink);

  private:
    void put(const IndexValue& value, Sink& sink);
    void put_token(std::string_view system, std::string_view code, std::string_view folded_text, Sink& sink);
    void coding(Node node, std::string_view concept_text, Sink& sink);
    void identifier(Node node, Sink& sink);
    void token(Node node, const tables::PathAction& action, Sink& sink);
    void deceased(Node node, Sink& sink);
    void put_string(std::string_view raw, Sink& sink);
    void parts(Node node, std::initializer_list<Symbol> members, Sink& sink);
    void string(Node node, uint16_t type, Sink& sink);
    void put_date(int64_t low, int64_t high, Sink& sink);
    void period(Node node, Sink& sink);
    void date(Node node, uint16_t type, Sink& sink);
    void number(Node node, uint16_t type, Sink& sink);
    void quantity(Node node, uint16_t type, Sink& sink);
    ResourceType contained_type(std::string_view id) const;
    void canonical(std::string_view text, IndexValue& value) const;
    void literal(std::string_view text, IndexValue& value) const;
    void reference(Node node, const tables::PathAction& action, Sink& sink);
    void uri(Node node, Sink& sink);

    const Document& m_document;
    const IndexOptions& m_options;
    IndexWriter& m_writer;
};

} // namespace musubi::fhir
