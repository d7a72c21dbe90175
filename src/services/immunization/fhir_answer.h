// Private to services/immunization: the engine's answer as HL7 FHIR R4 ImmunizationEvaluation and
// ImmunizationRecommendation (ImmDS IG 1.0.0: LOINC 30981-5 earliest, 30980-7 due, 59778-1 overdue, 59777-3 latest).
#pragma once

#include "services/immunization/showing.h"

namespace musubi::immunization {

/// A collection Bundle. `base` is the address the references begin with.
std::string fhir_bundle(const Shown& shown, const base::PersonId& id, const Person& person, const History& history);

} // namespace musubi::immunization
