// What the API shows of growth.
#pragma once

#include "core/records/records.h"
#include "lib/json/json.h"
#include "services/growth/curves.h"

#include <string>
#include <vector>

namespace musubi::growth {

constexpr auto json_names(Measure) {
    return std::array{std::pair{Measure::Height, "height"}, std::pair{Measure::Weight, "weight"},
                      std::pair{Measure::Head, "head"}};
}
constexpr auto json_names(Survey) {
    return std::array{std::pair{Survey::Japan2023, "japan-2023"}, std::pair{Survey::Japan2010, "japan-2010"}};
}
constexpr auto json_names(Position) {
    return std::array{std::pair{Position::Below3, "below-3"},   std::pair{Position::From3To10, "3-10"},
                      std::pair{Position::From10To25, "10-25"}, std::pair{Position::From25To50, "25-50"},
                      std::pair{Position::From50To75, "50-75"}, std::pair{Position::From75To90, "75-90"},
                      std::pair{Position::From90To97, "90-97"}, std::pair{Position::Above97, "above-97"}};
}
constexpr auto json_names(KaupBand) {
    return std::array{std::pair{KaupBand::Below, "below"}, std::pair{KaupBand::Inside, "inside"},
                      std::pair{KaupBand::Above, "above"}};
}

struct CurvePointView {
    json::Decimal months;
    std::vector<json::Decimal> values; // 3rd, 10th, 25th, 50th, 75th, 90th, 97th percentile
};
struct GrowthEntryView {
    std::string date;
    json::Decimal months;                          // of age
    std::optional<json::Decimal> corrected_months; // counted from the due date
    json::Decimal value;
    std::optional<Position> position;
    records::Origin source = records::Origin::City;
};
struct GrowthMeasureView {
    Measure measure = Measure::Height;
    std::string unit;
    std::optional<Survey> survey;
    std::vector<CurvePointView> curve;
    std::vector<GrowthEntryView> entries; // oldest first
};
struct KaupView {
    std::string date;
    json::Decimal value;
    std::optional<KaupBand> band;
};
struct GestationView {
    int64_t weeks = 0;
    int64_t days = 0;
};
struct GrowthView {
    base::CivilDate birth_date;
    base::CivilDate today;
    std::optional<GestationView> gestation;
    std::optional<base::CivilDate> corrected_birth_date; // while the age is counted from it
    std::vector<GrowthMeasureView> measures;
    std::vector<KaupView> kaup; // days with both height and weight, oldest first
};
struct WeeksAtBirthBody {
    std::optional<int64_t> weeks;
    std::optional<int64_t> days;
};

template <class Fields> void describe(Fields& fields, CurvePointView& point) {
    fields("months", point.months);
    fields("values", point.values, json::Rule{.meaning = "3rd, 10th, 25th, 50th, 75th, 90th and 97th percentile."});
}
template <class Fields> void describe(Fields& fields, GrowthEntryView& entry) {
    fields("date", entry.date);
    fields("months", entry.months);
    fields("correctedMonths", entry.corrected_months);
    fields("value", entry.value);
    fields("position", entry.position);
    fields("source", entry.source);
}
template <class Fields> void describe(Fields& fields, GrowthMeasureView& measure) {
    fields("measure", measure.measure);
    fields("unit", measure.unit);
    fields("survey", measure.survey);
    fields("curve", measure.curve);
    fields("entries", measure.entries);
}
template <class Fields> void describe(Fields& fields, KaupView& kaup) {
    fields("date", kaup.date);
    fields("value", kaup.value);
    fields("band", kaup.band);
}
template <class Fields> void describe(Fields& fields, GestationView& gestation) {
    fields("weeks", gestation.weeks);
    fields("days", gestation.days);
}
template <class Fields> void describe(Fields& fields, GrowthView& view) {
    fields("birthDate", view.birth_date);
    fields("today", view.today);
    fields("gestation", view.gestation);
    fields("correctedBirthDate", view.corrected_birth_date);
    fields("measures", view.measures);
    fields("kaup", view.kaup);
}
template <class Fields> void describe(Fields& fields, WeeksAtBirthBody& body) {
    fields("weeks", body.weeks, json::Rule{.minimum = 20, .maximum = 44, .meaning = "Absent: not known."});
    fields("days", body.days, json::Rule{.minimum = 0, .maximum = 6});
}

} // namespace musubi::growth
