// Looking ahead: the next doses by the rules in force today.
#include "services/immunization/course.h"

#include <algorithm>

namespace musubi::immunization {
namespace {

Reason reason(ReasonCode code, std::optional<CivilDate> from = {}, std::optional<CivilDate> to = {}) {
    Reason made;
    made.code = code;
    made.from = from;
    made.to = to;
    return made;
}

/// The latest day from which `interval` still ends on or before `limit`.
CivilDate latest_before(CivilDate limit, const Interval& interval) {
    const int about = earliest_after(limit, interval).days_since_epoch() - limit.days_since_epoch();
    CivilDate day = limit.plus_days(-about + 4);
    while (earliest_after(day, interval) > limit) day = day.plus_days(-1);
    return day;
}

/// The last day to give dose `at` that leaves time for the doses after it in the same period. Absent when no window
/// closes, or when later doses may be left out.
std::optional<CivilDate> last_day_to_complete(const Circumstances& of, const Series& series, size_t at) {
    const size_t end = next_period(series, at);
    if (at + 1 >= end) return std::nullopt;
    std::array<std::optional<CivilDate>, 9> limits;
    for (size_t i = end; i-- > at;) {
        if (series.doses[i].skip_if_after.given() && i > at) return std::nullopt;
        limits[i] = windows_for(of, series.doses[i]).last();
        for (size_t later = i + 1; later < end; ++later)
            for (const IntervalRule& rule : series.doses[later].intervals) {
                const bool from_here = rule.from_dose == series.doses[i].number ||
                                       (rule.from_dose == IntervalRule::kLastPrimary && later == i + 1);
                if (!from_here || !rule.min.given() || !limits[later]) continue;
                const CivilDate limit = latest_before(*limits[later], rule.min);
                if (!limits[i] || limit < *limits[i]) limits[i] = limit;
            }
    }
    return limits[at];
}

/// The standard time of a dose: by age, and by the doses before it. A standard interval with one value is an aim and
/// not a limit.
void set_standard(const Circumstances& of, const Series& series, const Course& course, const DoseRule& dose,
                  Proposal& proposal) {
    auto from = resolve(dose.standard_from, of.person.birth, of.person.due);
    auto to = resolve(dose.standard_to, of.person.birth, of.person.due);
    if (from || to) proposal.reasons.push_back(reason(ReasonCode::Standard, from, to));
    for (const IntervalRule& rule : dose.intervals) {
        const Counted* base = base_of(rule, series, course);
        if (!base || (course.primary_left_out && rule.catch_up_min.given())) continue;
        Reason why = reason(ReasonCode::StandardInterval);
        if (rule.standard_min.given()) {
            why.from = earliest_after(base->on, rule.standard_min);
            if (!from || *why.from > *from) from = why.from;
        }
        const bool limit = rule.standard_max.given() && (rule.standard_max.kind != rule.standard_min.kind ||
                                                         rule.standard_max.number != rule.standard_min.number);
        if (limit) {
            why.to = latest_after(base->on, rule.standard_max);
            if (!to || *why.to < *to) to = why.to;
        }
        if (!why.from && !why.to) continue;
        why.basis = base->on;
        why.number = static_cast<int16_t>(base->number);
        proposal.reasons.push_back(why);
    }
    if (from && *from < proposal.earliest) from = proposal.earliest;
    // What can no longer be kept is not held against anybody.
    if (to && *to < proposal.earliest) to.reset();
    if (from && proposal.latest && *from > *proposal.latest) from = proposal.latest;
    if (from && to && *to < *from) to.reset();
    proposal.standard_from = from;
    proposal.standard_to = to;
}

/// The window in which the dose can be given soonest, not ending before `floor`.
const Days* soonest(const DaysList& windows, CivilDate floor) {
    const Days* best = nullptr;
    for (const Days& days : windows) {
        if (days.to && *days.to < floor) continue;
        if (!best || std::max(days.from, floor) < std::max(best->from, floor)) best = &days;
    }
    return best;
}

struct Ahead {
    const Circumstances& of;
    const Series& series;
    std::span<const Shot> all;
    int vaccine;
    Course course;
    CivilDate floor; // no proposal before this day
    bool first = true;
};

void add_window_reasons(const Ahead& ahead, const Days& days, Proposal& proposal) {
    const Window& window = *days.window;
    proposal.reasons.push_back(
        reason(window.id.empty() ? ReasonCode::Window : ReasonCode::Extension, days.from, days.to));
    if (days.long_illness) proposal.reasons.push_back(reason(ReasonCode::LongIllness, {}, days.to));
    proposal.needs_recognition = window.requires_ != Requirement::None || days.long_illness;
    if (proposal.needs_recognition) proposal.reasons.push_back(reason(ReasonCode::AskCity));
    if (ahead.of.season)
        proposal.reasons.push_back(reason(ReasonCode::Season, ahead.of.season->from, ahead.of.season->to));
}

/// The next proposal, or nothing when no dose is left or none can be lawful any more (then a dose remains at
/// course.at).
std::optional<Proposal> propose(Ahead& ahead) {
    const Series& series = ahead.series;
    Course& course = ahead.course;
    while (course.at < series.doses.size()) {
        const DoseRule& dose = series.doses[course.at];
        Reason interval;
        Reason live;
        CivilDate lower = ahead.of.person.birth;
        const auto by_intervals = earliest_by_intervals(series, course, dose, Judging::Everybody, &interval);
        if (by_intervals) lower = std::max(lower, *by_intervals);
        if (course.last_given) lower = std::max(lower, course.last_given->plus_days(1));
        if (ahead.of.vaccine.in_force.from) lower = std::max(lower, *ahead.of.vaccine.in_force.from);
        std::optional<CivilDate> by_pairs;
        if (ahead.first) {
            const int product = course.count > 0 ? course.counted[course.count - 1].product : -1;
            const Shot next{0, ahead.vaccine, product, std::max(lower, ahead.floor)};
            by_pairs = earliest_by_pairs(ahead.of.rules, ahead.all, next, &live);
            if (by_pairs) lower = std::max(lower, *by_pairs);
        }
        const CivilDate candidate = std::max(lower, ahead.floor);
        if (left_out(ahead.of, course, dose, candidate)) {
            leave_out(course, series);
            continue;
        }
        const DaysList windows = windows_for(ahead.of, dose);
        const Days* days = soonest(windows, candidate);
        if (!days) {
            const size_t next = next_period(series, course.at);
            if (next == series.doses.size()) return std::nullopt;
            for (; course.at < next; ++course.at) course.missed |= 1U << course.at;
            continue;
        }
        Proposal proposal{.earliest = std::max(lower, days->from), .recommended = candidate};
        proposal.number = dose.number;
        proposal.series = course.series;
        proposal.reasons.reserve(6);
        proposal.latest = days->to;
        add_window_reasons(ahead, *days, proposal);
        if (by_intervals) proposal.reasons.push_back(interval);
        if (by_pairs) proposal.reasons.push_back(live);
        set_standard(ahead.of, series, course, dose, proposal);
        proposal.recommended = std::max(proposal.earliest, ahead.floor);
        if (proposal.standard_from) proposal.recommended = std::max(proposal.recommended, *proposal.standard_from);
        const auto skip = resolve(dose.skip_if_after, ahead.of.person.birth);
        if (skip && proposal.recommended > *skip) proposal.recommended = std::max(*skip, candidate);
        if (proposal.latest) proposal.recommended = std::min(proposal.recommended, *proposal.latest);
        proposal.latest_to_complete = last_day_to_complete(ahead.of, series, course.at);
        if (proposal.latest_to_complete && proposal.latest && *proposal.latest_to_complete < *proposal.latest)
            proposal.reasons.push_back(reason(ReasonCode::LastDayToComplete, {}, proposal.latest_to_complete));
        const auto not_recommended = resolve(dose.start_not_recommended_from, ahead.of.person.birth);
        if (not_recommended) proposal.reasons.push_back(reason(ReasonCode::StartLate, not_recommended));
        return proposal;
    }
    return std::nullopt;
}

void take(Ahead& ahead, const Proposal& proposal) {
    ahead.course.count_dose({proposal.number, proposal.recommended, -1});
    ahead.course.last_given = proposal.recommended;
    ahead.floor = proposal.recommended.plus_days(1);
    ahead.first = false;
    ++ahead.course.at;
}

State state_of(const Proposal& next, Category category, CivilDate today) {
    if (today < next.earliest) return State::Later;
    if (next.standard_from && today < *next.standard_from) return State::Possible;
    if (next.standard_to && today > *next.standard_to && category != Category::Voluntary) return State::Overdue;
    return State::Due;
}

/// Why the vaccine is none for this person today; nothing when it may be one.
std::optional<Reason> not_for(const Circumstances& of, CivilDate today) {
    const Vaccine& vaccine = of.vaccine;
    if (!vaccine.in_force.holds(today))
        return reason(ReasonCode::NotInForce, vaccine.in_force.from, vaccine.in_force.to);
    if (!vaccine.born.holds(of.person.birth))
        return reason(ReasonCode::NotForCohort, vaccine.born.from, vaccine.born.to);
    if (vaccine.sex != Sex::Unknown && of.person.sex != vaccine.sex) return reason(ReasonCode::NotForSex);
    if (vaccine.per == Per::Pregnancy && !of.person.due) return reason(ReasonCode::NeedsPregnancy);
    return std::nullopt;
}

/// The series the course goes on with today: what it began with, unless that is no longer in force.
int series_today(const Circumstances& of, const Course& course, CivilDate start, CivilDate today) {
    const Vaccine& vaccine = of.vaccine;
    if (course.count == 0) {
        const int product = of.shots.empty() ? -1 : of.shots.back().product;
        return choose_series(vaccine, of.person, start, product, today);
    }
    const auto present = static_cast<size_t>(course.series);
    if (vaccine.series[present].in_force.holds(today)) return course.series;
    const int other = choose_series(vaccine, of.person, course.counted[0].on, course.counted[0].product, today);
    return other >= 0 ? other : course.series;
}

void note_left_out(const Course& course, const Series& series, std::vector<Reason>& reasons) {
    for (size_t i = 0; i < series.doses.size(); ++i) {
        Reason why;
        if ((course.left_out >> i & 1U) != 0) {
            why.code = ReasonCode::DoseLeftOut;
        } else if ((course.missed >> i & 1U) != 0) {
            why.code = ReasonCode::PeriodMissed;
        } else {
            continue;
        }
        why.number = static_cast<int16_t>(series.doses[i].number);
        reasons.push_back(why);
    }
}

void note_series(const Circumstances& of, const Course& course, int chosen, VaccineStatus& status) {
    const Series& series = of.vaccine.series[static_cast<size_t>(chosen)];
    if (series.start_from.given() && course.count > 0) {
        Reason why = reason(ReasonCode::StartAge);
        why.basis = course.counted[0].on;
        why.series = static_cast<int16_t>(chosen);
        status.reasons.push_back(why);
    }
    const bool several = std::count_if(of.vaccine.series.begin(), of.vaccine.series.end(), [](const Series& one) {
                             return !one.start_products.empty() && !one.start_from.given();
                         }) > 1;
    if (several && course.count > 0 && course.counted[0].product < 0)
        status.reasons.push_back(reason(ReasonCode::ProductAssumed));
}

void finish(VaccineStatus& status, State state, Reason why) {
    status.state = state;
    status.reasons.push_back(why);
}

} // namespace

std::optional<Proposal> next_dose(const Circumstances& of, int vaccine, Course& course, CivilDate floor) {
    Ahead ahead{of, of.vaccine.series[static_cast<size_t>(course.series)], {}, vaccine, course, floor, false};
    auto proposal = propose(ahead);
    course = ahead.course;
    return proposal;
}

VaccineStatus forecast(const Circumstances& of, int vaccine, const Walk& walked, std::span<const Shot> all,
                       CivilDate today, Course* begins) {
    VaccineStatus status;
    status.vaccine = vaccine;
    status.done = static_cast<int>(walked.course.count);
    status.series = walked.course.series;
    if (walked.complete_by_product) {
        finish(status, State::Complete, reason(ReasonCode::Complete));
        return status;
    }
    if (const auto why = not_for(of, today)) {
        finish(status, State::NotForPerson, *why);
        return status;
    }
    constexpr int kFarAhead = 20; // years
    if (of.shots.empty() && of.vaccine.least_age_years > kFarAhead &&
        today.year() < of.person.birth.year() + of.vaccine.least_age_years - kFarAhead) {
        finish(status, State::Later,
               reason(ReasonCode::BeforeWindow, reaches(of.person.birth, of.vaccine.least_age_years * 12)));
        return status;
    }
    CivilDate start = std::max(today, of.person.birth);
    for (int tries = 0; tries < 3; ++tries) {
        const int chosen = series_today(of, walked.course, start, today);
        if (chosen < 0) {
            finish(status, State::NotForPerson, reason(ReasonCode::NotForCohort));
            return status;
        }
        const Series& series = of.vaccine.series[static_cast<size_t>(chosen)];
        Ahead ahead{of, series, all, vaccine, walked.course, std::max(today, of.person.birth)};
        if (chosen != ahead.course.series && ahead.course.count > 0) { // the doses so far, in the other series
            for (size_t i = 0; i < ahead.course.count; ++i) ahead.course.counted[i].number = static_cast<int>(i) + 1;
            ahead.course.at = ahead.course.count;
        }
        if (ahead.course.count == 0) ahead.course.at = 0;
        ahead.course.series = chosen;
        if (begins) *begins = ahead.course;
        auto next = propose(ahead);
        // The first dose can only be later than asked for: by then another series may be the one.
        if (next && walked.course.count == 0 && next->number == 1) {
            const CivilDate day = std::max(next->earliest, ahead.floor);
            if (series_today(of, walked.course, day, today) != chosen && day != start) {
                start = day;
                continue;
            }
        }
        status.series = chosen;
        note_series(of, ahead.course, chosen, status);
        const bool was_done = ahead.course.at >= series.doses.size();
        while (next) {
            take(ahead, *next);
            status.next.push_back(std::move(*next));
            next = propose(ahead);
        }
        note_left_out(ahead.course, series, status.reasons);
        status.needed = status.done + static_cast<int>(status.next.size());
        if (!status.next.empty()) {
            status.state = state_of(status.next.front(), of.vaccine.category, today);
        } else if (was_done && ahead.course.missed == 0 && status.done > 0) {
            finish(status, State::Complete, reason(ReasonCode::Complete));
        } else {
            const size_t at = std::min(ahead.course.at, series.doses.size() - 1);
            const DaysList windows = windows_for(of, series.doses[at]);
            // A vaccine that never had a window for this person is none for them.
            finish(status, windows.empty() ? State::NotForPerson : State::Missed,
                   windows.empty() ? reason(ReasonCode::NotForRequirement)
                                   : reason(ReasonCode::AfterWindow, {}, windows.last()));
            if (status.done > 0) status.reasons.push_back(reason(ReasonCode::TooLateToComplete));
        }
        break;
    }
    return status;
}

} // namespace musubi::immunization
