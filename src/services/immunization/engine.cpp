#include "services/immunization/engine.h"

#include "services/immunization/course.h"

#include <algorithm>
#include <tuple>

namespace musubi::immunization {
namespace {

/// Which of a combination and the older vaccines it replaces a person is on: whichever was begun first.
enum class Track { None, Combination, Older };

struct Replacement {
    int combination = -1;
    Track track = Track::None;
};

Replacement replacement_of(const Rules& rules, int vaccine, std::span<const Shot> shots) {
    const auto is_in = [](const std::vector<int>& list, int one) {
        return std::find(list.begin(), list.end(), one) != list.end();
    };
    Replacement found{rules.vaccines[static_cast<size_t>(vaccine)].combination, Track::None};
    if (found.combination < 0) return found;
    const auto& older = rules.vaccines[static_cast<size_t>(found.combination)].not_if_begun;
    for (const Shot& shot : shots) {
        if (shot.vaccine == found.combination) {
            found.track = Track::Combination;
        } else if (is_in(older, shot.vaccine)) {
            found.track = Track::Older;
        } else {
            continue;
        }
        break;
    }
    return found;
}

Reason other_series(int other) {
    Reason made;
    made.code = ReasonCode::OtherSeries;
    made.other = static_cast<int16_t>(other);
    return made;
}

VaccineStatus continued_with(int vaccine, int other) {
    VaccineStatus status;
    status.vaccine = vaccine;
    status.reasons.push_back(other_series(other));
    return status;
}

/// Doses of a vaccine whose place another one has taken for this person.
void refuse_all(int vaccine, int other, std::span<const Shot> shots, std::vector<Evaluation>& out) {
    for (const Shot& shot : shots) {
        if (shot.vaccine != vaccine) continue;
        Evaluation evaluation;
        evaluation.given = shot.given;
        evaluation.vaccine = vaccine;
        evaluation.outcome = Outcome::WrongProduct;
        evaluation.reasons.push_back(other_series(other));
        out.push_back(std::move(evaluation));
    }
}

/// The doses of one vaccine's course, in `room`: its own, and those of combinations that continue it.
std::span<const Shot> course_of(const Rules& rules, int vaccine, Track track, std::span<const Shot> shots,
                                std::vector<Shot>& room) {
    room.clear();
    for (const Shot& shot : shots) {
        const auto& counts_for = rules.vaccines[static_cast<size_t>(shot.vaccine)].counts_for;
        const bool continues =
            track == Track::Older && std::find(counts_for.begin(), counts_for.end(), vaccine) != counts_for.end();
        if (shot.vaccine != vaccine && !continues) continue;
        room.push_back(shot);
        if (shot.vaccine != vaccine) room.back().product = -1;
    }
    return room;
}

class Evaluator final : public CourseVisitor {
  public:
    Evaluator(std::span<const Shot> shots, CivilDate today, Answer& answer)
        : m_shots(shots), m_today(today), m_answer(answer) {}

    void course(const Circumstances& of, int vaccine) override {
        const Walk walked = walk(of, m_shots, m_today, m_answer.evaluations);
        Circumstances ahead = of;
        if (of.vaccine.per == Per::Season) ahead.season = next_season(of.vaccine, m_today);
        m_answer.statuses.push_back(forecast(ahead, vaccine, walked, m_shots, m_today));
    }
    void replaced(int vaccine, int other, bool refuse_doses) override {
        if (refuse_doses) refuse_all(vaccine, other, m_shots, m_answer.evaluations);
        m_answer.statuses.push_back(continued_with(vaccine, other));
    }

  private:
    std::span<const Shot> m_shots;
    CivilDate m_today;
    Answer& m_answer;
};

} // namespace

std::vector<Shot> sorted(std::span<const Given> given, CivilDate today) {
    std::vector<Shot> shots;
    shots.reserve(given.size());
    for (size_t i = 0; i < given.size(); ++i)
        if (given[i].on <= today) shots.push_back({i, given[i].vaccine, given[i].product, given[i].on});
    std::sort(shots.begin(), shots.end(), [](const Shot& a, const Shot& b) {
        return std::tuple(a.on, a.vaccine, a.product, a.given) < std::tuple(b.on, b.vaccine, b.product, b.given);
    });
    return shots;
}

void visit_courses(const Rules& rules, const Person& person, std::span<const Shot> shots, CivilDate today,
                   CourseVisitor& visitor) {
    std::vector<Shot> room;
    room.reserve(shots.size());
    for (size_t i = 0; i < rules.vaccines.size(); ++i) {
        const Vaccine& vaccine = rules.vaccines[i];
        const int index = static_cast<int>(i);
        const Replacement replacement = replacement_of(rules, index, shots);
        const bool combination = replacement.combination == index;
        if (combination && replacement.track == Track::Older) {
            // Its doses are judged in the series they continue.
            visitor.replaced(index, vaccine.not_if_begun.front(), false);
            continue;
        }
        if (!combination && replacement.combination >= 0) {
            const bool closed = vaccine.only_if_begun_from && today >= *vaccine.only_if_begun_from;
            if (replacement.track == Track::Combination || (replacement.track == Track::None && closed)) {
                visitor.replaced(index, replacement.combination, true);
                continue;
            }
        }
        const auto mine = course_of(rules, index, replacement.track, shots, room);
        visitor.course(Circumstances{rules, person, vaccine, mine, {}}, index);
    }
}

Answer evaluate(const Rules& rules, const Person& person, std::span<const Given> given, CivilDate today) {
    Answer answer;
    const std::vector<Shot> shots = sorted(given, today);
    answer.evaluations.reserve(shots.size() + 4);
    answer.statuses.reserve(rules.vaccines.size());
    Evaluator evaluator(shots, today, answer);
    visit_courses(rules, person, shots, today, evaluator);
    const auto order = [&](const Evaluation& one) { return std::tuple(given[one.given].on, one.vaccine, one.given); };
    std::sort(answer.evaluations.begin(), answer.evaluations.end(),
              [&](const Evaluation& a, const Evaluation& b) { return order(a) < order(b); });
    return answer;
}

} // namespace musubi::immunization
