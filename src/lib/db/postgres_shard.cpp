#include "lib/db/postgres_shard.h"

#include "base/ids.h"
#include "base/log.h"
#include "base/random.h"

#include <algorithm>
#include <optional>

namespace musubi::db {
namespace {

constexpr Query kBeginRead{"db.begin_read", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"};
constexpr Query kBeginWrite{"db.begin_write", "BEGIN ISOLATION LEVEL SERIALIZABLE"};
constexpr Query kCommit{"db.commit", "COMMIT"};
constexpr Query kRollBack{"db.roll_back", "ROLLBACK"};
constexpr Query kMark{"db.mark", "INSERT INTO db_outcome (token, what) VALUES ($1, 'commit')"};
constexpr Query kFence{"db.fence", "INSERT INTO db_outcome (token, what) VALUES ($1, 'fence')"
                                   " ON CONFLICT (token) DO UPDATE SET what = db_outcome.what RETURNING what"};
constexpr Query kForget{"db.forget", "DELETE FROM db_outcome WHERE token < $1"};

// A lost COMMIT is looked up at once or when the server is back; nothing asks for a token after that.
constexpr base::Duration kKeepOutcomes = std::chrono::minutes(10);
constexpr int kForgetEvery = 1000; // commits of one loop

using Token = base::Id<struct OutcomeTag>; // begins with the time, so old ones are a range of the key

const std::vector<Value> kNoParameters;

/// Internal: this unit needs a snapshot, start it again.
struct NeedsSnapshot {};

void prepare(PgConnection::Request& request, const Query& query) {
    request.query = &query;
    request.parameters = &kNoParameters;
}

/// When to run a unit again, and how long to wait before. Rethrows the exception under way when it is enough.
class Retries {
  public:
    explicit Retries(const PostgresOptions& options)
        : m_left(options.retries), m_deadline(QueryCounter::Clock::now() + options.patience) {}

    std::exception_ptr after_conflict() {
        if (m_left-- <= 0) throw;
        return std::current_exception();
    }
    std::exception_ptr after_loss() {
        if (QueryCounter::Clock::now() >= m_deadline) throw;
        return std::current_exception();
    }
    base::Task<> pause() {
        m_most = std::min<uint64_t>(m_most * 2, 512); // milliseconds; chance keeps the same two from meeting again
        co_await event_loop::sleep_for(base::Duration(base::system_random().below(m_most) + 1));
    }

  private:
    int m_left;
    uint64_t m_most = 2;
    QueryCounter::Clock::time_point m_deadline;
};

} // namespace

/// An open transaction on a leased connection. BEGIN travels with the first statement.
class PgShard::Transaction {
  public:
    Transaction(PgLenders::Lease lease, const Query& begin) : m_lease(std::move(lease)) { prepare(m_begin, begin); }
    base::Task<Connection::Answer> execute(const Query& query, const std::vector<Value>& parameters) {
        PgConnection& connection = m_lease.connection();
        if (!m_began) {
            m_began = true;
            connection.send(m_begin);
        }
        PgConnection::Request request;
        request.query = &query;
        request.parameters = &parameters;
        if (connection.send(request)) co_await connection.wait_for(request);
        // The answers come in order, unless this statement could not even be sent.
        if (!m_begin.done) co_await connection.wait_for(m_begin);
        if (m_begin.exception) std::rethrow_exception(m_begin.exception);
        if (request.exception) std::rethrow_exception(request.exception);
        co_return std::move(request.answer);
    }
    bool began() const { return m_began; }
    /// Sends COMMIT or ROLLBACK and does not wait: whoever borrows the connection next comes after it.
    void end_unattended(const Query& end) {
        if (m_began && m_lease.connection().usable()) m_lease.connection().send_unattended(end);
    }
    PgLenders::Lease give_lease() { return std::move(m_lease); }

  private:
    PgLenders::Lease m_lease;
    bool m_began = false;
    PgConnection::Request m_begin;
};

class PgShard::Reading final : public Connection {
  public:
    Reading(PgShard& shard, std::type_index kind) : m_shard(shard), m_kind(kind) {}
    ~Reading() override {
        if (m_transaction) m_transaction->end_unattended(kCommit);
    }
    base::Task<Answer> execute(const Query& query, std::vector<Value> parameters) override {
        if (!m_first) {
            m_first = query.sql.data();
            if (!m_shard.m_of_several.contains({m_kind, m_first})) {
                const auto connection = co_await m_shard.m_shared.get();
                co_return co_await connection->execute(query, parameters);
            }
            m_transaction.emplace(co_await m_shard.m_snapshots.borrow(), kBeginRead);
        }
        if (!m_transaction) {
            m_shard.m_of_several.insert({m_kind, m_first});
            throw NeedsSnapshot();
        }
        co_return co_await m_transaction->execute(query, parameters);
    }

  private:
    PgShard& m_shard;
    std::type_index m_kind;
    const char* m_first = nullptr;
    std::optional<Transaction> m_transaction;
};

class PgShard::Writing final : public Connection {
  public:
    explicit Writing(PgLenders::Lease lease) : m_transaction(std::move(lease), kBeginWrite) {}
    base::Task<Answer> execute(const Query& query, std::vector<Value> parameters) override {
        if (m_failure) {
            throw DatabaseError(std::string(query.name) + ": an earlier statement of this unit of work failed");
        }
        try {
            co_return co_await m_transaction.execute(query, parameters);
        } catch (const SerializationConflict&) {
            fail(true);
        } catch (const ConnectionLost&) {
            fail(true);
        } catch (...) {
            fail(false);
        }
        std::rethrow_exception(m_failure);
    }
    std::exception_ptr failure() const { return m_failure; }
    /// Whether running the unit again may help.
    bool conflict() const { return m_conflict; }
    Transaction& transaction() { return m_transaction; }

