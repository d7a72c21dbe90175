#include "services/immunization/course.h"

#include <algorithm>
#include <cstdlib>

namespace musubi::immunization {
namespace {

CivilDate day_in(int year, int month_day) {
    return *CivilDate::of(year, static_cast<unsigned>(month_day / 100), static_cast<unsigned>(month_day % 100));
}

Season season_beginning(const Vaccine& vaccine, int year) {
    const int end_year = vaccine.season_to < vaccine.season_from ? year + 1 : year;
    return {day_in(year, vaccine.season_from), day_in(end_year, vaccine.season_to)};
}

bool has(const Person& person, Requirement requirement) {
    switch (requirement) {
    case Requirement::None:
    case Requirement::Recognition:
        return true;
    case Requirement::Disability:
        return person.disability || person.hiv_disability;
    case Requirement::HivDisability:
        return person.hiv_disability;
    }
    return false;
}

bool begun_in(const Span& span, std::span<const Shot> shots) {
    if (!span.from && !span.to) return true;
    return std::any_of(shots.begin(), shots.end(), [&](const Shot& shot) { return span.holds(shot.on); });
}

/// 予防接種法施行規則 2 条の 2: two years from the day the illness ended, that day being the first, up to the age
/// limit.
std::optional<CivilDate> after_long_illness(const Circumstances& of, const Days& days) {
    const auto& illness = of.person.long_illness;
    if (!illness || !illness->to || !days.to || !of.vaccine.long_illness) return std::nullopt;
    if (illness->from > *days.to || *illness->to < days.from) return std::nullopt;
    CivilDate until = reaches(*illness->to, of.rules.long_illness_years * 12);
    const auto limit = resolve(of.vaccine.long_illness_until, of.person.birth);
    if (limit && *limit < until) until = *limit;
    if (until <= *days.to) return std::nullopt;
    return until;
}

bool matches(PairRule::Class wanted, const Vaccine& vaccine, int product) {
    switch (wanted) {
    case PairRule::Class::LiveInjection:
        return is_live_injection(vaccine, product);
    case PairRule::Class::Live:
        return vaccine.live || is_live_injection(vaccine, product);
    case PairRule::Class::Inactivated:
        return !vaccine.live && !is_live_injection(vaccine, product);
    case PairRule::Class::Any:
        return true;
    }
    return false;
}

} // namespace

std::optional<Season> season_of(const Vaccine& vaccine, CivilDate day) {
    for (const int year : {day.year() - 1, day.year()}) {
        const Season season = season_beginning(vaccine, year);
        if (day >= season.from && day <= season.to) return season;
    }
    return std::nullopt;
}

Season next_season(const Vaccine& vaccine, CivilDate day) {
    if (const auto present = season_of(vaccine, day)) return *present;
    const Season of_year = season_beginning(vaccine, day.year());
    return of_year.from >= day ? of_year : season_beginning(vaccine, day.year() + 1);
}

std::optional<CivilDate> DaysList::last() const {
    std::optional<CivilDate> last;
    for (const Days& days : *this) {
        if (!days.to) return std::nullopt;
        if (!last || *days.to > *last) last = days.to;
    }
    return last;
}

DaysList windows_for(const Circumstances& of, const DoseRule& dose) {
    DaysList list;
    const Person& person = of.person;
    for (const Window& window : dose.windows) {
        if (list.count == kMostWindows) break;
        if (!has(person, window.requires_) || !window.born.holds(person.birth)) continue;
        if (!begun_in(window.begun_between, of.shots)) continue;
        const auto from = resolve(window.from, person.birth, person.due);
        const auto to = resolve(window.to, person.birth, person.due);
        const bool unknown = (window.from.given() && !from) || (window.to.given() && !to); // no due date
        // A dose without a window of its own that has further ones is only lawful in those.
        const bool only_others = !window.from.given() && !window.to.given() && dose.windows.size() > 1;
        if (unknown || (window.id.empty() && only_others)) continue;
        Days days{std::max(from.value_or(person.birth), person.birth), to, &window, false};
        if (window.in_force.from) days.from = std::max(days.from, *window.in_force.from);
        if (window.in_force.to && (!days.to || *window.in_force.to < *days.to)) days.to = window.in_force.to;
        if (window.id.empty()) {
            if (const auto until = after_long_illness(of, days)) {
                days.to = until;
                days.long_illness = true;
            }
        }
        if (of.season) {
            days.from = std::max(days.from, of.season->from);
            days.to = days.to ? std::min(*days.to, of.season->to) : of.season->to;
        }
        if (days.to && *days.to < days.from) continue;
        list.add(days);
    }
    return list;
}

const Counted* Course::dose(int number) const {
    for (size_t i = 0; i < count; ++i)
        if (counted[i].number == number) return &counted[i];
    return nullptr;
}

void Course::count_dose(const Counted& dose) {
    if (count < counted.size()) counted[count++] = dose;
}

int choose_series(const Vaccine& vaccine, const Person& person, CivilDate start, int product, CivilDate law_day) {
    int best = -1;
    std::array<int, 3> best_rank{};
    for (size_t i = 0; i < vaccine.series.size(); ++i) {
        const Series& series = vaccine.series[i];
        const bool for_cohort = series.cohort.from || series.cohort.to;
        if (for_cohort && !series.cohort.holds(person.birth)) continue;
        if (!series.in_force.holds(law_day)) continue;
        const auto& products = series.start_products;
        if (product >= 0 && !products.empty() && std::find(products.begin(), products.end(), product) == products.end())
            continue;
        int away = 0; // days between the start and the series' own start window
        const auto from = resolve(series.start_from, person.birth);
        const auto to = resolve(series.start_to, person.birth);
        if (from && start < *from) away = from->days_since_epoch() - start.days_since_epoch();
        if (to && start > *to) away = start.days_since_epoch() - to->days_since_epoch();
        const std::array<int, 3> rank{for_cohort ? 0 : 1, away, series.is_default ? 0 : 1};
        if (best < 0 || rank < best_rank) {
            best = static_cast<int>(i);
            best_rank = rank;
        }
    }
    return best;
}

const Counted* base_of(const IntervalRule& rule, const Series& series, const Course& course) {
    if (rule.from_dose != IntervalRule::kLastPrimary) return course.dose(rule.from_dose);
    for (size_t i = course.count; i-- > 0;) {
        const auto index = static_cast<size_t>(course.counted[i].number - 1);
        if (index < series.doses.size() && series.doses[index].phase == "primary") return &course.counted[i];
    }
    return nullptr;
}

std::optional<CivilDate> earliest_by_intervals(const Series& series, const Course& course, const DoseRule& dose,
                                               Judging judging, Reason* reason) {
    std::optional<CivilDate> earliest;
    const auto bind = [&](CivilDate base, const Interval& interval, int number) {
        const CivilDate day = earliest_after(base, interval);
        if (earliest && day <= *earliest) return;
        earliest = day;
        if (!reason) return;
        *reason = {};
        reason->code = ReasonCode::MinimumInterval;
        reason->from = day;
        reason->basis = base;
        reason->interval = interval;
        reason->number = static_cast<int16_t>(number);
    };
    for (const IntervalRule& rule : dose.intervals) {
        const Counted* base = base_of(rule, series, course);
        const bool catching_up = course.primary_left_out && rule.catch_up_min.given();
        const bool shorter = judging == Judging::Physician && rule.physician_min.given();
        const Interval& interval = catching_up ? rule.catch_up_min : shorter ? rule.physician_min : rule.min;
        if (!base || !interval.given()) continue;
        // A dose that did not count, given after the one before, is waited for as well.
        const bool from_previous = base == &course.counted[course.count - 1];
        const bool later = from_previous && course.last_given && *course.last_given > base->on;
        bind(later ? *course.last_given : base->on, interval, base->number);
    }
    if (course.count == 0 && course.last_given && series.doses.size() > 1)
        for (const IntervalRule& rule : series.doses[1].intervals)
            if (rule.from_dose == 1 && rule.min.given()) bind(*course.last_given, rule.min, 0);
    return earliest;
}

bool left_out(const Circumstances& of, const Course& course, const DoseRule& dose, CivilDate day) {
    const auto limit = resolve(dose.skip_if_after, of.person.birth);
    if (limit && day > *limit) return true;
    const auto previous = resolve(dose.skip_if_previous_after, of.person.birth);
    return previous && course.count > 0 && course.counted[course.count - 1].on > *previous;
}

void leave_out(Course& course, const Series& series) {
    course.left_out |= 1U << course.at;
    if (series.doses[course.at].phase == "primary") course.primary_left_out = true;
    ++course.at;
}

size_t next_period(const Series& series, size_t at) {
    size_t next = at;
    while (next < series.doses.size() && series.doses[next].period == series.doses[at].period) ++next;
    return next;
}

std::optional<CivilDate> earliest_by_pairs(const Rules& rules, std::span<const Shot> all, const Shot& shot,
                                           Reason* reason) {
    constexpr int kLongest = 60; // days; intervals between vaccines are shorter
    const Vaccine& vaccine = rules.vaccines[static_cast<size_t>(shot.vaccine)];
    std::optional<CivilDate> earliest;
    for (size_t i = all.size(); i-- > 0;) {
        const Shot& before = all[i];
        if (before.on >= shot.on) continue;
        if (shot.on.days_since_epoch() - before.on.days_since_epoch() > kLongest) break;
        if (before.vaccine == shot.vaccine) continue;
        for (const PairRule& rule : rules.pairs) {
            if (!rule.in_force.holds(shot.on)) continue;
            if (!matches(rule.first, rules.vaccines[static_cast<size_t>(before.vaccine)], before.product)) continue;
            if (!matches(rule.second, vaccine, shot.product)) continue;
            const CivilDate day = earliest_after(before.on, rule.min);
            if (earliest && day <= *earliest) continue;
            earliest = day;
            if (!reason) continue;
            *reason = {};
            reason->code = ReasonCode::LiveInterval;
            reason->from = day;
            reason->basis = before.on;
            reason->interval = rule.min;
            reason->other = static_cast<int16_t>(before.vaccine);
        }
    }
    return earliest;
}

DoseWindow window_of(const DoseRule& dose, const Person& person) {
    const Window& first = dose.windows.front();
    return {resolve(first.from, person.birth, person.due), resolve(first.to, person.birth, person.due),
            resolve(dose.standard_from, person.birth), resolve(dose.standard_to, person.birth)};
}

} // namespace musubi::immunization
