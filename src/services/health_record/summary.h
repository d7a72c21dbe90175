// The first page of the record.
#pragma once

#include "core/person_access/person_access.h"
#include "services/health_record/routes.h"
#include "services/health_record/views.h"

namespace musubi::health_record {

base::Task<base::Result<SummaryView>> summary_of(db::ReadTx& tx, base::PersonId caller, person_access::Subject subject,
                                                 base::Instant now);

} // namespace musubi::health_record
