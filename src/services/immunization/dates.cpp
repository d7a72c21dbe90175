#include "services/immunization/dates.h"

#include <charconv>

namespace musubi::immunization {
namespace {

base::Error malformed(std::string_view text) {
    return base::invalid("immunization.rule-malformed").with("value", std::string(text));
}

/// The whole of `text` as a number from 0 to `most`.
std::optional<int> number_in(std::string_view text, int most) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < 0 || value > most) return std::nullopt;
    return value;
}

struct Shifted {
    CivilDate date;
    bool clamped; // the month has no such day
};

Shifted plus_months(CivilDate from, int months) {
    const auto ymd = from.ymd();
    const auto month = ymd.year() / ymd.month() + std::chrono::months(months);
    const auto last = (month / std::chrono::last).day();
    const bool clamped = ymd.day() > last;
    const std::chrono::year_month_day day = month / (clamped ? last : ymd.day());
    return {CivilDate::from_days(std::chrono::sys_days(day).time_since_epoch().count()), clamped};
}

CivilDate day_of(int year, unsigned month, unsigned day) {
    const auto date = std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day);
    return CivilDate::from_days(std::chrono::sys_days(date).time_since_epoch().count());
}

int fiscal_year(CivilDate day) {
    const auto ymd = day.ymd();
    return static_cast<int>(ymd.year()) - (ymd.month() < std::chrono::April ? 1 : 0);
}

/// The year of the first 1 April on or after the sixth birthday (学校教育法 17 条).
int school_entry_year(CivilDate birth) {
    // Six years are reached on the day before the birthday, so someone born on 1 April enters with the year before.
    return fiscal_year(reaches(birth, 72)) + 1;
}

base::Result<Point> read_weeks(PointKind kind, std::string_view rest, std::string_view whole) {
    const size_t dot = rest.find('.');
    if (dot == rest.npos) return malformed(whole);
    const auto weeks = number_in(rest.substr(0, dot), 520);
    const auto days = number_in(rest.substr(dot + 1), 6);
    if (!weeks || !days) return malformed(whole);
    return Point{kind, 0, static_cast<int16_t>(*weeks * 7 + *days), 0};
}

base::Result<Point> read_fiscal(std::string_view rest, std::string_view whole) {
    const size_t dot = rest.find('.');
    if (dot == rest.npos) return malformed(whole);
    const auto years = number_in(rest.substr(0, dot), 130);
    const std::string_view end = rest.substr(dot + 1);
    if (!years || (end != "start" && end != "end")) return malformed(whole);
    return Point{end == "start" ? PointKind::FiscalStart : PointKind::FiscalEnd, static_cast<int16_t>(*years), 0, 0};
}

} // namespace

base::Result<Point> read_point(std::string_view text) {
    if (text == "none") return Point{};
    if (text == "birth") return Point{PointKind::Birth, 0, 0, 0};
    if (text == "school-1y") return Point{PointKind::SchoolYearBefore, 0, 0, 0};
    if (text == "school-1d") return Point{PointKind::SchoolEve, 0, 0, 0};
    const size_t colon = text.find(':');
    if (colon == text.npos) return malformed(text);
    const std::string_view kind = text.substr(0, colon);
    std::string_view rest = text.substr(colon + 1);
    if (kind == "w") return read_weeks(PointKind::Weeks, rest, text);
    if (kind == "ga") return read_weeks(PointKind::Gestation, rest, text);
    if (kind == "fy") return read_fiscal(rest, text);
    if (kind == "date") {
        const auto date = CivilDate::parse(rest);
        if (!date) return malformed(text);
        return Point{PointKind::Fixed, 0, 0, date->days_since_epoch()};
    }
    if (kind != "m" && kind != "y") return malformed(text);
    const bool day_after = rest.ends_with("+1");
    if (day_after) rest.remove_suffix(2);
    const auto number = number_in(rest, kind == "m" ? 1560 : 130);
    if (!number) return malformed(text);
    const int months = kind == "m" ? *number : *number * 12;
    return Point{PointKind::Months, static_cast<int16_t>(months), static_cast<int16_t>(day_after ? 1 : 0), 0};
}

CivilDate reaches(CivilDate birth, int months) {
    const Shifted same_day = plus_months(birth, months);
    return same_day.clamped ? same_day.date : same_day.date.plus_days(-1);
}

std::optional<CivilDate> resolve(const Point& point, CivilDate birth, std::optional<CivilDate> due) {
    switch (point.kind) {
    case PointKind::None:
        return std::nullopt;
    case PointKind::Birth:
        return birth;
    case PointKind::Months:
        return reaches(birth, point.number).plus_days(point.days);
    case PointKind::Weeks:
        return birth.plus_days(point.days);
    case PointKind::FiscalStart:
        return day_of(fiscal_year(reaches(birth, point.number * 12)), 4, 1);
    case PointKind::FiscalEnd:
        return day_of(fiscal_year(reaches(birth, point.number * 12)) + 1, 3, 31);
    case PointKind::SchoolYearBefore:
        return day_of(school_entry_year(birth) - 1, 4, 1);
    case PointKind::SchoolEve:
        return day_of(school_entry_year(birth), 3, 31);
    case PointKind::Gestation:
        if (!due) return std::nullopt;
        return due->plus_days(point.days - 280);
    case PointKind::Fixed:
        return CivilDate::from_days(point.fixed);
    }
    return std::nullopt;
}

base::Result<Interval> read_interval(std::string_view text) {
    const size_t colon = text.find(':');
    if (colon == text.npos) return malformed(text);
    const std::string_view kind = text.substr(0, colon);
    std::string_view rest = text.substr(colon + 1);
    if (kind == "clear") {
        if (!rest.ends_with('d')) return malformed(text);
        const auto days = number_in(rest.substr(0, rest.size() - 1), 4000);
        if (!days) return malformed(text);
        return Interval{IntervalKind::ClearDays, static_cast<int16_t>(*days), 0};
    }
    if (kind == "wk") {
        const auto weeks = number_in(rest, 520);
        if (!weeks) return malformed(text);
        return Interval{IntervalKind::Weeks, static_cast<int16_t>(*weeks), 0};
    }
    if (kind != "mo") return malformed(text);
    const bool half = rest.ends_with(".5");
    if (half) rest.remove_suffix(2);
    const auto months = number_in(rest, 240);
    if (!months) return malformed(text);
    return Interval{IntervalKind::Months, static_cast<int16_t>(*months), static_cast<int16_t>(half ? 15 : 0)};
}

CivilDate earliest_after(CivilDate previous, const Interval& interval) {
    switch (interval.kind) {
    case IntervalKind::None:
        return previous;
    case IntervalKind::ClearDays:
        return previous.plus_days(interval.number + 1);
    case IntervalKind::Months:
        return plus_months(previous, interval.number).date.plus_days(interval.days);
    case IntervalKind::Weeks:
        return previous.plus_days(interval.number * 7);
    }
    return previous;
}

CivilDate latest_after(CivilDate previous, const Interval& interval) {
    if (interval.kind == IntervalKind::ClearDays) return previous.plus_days(interval.number);
    return earliest_after(previous, interval);
}

} // namespace musubi::immunization
