// The periodic cleaning of the core modules: what ran out goes.
#pragma once

#include "core/identity/session.h"
#include "core/jobs/jobs.h"
#include "lib/db/database.h"

#include <vector>

namespace musubi::housekeeping {

/// For jobs::Runner. `database` must outlive the runner.
std::vector<jobs::Job> jobs(db::Database& database, const identity::SessionRules& rules);

} // namespace musubi::housekeeping
