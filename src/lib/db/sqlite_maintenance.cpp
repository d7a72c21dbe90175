#include "lib/db/sqlite_maintenance.h"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

namespace musubi::db {
namespace {

constexpr Query kHasTable{"db.has_migrations", "SELECT name FROM sqlite_schema WHERE name = 'db_migration'"};
constexpr Query kForeignKeys{"db.foreign_key_check", "PRAGMA foreign_key_check"};
constexpr Query kIntegrity{"db.integrity_check", "PRAGMA integrity_check(1)"};

class SqliteMigration final : public MigrationSession {
  public:
    explicit SqliteMigration(SqliteConnection& connection) : m_connection(connection) {}
    void execute(const std::string& script) override {
        m_connection.script(script);
        if (!m_connection.in_transaction()) throw DatabaseError("a migration must not commit by itself");
    }
    Rows query(const std::string& sql, const std::vector<Value>& parameters) override {
        return m_connection.run({"db.migration", sql}, parameters).rows;
    }
    bool has_table() override { return !m_connection.run(kHasTable, {}).rows.empty(); }

  private:
    SqliteConnection& m_connection;
};

base::Error failed(std::string why) {
    return base::error(base::ErrorKind::Internal, "db.backup-failed").because(std::move(why));
}

/// Bytes and name on the disk, or false.
bool make_durable(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return false;
    const bool done = ::fsync(file) == 0;
    ::close(file);
    return done;
}

base::Status copy_to(SqliteConnection& source, const SqliteOptions& target_options) {
    Counters counters;
    SqliteConnection target(target_options, SqliteRole::Migrator, counters);
    sqlite3_backup* backup = sqlite3_backup_init(target.handle(), "main", source.handle(), "main");
    if (!backup) return failed(sqlite3_errmsg(target.handle()));
    // All pages in one step: in smaller ones every write by another connection would begin the copy again. Writers are
    // not held up, as the source is in WAL mode.
    sqlite3_backup_step(backup, -1);
    if (const int code = sqlite3_backup_finish(backup); code != SQLITE_OK) return failed(sqlite3_errstr(code));
    target.script("PRAGMA journal_mode = DELETE"); // one file, with nothing beside it
    const auto rows = target.run(kIntegrity, {}).rows;
    if (rows.size() != 1 || rows[0][0] != Value("ok")) return failed("the copy fails its integrity check");
    return base::success();
}

} // namespace

base::Status migrate_sqlite(const SqliteOptions& options, const std::vector<Migrations>& modules,
                            WhenMissing when_missing) {
    Counters counters;
    SqliteConnection connection(options, SqliteRole::Migrator, counters);
    SqliteMigration session(connection);
    const bool apply = when_missing == WhenMissing::Apply;
    connection.must_step(apply ? "BEGIN IMMEDIATE" : "BEGIN"); // the former is the lock against another program
    const auto applied = run_migrations(session, Engine::Sqlite, modules, when_missing);
    if (!applied) {
        connection.must_step("ROLLBACK");
        return applied.error();
    }
    if (*applied > 0 && !connection.run(kForeignKeys, {}).rows.empty()) {
        throw DatabaseError("the migrations would leave rows that refer to nothing; nothing was changed");
    }
    connection.must_step("COMMIT");
    if (*applied > 0)
        sqlite3_wal_checkpoint_v2(connection.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
    return base::success();
}

base::Status backup_sqlite(const SqliteOptions& options, const std::string& path) {
    const std::string unfinished = path + ".part";
    std::error_code ignored;
    std::filesystem::remove(unfinished, ignored);
    try {
        Counters counters;
        SqliteConnection source(options, SqliteRole::Migrator, counters);
        SqliteOptions target = options;
        target.path = unfinished;
        auto copied = copy_to(source, target);
        if (!copied) {
            std::filesystem::remove(unfinished, ignored);
            return copied;
        }
    } catch (const DatabaseError& error) {
        std::filesystem::remove(unfinished, ignored);
        return failed(error.what());
    }
    const auto folder = std::filesystem::absolute(path).parent_path().string();
    if (!make_durable(unfinished) || std::rename(unfinished.c_str(), path.c_str()) != 0 || !make_durable(folder)) {
        return failed("cannot write " + path);
    }
    return base::success();
}

} // namespace musubi::db
