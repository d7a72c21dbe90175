// PostgreSQL on one event loop: how units of work become statements and transactions.
//
// A read of one statement needs no transaction: it goes through a shared connection, with whatever else is under way
// there. That it was only one is known at its end; so a unit that asks for a second statement is started again, this
// time inside REPEATABLE READ on a connection of its own, and its kind is remembered: from then on it gets one at once.
//
// A write is SERIALIZABLE on a connection of its own. When the connection ends while COMMIT is under way, nobody knows
// whether it happened. So each transaction inserts a token of its own into db_outcome just before COMMIT (in the same
// flight), and afterwards another connection inserts the same token as a fence: either it finds the first (committed),
// or it makes sure that the first can never arrive (not committed, and the unit runs again). The transaction's number
// (pg_xact_status) would not do: after a crash or a failover the server may give the same number to another.
#pragma once

#include "lib/db/postgres_pool.h"

#include <functional>
#include <memory>
#include <set>
#include <typeindex>
#include <utility>

namespace musubi::db {

class PgShard {
  public:
    enum class Decision { Commit, RollBack };
    using ReadUnit = std::function<base::Task<>(ReadTx&)>;
    using WriteUnit = std::function<base::Task<Decision>(WriteTx&)>;

    /// `owner` is only compared.
    PgShard(event_loop::EventLoop& loop, const PostgresOptions& options, Counters& counters, const void* owner);
    base::Task<> read(const ReadUnit& unit, std::type_index kind);
    base::Task<> write(const WriteUnit& unit);
    /// When the loop does not run any more.
    void close();
    bool closed() const { return m_closed; }
    const void* owner() const { return m_owner; }

  private:
    class Transaction;
    class Reading;
    class Writing;
    base::Task<> read_once(const ReadUnit& unit, std::type_index kind);
    base::Task<> write_once(const WriteUnit& unit);
    base::Task<> commit(PgLenders::Lease lease);
    /// Returns when it was committed; SerializationConflict when it was not and never will be, and the unit is to run
    /// again.
    base::Task<> look_up_outcome(std::string token);
    void forget_old_outcomes(PgConnection& connection);

    const PostgresOptions& m_options;
    const void* m_owner;
    PgShared m_shared;
    PgLenders m_snapshots;
    PgLenders m_writers;
    // Kinds of units, by their type and first statement, that asked for more than one statement.
    std::set<std::pair<std::type_index, const char*>> m_of_several;
    int m_commits = 0;
    bool m_closed = false;
};

} // namespace musubi::db
