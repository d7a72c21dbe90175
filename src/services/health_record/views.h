// What the API shows of a health record.
#pragma once

#include "core/identity/guardianship.h"
#include "core/records/records.h"
#include "lib/json/json.h"

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace musubi::health_record {

enum class Judgement { Inside, Above, Below };
constexpr auto json_names(Judgement) {
    return std::array{std::pair{Judgement::Inside, "inside"}, std::pair{Judgement::Above, "above"},
                      std::pair{Judgement::Below, "below"}};
}

struct ResultView {
    std::string code; // LOINC or JLAC10
    std::string name;
    json::Raw value; // a number with the digits it came with, or a string
    std::optional<std::string> unit;
    std::optional<json::Decimal> reference_low;
    std::optional<json::Decimal> reference_high;
    std::optional<Judgement> judgement;
};
struct CheckupView {
    std::string id;
    std::string date; // as FHIR writes it: a day, or only a month or a year
    std::string kind;
    std::string kind_name;
    std::optional<std::string> place;
    records::Origin source = records::Origin::City;
    std::string source_name;
    std::vector<ResultView> results;
};
struct CheckupList {
    std::vector<CheckupView> items;
};

struct VaccinationView {
    std::string id;
    std::string date;
    std::string vaccine;
    std::string vaccine_name;
    std::optional<int64_t> dose;
    std::optional<std::string> lot;
    std::optional<std::string> maker;
    std::optional<std::string> place;
    records::Origin source = records::Origin::City;
    std::string source_name;
};
struct VaccinationList {
    std::vector<VaccinationView> items;
};

struct VitalValues {
    std::optional<json::Decimal> systolic;
    std::optional<json::Decimal> diastolic;
    std::optional<json::Decimal> pulse;
    std::optional<json::Decimal> value;
};
struct VitalView {
    std::string id;
    base::Instant at;
    std::string date; // the day in Japan
    VitalValues values;
    std::string unit;
    records::Origin source = records::Origin::Self;
    std::string source_name;
    std::optional<std::string> note;
};
struct VitalList {
    std::vector<VitalView> items;
};

enum class RelationView { Self, Child };
constexpr auto json_names(RelationView) {
    return std::array{std::pair{RelationView::Self, "self"}, std::pair{RelationView::Child, "child"}};
}
struct PersonView {
    std::string id;
    std::string name;
    std::optional<std::string> kana;
    base::CivilDate birth_date;
    RelationView relation = RelationView::Self;
    int64_t mark = 1; // 1 for oneself, then 2 to 5 in the order of the children: a colour beside the name
};
struct CountsView {
    int64_t checkups = 0;
    int64_t vaccinations = 0;
    int64_t blood_pressure = 0;
    int64_t weight = 0;
    int64_t height = 0;
    int64_t steps = 0;
};
struct SummaryView {
    PersonView person;
    std::optional<CheckupView> latest_checkup;
    std::optional<VitalView> latest_blood_pressure;
    std::optional<VitalView> latest_weight;
    std::optional<json::Decimal> steps_today;
    int64_t vaccination_count = 0;
    CountsView counts;
};

template <class Fields> void describe(Fields& fields, ResultView& result) {
    fields("code", result.code);
    fields("name", result.name);
    fields("value", result.value, json::Rule{.meaning = "A number with the digits it was reported with, or a text."});
    fields("unit", result.unit);
    fields("referenceLow", result.reference_low);
    fields("referenceHigh", result.reference_high);
    fields("judgement", result.judgement, json::Rule{.meaning = "Against the reference range; absent without one."});
}
template <class Fields> void describe(Fields& fields, CheckupView& checkup) {
    fields("id", checkup.id);
    fields("date", checkup.date);
    fields("kind", checkup.kind);
    fields("kindName", checkup.kind_name);
    fields("place", checkup.place);
    fields("source", checkup.source);
    fields("sourceName", checkup.source_name);
    fields("results", checkup.results);
}
template <class Fields> void describe(Fields& fields, CheckupList& list) { fields("items", list.items); }
template <class Fields> void describe(Fields& fields, VaccinationView& vaccination) {
    fields("id", vaccination.id);
    fields("date", vaccination.date);
    fields("vaccine", vaccination.vaccine);
    fields("vaccineName", vaccination.vaccine_name);
    fields("dose", vaccination.dose);
    fields("lot", vaccination.lot);
    fields("maker", vaccination.maker);
    fields("place", vaccination.place);
    fields("source", vaccination.source);
    fields("sourceName", vaccination.source_name);
}
template <class Fields> void describe(Fields& fields, VaccinationList& list) { fields("items", list.items); }
template <class Fields> void describe(Fields& fields, VitalValues& values) {
    fields("systolic", values.systolic);
    fields("diastolic", values.diastolic);
    fields("pulse", values.pulse);
    fields("value", values.value);
}
template <class Fields> void describe(Fields& fields, VitalView& vital) {
    fields("id", vital.id);
    fields("at", vital.at);
    fields("date", vital.date);
    fields("values", vital.values);
    fields("unit", vital.unit);
    fields("source", vital.source);
    fields("sourceName", vital.source_name);
    fields("note", vital.note);
}
template <class Fields> void describe(Fields& fields, VitalList& list) { fields("items", list.items); }
template <class Fields> void describe(Fields& fields, PersonView& person) {
    fields("id", person.id);
    fields("name", person.name);
    fields("kana", person.kana);
    fields("birthDate", person.birth_date);
    fields("relation", person.relation);
    fields("mark", person.mark, json::Rule{.minimum = 1, .maximum = 5});
}
template <class Fields> void describe(Fields& fields, CountsView& counts) {
    fields("checkups", counts.checkups);
    fields("vaccinations", counts.vaccinations);
    fields("bloodPressure", counts.blood_pressure);
    fields("weight", counts.weight);
    fields("height", counts.height);
    fields("steps", counts.steps);
}
template <class Fields> void describe(Fields& fields, SummaryView& summary) {
    fields("person", summary.person);
    fields("latestCheckup", summary.latest_checkup);
    fields("latestBloodPressure", summary.latest_blood_pressure);
    fields("latestWeight", summary.latest_weight);
    fields("stepsToday", summary.steps_today);
    fields("vaccinationCount", summary.vaccination_count);
    fields("counts", summary.counts);
}
} // namespace musubi::health_record
