// The parts of FHIR R4 that Musubi writes itself, in the profiles of JP Core 1.1.2 (NPO 日本医療情報学会, jpfhir.jp).
// Resources of others are never forced into these types: they are kept as text and read with json::Element.
#pragma once

#include "base/ids.h"
#include "base/time.h"
#include "core/records/records.h"
#include "lib/json/json.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace musubi::records::fhir {

inline constexpr std::string_view kLoinc = "http://loinc.org";
inline constexpr std::string_view kUcum = "http://unitsofmeasure.org";
/// JLAC10 analyte codes with 17 digits, as JP Core names their system.
inline constexpr std::string_view kJlac10 = "http://medis.or.jp/CodeSystem/master-JLAC10-17digits";
inline constexpr std::string_view kCategory = "http://jpfhir.jp/fhir/core/CodeSystem/JP_SimpleObservationCategory_CS";
inline constexpr std::string_view kVitalCategory =
    "http://jpfhir.jp/fhir/core/CodeSystem/JP_ObservationVitalSignsCategory_CS";
inline constexpr std::string_view kBodyCategory =
    "http://jpfhir.jp/fhir/core/CodeSystem/JP_ObservationBodyMeasurementCategory_CS";
inline constexpr std::string_view kProfileRoot = "http://jpfhir.jp/fhir/core/StructureDefinition/";
/// Code systems of Musubi: kinds of checkups, and vaccines of the municipal ledger.
inline constexpr std::string_view kCheckupKind = "urn:musubi:code:checkup-kind";
inline constexpr std::string_view kVaccine = "urn:musubi:code:vaccine";
/// The category of reports and results that belong to a checkup.
inline constexpr std::string_view kCheckup = "checkup";
inline constexpr std::string_view kCheckupCategory = "urn:musubi:code:category";

// LOINC codes of what people measure themselves (loinc.org).
inline constexpr std::string_view kBloodPressure = "85354-9";
inline constexpr std::string_view kSystolic = "8480-6";
inline constexpr std::string_view kDiastolic = "8462-4";
inline constexpr std::string_view kPulse = "8867-4";
inline constexpr std::string_view kBodyWeight = "29463-7";
inline constexpr std::string_view kBodyHeight = "8302-2";
inline constexpr std::string_view kSteps = "55423-8";

struct Coding {
    std::string system;
    std::string code;
    std::optional<std::string> display;
};
struct CodeableConcept {
    std::vector<Coding> coding;
    std::optional<std::string> text;
};
struct Quantity {
    json::Decimal value;
    std::optional<std::string> unit; // as people read it
    std::optional<std::string> system;
    std::optional<std::string> code; // UCUM
};
struct Reference {
    std::optional<std::string> reference;
    std::optional<std::string> display;
};
struct Range {
    std::optional<Quantity> low;
    std::optional<Quantity> high;
};
struct Component {
    CodeableConcept code;
    std::optional<Quantity> value_quantity;
    std::optional<std::vector<Range>> reference_range;
};
struct Annotation {
    std::string text;
};
struct Meta {
    std::optional<std::vector<std::string>> profile;
};

struct Observation {
    std::string resource_type = "Observation";
    std::optional<std::string> id;
    std::optional<Meta> meta;
    std::string status = "final";
    std::vector<CodeableConcept> category;
    CodeableConcept code;
    Reference subject;
    std::string effective_date_time;
    std::optional<std::vector<Reference>> performer;
    std::optional<Quantity> value_quantity;
    std::optional<CodeableConcept> value_codeable_concept;
    std::optional<std::vector<Annotation>> note;
    std::optional<Reference> specimen;
    std::optional<std::vector<Range>> reference_range;
    std::optional<std::vector<Component>> component;
};
struct DiagnosticReport {
    std::string resource_type = "DiagnosticReport";
    std::optional<std::string> id;
    std::optional<Meta> meta;
    std::string status = "final";
    std::vector<CodeableConcept> category;
    CodeableConcept code;
    Reference subject;
    std::string effective_date_time;
    std::vector<Reference> performer; // the place, then who sent it
    std::vector<Reference> result;
};
struct Dose {
    int64_t dose_number_positive_int = 1;
};
struct Performer {
    Reference actor;
};
struct Immunization {
    std::string resource_type = "Immunization";
    std::optional<std::string> id;
    std::optional<Meta> meta;
    std::string status = "completed";
    CodeableConcept vaccine_code;
    Reference patient;
    std::string occurrence_date_time;
    std::optional<Reference> location;
    std::optional<Reference> manufacturer;
    std::optional<std::string> lot_number;
    std::optional<std::vector<Performer>> performer;
    std::optional<std::vector<Dose>> protocol_applied;
};
struct Extension {
    std::string url;
    std::string value_code;
};
struct HumanName {
    std::vector<Extension> extension;
    std::string use = "official";
    std::string text;
    std::optional<std::string> family;
    std::optional<std::vector<std::string>> given;
};
struct Address {
    std::string text;
    std::string country = "JP";
};
struct Identifier {
    std::string system;
    std::string value;
};
struct Patient {
    std::string resource_type = "Patient";
    std::string id;
    std::optional<Meta> meta;
    std::vector<Identifier> identifier;
    std::vector<HumanName> name;
    std::string gender;
    base::CivilDate birth_date = base::CivilDate::from_days(0);
    std::vector<Address> address;
};

