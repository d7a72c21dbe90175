// What a handler is handed. Reading and writing are different types: code that received a ReadTx cannot write.
#pragma once

#include "base/time_bound.h"
#include "lib/db/value.h"

#include <optional>
#include <utility>
#include <vector>

namespace musubi::db {

/// A named statement. The name ("notices.list") appears in metrics, slow-query lines and errors; the SQL runs unchanged
/// on SQLite and PostgreSQL with $1, $2, … parameters. Always a constant: statements are prepared once per connection
/// and found by the address of `sql`.
struct Query {
    std::string_view name;
    std::string_view sql;
};

/// The engine's side of a transaction.
class Connection {
  public:
    virtual ~Connection() = default;
    struct Answer {
        Rows rows;
        int64_t changed = 0;
    };
    /// Throws DatabaseError, or UniqueViolation / SerializationConflict below.
    virtual base::Task<Answer> execute(const Query& query, std::vector<Value> parameters) = 0;
};

/// A unique or primary key refused the row. Handlers that expect it use ON CONFLICT and look at the count instead.
class UniqueViolation : public DatabaseError {
  public:
    using DatabaseError::DatabaseError;
};
/// Two transactions met; Database::write runs the unit again. Nobody else catches this.
class SerializationConflict : public DatabaseError {
  public:
    using DatabaseError::DatabaseError;
};

class ReadTx {
  public:
    explicit ReadTx(Connection& connection) : m_connection(connection) {}
    ReadTx(const ReadTx&) = delete;
    ReadTx& operator=(const ReadTx&) = delete;

    /// All rows, each through `T::from(db::Reader&)`, or a single column when T is a plain type.
    template <class T, class... Args> base::Task<std::vector<T>> all(Query query, Args... args) {
        check();
        auto answer = co_await m_connection.execute(query, pack(args...));
        std::vector<T> out;
        out.reserve(answer.rows.size());
        for (const Row& row : answer.rows) out.push_back(read<T>(row));
        co_return out;
    }

    /// The first row, or nothing.
    template <class T, class... Args> base::Task<std::optional<T>> one(Query query, Args... args) {
        check();
        auto answer = co_await m_connection.execute(query, pack(args...));
        std::optional<T> out;
        if (!answer.rows.empty()) out.emplace(read<T>(answer.rows.front()));
        co_return out;
    }

    /// The database's side: statements are refused with base::TookTooLong once this is over. Null: never.
    void stay_within(const base::TimeBound* bound) { m_bound = bound; }

  protected:
    void check() const {
        if (m_bound) m_bound->check();
    }
    template <class T> static T read(const Row& row) {
        Reader reader(row);
        if constexpr (requires { T::from(reader); }) {
            return T::from(reader);
        } else {
            return reader.template get<T>();
        }
    }
    template <class... Args> static std::vector<Value> pack(const Args&... args) {
        std::vector<Value> values;
        values.reserve(sizeof...(args));
        (values.push_back(to_value(args)), ...);
        return values;
    }
    Connection& m_connection;
    const base::TimeBound* m_bound = nullptr;
};

class WriteTx : public ReadTx {
  public:
    using ReadTx::ReadTx;

    /// Runs a statement; the number of rows it changed.
    template <class... Args> base::Task<int64_t> run(Query query, Args... args) {
        check();
        auto answer = co_await m_connection.execute(query, pack(args...));
        co_return answer.changed;
    }

    /// A change with RETURNING: the first returned row, or nothing when no row was changed.
    template <class T, class... Args> base::Task<std::optional<T>> change(Query query, Args... args) {
        return this->template one<T>(query, std::move(args)...);
    }
};

} // namespace musubi::db
