#include "services/health_record/checkups.h"

#include "core/records/fhir.h"
#include "services/health_record/fhir_reading.h"

#include <map>

namespace musubi::health_record {
namespace {

namespace fhir = records::fhir;
using json::Element;

constexpr int kMostResults = 20'000;
constexpr int kMostVaccinations = 2'000;

/// "Urinary protein" and its like carry a code for a value, everything else a quantity.
std::optional<json::Raw> value_of(const Element& observation, std::optional<std::string>& unit) {
    const auto quantity = member(observation, "valueQuantity");
    if (const auto number = decimal(member(quantity, "value"))) {
        if (std::string name = text(member(quantity, "unit")); !name.empty()) unit = std::move(name);
        return json::Raw{number->text};
    }
    std::string words = text(member(observation, "valueString"));
    if (words.empty()) words = name_of(member(observation, "valueCodeableConcept"));
    if (words.empty()) return std::nullopt;
    json::Raw raw{""};
    json::append_string(raw.text, words);
    return raw;
}

std::optional<Judgement> judge(const ResultView& result) {
    if (!result.reference_low && !result.reference_high) return std::nullopt;
    const auto value = to_double(json::Decimal{result.value.text});
    if (!value) return std::nullopt;
    const auto low = to_double(result.reference_low);
    const auto high = to_double(result.reference_high);
    if (low && *value < *low) return Judgement::Below;
    if (high && *value > *high) return Judgement::Above;
    return Judgement::Inside;
}

/// An Observation or one of its components.
void add_result(const Element& element, std::vector<ResultView>& results) {
    const auto code = member(element, "code");
    std::optional<std::string> unit;
    auto value = value_of(element, unit);
    if (value) {
        ResultView result{code_of(code), name_of(code), std::move(*value), std::move(unit), {}, {}, {}};
        if (const auto ranges = items(member(element, "referenceRange")); !ranges.empty()) {
            result.reference_low = decimal(member(member(ranges.front(), "low"), "value"));
            result.reference_high = decimal(member(member(ranges.front(), "high"), "value"));
        }
        result.judgement = judge(result);
        results.push_back(std::move(result));
    }
    for (const Element& component : items(member(element, "component"))) add_result(component, results);
}

std::string id_in(const std::string& reference) {
    constexpr std::string_view kPrefix = "Observation/";
    return reference.starts_with(kPrefix) ? reference.substr(kPrefix.size()) : std::string();
}

CheckupView checkup_of(const records::Resource& report, const Element& root,
                       const std::map<std::string, const records::Resource*>& results) {
    CheckupView view;
    view.id = report.id;
    view.date = report.effective.substr(0, 10);
    view.kind = code_of(member(root, "code"), fhir::kCheckupKind);
    view.kind_name = name_of(member(root, "code"));
    view.source = report.origin;
    const auto performers = displays(member(root, "performer"));
    if (performers.size() > 1) view.place = performers.front();
    if (!performers.empty()) view.source_name = performers.back();
    for (const Element& reference : items(member(root, "result"))) {
        const auto found = results.find(id_in(text(member(reference, "reference"))));
        if (found == results.end()) continue;
        const auto document = json::Document::parse(found->second->body);
        if (document) add_result(document->root(), view.results);
    }
    return view;
}

} // namespace

base::Task<std::vector<CheckupView>> checkups_of(db::ReadTx& tx, base::PersonId person, int limit) {
    records::Filter filter;
    filter.category = std::string(fhir::kCheckup);
    filter.limit = limit;
    const auto reports = co_await records::list(tx, person, "DiagnosticReport", filter);
    std::vector<CheckupView> views;
    if (reports.empty()) co_return views;

    // Results carry the date of their report; their first category is that of the profile, so the date bounds them.
    records::Filter of_results;
    of_results.from = reports.back().effective_at;
    of_results.before = reports.front().effective_at + std::chrono::hours(24);
    of_results.limit = kMostResults;
    const auto observations = co_await records::list(tx, person, "Observation", of_results);
    std::map<std::string, const records::Resource*> by_id;
    for (const records::Resource& observation : observations) by_id.emplace(observation.id, &observation);

    for (const records::Resource& report : reports) {
        const auto document = json::Document::parse(report.body);
        if (document) views.push_back(checkup_of(report, document->root(), by_id));
    }
    co_return views;
}

base::Task<std::vector<VaccinationView>> vaccinations_of(db::ReadTx& tx, base::PersonId person) {
    records::Filter filter;
    filter.limit = kMostVaccinations;
    const auto shots = co_await records::list(tx, person, "Immunization", filter);
    std::vector<VaccinationView> views;
    for (const records::Resource& shot : shots) {
        const auto document = json::Document::parse(shot.body);
        if (!document) continue;
        const Element root = document->root();
        const auto optional_text = [](std::string words) {
            return words.empty() ? std::optional<std::string>() : std::optional(std::move(words));
        };
        VaccinationView view;
        view.id = shot.id;
        view.date = shot.effective.substr(0, 10);
        view.vaccine = code_of(member(root, "vaccineCode"));
        view.vaccine_name = name_of(member(root, "vaccineCode"));
        if (const auto protocols = items(member(root, "protocolApplied")); !protocols.empty())
            if (const auto dose = member(protocols.front(), "doseNumberPositiveInt")) view.dose = dose->integer();
        view.lot = optional_text(text(member(root, "lotNumber")));
        view.maker = optional_text(text(member(member(root, "manufacturer"), "display")));
        view.place = optional_text(text(member(member(root, "location"), "display")));
        view.source = shot.origin;
        if (const auto performers = items(member(root, "performer")); !performers.empty())
            view.source_name = text(member(member(performers.front(), "actor"), "display"));
        views.push_back(std::move(view));
    }
    co_return views;
}

} // namespace musubi::health_record
