// What a FHIR resource of usual size costs: read strictly, taken apart for the index, judged, asked. One run on one
// machine; the ratios are what counts.
//
//   parse, index, validate       an Observation of about 1 kB
//   match                        one criterion against one row's index
#include "lib/fhir/index.h"
#include "lib/fhir/query.h"

#include <benchmark/benchmark.h>

namespace {

using namespace musubi;

const std::string& observation() {
    static const std::string text = R"({
  "resourceType": "Observation",
  "id": "2f1d3c0a-5b5e-4d0e-9a53-6a7f0f1b9a10",
  "meta": {"versionId": "1", "lastUpdated": "2026-11-22T09:00:00.000+09:00",
           "profile": ["http://jpfhir.jp/fhir/core/StructureDefinition/JP_Observation_BodyMeasurement"]},
  "identifier": [{"system": "http://kenko.city.example/observations", "value": "0000012345"}],
  "status": "final",
  "category": [{"coding": [{"system": "http://jpfhir.jp/fhir/core/CodeSystem/JP_SimpleObservationCategory_CS",
                            "code": "body-measurement", "display": "身体計測"}]}],
  "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7", "display": "Body weight"},
                      {"system": "urn:oid:1.2.392.200119.4.804", "code": "31000334", "display": "体重"}],
           "text": "体重"},
  "subject": {"reference": "Patient/7a0f7a0e-1111-4c8f-8d3e-9c1f3f1b2a01"},
  "encounter": {"reference": "Encounter/7a0f7a0e-2222-4c8f-8d3e-9c1f3f1b2a01"},
  "effectiveDateTime": "2026-11-20T10:15:00+09:00",
  "issued": "2026-11-20T10:20:00.000+09:00",
  "performer": [{"reference": "Practitioner/p-100"}],
  "valueQuantity": {"value": 6.250, "unit": "kg", "system": "http://unitsofmeasure.org", "code": "kg"}
})";
    return text;
}

void parse(benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(fhir::Document::parse(observation()));
    state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(observation().size()));
}

void index(benchmark::State& state) {
    const auto document = *fhir::Document::parse(observation());
    size_t size = 0;
    for (auto _ : state) size = fhir::extract_index(document).size();
    state.counters["bytes"] = static_cast<double>(size);
}

void match(benchmark::State& state) {
    const std::string bytes = fhir::extract_index(*fhir::Document::parse(observation()));
    fhir::QueryOptions options;
    const auto query = *fhir::parse_query(fhir::ResourceType::Observation,
                                          {{"code", "http://loinc.org|29463-7"}, {"date", "ge2026-01"}}, options);
    for (auto _ : state) {
        const fhir::IndexView view(bytes);
        bool all = true;
        for (const auto& filter : query.filters) all = all && fhir::matches(*filter.criterion, view);
        if (!all) state.SkipWithError("does not match");
    }
}

} // namespace

BENCHMARK(parse);
BENCHMARK(index);
BENCHMARK(match);
BENCHMARK_MAIN();
