// Private to services/immunization: the engine's answers as views in the reader's language.
#pragma once

#include "base/i18n.h"
#include "services/immunization/appointments.h"
#include "services/immunization/history.h"
#include "services/immunization/views.h"
#include "services/immunization/visit_plan.h"

namespace musubi::immunization {

struct Shown {
    const Rules& rules;
    base::Language language;
    CivilDate today;
};

ImmunizationView view_of(const Shown& shown, const Person& person, const History& history,
                         const std::vector<Appointment>& appointments);
/// With what each vaccine would be worth on that day.
VaccineAppointmentView view_of(const Shown& shown, const Person& person, const History& history,
                               const Appointment& appointment);
VisitPlanView view_of(const Shown& shown, const VisitPlan& plan, const PlanWish& wish);
ReceivedDoseView view_of(const Shown& shown, const Received& received);

} // namespace musubi::immunization
