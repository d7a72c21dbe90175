// The first page of the record.
#pragma once

#include "services/health_record/access.h"
#include "services/health_record/views.h"

namespace musubi::health_record {

base::Task<base::Result<SummaryView>> summary_of(db::ReadTx& tx, base::PersonId caller, Subject subject,
                                                 base::Instant now);

} // namespace musubi::health_record
