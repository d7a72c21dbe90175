#include "services/immunization/fhir_answer.h"

#include "core/records/fhir.h"
#include "services/immunization/reasons.h"
#include "services/immunization/samples.h"

namespace musubi::immunization {
namespace {

namespace fhir = records::fhir;
constexpr std::string_view kCvx = "http://hl7.org/fhir/sid/cvx";
constexpr std::string_view kDoseStatus = "http://terminology.hl7.org/CodeSystem/immunization-evaluation-dose-status";
constexpr std::string_view kForecastStatus = "http://terminology.hl7.org/CodeSystem/immunization-recommendation-status";
constexpr std::string_view kReason = "urn:musubi:code:immunization-reason";
constexpr std::string_view kOutcome = "urn:musubi:code:immunization-outcome";

struct EvaluationResource {
    std::string resource_type = "ImmunizationEvaluation";
    std::string id;
    std::string status = "completed";
    fhir::Reference patient;
    std::string date;
    fhir::CodeableConcept target_disease;
    fhir::Reference immunization_event;
    fhir::CodeableConcept dose_status;
    std::vector<fhir::CodeableConcept> dose_status_reason;
    std::optional<std::string> series;
    std::optional<int64_t> dose_number_positive_int;
};
struct DateCriterion {
    fhir::CodeableConcept code;
    std::string value;
};
struct Recommendation {
    std::vector<fhir::CodeableConcept> vaccine_code;
    fhir::CodeableConcept forecast_status;
    std::optional<std::vector<fhir::CodeableConcept>> forecast_reason;
    std::optional<std::vector<DateCriterion>> date_criterion;
    std::optional<std::string> series;
    std::optional<int64_t> dose_number_positive_int;
    std::optional<int64_t> series_doses_positive_int;
};
struct RecommendationResource {
    std::string resource_type = "ImmunizationRecommendation";
    std::string id;
    fhir::Reference patient;
    std::string date;
    std::vector<Recommendation> recommendation;
};
struct Entry {
    json::Raw resource;
};
struct BundleResource {
    std::string resource_type = "Bundle";
    std::string type = "collection";
    std::vector<Entry> entry;
};

template <class F> void describe(F& f, EvaluationResource& x) {
    f("resourceType", x.resource_type);
    f("id", x.id);
    f("status", x.status);
    f("patient", x.patient);
    f("date", x.date);
    f("targetDisease", x.target_disease);
    f("immunizationEvent", x.immunization_event);
    f("doseStatus", x.dose_status);
    f("doseStatusReason", x.dose_status_reason);
    f("series", x.series);
    f("doseNumberPositiveInt", x.dose_number_positive_int);
}
template <class F> void describe(F& f, DateCriterion& x) {
    f("code", x.code);
    f("value", x.value);
}
template <class F> void describe(F& f, Recommendation& x) {
    f("vaccineCode", x.vaccine_code);
    f("forecastStatus", x.forecast_status);
    f("forecastReason", x.forecast_reason);
    f("dateCriterion", x.date_criterion);
    f("series", x.series);
    f("doseNumberPositiveInt", x.dose_number_positive_int);
    f("seriesDosesPositiveInt", x.series_doses_positive_int);
}
template <class F> void describe(F& f, RecommendationResource& x) {
    f("resourceType", x.resource_type);
    f("id", x.id);
    f("patient", x.patient);
    f("date", x.date);
    f("recommendation", x.recommendation);
}
template <class F> void describe(F& f, Entry& x) { f("resource", x.resource); }
template <class F> void describe(F& f, BundleResource& x) {
    f("resourceType", x.resource_type);
    f("type", x.type);
    f("entry", x.entry);
}

fhir::CodeableConcept vaccine_concept(const Shown& shown, int index) {
    const Vaccine& vaccine = shown.rules.vaccines[static_cast<size_t>(index)];
    const std::string name = plain_name(vaccine, shown.language);
    fhir::CodeableConcept made = fhir::concept_of(fhir::kVaccine, vaccine.id, name);
    for (const std::string& cvx : vaccine.cvx) made.coding.push_back({std::string(kCvx), cvx, {}});
    made.text = name;
    return made;
}

std::vector<fhir::CodeableConcept> reasons_of(const Shown& shown, const std::vector<Reason>& reasons) {
    std::vector<fhir::CodeableConcept> concepts;
    for (const Reason& reason : reasons) {
        fhir::CodeableConcept one;
        one.coding.push_back({std::string(kReason), std::string(code_of(reason.code)), {}});
        one.text = sentence_of(shown.rules, reason, shown.language);
        concepts.push_back(std::move(one));
    }
    return concepts;
}

EvaluationResource resource_of(const Shown& shown, const base::PersonId& id, const Evaluation& evaluation,
                               const Received& received, size_t count) {
    const Vaccine& vaccine = shown.rules.vaccines[static_cast<size_t>(evaluation.vaccine)];
    EvaluationResource out;
    out.id = "evaluation-" + std::to_string(count);
    out.patient = fhir::patient(id.to_string());
    out.date = shown.today.to_string();
    out.target_disease = vaccine_concept(shown, evaluation.vaccine);
    out.immunization_event.reference = "Immunization/" + received.id;
    out.dose_status = fhir::concept_of(kDoseStatus, evaluation.counts ? "valid" : "notvalid",
                                       evaluation.counts ? "Valid" : "Not valid");
    out.dose_status_reason = reasons_of(shown, evaluation.reasons);
    const std::string outcome(name_of(evaluation.outcome));
    out.dose_status_reason.insert(out.dose_status_reason.begin(), fhir::concept_of(kOutcome, outcome, outcome));
    if (evaluation.series >= 0) out.series = vaccine.series[static_cast<size_t>(evaluation.series)].id;
    if (evaluation.number > 0) out.dose_number_positive_int = evaluation.number;
    return out;
}

std::vector<DateCriterion> dates_of(const Proposal& next) {
    std::vector<DateCriterion> dates;
    const auto add = [&](std::string_view loinc, std::string_view display, std::optional<CivilDate> day) {
        if (day) dates.push_back({fhir::concept_of(fhir::kLoinc, loinc, display), day->to_string()});
    };
    add("30981-5", "Earliest date to give", next.earliest);
    add("30980-7", "Date vaccine due", next.recommended);
    if (next.standard_to) add("59778-1", "Date when overdue for immunization", next.standard_to->plus_days(1));
    add("59777-3", "Latest date next dose may be given", next.latest);
    return dates;
}

Recommendation recommendation_of(const Shown& shown, const VaccineStatus& status) {
    const Vaccine& vaccine = shown.rules.vaccines[static_cast<size_t>(status.vaccine)];
    Recommendation out;
    out.vaccine_code = {vaccine_concept(shown, status.vaccine)};
    const bool complete = status.state == State::Complete;
    const bool overdue = status.state == State::Overdue;
    const std::string_view code = complete ? "complete" : overdue ? "overdue" : "due";
    out.forecast_status = fhir::concept_of(kForecastStatus, code, code);
    std::vector<fhir::CodeableConcept> reasons = reasons_of(shown, status.reasons);
    if (!status.next.empty()) {
        const Proposal& next = status.next.front();
        const auto more = reasons_of(shown, next.reasons);
        reasons.insert(reasons.end(), more.begin(), more.end());
        out.date_criterion = dates_of(next);
        out.dose_number_positive_int = next.number;
    }
    if (!reasons.empty()) out.forecast_reason = std::move(reasons);
    if (status.series >= 0) out.series = vaccine.series[static_cast<size_t>(status.series)].id;
    if (status.needed > 0) out.series_doses_positive_int = status.needed;
    return out;
}

} // namespace

std::string fhir_bundle(const Shown& shown, const base::PersonId& id, const Person& person, const History& history) {
    const Answer answer = evaluate(shown.rules, person, history.given, shown.today);
    BundleResource bundle;
    size_t count = 0;
    for (const Evaluation& evaluation : answer.evaluations)
        for (const Received& received : history.received)
            if (received.given && static_cast<size_t>(*received.given) == evaluation.given)
                bundle.entry.push_back({{json::write(resource_of(shown, id, evaluation, received, ++count))}});
    RecommendationResource recommended;
    recommended.id = "recommendation";
    recommended.patient = fhir::patient(id.to_string());
    recommended.date = shown.today.to_string();
    for (const VaccineStatus& status : answer.statuses)
        if (status.state == State::Complete || !status.next.empty())
            recommended.recommendation.push_back(recommendation_of(shown, status));
    // FHIR asks for at least one recommendation.
    if (!recommended.recommendation.empty()) bundle.entry.push_back({{json::write(recommended)}});
    return json::write(bundle);
}

} // namespace musubi::immunization
