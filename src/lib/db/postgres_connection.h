// One PostgreSQL connection on an event loop, in libpq's pipeline mode: statements are sent as they come, with one sync
// for all that were put in during the same turn of the loop. Used on its loop's thread only.
#pragma once

#include "lib/db/counters.h"
#include "lib/db/postgres_values.h"
#include "lib/event_loop/event_loop.h"

#include <deque>
#include <exception>
#include <memory>
#include <unordered_map>
#include <vector>

namespace musubi::db {

class PgConnection : public std::enable_shared_from_this<PgConnection> {
  public:
    /// What happens to a statement that PostgreSQL skipped because one before it in the same batch failed.
    enum class Use {
        Shared, // it is sent again: the others' mistakes are not its own
        Leased, // it fails with them: they belong to one transaction
    };
    PgConnection(event_loop::EventLoop& loop, const PostgresOptions& options, Counters& counters, Use use);
    ~PgConnection();
    PgConnection(const PgConnection&) = delete;
    PgConnection& operator=(const PgConnection&) = delete;

    /// Throws ConnectionLost; the object is of no use then.
    base::Task<> open();
    bool usable() const { return m_state == State::Open; }
    size_t in_flight() const { return m_expected.size(); }
    /// Fails what is in flight. Also when the loop does not run any more; then nobody is told.
    void close();

    /// One statement on its way. Must stay where it is until `done`.
    struct Request {
        const Query* query = nullptr;
        const std::vector<Value>* parameters = nullptr;
        Connection::Answer answer;
        std::string command; // the tag, "COMMIT" or "ROLLBACK"
        std::exception_ptr exception;
        std::coroutine_handle<> waiting; // resumed at the end; may be empty
        QueryCounter::Clock::time_point began;
        int tries = 0;
        bool skipped = false;
        bool done = false;
    };
    /// Adds to the batch of this turn. False, with the exception set, when it cannot be sent.
    bool send(Request& request);
    /// Adds and waits for the answer. Throws what exception_of names.
    base::Task<Connection::Answer> execute(const Query& query, const std::vector<Value>& parameters);
    base::Task<> wait_for(Request& request);
    /// Adds a statement whose answer nobody awaits; if it fails the connection is closed.
    void send_unattended(const Query& query, const std::vector<Value>& parameters = {});

  private:
    enum class State { Opening, Open, Closed };
    struct Native;
    struct Statement {
        std::string sql;
        std::string name;
        enum class State { None, Pending, Ready } state = State::None;
        QueryCounter* counter = nullptr;
    };
    enum class Kind { Prepare, Execute, Sync };
    struct Expected {
        Kind kind;
        Request* request = nullptr;
        Statement* statement = nullptr;
        bool unattended = false;
    };

    Statement& statement_of(const Query& query);
    bool put(Request* request, const Query& query, const std::vector<Value>& parameters);
    void flush_soon();
    void flush();
    bool sync();
    void send_again();
    void wait_readable();
    void on_readable();
    void process();
    void take_result(Expected& expected, PgResult result);
    void take_end(const Expected& expected);
    void complete(Request& request, Statement* statement);
    void lost(const std::string& why);
    base::Task<> connect();
    void opening_takes_too_long();

    event_loop::EventLoop& m_loop;
    const PostgresOptions& m_options;
    Counters& m_counters;
    Use m_use;
    State m_state = State::Opening;
    PGconn* m_handle = nullptr;
    std::unique_ptr<Native> m_native;
    std::unordered_map<const char*, std::unique_ptr<Statement>> m_statements;
    std::vector<std::unique_ptr<Statement>> m_retired; // still named by results under way
    std::deque<Expected> m_expected;
    std::vector<Request*> m_again;
    std::vector<std::coroutine_handle<>> m_ready;
    size_t m_names = 0;
    bool m_greeted = false; // open() has come to its end
    bool m_timed_out = false;
    bool m_flush_posted = false;
    bool m_unsynced = false;
    bool m_waiting_writable = false;
};

} // namespace musubi::db
