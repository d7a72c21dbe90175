// Migrations of a PostgreSQL schema, on a connection of their own that blocks the calling thread.
#pragma once

#include "lib/db/migrate.h"

namespace musubi::db {

base::Status migrate_postgres(const PostgresOptions& options, const std::vector<Migrations>& modules,
                              WhenMissing when_missing);

} // namespace musubi::db
