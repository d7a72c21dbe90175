// A plan of visits: which vaccines on which day, with as few visits as can be.
#pragma once

#include "services/immunization/engine.h"

namespace musubi::immunization {

struct PlanWish {
    int most_per_visit = 2;
    int days_between = 7;  // visits are this far apart unless a last lawful day is nearer
    CivilDate from, until; // no visit before `from`; doses recommended after `until` are left to later plans
};

struct PlannedDose {
    int vaccine = 0;
    Proposal proposal; // as it stands when the doses before it are given as planned
};
struct Visit {
    CivilDate on;
    std::vector<PlannedDose> doses;
};
struct VisitPlan {
    std::vector<Visit> visits;
};

/// Routine vaccines only. Every dose lies in its legal window and, where it can, in its standard time; two different
/// live injections are on one day or 27 clear days apart. Among plans with the fewest visits the one that waits least.
VisitPlan plan_visits(const Rules& rules, const Person& person, std::span<const Given> given, CivilDate today,
                      const PlanWish& wish);

} // namespace musubi::immunization
