#include "services/immunization/visit_plan.h"

#include "services/immunization/course.h"

#include <algorithm>
#include <memory>
#include <tuple>

namespace musubi::immunization {
namespace {

constexpr size_t kBeamWidth = 24;
constexpr size_t kMostVisits = 80;
constexpr int kPatience = 56; // days a dose without a standard time may wait for company
constexpr int kLiveGap = 28;

/// A vaccine with doses to come. The courses outlive the search.
struct Chain {
    int vaccine;
    bool live_injection;
    std::vector<Shot> shots;
    std::optional<Season> season;
    Course course;
    std::optional<CivilDate> pairs_allow; // what was given before allows none earlier
};

class Collector final : public CourseVisitor {
  public:
    Collector(std::span<const Shot> shots, CivilDate today) : m_shots(shots), m_today(today) {}
    std::vector<Chain> chains;

    void course(const Circumstances& of, int vaccine) override {
        std::vector<Evaluation> unused;
        const Walk walked = walk(of, m_shots, m_today, unused);
        if (of.vaccine.category == Category::Voluntary) return;
        Circumstances ahead = of;
        if (of.vaccine.per == Per::Season) ahead.season = next_season(of.vaccine, m_today);
        Course begins;
        const VaccineStatus status = forecast(ahead, vaccine, walked, m_shots, m_today, &begins);
        if (status.next.empty()) return;
        const int product = begins.count > 0 ? begins.counted[begins.count - 1].product : -1;
        Chain chain{
            vaccine, is_live_injection(of.vaccine, product), {of.shots.begin(), of.shots.end()}, ahead.season, begins,
            {}};
        const Shot next{0, vaccine, product, std::max(m_today, of.person.birth)};
        chain.pairs_allow = earliest_by_pairs(of.rules, m_shots, next, nullptr);
        chains.push_back(std::move(chain));
    }
    void replaced(int, int, bool) override {}

  private:
    std::span<const Shot> m_shots;
    CivilDate m_today;
};

/// What is due next in one chain.
struct Pending {
    Course course;
    std::optional<Proposal> next;
};

struct Plan {
    std::vector<Pending> pending; // by chain
    std::vector<std::pair<int, CivilDate>> live;
    std::shared_ptr<const Plan> before;
    CivilDate on;
    std::vector<std::pair<size_t, Proposal>> doses; // of the visit on this day
    int given = 0;
    int waited = 0; // days, over all doses
};
using PlanPointer = std::shared_ptr<const Plan>;

class Search {
  public:
    Search(const Rules& rules, const Person& person, std::vector<Chain> chains, const PlanWish& wish)
        : m_rules(rules), m_person(person), m_chains(std::move(chains)), m_wish(wish) {}

    PlanPointer run() {
        auto first = std::make_shared<Plan>(Plan{{}, {}, nullptr, m_wish.from.plus_days(-1000), {}, 0, 0});
        for (size_t i = 0; i < m_chains.size(); ++i) {
            Pending pending{m_chains[i].course, {}};
            CivilDate floor = m_wish.from;
            if (m_chains[i].pairs_allow) floor = std::max(floor, *m_chains[i].pairs_allow);
            look_ahead(i, pending, floor);
            first->pending.push_back(std::move(pending));
        }
        std::vector<PlanPointer> level{first};
        for (size_t visits = 0; visits < kMostVisits; ++visits) {
            PlanPointer best;
            for (const PlanPointer& plan : level)
                if (finished(*plan) && (!best || plan->waited < best->waited)) best = plan;
            if (best) return best;
            std::vector<PlanPointer> further;
            for (const PlanPointer& plan : level) extend(plan, further);
            std::sort(further.begin(), further.end(), [](const PlanPointer& a, const PlanPointer& b) {
                return std::tuple(-a->given, a->waited, a->on) < std::tuple(-b->given, b->waited, b->on);
            });
            if (further.size() > kBeamWidth) further.resize(kBeamWidth);
            if (further.empty()) return level.front();
            level = std::move(further);
        }
        return level.front();
    }

  private:
    Circumstances circumstances(const Chain& chain) const {
        return {m_rules, m_person, m_rules.vaccines[static_cast<size_t>(chain.vaccine)], chain.shots, chain.season};
    }

    void look_ahead(size_t chain, Pending& pending, CivilDate floor) const {
        pending.next = next_dose(circumstances(m_chains[chain]), m_chains[chain].vaccine, pending.course, floor);
        if (pending.next && pending.next->recommended > m_wish.until) pending.next.reset();
    }

    static bool finished(const Plan& plan) {
        return std::none_of(plan.pending.begin(), plan.pending.end(), [](const Pending& one) { return one.next; });
    }

    /// Until when a dose may wait for others.
    CivilDate due(size_t chain, const Proposal& next) const {
        CivilDate due = next.standard_to.value_or(next.recommended.plus_days(kPatience));
        if (next.latest) due = std::min(due, *next.latest);
        if (next.latest_to_complete) due = std::min(due, *next.latest_to_complete);
        const Vaccine& vaccine = m_rules.vaccines[static_cast<size_t>(m_chains[chain].vaccine)];
        const Series& series = vaccine.series[static_cast<size_t>(next.series)];
        const auto start_to = resolve(series.start_to, m_person.birth);
        if (next.number == 1 && start_to) due = std::min(due, *start_to);
        return std::max(due, next.recommended);
    }

