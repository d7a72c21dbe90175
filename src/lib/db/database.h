// One Database over SQLite and PostgreSQL.
//
// A unit of work is a callable that takes a transaction and returns a Task. It must not wait for anything but the
// transaction it was given (on SQLite the process ends with a clear message when it does), and must be safe to run
// again (PostgreSQL may report a serialisation conflict). It may run on another thread than its caller's, while the
// caller is suspended. If the Task's value is a base::Result holding an error, the unit is rolled back; so is
// everything when an exception leaves it. A unit whose caller's base::TimeBound is over gets base::TookTooLong from its
// next statement or instead of its commit, and is rolled back. A statement that failed spoils its unit on both engines:
// a unit that swallows the exception and goes on gets a DatabaseError. A value is returned only after the commit is
// durable (SQLite: after the shared fsync; PostgreSQL: synchronous_commit on).
#pragma once

#include "base/result.h"
#include "base/task.h"
#include "lib/db/migration.h"
#include "lib/db/transaction.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace musubi::db {

enum class Engine { Sqlite, Postgres };

/// What one named Query has cost since the database was opened, for /metrics.
struct QueryStatistics {
    std::string name;
    uint64_t count = 0;
    uint64_t errors = 0;
    uint64_t rows = 0;                // returned or changed
    std::chrono::nanoseconds total{}; // sum over all runs; PostgreSQL: from sending to the answer
};

class Database {
  public:
    virtual ~Database() = default;
    virtual Engine engine() const = 0;

    /// Runs `unit(ReadTx&)` against one consistent snapshot. On SQLite it runs on the calling thread: what scans much
    /// belongs on a BlockingPool (`pool.run([&] { return base::sync_wait(database.read(unit)); })`).
    template <class Unit> auto read(Unit unit) -> std::invoke_result_t<Unit&, ReadTx&> {
        using Outgoing = typename std::invoke_result_t<Unit&, ReadTx&>::value_type;
        base::ThisBound here;
        const base::TimeBound* const bound = co_await here;
        if constexpr (std::is_void_v<Outgoing>) {
            co_await read_unit([&unit, bound](ReadTx& tx) -> base::Task<> {
                tx.stay_within(bound);
                return unit(tx);
            });
        } else {
            std::optional<Outgoing> value;
            co_await read_unit([&unit, &value, bound](ReadTx& tx) {
                tx.stay_within(bound);
                return keep(unit, tx, value);
            });
            co_return std::move(*value);
        }
    }

    /// Runs `unit(WriteTx&)` and answers after it is durable.
    template <class Unit> auto write(Unit unit) -> std::invoke_result_t<Unit&, WriteTx&> {
        using Outgoing = typename std::invoke_result_t<Unit&, WriteTx&>::value_type;
        base::ThisBound here;
        base::TimeBound* const bound = co_await here;
        base::TimeBound::Commit commit(bound);
        if constexpr (std::is_void_v<Outgoing>) {
            co_await write_unit([&unit, &commit, bound](WriteTx& tx) {
                tx.stay_within(bound);
                return always_commit(unit, tx, commit);
            });
        } else {
            std::optional<Outgoing> value;
            co_await write_unit([&unit, &value, &commit, bound](WriteTx& tx) {
                tx.stay_within(bound);
                return keep_and_decide(unit, tx, value, commit);
            });
            co_return std::move(*value);
        }
    }

    /// Applies what is missing, module by module, under a lock. Fails on a file that changed since it was applied, and
    /// on a database that is newer than this program.
    virtual base::Status migrate(const std::vector<Migrations>& modules) = 0;
    /// Compares without changing anything: for servers whose account may not change the schema.
    virtual base::Status check_migrations(const std::vector<Migrations>& modules) = 0;

    /// Writes an exact copy of the database to a file while it is in use (SQLite: the backup API). PostgreSQL answers
    /// with an error that names pg_dump.
    virtual base::Status backup(const std::string& path) = 0;

    /// Every query that ran, by name.
    virtual std::vector<QueryStatistics> statistics() const = 0;

  protected:
    enum class Outcome { Commit, RollBack };
    /// The function may run more than once; every run begins from nothing.
    virtual base::Task<> read_unit(std::function<base::Task<>(ReadTx&)> unit) = 0;
    virtual base::Task<> write_unit(std::function<base::Task<Outcome>(WriteTx&)> unit) = 0;

  private:
    template <class Unit, class Outgoing>
    static base::Task<> keep(Unit& unit, ReadTx& tx, std::optional<Outgoing>& value) {
        value.emplace(co_await unit(tx));
    }
    // A unit that is run again has not been committed the first time.
    template <class Unit>
    static base::Task<Outcome> always_commit(Unit& unit, WriteTx& tx, base::TimeBound::Commit& commit) {
        commit.end();
        co_await unit(tx);
        commit.begin();
        co_return Outcome::Commit;
    }
    template <class Unit, class Outgoing>
    static base::Task<Outcome> keep_and_decide(Unit& unit, WriteTx& tx, std::optional<Outgoing>& value,
                                               base::TimeBound::Commit& commit) {
        commit.end();
        value.reset();
        value.emplace(co_await unit(tx));
        if constexpr (base::is_result<Outgoing>) {
            if (!value->ok()) co_return Outcome::RollBack;
        }
        commit.begin();
        co_return Outcome::Commit;
    }
};

struct SqliteOptions {
    std::string path; // a file; ":memory:" is refused, as reads and writes use separate connections
    base::Duration busy_timeout = std::chrono::seconds(5);
    size_t batch_limit = 256;                                    // units that may share one fsync
    base::Duration statement_timeout = std::chrono::seconds(10); // a longer statement is interrupted
};
std::unique_ptr<Database> open_sqlite(const SqliteOptions& options);

struct PostgresOptions {
    std::string connection;                   // libpq connection string or URI
    size_t read_connections_per_loop = 1;     // shared by all reads of one statement
    size_t snapshot_connections_per_loop = 2; // lent to reads of several statements
    size_t write_connections_per_loop = 4;
    base::Duration statement_timeout = std::chrono::seconds(10);
    base::Duration patience = std::chrono::seconds(30); // how long a unit waits for a server that is away
    int retries = 12;                                   // after serialisation conflicts
};
/// Connects when first used, on the event loop of the caller; callers on other threads are served by a loop of its own.
/// Serving loops must have stopped running when the Database is destroyed.
std::unique_ptr<Database> open_postgres(const PostgresOptions& options);

} // namespace musubi::db
