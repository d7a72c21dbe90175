#include "services/immunization/visit_plan.h"

#include "base/random.h"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>

namespace musubi::immunization {
namespace {

CivilDate day(std::string_view text) { return CivilDate::parse(text).value(); }

size_t doses_in(const VisitPlan& plan) {
    size_t doses = 0;
    for (const Visit& visit : plan.visits) doses += visit.doses.size();
    return doses;
}

/// Lawful as a whole: every dose valid on its day, few enough a day, live injections apart.
void expect_lawful(const VisitPlan& plan, const Person& person, std::vector<Given> given, const PlanWish& wish) {
    const size_t before = given.size();
    std::optional<CivilDate> last;
    for (const Visit& visit : plan.visits) {
        if (last) {
            EXPECT_GT(visit.on, *last);
        }
        last = visit.on;
        EXPECT_LE(visit.doses.size(), static_cast<size_t>(wish.most_per_visit));
        EXPECT_FALSE(visit.doses.empty());
        for (const PlannedDose& dose : visit.doses) given.push_back({dose.vaccine, -1, visit.on});
    }
    if (!last) return;
    const Rules& rules = current_rules();
    for (const Evaluation& one : evaluate(rules, person, given, *last).evaluations) {
        if (one.given >= before && one.vaccine == given[one.given].vaccine) {
            EXPECT_EQ(one.outcome, Outcome::Valid)
                << rules.vaccines[static_cast<size_t>(one.vaccine)].id << " on " << given[one.given].on.to_string();
        }
    }
    for (size_t a = 0; a < given.size(); ++a)
        for (size_t b = before; b < given.size(); ++b) {
            const auto live = [&](const Given& one) {
                return is_live_injection(rules.vaccines[static_cast<size_t>(one.vaccine)], one.product);
            };
            if (!live(given[a]) || !live(given[b]) || given[a].vaccine == given[b].vaccine) continue;
            const int apart = std::abs(given[a].on.days_since_epoch() - given[b].on.days_since_epoch());
            EXPECT_TRUE(apart == 0 || apart >= 28) << given[b].on.to_string();
        }
}

TEST(VisitPlan, a_newborns_first_year_and_a_half_takes_the_fewest_visits_two_at_a_time) {
    const Person child{.birth = day("2026-08-01")};
    PlanWish wish{.from = day("2026-09-01"), .until = day("2028-01-31")};
    const VisitPlan plan = plan_visits(current_rules(), child, {}, day("2026-09-01"), wish);
    expect_lawful(plan, child, {}, wish);
    // Hepatitis B 3, rotavirus 2, five-in-one 4, pneumococcal 4, BCG, MR, chickenpox 2.
    EXPECT_EQ(doses_in(plan), 17U);
    EXPECT_EQ(plan.visits.size(), 9U) << "17 doses, two a visit: nine is the least there can be";
}

TEST(VisitPlan, more_at_a_time_means_fewer_visits) {
    const Person child{.birth = day("2026-08-01")};
    PlanWish wish{.most_per_visit = 6, .from = day("2026-09-01"), .until = day("2028-01-31")};
    const VisitPlan plan = plan_visits(current_rules(), child, {}, day("2026-09-01"), wish);
    expect_lawful(plan, child, {}, wish);
    // Three for the first doses, one in BCG's and hepatitis B's time, one at a year, one for the second chickenpox.
    EXPECT_LE(plan.visits.size(), 6U);
    EXPECT_EQ(doses_in(plan), 17U);
}

TEST(VisitPlan, nothing_to_do_is_an_empty_plan) {
    PlanWish wish{.from = day("2026-11-22"), .until = day("2027-11-22")};
    EXPECT_TRUE(
        plan_visits(current_rules(), {.birth = day("1985-04-01"), .sex = Sex::Female}, {}, day("2026-11-22"), wish)
            .visits.empty());
}

TEST(VisitPlan, random_children_late_and_early_get_lawful_plans) {
    base::SeededRandom random(7);
    for (int i = 0; i < 25; ++i) {
        const Person child{.birth = day("2024-04-02").plus_days(static_cast<int>(random.below(950)))};
        const CivilDate today = child.birth.plus_days(static_cast<int>(random.below(600)));
        std::vector<Given> given;
        const Answer answer = evaluate(current_rules(), child, {}, child.birth.plus_days(60));
        for (const VaccineStatus& one : answer.statuses)
            for (const Proposal& next : one.next)
                if (next.recommended <= today && random.below(2) == 0)
                    given.push_back({one.vaccine, -1, next.recommended});
        PlanWish wish{
            .most_per_visit = 1 + static_cast<int>(random.below(4)), .from = today, .until = today.plus_days(400)};
        expect_lawful(plan_visits(current_rules(), child, given, today, wish), child, given, wish);
    }
}

} // namespace
} // namespace musubi::immunization
