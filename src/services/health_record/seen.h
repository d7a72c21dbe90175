// Who looked at or changed a person's data, for the person and those who act for them.
#pragma once

#include "core/audit/audit.h"
#include "services/health_record/views.h"

namespace musubi::health_record {

/// Newest first, fifty at a time; `before` is SeenList::next of the page before. request.fields-invalid when malformed.
base::Task<base::Result<SeenList>> seen_of(db::ReadTx& tx, base::PersonId person, std::optional<std::string> before);

} // namespace musubi::health_record
