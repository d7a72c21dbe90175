#include "services/growth/curves.h"

#include "lib/csv/table.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <string>

namespace musubi::growth {
namespace {

double number(std::string_view text) {
    double value = 0;
    [[maybe_unused]] const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    assert(read.ec == std::errc());
    return value;
}

std::array<double, 7> percentiles(const csv::Table& table, const csv::Table::Row& row) {
    static constexpr std::array<std::string_view, 7> kNames = {"p3", "p10", "p25", "p50", "p75", "p90", "p97"};
    std::array<double, 7> values{};
    for (size_t i = 0; i < kNames.size(); ++i) values[i] = number(table.cell(row, kNames[i]));
    return values;
}

/// The 2010 table names its ages "year-month" and, from two years on, "year-from-to" in months; "0-0" is the 30th day.
double middle_of_2010(std::string_view key) {
    const size_t first = key.find('-');
    const size_t second = key.find('-', first + 1);
    const double years = number(key.substr(0, first));
    if (second == key.npos) {
        const double months = number(key.substr(first + 1));
        return years == 0 && months == 0 ? 1 : years * 12 + months + 0.5;
    }
    return years * 12 + (number(key.substr(first + 1, second - first - 1)) + number(key.substr(second + 1))) / 2;
}

using Curves = std::array<std::array<Curve, 2>, 3>; // by Measure and Sex

void add(Curves& curves, Measure measure, std::string_view sex, Survey survey, CurvePoint point) {
    Curve& curve = curves[static_cast<size_t>(measure)][sex == "male" ? 0 : 1];
    curve.survey = survey;
    curve.points.push_back(point);
}

Curves read_curves() {
    const std::vector<csv::Column> common = {
        {"measure", {"measure"}}, {"unit", {"unit"}}, {"sex", {"sex"}}, {"p3", {"p3"}},   {"p10", {"p10"}},
        {"p25", {"p25"}},         {"p50", {"p50"}},   {"p75", {"p75"}}, {"p90", {"p90"}}, {"p97", {"p97"}}};
    Curves curves;
    std::vector<csv::Column> columns = common;
    columns.push_back({"min", {"age_months_min"}});
    columns.push_back({"max", {"age_months_max"}});
    columns.push_back({"key", {"band_key"}});
    columns.push_back({"label", {"band_label_ja"}});
    const auto survey = csv::parse_table(kPercentiles2023, columns);
    assert(survey.ok());
    for (const auto& row : survey->rows) {
        const auto measure = survey->cell(row, "measure");
        if (measure == "head") continue;
        const double months = (number(survey->cell(row, "min")) + number(survey->cell(row, "max"))) / 2;
        add(curves, measure == "height" ? Measure::Height : Measure::Weight, survey->cell(row, "sex"),
            Survey::Japan2023, {months, percentiles(*survey, row)});
    }
    columns = common;
    columns.push_back({"age", {"age_key_year_month"}});
    columns.push_back({"note", {"note"}});
    columns.push_back({"check", {"check"}});
    const auto head = csv::parse_table(kHead2010, columns);
    assert(head.ok());
    for (const auto& row : head->rows)
        add(curves, Measure::Head, head->cell(row, "sex"), Survey::Japan2010,
            {middle_of_2010(head->cell(row, "age")), percentiles(*head, row)});
    for (auto& of_measure : curves)
        for (Curve& curve : of_measure)
            std::sort(curve.points.begin(), curve.points.end(),
                      [](const CurvePoint& a, const CurvePoint& b) { return a.months < b.months; });
    return curves;
}

base::CivilDate plus_months(base::CivilDate from, int months) {
    const auto ymd = from.ymd();
    const auto month = ymd.year() / ymd.month() + std::chrono::months(months);
    const auto last = (month / std::chrono::last).day();
    const std::chrono::year_month_day day = month / std::min(ymd.day(), last);
    return base::CivilDate::from_days(std::chrono::sys_days(day).time_since_epoch().count());
}

} // namespace

const Curve& curve_of(Measure measure, Sex sex) {
    static const Curves curves = read_curves();
    return curves[static_cast<size_t>(measure)][static_cast<size_t>(sex)];
}

std::optional<CurvePoint> at_age(const Curve& curve, double months) {
    if (curve.points.empty() || months < curve.points.front().months || months > curve.points.back().months)
        return std::nullopt;
    const auto after = std::lower_bound(curve.points.begin(), curve.points.end(), months,
                                        [](const CurvePoint& point, double age) { return point.months < age; });
    if (after == curve.points.begin() || after->months == months) return *after;
    const CurvePoint& before = *(after - 1);
    const double part = (months - before.months) / (after->months - before.months);
    CurvePoint between{months, {}};
    for (size_t i = 0; i < between.values.size(); ++i)
        between.values[i] = before.values[i] + part * (after->values[i] - before.values[i]);
    return between;
}

std::optional<Position> position_of(const Curve& curve, double months, double value) {
    const auto point = at_age(curve, months);
    if (!point) return std::nullopt;
    // A value on the 3rd or the 97th percentile is inside.
    if (value > point->values.back()) return Position::Above97;
    int above = 0;
    for (const double limit : point->values) above += value >= limit ? 1 : 0;
    return static_cast<Position>(std::min(above, static_cast<int>(Position::From90To97)));
}

double months_between(base::CivilDate birth, base::CivilDate day) {
    const auto a = birth.ymd();
    const auto b = day.ymd();
    int months = (static_cast<int>(b.year()) - static_cast<int>(a.year())) * 12 +
                 static_cast<int>(static_cast<unsigned>(b.month())) -
                 static_cast<int>(static_cast<unsigned>(a.month()));
    if (plus_months(birth, months) > day) --months;
    const base::CivilDate begun = plus_months(birth, months);
    const base::CivilDate next = plus_months(birth, months + 1);
    const double days = day.days_since_epoch() - begun.days_since_epoch();
    return months + days / (next.days_since_epoch() - begun.days_since_epoch());
}

double kaup_index(double kilograms, double centimetres) {
    return kilograms / (centimetres / 100) / (centimetres / 100);
}

std::optional<KaupBand> kaup_band(double index, double months) {
    if (months < 3 || months >= 72) return std::nullopt;
    if (index < 15) return KaupBand::Below;
    return index >= 19 ? KaupBand::Above : KaupBand::Inside;
}

std::optional<base::CivilDate> corrected_birth(base::CivilDate birth, std::optional<int> gestation_days,
                                               base::CivilDate on) {
    if (!gestation_days || *gestation_days >= kTermDays) return std::nullopt;
    const base::CivilDate due = birth.plus_days(kDueDays - *gestation_days);
    if (on >= plus_months(due, 24)) return std::nullopt;
    return due;
}

} // namespace musubi::growth
