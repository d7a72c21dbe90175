#include "lib/db/postgres_migrate.h"

#include "lib/db/postgres_values.h"

namespace musubi::db {
namespace {

/// What this module itself keeps in PostgreSQL: see postgres_shard.h.
const Migrations kOwn{"lib/db",
                      {{"0001_create_outcome.sqlite.sql", ""},
                       {"0001_create_outcome.postgres.sql",
                        "CREATE TABLE db_outcome (token TEXT NOT NULL PRIMARY KEY, what TEXT NOT NULL)"}}};

class PgMigration final : public MigrationSession {
  public:
    explicit PgMigration(const std::string& connection) {
        const char* keywords[] = {"application_name", "connect_timeout", "dbname", "client_encoding", nullptr};
        const char* values[] = {"musubi migrations", "10", connection.c_str(), "UTF8", nullptr};
        m_handle = PQconnectdbParams(keywords, values, 1);
        if (PQstatus(m_handle) != CONNECTION_OK) {
            const std::string message = m_handle ? PQerrorMessage(m_handle) : "out of memory";
            PQfinish(m_handle);
            throw DatabaseError("cannot connect: " + message);
        }
        PQsetNoticeProcessor(m_handle, [](void*, const char*) {}, nullptr);
    }
    ~PgMigration() override { PQfinish(m_handle); }
    PgMigration(const PgMigration&) = delete;
    PgMigration& operator=(const PgMigration&) = delete;

    void execute(const std::string& script) override {
        const PgResult result(PQexec(m_handle, script.c_str()));
        const auto status = PQresultStatus(result.get());
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY) {
            std::rethrow_exception(exception_of("migration", result.get()));
        }
    }
    Rows query(const std::string& sql, const std::vector<Value>& parameters) override {
        const PgParameters packed("migration", parameters);
        const auto types = parameter_types(parameters);
        const PgResult result(PQexecParams(m_handle, sql.c_str(), packed.count(), types.data(), packed.values(),
                                           packed.lengths(), packed.formats(), 1));
        const auto status = PQresultStatus(result.get());
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
            std::rethrow_exception(exception_of("migration", result.get()));
        }
        return read_answer("migration", result.get()).rows;
    }
    bool has_table() override {
        return !query("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
                      " AND tablename = 'db_migration'",
                      {})
                    .empty();
    }
    bool in_transaction() const { return PQtransactionStatus(m_handle) == PQTRANS_INTRANS; }

  private:
    PGconn* m_handle = nullptr;
};

} // namespace

base::Status migrate_postgres(const PostgresOptions& options, const std::vector<Migrations>& modules,
                              WhenMissing when_missing) {
    PgMigration session(options.connection);
    if (when_missing == WhenMissing::Apply) {
        session.execute("BEGIN");
        // One program at a time, per schema; released by COMMIT or by the end of the connection.
        session.query("SELECT pg_advisory_xact_lock(hashtext('musubi db_migration'), hashtext(current_schema()))", {});
    } else {
        session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    }
    std::vector<Migrations> all{kOwn};
    all.insert(all.end(), modules.begin(), modules.end());
    const auto applied = run_migrations(session, Engine::Postgres, all, when_missing);
    if (!applied) {
        session.execute("ROLLBACK");
        return applied.error();
    }
    if (!session.in_transaction()) throw DatabaseError("a migration must not commit by itself");
    session.execute("COMMIT");
    return base::success();
}

} // namespace musubi::db
