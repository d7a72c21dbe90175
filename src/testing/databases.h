// Tests that run on SQLite (a temporary file) and, when MUSUBI_TEST_POSTGRES names a server, on PostgreSQL (a fresh
// schema for each case). tools/with_postgres starts a throw-away server and sets the variable.
//
//     namespace {
//     std::vector<db::Migrations> test_migrations() { return {notices::migrations()}; }
//
//     TEST_ON_BOTH(Notices, reading_a_notice_again_keeps_the_first_time) {
//         const auto first = testing::write(database, [&](db::WriteTx& tx) { return mark_read(tx, kHanako,
//         testing::at(3000)); }); EXPECT_EQ(first->read_at, testing::at(3000));
//     }
//     }
//
// The body is a function with one parameter, `db::Database& database`, already migrated. The cases appear as
// Notices.reading_…_on_sqlite and …_on_postgres.
#pragma once

#include "base/time.h"
#include "lib/db/database.h"
#include "lib/event_loop/event_loop.h"

#include <gtest/gtest.h>

#include <exception>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace musubi::testing {

using namespace ::testing; // so that testing::HasSubstr still means GoogleTest's inside musubi

/// An instant `milliseconds` after 1970-01-01 UTC, or one written as RFC 3339 ("2026-11-22T09:00:00+09:00").
inline base::Instant at(int64_t milliseconds) { return base::Instant::from_milliseconds(milliseconds); }
base::Instant at(std::string_view text);
/// A clock that stands still until it is told to move: `clock.advance(std::chrono::minutes(5))`.
inline base::FixedClock clock_at(std::string_view text = "2026-11-22T09:00:00+09:00") {
    return base::FixedClock(at(text));
}
/// A civil date that must exist, "2026-11-22".
base::CivilDate date(std::string_view text);

/// Runs a task to its end on an event loop of its own; exceptions come out.
template <class T> T run(base::Task<T> task) { return event_loop::run(std::move(task)); }
/// Runs all at the same time on one loop; what each threw, or null, in their order.
std::vector<std::exception_ptr> run_all(std::vector<base::Task<>> tasks);
/// `run(database.read(unit))` and `run(database.write(unit))`.
template <class Unit> auto read(db::Database& database, Unit unit) { return run(database.read(std::move(unit))); }
template <class Unit> auto write(db::Database& database, Unit unit) { return run(database.write(std::move(unit))); }

/// A folder that is removed with everything in it.
class TemporaryFolder {
  public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    const std::string& path() const { return m_path; }

  private:
    std::string m_path;
};

/// A database of its own for one test, removed at the end. For tests that need more than TEST_ON_BOTH gives: a second
/// Database over the same data, a restart in the middle.
class TestDatabase {
  public:
    TestDatabase(db::Engine engine, const std::vector<db::Migrations>& migrations);
    ~TestDatabase();
    TestDatabase(const TestDatabase&) = delete;
    TestDatabase& operator=(const TestDatabase&) = delete;

    db::Database& database() { return *m_database; }
    /// Closes and opens again, as a restarted program would.
    void reopen();
    /// Another Database over the same data, as a second program would have.
    std::unique_ptr<db::Database> open_another() const;
    /// The SQLite file, or the PostgreSQL connection string with this test's schema.
    const std::string& location() const { return m_location; }

  private:
    db::Engine m_engine;
    std::unique_ptr<TemporaryFolder> m_folder;
    std::string m_schema;
    std::string m_location;
    std::unique_ptr<db::Database> m_database;
};

/// SQLite, and PostgreSQL when the environment names one.
std::vector<db::Engine> engines();
std::string_view name_of(db::Engine engine);

class DatabaseTest : public ::testing::Test {
  public:
    virtual void body(db::Database& database) = 0;

    db::Engine engine = db::Engine::Sqlite;
    std::vector<db::Migrations> migrations;

  protected:
    /// The database the body was given, to reopen it or to open it a second time.
    TestDatabase& test() { return *m_test; }

  private:
    void TestBody() override;
    TestDatabase* m_test = nullptr;
};

template <class Case>
bool register_on_both(const char* suite, const char* name, const char* file, int line,
                      std::vector<db::Migrations> (*migrations)()) {
    for (const db::Engine engine : engines()) {
        const std::string full_name = std::string(name) + "_on_" + std::string(name_of(engine));
        const auto make = [engine, migrations]() -> ::testing::Test* {
            auto test = std::make_unique<Case>();
            test->engine = engine;
            test->migrations = migrations();
            return test.release();
        };
        ::testing::RegisterTest(suite, full_name.c_str(), nullptr, nullptr, file, line, make);
    }
    return true;
}

} // namespace musubi::testing

#define TEST_ON_BOTH(suite, name)                                                                                      \
    class suite##_##name##_Case final : public ::musubi::testing::DatabaseTest {                                       \
        void body(::musubi::db::Database& database) override;                                                          \
    };                                                                                                                 \
    [[maybe_unused]] const bool suite##_##name##_registered =                                                          \
        ::musubi::testing::register_on_both<suite##_##name##_Case>(#suite, #name, __FILE__, __LINE__,                  \
                                                                   &test_migrations);                                  \
    void suite##_##name##_Case::body([[maybe_unused]] ::musubi::db::Database& database)
