// One child's evaluation and forecast, and its plan of visits.
#include "services/immunization/engine.h"
#include "services/immunization/visit_plan.h"

#include <benchmark/benchmark.h>

namespace {

using namespace musubi;
using namespace musubi::immunization;

CivilDate day(const char* text) { return *CivilDate::parse(text); }

/// What a child of eighteen months has usually received.
std::vector<Given> usual(const Rules& rules, CivilDate birth, int days) {
    std::vector<Given> given;
    for (const VaccineStatus& status : evaluate(rules, {.birth = birth, .sex = Sex::Female}, {}, birth).statuses)
        for (const Proposal& next : status.next)
            if (next.recommended <= birth.plus_days(days)) given.push_back({status.vaccine, -1, next.recommended});
    return given;
}

void evaluate_one_child(benchmark::State& state) {
    const Rules& rules = current_rules();
    const CivilDate birth = day("2025-05-10");
    const auto given = usual(rules, birth, static_cast<int>(state.range(0)));
    const Person child{.birth = birth, .sex = Sex::Female};
    const CivilDate today = birth.plus_days(static_cast<int>(state.range(0)));
    for (auto _ : state) benchmark::DoNotOptimize(evaluate(rules, child, given, today));
    state.counters["doses"] = static_cast<double>(given.size());
}
BENCHMARK(evaluate_one_child)->Arg(1)->Arg(200)->Arg(560)->Arg(2400)->Unit(benchmark::kMicrosecond);

void plan_one_childs_visits(benchmark::State& state) {
    const Rules& rules = current_rules();
    const Person child{.birth = day("2026-08-01")};
    const PlanWish wish{.from = day("2026-09-01"), .until = day("2028-01-31")};
    for (auto _ : state) benchmark::DoNotOptimize(plan_visits(rules, child, {}, day("2026-09-01"), wish));
}
BENCHMARK(plan_one_childs_visits)->Unit(benchmark::kMicrosecond);

} // namespace

BENCHMARK_MAIN();
