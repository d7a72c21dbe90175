#include "testing/databases.h"

#include <libpq-fe.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <unistd.h>

namespace musubi::testing {
namespace {

const char* postgres_server() {
    const char* server = std::getenv("MUSUBI_TEST_POSTGRES");
    return server && *server ? server : nullptr;
}

/// The connection string with the schema's name and `options=-csearch_path=…` added. Keywords and URIs are both
/// understood by libpq.
std::string with_schema(const std::string& connection, const std::string& schema) {
    char* message = nullptr;
    PQconninfoOption* options = PQconninfoParse(connection.c_str(), &message);
    if (!options) throw std::runtime_error(std::string("MUSUBI_TEST_POSTGRES: ") + (message ? message : "?"));
    std::string out;
    for (auto* option = options; option->keyword; ++option) {
        if (!option->val) continue;
        std::string value;
        for (const char* at = option->val; *at; ++at) {
            if (*at == '\'' || *at == '\\') value += '\\';
            value += *at;
        }
        out += std::string(option->keyword) + "='" + value + "' ";
    }
    PQconninfoFree(options);
    // The name tells this test's connections from those of others on the same server.
    return out + "application_name=" + schema + " options='-csearch_path=" + schema + " -cclient_min_messages=warning'";
}

void execute(const std::string& connection, const std::string& sql) {
    PGconn* server = PQconnectdb(connection.c_str());
    PGresult* result = PQexec(server, sql.c_str());
    const bool ok = PQresultStatus(result) == PGRES_COMMAND_OK;
    const std::string message = PQerrorMessage(server);
    PQclear(result);
    PQfinish(server);
    if (!ok) throw std::runtime_error("PostgreSQL: " + message);
}

} // namespace

base::Instant at(std::string_view text) {
    const auto instant = base::Instant::parse(text);
    if (!instant) throw std::invalid_argument("not an instant: " + std::string(text));
    return *instant;
}

base::CivilDate date(std::string_view text) {
    const auto parsed = base::CivilDate::parse(text);
    if (!parsed) throw std::invalid_argument("not a date: " + std::string(text));
    return *parsed;
}

namespace {
base::Task<> keep_exception(base::Task<> task, std::exception_ptr& exception, size_t& left,
                            event_loop::EventLoop& loop) {
    try {
        co_await task;
    } catch (...) {
        exception = std::current_exception();
    }
    if (--left == 0) loop.stop();
}
} // namespace

std::vector<std::exception_ptr> run_all(std::vector<base::Task<>> tasks) {
    std::vector<std::exception_ptr> exceptions(tasks.size());
    if (tasks.empty()) return exceptions;
    event_loop::EventLoop loop(event_loop::Lifetime::Brief);
    size_t left = tasks.size();
    loop.post([&] {
        for (size_t i = 0; i < exceptions.size(); ++i) {
            event_loop::spawn(keep_exception(std::move(tasks[i]), exceptions[i], left, loop));
        }
    });
    loop.run();
    return exceptions;
}

TemporaryFolder::TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "musubi-test-XXXXXX").string();
    if (!::mkdtemp(pattern.data())) throw std::runtime_error("cannot make a temporary folder");
    m_path = pattern;
}
TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(m_path, ignored);
}

TestDatabase::TestDatabase(db::Engine engine, const std::vector<db::Migrations>& migrations) : m_engine(engine) {
    if (engine == db::Engine::Sqlite) {
        m_folder = std::make_unique<TemporaryFolder>();
        m_location = m_folder->path() + "/test.db";
    } else {
        static std::atomic<int> count = 0;
        m_schema = "test_" + std::to_string(::getpid()) + "_" + std::to_string(++count);
        execute(postgres_server(), "CREATE SCHEMA " + m_schema);
        m_location = with_schema(postgres_server(), m_schema);
    }
    reopen();
    const auto status = m_database->migrate(migrations);
    if (!status) throw std::runtime_error(status.error().code + ": " + status.error().detail);
}

TestDatabase::~TestDatabase() {
    m_database.reset();
    try {
        if (!m_schema.empty()) {
            execute(postgres_server(), "SET client_min_messages = warning; DROP SCHEMA " + m_schema + " CASCADE");
        }
    } catch (const std::exception& error) {
        ADD_FAILURE() << error.what();
    }
}

void TestDatabase::reopen() {
    m_database.reset();
    m_database = open_another();
}

std::unique_ptr<db::Database> TestDatabase::open_another() const {
    if (m_engine == db::Engine::Sqlite) {
        db::SqliteOptions options;
        options.path = m_location;
        return db::open_sqlite(options);
    }
    db::PostgresOptions options;
    options.connection = m_location;
    return db::open_postgres(options);
}

std::vector<db::Engine> engines() {
    if (postgres_server()) return {db::Engine::Sqlite, db::Engine::Postgres};
    return {db::Engine::Sqlite};
}

std::string_view name_of(db::Engine engine) { return engine == db::Engine::Sqlite ? "sqlite" : "postgres"; }

void DatabaseTest::TestBody() {
    TestDatabase test_database(engine, migrations);
    m_test = &test_database;
    body(test_database.database());
}

} // namespace musubi::testing
