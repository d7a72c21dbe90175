// lib/db beside the plain loop over SQLite and libpq that nobody can beat, in the same run. PostgreSQL takes part when
// MUSUBI_TEST_POSTGRES names a server: tools/with_postgres build/bench/bench/db_bench
#include "lib/db/database.h"
#include "lib/event_loop/event_loop.h"

#include <benchmark/benchmark.h>
#include <libpq-fe.h>
#include <sqlite3.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <thread>
#include <unistd.h>

namespace musubi {
namespace {

using base::Task;

constexpr int kRows = 10'000;
const std::string kText(1000, 'x'); // a row of about 1 KiB

constexpr db::Query kInsert{"bench.insert", "INSERT INTO bench_row (id, text) VALUES ($1, $2)"};
constexpr db::Query kRead{"bench.read", "SELECT text FROM bench_row WHERE id = $1"};

std::vector<db::Migrations> migrations() {
    return {{"bench", {{"0001_create_row.sql", "CREATE TABLE bench_row (id BIGINT NOT NULL PRIMARY KEY, text TEXT)"}}}};
}

/// One serving loop on a thread of its own.
class Loop {
  public:
    Loop() : m_thread([this] { m_loop.run(); }) {}
    ~Loop() {
        m_loop.stop();
        m_thread.join();
    }
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    /// `tasks` coroutines at the same time, each of which does `step` `times` times.
    template <class Step> void burst(int tasks, int times, Step step) {
        std::promise<void> done;
        int left = tasks;
        m_loop.post([&] {
            for (int i = 0; i < tasks; ++i) event_loop::spawn(repeat(times, step, left, done));
        });
        done.get_future().wait();
    }

