// Looking back: what each dose given was worth by the rules of its day.
#include "services/immunization/course.h"

#include <algorithm>

namespace musubi::immunization {
namespace {

Reason reason(ReasonCode code) {
    Reason made;
    made.code = code;
    return made;
}
Reason reason(ReasonCode code, std::optional<CivilDate> from, std::optional<CivilDate> to) {
    Reason made;
    made.code = code;
    made.from = from;
    made.to = to;
    return made;
}

void decide(Evaluation& evaluation, Outcome outcome, bool counts, Reason why) {
    evaluation.outcome = outcome;
    evaluation.counts = counts;
    evaluation.reasons.push_back(why);
}

/// For whom and since when the vaccine is a routine one at all. What was received outside of that was received all the
/// same, and counts.
bool covered(const Circumstances& of, const Shot& shot, Evaluation& out) {
    const Vaccine& vaccine = of.vaccine;
    if (!vaccine.in_force.holds(shot.on)) {
        decide(out, Outcome::OutOfWindow, true,
               reason(ReasonCode::NotInForce, vaccine.in_force.from, vaccine.in_force.to));
        return false;
    }
    if (!vaccine.born.holds(of.person.birth)) {
        decide(out, Outcome::OutOfWindow, true, reason(ReasonCode::NotForCohort, vaccine.born.from, vaccine.born.to));
        return false;
    }
    if (vaccine.sex != Sex::Unknown && of.person.sex != Sex::Unknown && vaccine.sex != of.person.sex) {
        decide(out, Outcome::OutOfWindow, true, reason(ReasonCode::NotForSex));
        return false;
    }
    return true;
}

/// Whether the product may follow the ones before.
bool mixes(const Circumstances& of, const Course& course, const Shot& shot, Evaluation& out) {
    if (shot.product < 0 || course.count == 0) return true;
    const Counted& before = course.counted[course.count - 1];
    if (before.product < 0) return true;
    const bool other = before.product != shot.product;
    const bool back = shot.product < before.product;
    const bool refused =
        (of.vaccine.mixing == Mixing::SameProduct && other) || (of.vaccine.mixing == Mixing::NeverBack && back);
    if (!refused) return true;
    Reason why = reason(ReasonCode::ProductMixed);
    why.basis = before.on;
    decide(out, Outcome::WrongProduct, false, why);
    return false;
}

/// Moves the course to the dose that one given on `day` would be.
void advance(const Circumstances& of, const Series& series, Course& course, CivilDate day) {
    while (course.at < series.doses.size()) {
        const DoseRule& dose = series.doses[course.at];
        if (left_out(of, course, dose, day)) {
            leave_out(course, series);
            continue;
        }
        const size_t next = next_period(series, course.at);
        if (next == series.doses.size()) return;
        const auto last = windows_for(of, dose).last();
        if (!last || day <= *last) return;
        const DaysList later = windows_for(of, series.doses[next]);
        const bool reached = std::any_of(later.begin(), later.end(), [&](const Days& days) { return days.holds(day); });
        if (!reached) return;
        for (; course.at < next; ++course.at) course.missed |= 1U << course.at;
    }
}

/// The window of the day. Too early does not count, too late does: nothing is gained by repeating it.
bool in_window(const DaysList& windows, const DoseRule& dose, const Shot& shot, Evaluation& out) {
    if (windows.empty()) {
        decide(out, Outcome::OutOfWindow, true, reason(ReasonCode::NotForRequirement));
        return false;
    }
    const Days* first = windows.begin();
    for (const Days& days : windows) {
        if (days.from < first->from) first = &days;
        if (!days.holds(shot.on)) continue;
        out.reasons.push_back(
            reason(days.window->id.empty() ? ReasonCode::Window : ReasonCode::Extension, days.from, days.to));
        if (days.long_illness) out.reasons.push_back(reason(ReasonCode::LongIllness, {}, days.to));
        return true;
    }
    const bool calendar = dose.windows.front().from.calendar() || dose.windows.front().to.calendar();
    if (shot.on < first->from) {
        const bool by_age = !first->window->from.calendar();
        decide(out, by_age ? Outcome::TooEarly : Outcome::OutOfWindow, false,
               reason(ReasonCode::BeforeWindow, first->from, first->to));
    } else {
        decide(out, calendar ? Outcome::OutOfWindow : Outcome::TooLate, true,
               reason(ReasonCode::AfterWindow, {}, windows.last()));
    }
    return false;
}

/// Intervals within the vaccine and to other vaccines.
bool spaced(const Circumstances& of, const Series& series, const Course& course, const DoseRule& dose,
            std::span<const Shot> all, const Shot& shot, Evaluation& out) {
    Reason why;
    const auto earliest = earliest_by_intervals(series, course, dose, Judging::Everybody, &why);
    if (earliest) {
        if (shot.on < *earliest) {
            Reason shorter;
            const auto physician = earliest_by_intervals(series, course, dose, Judging::Physician, &shorter);
            if (!physician || shot.on < *physician) {
                decide(out, Outcome::TooEarly, false, why);
                return false;
            }
            shorter.code = ReasonCode::PhysicianInterval;
            why = shorter;
        }
        out.reasons.push_back(why);
    }
    const auto by_pairs = earliest_by_pairs(of.rules, all, shot, &why);
    if (by_pairs && shot.on < *by_pairs) {
        decide(out, Outcome::TooEarly, false, why);
        return false;
    }
    return true;
}

void judge(const Circumstances& of, const Series& series, Course& course, std::span<const Shot> all, const Shot& shot,
           Evaluation& out) {
    advance(of, series, course, shot.on);
    if (course.at >= series.doses.size()) return decide(out, Outcome::Extraneous, false, reason(ReasonCode::Complete));
    const DoseRule& dose = series.doses[course.at];
    out.number = dose.number;
    if (!covered(of, shot, out)) return;
    if (!mixes(of, course, shot, out)) return;
    if (shot.product >= 0) {
        const Product& product = of.vaccine.products[static_cast<size_t>(shot.product)];
        if (!product.in_force.holds(shot.on))
            return decide(out, Outcome::WrongProduct, true,
                          reason(ReasonCode::ProductNotInForce, product.in_force.from, product.in_force.to));
    }
    if (of.vaccine.per == Per::Pregnancy && !of.person.due)
        return decide(out, Outcome::Valid, true, reason(ReasonCode::NeedsPregnancy));
    const DaysList windows = windows_for(of, dose);
    if (!in_window(windows, dose, shot, out)) {
        // Too late is late, but an interval cut short is worse.
        if (out.counts && !spaced(of, series, course, dose, all, shot, out)) out.counts = false;
        return;
    }
    if (!spaced(of, series, course, dose, all, shot, out)) return;
    const auto not_recommended = resolve(dose.start_not_recommended_from, of.person.birth);
    if (not_recommended && shot.on >= *not_recommended)
        out.reasons.push_back(reason(ReasonCode::StartLate, not_recommended, {}));
    out.outcome = Outcome::Valid;
    out.counts = true;
}

bool is_complete_by(const Vaccine& vaccine, int product) {
    const auto& list = vaccine.complete_by_product;
    return std::find(list.begin(), list.end(), product) != list.end();
}

Walk walk_as(const Circumstances& of, std::span<const Shot> all, CivilDate today, int forced,
             std::vector<Evaluation>& out) {
    Walk walked;
    Course& course = walked.course;
    course.series = forced;
    const size_t first_of_mine = out.size();
    std::optional<CivilDate> last;
    for (const Shot& shot : of.shots) {
        Evaluation evaluation;
        evaluation.given = shot.given;
        evaluation.vaccine = static_cast<int>(&of.vaccine - of.rules.vaccines.data());
        evaluation.reasons.reserve(3);
        if (course.count == 0 && forced < 0) {
            course = {};
            course.series = choose_series(of.vaccine, of.person, shot.on, shot.product, shot.on);
            // Before any series was in force: by the shape of the present one.
            if (course.series < 0) course.series = choose_series(of.vaccine, of.person, shot.on, shot.product, today);
            course.last_given = last;
        }
        evaluation.series = course.series;
        walked.complete_by_product |= is_complete_by(of.vaccine, shot.product);
        if (course.series < 0) {
            decide(evaluation, Outcome::OutOfWindow, false, reason(ReasonCode::NotForCohort));
        } else if (course.last_given && *course.last_given == shot.on) {
            decide(evaluation, Outcome::Extraneous, false, reason(ReasonCode::Duplicate));
        } else {
            const Series& series = of.vaccine.series[static_cast<size_t>(course.series)];
            judge(of, series, course, all, shot, evaluation);
            const bool too_soon = evaluation.outcome == Outcome::TooEarly && course.count > 0;
            if (too_soon && series.fallback >= 0 && forced < 0) {
                out.resize(first_of_mine);
                return walk_as(of, all, today, series.fallback, out);
            }
        }
        if (evaluation.counts) {
            course.count_dose({evaluation.number, shot.on, shot.product});
            ++course.at;
        }
        last = course.last_given = shot.on;
        out.push_back(std::move(evaluation));
    }
    return walked;
}

/// Each season begins anew.
Walk walk_seasons(const Circumstances& of, std::span<const Shot> all, CivilDate today, std::vector<Evaluation>& out) {
    const Season present = next_season(of.vaccine, today);
    Walk last;
    size_t from = 0;
    while (from < of.shots.size()) {
        Circumstances one = of;
        one.season = next_season(of.vaccine, of.shots[from].on);
        size_t to = from + 1;
        while (to < of.shots.size() && of.shots[to].on <= one.season->to) ++to;
        one.shots = of.shots.subspan(from, to - from);
        Walk walked = walk_as(one, all, today, -1, out);
        if (one.season->from == present.from) last = walked;
        from = to;
    }
    return last;
}

} // namespace

Walk walk(const Circumstances& of, std::span<const Shot> all, CivilDate today, std::vector<Evaluation>& out) {
    if (of.vaccine.per == Per::Season) return walk_seasons(of, all, today, out);
    return walk_as(of, all, today, -1, out);
}

} // namespace musubi::immunization
