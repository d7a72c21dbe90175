// The law's own way of counting days. 「生後 n 月に達した日」 is the day before the same day n months later, or that
// month's last day when it has no such day (年齢計算ニ関スル法律; 民法 143 条); 「n 日以上の間隔」 means n clear days
// between.
#pragma once

#include "base/result.h"
#include "base/time.h"

#include <optional>
#include <string_view>

namespace musubi::immunization {

using base::CivilDate;

enum class PointKind : uint8_t {
    None, // open: no limit
    Birth,
    Months,      // m:N, m:N+1
    Weeks,       // w:N.D
    FiscalStart, // fy:Y.start, 1 April of the fiscal year in which Y years are reached
    FiscalEnd,   // fy:Y.end
    SchoolYearBefore,
    SchoolEve,
    Gestation, // ga:W.D
    Fixed,     // date:YYYY-MM-DD
};

/// A day told by a rule, before it is known of whom.
struct Point {
    PointKind kind = PointKind::None;
    int16_t number = 0; // months or years
    int16_t days = 0;   // days to add
    int32_t fixed = 0;  // days since 1970-01-01
    bool given() const { return kind != PointKind::None; }
    /// A day of the calendar rather than an age: outside it a dose is out of the window, not too early or too late.
    bool calendar() const { return kind >= PointKind::FiscalStart; }
};

/// "birth", "none", "m:N", "m:N+1", "y:N", "y:N+1", "w:N.D", "fy:Y.start", "fy:Y.end", "school-1y", "school-1d",
/// "ga:W.D", "date:YYYY-MM-DD". immunization.rule-malformed otherwise.
base::Result<Point> read_point(std::string_view text);

/// The day a person reaches `months` months.
CivilDate reaches(CivilDate birth, int months);

/// Absent for an open point, and for a week of pregnancy without a due date.
std::optional<CivilDate> resolve(const Point& point, CivilDate birth, std::optional<CivilDate> due = {});

enum class IntervalKind : uint8_t { None, ClearDays, Months, Weeks };
struct Interval {
    IntervalKind kind = IntervalKind::None;
    int16_t number = 0;
    int16_t days = 0; // half a month: 15 days
    bool given() const { return kind != IntervalKind::None; }
};

/// "clear:Nd", "mo:N", "mo:N.5", "wk:N". immunization.rule-malformed otherwise.
base::Result<Interval> read_interval(std::string_view text);

/// The first day that keeps the interval: N clear days after `previous` is day N + 1; months are the same day, or the
/// last of a month that has no such day.
CivilDate earliest_after(CivilDate previous, const Interval& interval);
/// The last day of an upper limit. Clear days are counted as calendars for parents show them: 56 days after.
CivilDate latest_after(CivilDate previous, const Interval& interval);

} // namespace musubi::immunization
