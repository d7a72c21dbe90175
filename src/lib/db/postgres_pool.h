// The connections of one event loop: a few shared by all reads of a single statement, others lent to one transaction at
// a time. Used on its loop's thread only.
#pragma once

#include "lib/db/postgres_connection.h"

#include <coroutine>
#include <deque>
#include <memory>
#include <vector>

namespace musubi::db {

/// Lends connections, at most `limit` at a time; others wait in line.
class PgLenders {
  public:
    PgLenders(event_loop::EventLoop& loop, const PostgresOptions& options, Counters& counters, size_t limit);

    /// One connection until the end of the lease. What is in flight then goes on in order before the next lease's.
    class Lease {
      public:
        Lease(PgLenders& lenders, std::shared_ptr<PgConnection> connection)
            : m_lenders(&lenders), m_connection(std::move(connection)) {}
        Lease(Lease&& other) noexcept
            : m_lenders(std::exchange(other.m_lenders, nullptr)), m_connection(std::move(other.m_connection)) {}
        Lease& operator=(Lease&&) = delete;
        ~Lease() {
            if (m_lenders) m_lenders->give_back(std::move(m_connection));
        }
        PgConnection& connection() const { return *m_connection; }

      private:
        PgLenders* m_lenders;
        std::shared_ptr<PgConnection> m_connection;
    };
    /// Waits for its turn, and for a server that is away. Throws ConnectionLost after `patience`.
    base::Task<Lease> borrow();
    void close();

  private:
    struct Turn;
    void give_back(std::shared_ptr<PgConnection> connection);
    void next();

    event_loop::EventLoop& m_loop;
    const PostgresOptions& m_options;
    Counters& m_counters;
    size_t m_limit;
    size_t m_lent = 0;
    std::vector<std::shared_ptr<PgConnection>> m_idle;
    std::vector<std::weak_ptr<PgConnection>> m_out;
    std::deque<std::coroutine_handle<>> m_line;
};

/// Connections that everyone uses at the same time.
class PgShared {
  public:
    PgShared(event_loop::EventLoop& loop, const PostgresOptions& options, Counters& counters);
    /// The one with the least in flight. Throws ConnectionLost after `patience`.
    base::Task<std::shared_ptr<PgConnection>> get();
    void close();

  private:
    struct Slot {
        std::shared_ptr<PgConnection> connection;
        bool opening = false;
    };
    Slot& least_busy();

    event_loop::EventLoop& m_loop;
    const PostgresOptions& m_options;
    Counters& m_counters;
    std::vector<Slot> m_slots;
};

/// Tries until it is open. Throws ConnectionLost after `patience`.
base::Task<std::shared_ptr<PgConnection>> open_connection(event_loop::EventLoop& loop, const PostgresOptions& options,
                                                          Counters& counters, PgConnection::Use use);

} // namespace musubi::db