  private:
    void fail(bool conflict) {
        m_failure = std::current_exception();
        m_conflict = conflict;
    }
    Transaction m_transaction;
    std::exception_ptr m_failure;
    bool m_conflict = false;
};

PgShard::PgShard(event_loop::EventLoop& loop, const PostgresOptions& options, Counters& counters, const void* owner)
    : m_options(options), m_owner(owner), m_shared(loop, options, counters),
      m_snapshots(loop, options, counters, options.snapshot_connections_per_loop),
      m_writers(loop, options, counters, options.write_connections_per_loop) {}

void PgShard::close() {
    m_closed = true;
    m_shared.close();
    m_snapshots.close();
    m_writers.close();
}

base::Task<> PgShard::read_once(const ReadUnit& unit, std::type_index kind) {
    Reading reading(*this, kind);
    ReadTx transaction(reading);
    co_await unit(transaction);
}

base::Task<> PgShard::read(const ReadUnit& unit, std::type_index kind) {
    Retries retries(m_options);
    for (;;) {
        std::exception_ptr failure;
        try {
            co_await read_once(unit, kind);
            co_return;
        } catch (const NeedsSnapshot&) {
        } catch (const ConnectionLost&) {
            failure = retries.after_loss();
        } catch (const SerializationConflict&) {
            failure = retries.after_conflict();
        }
        if (failure) co_await retries.pause();
    }
}

base::Task<> PgShard::write(const WriteUnit& unit) {
    Retries retries(m_options);
    for (;;) {
        try {
            co_await write_once(unit);
            co_return;
        } catch (const ConnectionLost&) {
            retries.after_loss();
        } catch (const SerializationConflict&) {
            retries.after_conflict();
        }
        co_await retries.pause();
    }
}

base::Task<> PgShard::write_once(const WriteUnit& unit) {
    Writing writing(co_await m_writers.borrow());
    WriteTx handle(writing);
    Transaction& transaction = writing.transaction();
    Decision decision = Decision::RollBack;
    std::exception_ptr exception;
    try {
        decision = co_await unit(handle);
    } catch (...) {
        exception = std::current_exception();
    }
    if (!exception && decision == Decision::Commit && !writing.failure() && transaction.began()) {
        co_await commit(transaction.give_lease());
        co_return;
    }
    transaction.end_unattended(kRollBack);
    if (writing.conflict()) std::rethrow_exception(writing.failure()); // whatever the unit made of it
    if (exception) std::rethrow_exception(exception);
    if (decision == Decision::Commit && writing.failure()) {
        throw DatabaseError("a unit of work went on after a failed statement");
    }
}

base::Task<> PgShard::commit(PgLenders::Lease lease) {
    const std::string token = Token::make(base::system_clock().now(), base::system_random()).to_string();
    const std::vector<Value> parameters{token};
    PgConnection& connection = lease.connection();
    PgConnection::Request mark;
    mark.query = &kMark;
    mark.parameters = &parameters;
    PgConnection::Request end;
    prepare(end, kCommit);
    if (connection.send(mark) && connection.send(end)) co_await connection.wait_for(end);
    if (!mark.done) co_await connection.wait_for(mark);
    if (end.done && !end.exception && !mark.exception) {
        // PostgreSQL answers COMMIT with ROLLBACK when the transaction had failed.
        if (end.command != "COMMIT") throw SerializationConflict("the transaction had failed");
        if (++m_commits % kForgetEvery == 0) forget_old_outcomes(connection);
        co_return;
    }
    if (connection.usable()) connection.send_unattended(kRollBack);
    try {
        std::rethrow_exception(mark.exception ? mark.exception : end.exception);
    } catch (const ConnectionLost& error) {
        log::warning("postgres-commit-unanswered", {log::field("what", std::string(error.what()))});
    }
    {
        const PgLenders::Lease gone = std::move(lease);
    } // so that the look-up finds a place in line
    co_await look_up_outcome(token);
}

void PgShard::forget_old_outcomes(PgConnection& connection) {
    base::SeededRandom nothing(0);
    const auto oldest = Token::make(base::system_clock().now() - kKeepOutcomes, nothing).to_string();
    connection.send_unattended(kForget, {oldest});
}

base::Task<> PgShard::look_up_outcome(std::string token) {
    const auto deadline = QueryCounter::Clock::now() + m_options.patience;
    const std::vector<Value> parameters{token};
    while (QueryCounter::Clock::now() < deadline) {
        std::string what;
        try {
            const auto lease = co_await m_writers.borrow();
            const auto answer = co_await lease.connection().execute(kFence, parameters);
            what = std::get<std::string>(answer.rows.at(0).at(0));
        } catch (const ConnectionLost&) { // away again; asking twice does no harm
        }
        if (what == "commit") co_return;
        if (what == "fence") throw SerializationConflict("the connection ended before COMMIT was carried out");
        co_await event_loop::sleep_for(std::chrono::milliseconds(20));
    }
    log::error("postgres-commit-outcome-unknown", {log::field("token", token)});
    throw DatabaseError("it is not known whether transaction " + token + " was committed");
}

} // namespace musubi::db
