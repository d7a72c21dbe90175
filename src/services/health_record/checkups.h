// Checkups and vaccinations as lists people can read, out of the FHIR resources of the record.
#pragma once

#include "lib/db/database.h"
#include "services/health_record/views.h"

namespace musubi::health_record {

/// Newest first, with their results.
base::Task<std::vector<CheckupView>> checkups_of(db::ReadTx& tx, base::PersonId person, int limit = 200);
base::Task<std::vector<VaccinationView>> vaccinations_of(db::ReadTx& tx, base::PersonId person);

} // namespace musubi::health_record
