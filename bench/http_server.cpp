// The server under measurement: the house's own router and server with one routed JSON answer of 1 KiB, built anew for
// each request, and, with a database, one durable write and one read of a row. bench/run puts it beside its peers.
//   http_server PORT LOOPS [sqlite FILE | postgres CONNECTION]
#include "lib/db/database.h"
#include "lib/http/server.h"

#include <atomic>
#include <charconv>
#include <cstdio>
#include <cstdlib>

namespace {

using namespace musubi;
using base::Result;
using base::Task;

constexpr int kRows = 10'000;
const std::string kText(980, 'x');
const std::string kRowText(200, 'x'); // an entry of a record

constexpr db::Query kInsert{"bench.insert", "INSERT INTO bench_entry (id, text) VALUES ($1, $2)"};
constexpr db::Query kRead{"bench.read", "SELECT id, text FROM bench_row WHERE id = $1"};
constexpr db::Query kCount{"bench.count", "SELECT count(*) FROM bench_row"};
constexpr db::Query kFill{"bench.fill", "INSERT INTO bench_row (id, text) VALUES ($1, $2)"};
constexpr db::Query kLast{"bench.last", "SELECT coalesce(max(id), 0) FROM bench_entry"};

std::vector<db::Migrations> migrations() {
    return {{"bench",
             {{"0001_create.sql", "CREATE TABLE bench_row (id BIGINT NOT NULL PRIMARY KEY, text TEXT NOT NULL);"
                                  "CREATE TABLE bench_entry (id BIGINT NOT NULL PRIMARY KEY, text TEXT NOT NULL)"}}}};
}

struct Record {
    std::string id;
    std::string text;
};
template <class Fields> void describe(Fields& fields, Record& record) {
    fields("id", record.id);
    fields("text", record.text);
}

struct Row {
    int64_t id = 0;
    std::string text;
    static Row from(db::Reader& row) { return {.id = row, .text = row}; }
};
template <class Fields> void describe(Fields& fields, Row& row) {
    fields("id", row.id);
    fields("text", row.text);
}

struct Entry {
    int64_t id = 0;
};
template <class Fields> void describe(Fields& fields, Entry& entry) { fields("id", entry.id); }

Task<int64_t> prepare(db::Database& database) {
    const auto unit = [](db::WriteTx& tx) -> Task<int64_t> {
        const auto rows = co_await tx.one<int64_t>(kCount);
        if (*rows == 0) {
            for (int i = 0; i < kRows; ++i) co_await tx.run(kFill, i, kRowText);
        }
        const auto last = co_await tx.one<int64_t>(kLast);
        co_return *last;
    };
    co_return co_await database.write(unit);
}

void add_record(http::Router& router) {
    router.acts("GET", "/x/{id}", "getRecord", http::Access::anyone(), [](http::Call& call) -> Task<Result<Record>> {
        Record record;
        record.id = call.path_text("id");
        record.text = kText;
        co_return record;
    });
}

void add_rows(http::Router& router, std::atomic<int64_t>& last) {
    router.reads("GET", "/rows/{id}", "readRow", http::Access::anyone(),
                 [](http::Call& call, db::ReadTx& tx) -> Task<Result<Row>> {
                     const auto text = call.path_text("id");
                     int64_t id = -1;
                     std::from_chars(text.data(), text.data() + text.size(), id);
                     auto row = co_await tx.one<Row>(kRead, id);
                     if (!row) co_return base::not_found("bench.no-such-row");
                     co_return std::move(*row);
                 });
    router.writes("POST", "/entries", "addEntry", http::Access::anyone(),
                  [&last](http::Call& call, db::WriteTx& tx) -> Task<Result<Entry>> {
                      Entry entry;
                      entry.id = ++last;
                      co_await tx.run(kInsert, entry.id, kRowText);
                      call.set_status(201);
                      co_return entry;
                  });
}

std::unique_ptr<db::Database> open(std::string_view engine, const char* where) {
    if (engine == "sqlite") {
        db::SqliteOptions options;
        options.path = where;
        return db::open_sqlite(options);
    }
    db::PostgresOptions options;
    options.connection = where;
    return db::open_postgres(options);
}

int serve(http::Router& router, char** arguments) {
    router.configure({.access_log = http::AccessLog::Off});
    http::ServerOptions options;
    options.port = static_cast<uint16_t>(std::atoi(arguments[1]));
    options.loops = static_cast<size_t>(std::atoi(arguments[2]));
    options.max_connections_per_address = 10'000;
    http::Server server(router, options);
    if (const auto started = server.start(); !started) {
        std::fprintf(stderr, "%s\n", started.error().detail.c_str());
        return 1;
    }
    http::wait_for_stop_signal(server);
    server.stop(std::chrono::seconds(1));
    return 0;
}

} // namespace

int main(int count, char** arguments) {
    if (count != 3 && count != 5) {
        std::fprintf(stderr, "usage: http_server PORT LOOPS [sqlite FILE | postgres CONNECTION]\n");
        return 2;
    }
    http::block_signals();
    if (count == 3) {
        http::Router router(base::system_clock());
        add_record(router);
        return serve(router, arguments);
    }
    const auto database = open(arguments[3], arguments[4]);
    if (const auto migrated = database->migrate(migrations()); !migrated) {
        std::fprintf(stderr, "%s\n", migrated.error().detail.c_str());
        return 1;
    }
    std::atomic<int64_t> last = base::sync_wait(prepare(*database));
    http::Router router(*database, base::system_clock());
    add_record(router);
    add_rows(router, last);
    return serve(router, arguments);
}
