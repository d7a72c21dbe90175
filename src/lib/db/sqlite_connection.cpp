#include "lib/db/sqlite_connection.h"

#include "base/encoding.h"

#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <cstring>

namespace musubi::db {
namespace {

/// The file holds personal data: only its owner reads it. SQLite gives the write-ahead log the same mode.
/// A file that is there is never opened here: closing it would drop every lock that this process holds on it (POSIX
/// fcntl), and the next program to leave the database would take itself for the last and delete the log.
void create_private(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file >= 0)
        ::close(file);
    else if (errno != EEXIST)
        throw DatabaseError("cannot open " + path + ": " + std::strerror(errno));
}

/// `$7` is 7.
size_t parameter_number(const char* name) {
    size_t number = 0;
    if (name && name[0] == '$') std::from_chars(name + 1, name + std::strlen(name), number);
    return number;
}

Value column(sqlite3_stmt* statement, int at, const Query& query) {
    switch (sqlite3_column_type(statement, at)) {
    case SQLITE_NULL:
        return Null{};
    case SQLITE_INTEGER:
        return static_cast<int64_t>(sqlite3_column_int64(statement, at));
    case SQLITE_TEXT: {
        const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, at));
        return std::string(text, static_cast<size_t>(sqlite3_column_bytes(statement, at)));
    }
    case SQLITE_BLOB: {
        const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, at));
        const auto size = static_cast<size_t>(sqlite3_column_bytes(statement, at));
        return Blob{bytes ? std::string(bytes, size) : std::string()};
    }
    default:
        throw DatabaseError(std::string(query.name) + ": a column is neither integer, text nor binary");
    }
}

} // namespace

