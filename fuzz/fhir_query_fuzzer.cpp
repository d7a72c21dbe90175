// Any bytes as a search: lines "name=value" on one of a few types. Refused, or answered on a row of that type.
#include "lib/fhir/index.h"
#include "lib/fhir/query.h"

namespace {

using namespace musubi;

const std::string& row() {
    static const std::string index = fhir::extract_index(*fhir::Document::parse(
        R"({"resourceType":"Observation","id":"a","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"1"}],
        "text":"体重"},"subject":{"reference":"Patient/1"},"effectiveDateTime":"2026","valueQuantity":{"value":1.5,"unit":"kg",
        "system":"http://unitsofmeasure.org","code":"kg"}})"));
    return index;
}

void ask(const fhir::Filter& filter, const fhir::IndexView& view) {
    if (filter.criterion) (void)fhir::matches(*filter.criterion, view);
    if (filter.chain)
        for (const auto& inner : filter.chain->inner) ask(*inner, view);
    if (filter.has) ask(*filter.has->inner, view);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    fhir::QueryPairs pairs;
    for (size_t at = 0; at < text.size();) {
        const size_t end = std::min(text.find('\n', at), text.size());
        const auto line = text.substr(at, end - at);
        const size_t equals = std::min(line.find('='), line.size());
        pairs.emplace_back(line.substr(0, equals), line.substr(std::min(equals + 1, line.size())));
        at = end + 1;
    }
    fhir::QueryOptions options;
    for (const auto type :
         {fhir::ResourceType::Observation, fhir::ResourceType::Patient, fhir::ResourceType::Encounter}) {
        const auto query = fhir::parse_query(type, pairs, options);
        if (!query) continue;
        const fhir::IndexView view(row());
        for (const auto& filter : query->filters) ask(filter, view);
        for (const auto& rule : query->sort) (void)fhir::sort_key(rule, view);
    }
    return 0;
}