    /// Days worth a visit: those on which something becomes due, up to the first day something cannot wait any longer.
    std::vector<CivilDate> days(const Plan& plan) const {
        std::optional<CivilDate> deadline;
        for (size_t i = 0; i < plan.pending.size(); ++i) {
            if (!plan.pending[i].next) continue;
            const CivilDate day = due(i, *plan.pending[i].next);
            if (!deadline || day < *deadline) deadline = day;
        }
        const CivilDate soonest = plan.on.plus_days(m_wish.days_between);
        const CivilDate next_day = plan.on.plus_days(1);
        const CivilDate floor = *deadline < soonest ? std::max(next_day, *deadline) : soonest;
        std::vector<CivilDate> days;
        for (const Pending& one : plan.pending) {
            if (!one.next) continue;
            const CivilDate day = std::max(one.next->recommended, floor);
            if (day <= std::max(*deadline, floor)) days.push_back(day);
        }
        std::sort(days.begin(), days.end());
        days.erase(std::unique(days.begin(), days.end()), days.end());
        return days;
    }

    bool live_allows(const Plan& plan, size_t chain, CivilDate on) const {
        if (!m_chains[chain].live_injection) return true;
        return std::all_of(plan.live.begin(), plan.live.end(), [&](const auto& other) {
            return other.first == m_chains[chain].vaccine || other.second == on ||
                   other.second.plus_days(kLiveGap) <= on;
        });
    }

    void extend(const PlanPointer& plan, std::vector<PlanPointer>& out) const {
        for (const CivilDate on : days(*plan)) {
            std::vector<size_t> open;
            for (size_t i = 0; i < plan->pending.size(); ++i) {
                const auto& next = plan->pending[i].next;
                if (!next || next->recommended > on || (next->latest && on > *next->latest)) continue;
                if (live_allows(*plan, i, on)) open.push_back(i);
            }
            if (open.empty()) continue;
            const auto by_due = [&](size_t a, size_t b) {
                return std::pair(due(a, *plan->pending[a].next), a) < std::pair(due(b, *plan->pending[b].next), b);
            };
            std::sort(open.begin(), open.end(), by_due);
            out.push_back(visit(plan, on, open));
            // The other way round: long courses first.
            if (open.size() <= static_cast<size_t>(m_wish.most_per_visit)) continue;
            std::sort(open.begin(), open.end(), [&](size_t a, size_t b) {
                const size_t left = doses_left(*plan, a), right = doses_left(*plan, b);
                return left != right ? left > right : by_due(a, b);
            });
            out.push_back(visit(plan, on, open));
        }
    }

    size_t doses_left(const Plan& plan, size_t chain) const {
        const Course& course = plan.pending[chain].course;
        const Vaccine& vaccine = m_rules.vaccines[static_cast<size_t>(m_chains[chain].vaccine)];
        return vaccine.series[static_cast<size_t>(course.series)].doses.size() - course.at;
    }

    PlanPointer visit(const PlanPointer& plan, CivilDate on, const std::vector<size_t>& open) const {
        auto then = std::make_shared<Plan>(Plan{plan->pending, plan->live, plan, on, {}, plan->given, plan->waited});
        for (const size_t chain : open) {
            if (then->doses.size() == static_cast<size_t>(m_wish.most_per_visit)) break;
            Pending& pending = then->pending[chain];
            const Proposal given = *pending.next;
            then->doses.emplace_back(chain, given);
            then->waited += on.days_since_epoch() - given.recommended.days_since_epoch();
            ++then->given;
            if (m_chains[chain].live_injection) then->live.emplace_back(m_chains[chain].vaccine, on);
            pending.course.count_dose({given.number, on, -1});
            pending.course.last_given = on;
            ++pending.course.at;
            look_ahead(chain, pending, on.plus_days(1));
        }
        // A dose that can no longer be lawful is dropped rather than planned unlawfully.
        for (Pending& one : then->pending)
            if (one.next && one.next->latest && *one.next->latest <= on) one.next.reset();
        return then;
    }

    const Rules& m_rules;
    const Person& m_person;
    std::vector<Chain> m_chains;
    const PlanWish& m_wish;
};

} // namespace

VisitPlan plan_visits(const Rules& rules, const Person& person, std::span<const Given> given, CivilDate today,
                      const PlanWish& wish) {
    const std::vector<Shot> shots = sorted(given, today);
    Collector collector(shots, today);
    visit_courses(rules, person, shots, today, collector);
    const std::vector<Chain> chains = collector.chains;
    Search search(rules, person, collector.chains, wish);
    VisitPlan plan;
    for (PlanPointer at = search.run(); at && at->before; at = at->before) {
        Visit visit{at->on, {}};
        for (const auto& [chain, proposal] : at->doses) visit.doses.push_back({chains[chain].vaccine, proposal});
        plan.visits.push_back(std::move(visit));
    }
    std::reverse(plan.visits.begin(), plan.visits.end());
    return plan;
}

} // namespace musubi::immunization
