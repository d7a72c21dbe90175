// The one list of what this installation consists of.
#pragma once

#include "lib/db/migration.h"

#include <vector>

namespace musubi::city {

/// Of every core module and service, in the order in which they are applied.
std::vector<db::Migrations> all_migrations();

} // namespace musubi::city