// clang-format off
template <class F> void describe(F& f, Coding& x) { f("system", x.system); f("code", x.code); f("display", x.display); }
template <class F> void describe(F& f, CodeableConcept& x) { f("coding", x.coding); f("text", x.text); }
template <class F> void describe(F& f, Quantity& x) { f("value", x.value); f("unit", x.unit); f("system", x.system); f("code", x.code); }
template <class F> void describe(F& f, Reference& x) { f("reference", x.reference); f("display", x.display); }
template <class F> void describe(F& f, Range& x) { f("low", x.low); f("high", x.high); }
template <class F> void describe(F& f, Component& x) { f("code", x.code); f("valueQuantity", x.value_quantity); f("referenceRange", x.reference_range); }
template <class F> void describe(F& f, Annotation& x) { f("text", x.text); }
template <class F> void describe(F& f, Meta& x) { f("profile", x.profile); }
template <class F> void describe(F& f, Dose& x) { f("doseNumberPositiveInt", x.dose_number_positive_int); }
template <class F> void describe(F& f, Performer& x) { f("actor", x.actor); }
template <class F> void describe(F& f, Extension& x) { f("url", x.url); f("valueCode", x.value_code); }
template <class F> void describe(F& f, Address& x) { f("text", x.text); f("country", x.country); }
template <class F> void describe(F& f, Identifier& x) { f("system", x.system); f("value", x.value); }
// clang-format on
template <class F> void describe(F& f, HumanName& x) {
    f("extension", x.extension);
    f("use", x.use);
    f("text", x.text);
    f("family", x.family);
    f("given", x.given);
}
template <class F> void describe(F& f, Patient& x) {
    f("resourceType", x.resource_type);
    f("id", x.id);
    f("meta", x.meta);
    f("identifier", x.identifier);
    f("name", x.name);
    f("gender", x.gender);
    f("birthDate", x.birth_date);
    f("address", x.address);
}
template <class F> void describe(F& f, Observation& x) {
    f("resourceType", x.resource_type);
    f("id", x.id);
    f("meta", x.meta);
    f("status", x.status);
    f("category", x.category);
    f("code", x.code);
    f("subject", x.subject);
    f("effectiveDateTime", x.effective_date_time);
    f("performer", x.performer);
    f("valueQuantity", x.value_quantity);
    f("valueCodeableConcept", x.value_codeable_concept);
    f("note", x.note);
    f("specimen", x.specimen);
    f("referenceRange", x.reference_range);
    f("component", x.component);
}
template <class F> void describe(F& f, DiagnosticReport& x) {
    f("resourceType", x.resource_type);
    f("id", x.id);
    f("meta", x.meta);
    f("status", x.status);
    f("category", x.category);
    f("code", x.code);
    f("subject", x.subject);
    f("effectiveDateTime", x.effective_date_time);
    f("performer", x.performer);
    f("result", x.result);
}
template <class F> void describe(F& f, Immunization& x) {
    f("resourceType", x.resource_type);
    f("id", x.id);
    f("meta", x.meta);
    f("status", x.status);
    f("vaccineCode", x.vaccine_code);
    f("patient", x.patient);
    f("occurrenceDateTime", x.occurrence_date_time);
    f("location", x.location);
    f("manufacturer", x.manufacturer);
    f("lotNumber", x.lot_number);
    f("performer", x.performer);
    f("protocolApplied", x.protocol_applied);
}

Meta profile(std::string_view name); // "JP_Observation_VitalSigns"
CodeableConcept concept_of(std::string_view system, std::string_view code, std::string_view display);
Quantity quantity(std::string_view number, std::string_view ucum, std::string_view unit);
/// `subject` is a person's or a resident's id.
Reference patient(std::string_view subject);
/// "2026-11-22T07:15:00+09:00".
std::string date_time(base::Instant at);

/// Observations of what is measured at home and at checkups. `code` is one of the LOINC codes above.
Observation blood_pressure(std::string_view subject, std::string effective, std::string_view systolic,
                           std::string_view diastolic, std::optional<std::string_view> pulse);
Observation body_weight(std::string_view subject, std::string effective, std::string_view kilograms);
Observation body_height(std::string_view subject, std::string effective, std::string_view centimetres);
Observation steps(std::string_view subject, std::string effective, std::string_view count);

} // namespace musubi::records::fhir
