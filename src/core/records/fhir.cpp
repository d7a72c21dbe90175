#include "core/records/fhir.h"

#include <fmt/core.h>

namespace musubi::records::fhir {
namespace {

Observation measured(std::string_view subject, std::string effective, std::string_view profile_name) {
    Observation observation;
    observation.meta = profile(profile_name);
    observation.subject = patient(subject);
    observation.effective_date_time = std::move(effective);
    return observation;
}

Component pressure(std::string_view code, std::string_view display, std::string_view value, std::string_view ucum,
                   std::string_view unit) {
    return {concept_of(kLoinc, code, display), quantity(value, ucum, unit), {}};
}

} // namespace

Meta profile(std::string_view name) {
    return Meta{std::vector<std::string>{std::string(kProfileRoot) + std::string(name)}};
}

CodeableConcept concept_of(std::string_view system, std::string_view code, std::string_view display) {
    CodeableConcept out;
    out.coding.push_back({std::string(system), std::string(code), std::string(display)});
    out.text = std::string(display);
    return out;
}

Quantity quantity(std::string_view number, std::string_view ucum, std::string_view unit) {
    return {{std::string(number)}, std::string(unit), std::string(kUcum), std::string(ucum)};
}

Reference patient(std::string_view subject) { return {fmt::format("Patient/{}", subject), {}}; }

std::string date_time(base::Instant at) {
    const base::CivilDate day = base::date_in_japan(at);
    const int64_t seconds = (at - base::start_of_day_in_japan(day)).count() / 1000;
    return fmt::format("{}T{:02}:{:02}:{:02}+09:00", day.to_string(), seconds / 3600, seconds / 60 % 60, seconds % 60);
}

Observation blood_pressure(std::string_view subject, std::string effective, std::string_view systolic,
                           std::string_view diastolic, std::optional<std::string_view> pulse) {
    Observation out = measured(subject, std::move(effective), "JP_Observation_VitalSigns");
    out.category = {concept_of(kCategory, "vital-signs", "Vital Signs"),
                    concept_of(kVitalCategory, "blood-pressure", "血圧")};
    out.code = concept_of(kLoinc, kBloodPressure, "血圧");
    out.component = {pressure(kSystolic, "収縮期血圧", systolic, "mm[Hg]", "mmHg"),
                     pressure(kDiastolic, "拡張期血圧", diastolic, "mm[Hg]", "mmHg")};
    if (pulse) out.component->push_back(pressure(kPulse, "脈拍", *pulse, "/min", "回/分"));
    return out;
}

Observation body_weight(std::string_view subject, std::string effective, std::string_view kilograms) {
    Observation out = measured(subject, std::move(effective), "JP_Observation_BodyMeasurement");
    out.category = {concept_of(kCategory, "body-measurement", "Body Measurement"),
                    concept_of(kBodyCategory, "weight", "体重")};
    out.code = concept_of(kLoinc, kBodyWeight, "体重");
    out.value_quantity = quantity(kilograms, "kg", "kg");
    return out;
}

Observation body_height(std::string_view subject, std::string effective, std::string_view centimetres) {
    Observation out = measured(subject, std::move(effective), "JP_Observation_BodyMeasurement");
    out.category = {concept_of(kCategory, "body-measurement", "Body Measurement"),
                    concept_of(kBodyCategory, "height", "身長")};
    out.code = concept_of(kLoinc, kBodyHeight, "身長");
    out.value_quantity = quantity(centimetres, "cm", "cm");
    return out;
}

Observation steps(std::string_view subject, std::string effective, std::string_view count) {
    Observation out = measured(subject, std::move(effective), "JP_Observation_Common");
    out.category = {concept_of(kCategory, "activity", "Activity")};
    out.code = concept_of(kLoinc, kSteps, "歩数");
    out.value_quantity = quantity(count, "{steps}", "歩");
    return out;
}

} // namespace musubi::records::fhir