SqliteConnection::SqliteConnection(const SqliteOptions& options, SqliteRole role, Counters& counters)
    : m_counters(counters), m_statement_timeout(options.statement_timeout) {
    create_private(options.path);
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    const int code = sqlite3_open_v2(options.path.c_str(), &m_handle, flags, nullptr);
    try {
        if (code != SQLITE_OK) fail("open", code);
        sqlite3_busy_timeout(m_handle, static_cast<int>(options.busy_timeout.count()));
        sqlite3_db_config(m_handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
        sqlite3_db_config(m_handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
        sqlite3_db_config(m_handle, SQLITE_DBCONFIG_DQS_DML, 0, nullptr); // "x" is a name, as in PostgreSQL
        sqlite3_db_config(m_handle, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
        script("PRAGMA journal_mode = WAL");
        script("PRAGMA synchronous = FULL");
        script("PRAGMA wal_autocheckpoint = 0"); // the writer does it, between batches
        script(role == SqliteRole::Migrator ? "PRAGMA foreign_keys = OFF" : "PRAGMA foreign_keys = ON");
        if (role == SqliteRole::Reader) script("PRAGMA query_only = ON");
        if (role == SqliteRole::Writer) script("PRAGMA cache_size = -16000");
        if (role != SqliteRole::Migrator) sqlite3_progress_handler(m_handle, 50'000, &on_progress, this);
    } catch (...) {
        sqlite3_close_v2(m_handle);
        throw;
    }
}

SqliteConnection::~SqliteConnection() {
    m_statements.clear();
    sqlite3_close_v2(m_handle);
}

Connection::Answer SqliteConnection::run(const Query& query, const std::vector<Value>& parameters) {
    Statement& statement = prepared(query);
    const auto began = QueryCounter::Clock::now();
    m_deadline = began + m_statement_timeout;
    struct Reset {
        sqlite3_stmt* handle;
        ~Reset() {
            sqlite3_reset(handle);
            sqlite3_clear_bindings(handle); // personal data does not stay in an idle statement
        }
    } reset{statement.handle.get()};
    try {
        bind(statement, query, parameters);
        auto answer = collect(statement.handle.get(), query);
        statement.counter->succeeded(began,
                                     answer.rows.empty() ? static_cast<uint64_t>(answer.changed) : answer.rows.size());
        return answer;
    } catch (...) {
        statement.counter->failed(began);
        throw;
    }
}

Connection::Answer SqliteConnection::collect(sqlite3_stmt* statement, const Query& query) {
    Connection::Answer answer;
    const int columns = sqlite3_column_count(statement);
    int code = SQLITE_OK;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        Row row;
        row.reserve(static_cast<size_t>(columns));
        for (int i = 0; i < columns; ++i) row.push_back(column(statement, i, query));
        answer.rows.push_back(std::move(row));
    }
    if (code != SQLITE_DONE) fail(query.name, code);
    if (!sqlite3_stmt_readonly(statement)) answer.changed = sqlite3_changes64(m_handle);
    return answer;
}

int SqliteConnection::step(const char* constant_sql) {
    Statement& statement = prepared({{}, constant_sql});
    m_deadline = QueryCounter::Clock::time_point::max();
    const int code = sqlite3_step(statement.handle.get());
    sqlite3_reset(statement.handle.get());
    return code == SQLITE_DONE || code == SQLITE_ROW ? SQLITE_OK : code;
}

void SqliteConnection::must_step(const char* constant_sql) {
    if (const int code = step(constant_sql); code != SQLITE_OK) fail(constant_sql, code);
}

void SqliteConnection::script(const std::string& sql) {
    m_deadline = QueryCounter::Clock::time_point::max();
    if (const int code = sqlite3_exec(m_handle, sql.c_str(), nullptr, nullptr, nullptr); code != SQLITE_OK) {
        fail("script", code);
    }
}

SqliteConnection::Statement& SqliteConnection::prepared(const Query& query) {
    Statement& statement = m_statements[query.sql.data()];
    if (statement.handle && statement.sql == query.sql) return statement;
    sqlite3_stmt* handle = nullptr;
    const char* rest = nullptr;
    const int code = sqlite3_prepare_v3(m_handle, query.sql.data(), static_cast<int>(query.sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &handle, &rest);
    statement.handle.reset(handle);
    if (code != SQLITE_OK) {
        m_statements.erase(query.sql.data());
        fail(query.name, code);
    }
    statement.sql = query.sql;
    statement.counter = query.name.empty() ? nullptr : &m_counters.of(query.name);
    statement.indices.clear();
    for (int i = 1; i <= sqlite3_bind_parameter_count(handle); ++i) {
        const size_t number = parameter_number(sqlite3_bind_parameter_name(handle, i));
        if (number == 0 || number > 1000) {
            m_statements.erase(query.sql.data());
            throw DatabaseError(std::string(query.name) + ": parameters are written $1, $2, …");
        }
        if (statement.indices.size() < number) statement.indices.resize(number);
        statement.indices[number - 1] = i;
    }
    return statement;
}

void SqliteConnection::bind(const Statement& statement, const Query& query, const std::vector<Value>& parameters) {
    if (statement.indices.size() != parameters.size()) {
        throw DatabaseError(std::string(query.name) + ": the statement has another number of parameters");
    }
    sqlite3_stmt* handle = statement.handle.get();
    for (size_t i = 0; i < parameters.size(); ++i) {
        const int index = statement.indices[i];
        if (index == 0) continue;
        int code = SQLITE_OK;
        // The parameters outlive the step, so nothing is copied.
        if (const auto* number = std::get_if<int64_t>(&parameters[i])) {
            code = sqlite3_bind_int64(handle, index, *number);
        } else if (const auto* text = std::get_if<std::string>(&parameters[i])) {
            if (text->find('\0') != std::string::npos || !base::valid_utf8(*text)) {
                throw DatabaseError(std::string(query.name) + ": a text parameter is not UTF-8 or contains NUL");
            }
            code = sqlite3_bind_text64(handle, index, text->data(), text->size(), SQLITE_STATIC, SQLITE_UTF8);
        } else if (const auto* blob = std::get_if<Blob>(&parameters[i])) {
            code = blob->bytes.empty()
                       ? sqlite3_bind_zeroblob(handle, index, 0)
                       : sqlite3_bind_blob64(handle, index, blob->bytes.data(), blob->bytes.size(), SQLITE_STATIC);
        } else {
            code = sqlite3_bind_null(handle, index);
        }
        if (code != SQLITE_OK) fail(query.name, code);
    }
}

void SqliteConnection::fail(std::string_view what, int code) {
    std::string message(what);
    message += ": ";
    message += m_handle ? sqlite3_errmsg(m_handle) : sqlite3_errstr(code);
    message += " (" + std::to_string(code) + ")";
    switch (code) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
        throw UniqueViolation(message);
    default:
        throw DatabaseError(message);
    }
}

int SqliteConnection::on_progress(void* self) {
    return QueryCounter::Clock::now() > static_cast<SqliteConnection*>(self)->m_deadline ? 1 : 0;
}

} // namespace musubi::db
