// One SQLite handle with its prepared statements. Used by one thread at a time.
#pragma once

#include "lib/db/counters.h"

#include <sqlite3.h>

#include <memory>
#include <string>
#include <unordered_map>

namespace musubi::db {

enum class SqliteRole { Reader, Writer, Migrator };

class SqliteConnection {
  public:
    SqliteConnection(const SqliteOptions& options, SqliteRole role, Counters& counters);
    ~SqliteConnection();
    SqliteConnection(const SqliteConnection&) = delete;
    SqliteConnection& operator=(const SqliteConnection&) = delete;

    /// Throws DatabaseError or UniqueViolation.
    Connection::Answer run(const Query& query, const std::vector<Value>& parameters);
    /// Statements of our own that return nothing: BEGIN, SAVEPOINT, COMMIT. Returns SQLite's extended result code.
    int step(const char* constant_sql);
    /// As step, throwing.
    void must_step(const char* constant_sql);
    /// Any script, not kept prepared.
    void script(const std::string& sql);

    bool in_transaction() const { return sqlite3_get_autocommit(m_handle) == 0; }
    sqlite3* handle() const { return m_handle; }

  private:
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
    };
    struct Statement {
        std::unique_ptr<sqlite3_stmt, Finalize> handle;
        std::string sql;          // compared, in case an address is reused
        std::vector<int> indices; // of $1, $2, … in SQLite's own numbering; 0 when a number is not used
        QueryCounter* counter = nullptr;
    };
    Statement& prepared(const Query& query);
    void bind(const Statement& statement, const Query& query, const std::vector<Value>& parameters);
    Connection::Answer collect(sqlite3_stmt* statement, const Query& query);
    [[noreturn]] void fail(std::string_view what, int code);
    static int on_progress(void* self);

    sqlite3* m_handle = nullptr;
    Counters& m_counters;
    std::unordered_map<const char*, Statement> m_statements;
    std::chrono::nanoseconds m_statement_timeout;
    QueryCounter::Clock::time_point m_deadline = QueryCounter::Clock::time_point::max();
};

} // namespace musubi::db
