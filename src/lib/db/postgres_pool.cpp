#include "lib/db/postgres_pool.h"

#include "base/log.h"

#include <algorithm>

namespace musubi::db {

using Clock = QueryCounter::Clock;

base::Task<std::shared_ptr<PgConnection>> open_connection(event_loop::EventLoop& loop, const PostgresOptions& options,
                                                          Counters& counters, PgConnection::Use use) {
    const auto deadline = Clock::now() + options.patience;
    base::Duration pause = std::chrono::milliseconds(20);
    for (;;) {
        auto connection = std::make_shared<PgConnection>(loop, options, counters, use);
        std::exception_ptr failure;
        try {
            co_await connection->open();
            co_return connection;
        } catch (const ConnectionLost& error) {
            log::warning("postgres-unreachable", {log::field("what", std::string(error.what()))});
            failure = std::current_exception();
        }
        if (Clock::now() + pause >= deadline) std::rethrow_exception(failure);
        co_await event_loop::sleep_for(pause);
        pause = std::min<base::Duration>(pause * 2, std::chrono::milliseconds(1000));
    }
}

PgLenders::PgLenders(event_loop::EventLoop& loop, const PostgresOptions& options, Counters& counters, size_t limit)
    : m_loop(loop), m_options(options), m_counters(counters), m_limit(std::max<size_t>(1, limit)) {}

/// Stands in line when all connections are out. Who is called from the line has been counted by who called.
struct PgLenders::Turn {
    PgLenders& lenders;
    bool await_ready() const noexcept {
        if (lenders.m_lent >= lenders.m_limit) return false;
        ++lenders.m_lent;
        return true;
    }
    void await_suspend(std::coroutine_handle<> waiting) const { lenders.m_line.push_back(waiting); }
    void await_resume() const noexcept {}
};

base::Task<PgLenders::Lease> PgLenders::borrow() {
    Turn turn{*this};
    co_await turn;
    try {
        std::shared_ptr<PgConnection> connection;
        while (!connection && !m_idle.empty()) {
            if (m_idle.back()->usable()) connection = std::move(m_idle.back());
            m_idle.pop_back();
        }
        if (!connection) {
            connection = co_await open_connection(m_loop, m_options, m_counters, PgConnection::Use::Leased);
        }
        m_out.push_back(connection);
        co_return Lease(*this, std::move(connection));
    } catch (...) {
        next();
        throw;
    }
}

void PgLenders::give_back(std::shared_ptr<PgConnection> connection) {
    std::erase_if(m_out, [&](const auto& out) { return out.expired() || out.lock() == connection; });
    if (connection->usable()) m_idle.push_back(std::move(connection));
    next();
}

void PgLenders::next() {
    --m_lent;
    if (m_line.empty()) return;
    ++m_lent;
    m_loop.post(m_line.front());
    m_line.pop_front();
}

void PgLenders::close() {
    for (const auto& connection : m_idle) connection->close();
    for (const auto& out : m_out) {
        if (const auto connection = out.lock()) connection->close();
    }
}

PgShared::PgShared(event_loop::EventLoop& loop, const PostgresOptions& options, Counters& counters)
    : m_loop(loop), m_options(options), m_counters(counters),
      m_slots(std::max<size_t>(1, options.read_connections_per_loop)) {}

PgShared::Slot& PgShared::least_busy() {
    const auto load = [](const Slot& slot) {
        return slot.connection && slot.connection->usable() ? slot.connection->in_flight() : 0;
    };
    return *std::min_element(m_slots.begin(), m_slots.end(),
                             [&](const Slot& a, const Slot& b) { return load(a) < load(b); });
}

base::Task<std::shared_ptr<PgConnection>> PgShared::get() {
    const auto deadline = Clock::now() + m_options.patience;
    for (;;) {
        Slot& slot = least_busy();
        if (slot.connection && slot.connection->usable()) co_return slot.connection;
        if (!slot.opening) {
            slot.opening = true;
            slot.connection.reset();
            struct Opened {
                Slot& slot;
                ~Opened() { slot.opening = false; }
            } opened{slot};
            slot.connection = co_await open_connection(m_loop, m_options, m_counters, PgConnection::Use::Shared);
            co_return slot.connection;
        }
        if (Clock::now() >= deadline) throw ConnectionLost("PostgreSQL is away");
        co_await event_loop::sleep_for(std::chrono::milliseconds(5)); // another unit is opening it
    }
}

void PgShared::close() {
    for (const auto& slot : m_slots) {
        if (slot.connection) slot.connection->close();
    }
}

} // namespace musubi::db
