// Migrations and backups of a SQLite file, each on a connection of its own.
#pragma once

#include "lib/db/migrate.h"
#include "lib/db/sqlite_connection.h"

namespace musubi::db {

base::Status migrate_sqlite(const SqliteOptions& options, const std::vector<Migrations>& modules,
                            WhenMissing when_missing);

/// Copies with SQLite's online backup in one read transaction, checks the copy, and only then gives it its name.
/// Errors: "db.backup-failed" (with the reason for the log).
base::Status backup_sqlite(const SqliteOptions& options, const std::string& path);

} // namespace musubi::db