  private:
    template <class Step> static Task<> repeat(int times, Step& step, int& left, std::promise<void>& done) {
        for (int i = 0; i < times; ++i) co_await step();
        if (--left == 0) done.set_value();
    }
    event_loop::EventLoop m_loop;
    std::thread m_thread;
};

Task<> write_row(db::Database& database, int64_t id) {
    const auto unit = [id](db::WriteTx& tx) -> Task<> { co_await tx.run(kInsert, id, kText); };
    co_await database.write(unit);
}

Task<> read_row(db::Database& database, int64_t id) {
    const auto unit = [id](db::ReadTx& tx) { return tx.one<std::string>(kRead, id); };
    benchmark::DoNotOptimize(co_await database.read(unit));
}

Task<> fill(db::Database& database) {
    const auto unit = [](db::WriteTx& tx) -> Task<> {
        for (int i = 0; i < kRows; ++i) co_await tx.run(kInsert, i, kText);
    };
    co_await database.write(unit);
}

struct SqliteFile {
    std::string folder;
    SqliteFile() {
        folder = (std::filesystem::temp_directory_path() / "musubi-bench-XXXXXX").string();
        if (!::mkdtemp(folder.data())) std::abort();
    }
    ~SqliteFile() { std::filesystem::remove_all(folder); }
    std::string path() const { return folder + "/bench.db"; }
    std::unique_ptr<db::Database> open() const {
        db::SqliteOptions options;
        options.path = path();
        auto database = db::open_sqlite(options);
        if (!database->migrate(migrations())) std::abort();
        return database;
    }
};

// ---- SQLite -------------------------------------------------------------------------------------------------------

struct RawSqlite {
    sqlite3* handle = nullptr;
    sqlite3_stmt* statement = nullptr;
    RawSqlite(const std::string& path, std::string_view sql) {
        sqlite3_open(path.c_str(), &handle);
        sqlite3_exec(handle, "PRAGMA synchronous = FULL", nullptr, nullptr, nullptr);
        sqlite3_prepare_v2(handle, sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
    }
    ~RawSqlite() {
        sqlite3_finalize(statement);
        sqlite3_close(handle);
    }
};

void sqlite_write_raw(benchmark::State& state) {
    const SqliteFile file;
    const auto database = file.open();
    RawSqlite raw(file.path(), kInsert.sql);
    const int64_t per_commit = state.range(0);
    int64_t id = 0;
    for (auto _ : state) {
        sqlite3_exec(raw.handle, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr);
        for (int64_t i = 0; i < per_commit; ++i) {
            sqlite3_bind_int64(raw.statement, 1, ++id);
            sqlite3_bind_text(raw.statement, 2, kText.data(), static_cast<int>(kText.size()), SQLITE_STATIC);
            if (sqlite3_step(raw.statement) != SQLITE_DONE) state.SkipWithError(sqlite3_errmsg(raw.handle));
            sqlite3_reset(raw.statement);
        }
        sqlite3_exec(raw.handle, "COMMIT", nullptr, nullptr, nullptr);
    }
    state.SetItemsProcessed(state.iterations() * per_commit);
}
BENCHMARK(sqlite_write_raw)->Arg(1)->Arg(64)->Arg(256)->UseRealTime()->MinTime(0.5);

void sqlite_write(benchmark::State& state) {
    const SqliteFile file;
    const auto database = file.open();
    Loop loop;
    const int waiting = static_cast<int>(state.range(0));
    std::atomic<int64_t> id = 0;
    for (auto _ : state) {
        loop.burst(waiting, 10, [&] { return write_row(*database, ++id); });
    }
    state.SetItemsProcessed(state.iterations() * waiting * 10);
}
BENCHMARK(sqlite_write)->Arg(1)->Arg(64)->Arg(256)->UseRealTime()->MinTime(0.5);

void sqlite_read_raw(benchmark::State& state) {
    const SqliteFile file;
    const auto database = file.open();
    base::sync_wait(fill(*database));
    RawSqlite raw(file.path(), kRead.sql);
    int64_t id = 0;
    for (auto _ : state) {
        sqlite3_bind_int64(raw.statement, 1, id++ * 7919 % kRows);
        sqlite3_step(raw.statement);
        std::string text(reinterpret_cast<const char*>(sqlite3_column_text(raw.statement, 0)));
        benchmark::DoNotOptimize(text);
        sqlite3_reset(raw.statement);
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(sqlite_read_raw)->UseRealTime()->MinTime(0.5);

void sqlite_read(benchmark::State& state) {
    const SqliteFile file;
    const auto database = file.open();
    base::sync_wait(fill(*database));
    int64_t id = 0;
    for (auto _ : state) base::sync_wait(read_row(*database, id++ * 7919 % kRows));
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(sqlite_read)->UseRealTime()->MinTime(0.5);

// ---- PostgreSQL ---------------------------------------------------------------------------------------------------

/// A schema of its own, filled; null without a server.
class PostgresSchema {
  public:
    PostgresSchema() {
        const char* server = std::getenv("MUSUBI_TEST_POSTGRES");
        if (!server) return;
        m_schema = "bench_" + std::to_string(::getpid());
        m_admin = PQconnectdb(server);
        PQclear(PQexec(m_admin, "SET client_min_messages = warning"));
        PQclear(PQexec(m_admin, ("DROP SCHEMA IF EXISTS " + m_schema + " CASCADE").c_str()));
        PQclear(PQexec(m_admin, ("CREATE SCHEMA " + m_schema).c_str()));
        db::PostgresOptions options;
        options.connection = std::string(server) + " options=-csearch_path=" + m_schema;
        m_connection = options.connection;
        database = db::open_postgres(options);
        if (!database->migrate(migrations())) std::abort();
        base::sync_wait(fill(*database));
    }
    ~PostgresSchema() {
        if (!m_admin) return;
        database.reset();
        PQclear(PQexec(m_admin, ("DROP SCHEMA " + m_schema + " CASCADE").c_str()));
        PQfinish(m_admin);
    }
    PGconn* raw_connection(const db::Query& query) const {
        PGconn* connection = PQconnectdb(m_connection.c_str());
        PQclear(PQprepare(connection, "s", std::string(query.sql).c_str(), 0, nullptr));
        return connection;
    }
    std::unique_ptr<db::Database> database;

  private:
    std::string m_schema;
    std::string m_connection;
    PGconn* m_admin = nullptr;
};

void postgres_read_raw(benchmark::State& state) {
    const PostgresSchema schema;
    if (!schema.database) return state.SkipWithError("MUSUBI_TEST_POSTGRES is not set");
    PGconn* connection = schema.raw_connection(kRead);
    int64_t id = 0;
    for (auto _ : state) {
        const auto text = std::to_string(id++ * 7919 % kRows);
        const char* values[] = {text.c_str()};
        PGresult* result = PQexecPrepared(connection, "s", 1, values, nullptr, nullptr, 1);
        benchmark::DoNotOptimize(std::string(PQgetvalue(result, 0, 0)));
        PQclear(result);
    }
    PQfinish(connection);
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(postgres_read_raw)->UseRealTime()->MinTime(0.5);

void postgres_read_raw_pipeline(benchmark::State& state) {
    const PostgresSchema schema;
    if (!schema.database) return state.SkipWithError("MUSUBI_TEST_POSTGRES is not set");
    PGconn* connection = schema.raw_connection(kRead);
    PQenterPipelineMode(connection);
    constexpr int kBatch = 64;
    int64_t id = 0;
    for (auto _ : state) {
        for (int i = 0; i < kBatch; ++i) {
            const auto text = std::to_string(id++ * 7919 % kRows);
            const char* values[] = {text.c_str()};
            PQsendQueryPrepared(connection, "s", 1, values, nullptr, nullptr, 1);
        }
        PQpipelineSync(connection);
        for (int i = 0; i < kBatch; ++i) {
            PGresult* result = PQgetResult(connection);
            benchmark::DoNotOptimize(std::string(PQgetvalue(result, 0, 0)));
            PQclear(result);
            PQgetResult(connection);
        }
        PQclear(PQgetResult(connection));
    }
    PQfinish(connection);
    state.SetItemsProcessed(state.iterations() * kBatch);
}
BENCHMARK(postgres_read_raw_pipeline)->UseRealTime()->MinTime(0.5);

void postgres_read(benchmark::State& state) {
    const PostgresSchema schema;
    if (!schema.database) return state.SkipWithError("MUSUBI_TEST_POSTGRES is not set");
    Loop loop;
    const int waiting = static_cast<int>(state.range(0));
    std::atomic<int64_t> id = 0;
    for (auto _ : state) {
        loop.burst(waiting, 20, [&] { return read_row(*schema.database, id++ * 7919 % kRows); });
    }
    state.SetItemsProcessed(state.iterations() * waiting * 20);
}
BENCHMARK(postgres_read)->Arg(1)->Arg(64)->UseRealTime()->MinTime(0.5);

void postgres_write_raw(benchmark::State& state) {
    const PostgresSchema schema;
    if (!schema.database) return state.SkipWithError("MUSUBI_TEST_POSTGRES is not set");
    PGconn* connection = schema.raw_connection(kInsert);
    int64_t id = kRows;
    for (auto _ : state) {
        const auto text = std::to_string(++id);
        const char* values[] = {text.c_str(), kText.c_str()};
        PQclear(PQexecPrepared(connection, "s", 2, values, nullptr, nullptr, 1));
    }
    PQfinish(connection);
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(postgres_write_raw)->UseRealTime()->MinTime(0.5);

void postgres_write(benchmark::State& state) {
    const PostgresSchema schema;
    if (!schema.database) return state.SkipWithError("MUSUBI_TEST_POSTGRES is not set");
    Loop loop;
    const int waiting = static_cast<int>(state.range(0));
    std::atomic<int64_t> id = kRows;
    for (auto _ : state) {
        loop.burst(waiting, 5, [&] { return write_row(*schema.database, ++id); });
    }
    state.SetItemsProcessed(state.iterations() * waiting * 5);
}
BENCHMARK(postgres_write)->Arg(1)->Arg(16)->UseRealTime()->MinTime(0.5);

} // namespace
} // namespace musubi

BENCHMARK_MAIN();
