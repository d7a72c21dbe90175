// The rules of migrations, the same for both engines.
#pragma once

#include "lib/db/database.h"

#include <string>
#include <vector>

namespace musubi::db {

/// What the rules need of an engine, inside one transaction that its owner began under a lock and will commit.
class MigrationSession {
  public:
    virtual ~MigrationSession() = default;
    /// Any number of statements. Throws DatabaseError.
    virtual void execute(const std::string& script) = 0;
    virtual Rows query(const std::string& sql, const std::vector<Value>& parameters) = 0;
    /// Whether db_migration is there.
    virtual bool has_table() = 0;
};

enum class WhenMissing { Apply, Refuse };

/// Errors: "db.migration-changed" (a file is not what was applied), "db.migration-unknown" (the database is newer),
/// "db.migration-out-of-order", "db.migration-incomplete" (only one engine's variant), "db.migration-missing" (Refuse).
/// Their parameters name module and file. The value is the number of files applied.
base::Result<int> run_migrations(MigrationSession& session, Engine engine, const std::vector<Migrations>& modules,
                                 WhenMissing when_missing);

} // namespace musubi::db
