#include "lib/db/postgres_connection.h"

#include "lib/event_loop/event_loop_asio.h"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <fcntl.h>

namespace musubi::db {
namespace {

namespace asio = boost::asio;
using asio::posix::stream_descriptor;

constexpr auto kConnectTimeout = std::chrono::seconds(5);
constexpr int kTries = 5;

constexpr Query kSettings{"db.settings", "SELECT set_config('statement_timeout', $1, false),"
                                         " set_config('idle_in_transaction_session_timeout', $1, false)"};
// "on" is the least that makes an answer durable; a stricter setting of the server stays.
constexpr Query kDurable{"db.durable", "SELECT set_config('synchronous_commit', 'on', false)"
                                       " WHERE current_setting('synchronous_commit') IN ('off', 'local')"};

PGconn* start(const std::string& connection) {
    // What the connection string says comes later and wins, except for the encoding.
    const char* keywords[] = {"application_name", "keepalives_idle", "keepalives_interval", "keepalives_count",
                              "tcp_user_timeout", "dbname",          "client_encoding",     nullptr};
    const char* values[] = {"musubi", "10", "5", "3", "15000", connection.c_str(), "UTF8", nullptr};
    return PQconnectStartParams(keywords, values, 1);
}

struct Readiness {
    stream_descriptor& socket;
    stream_descriptor::wait_type direction;
    boost::system::error_code error;

    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiting) {
        socket.async_wait(direction, [this, waiting](const boost::system::error_code& ended) {
            error = ended;
            waiting.resume();
        });
    }
    void await_resume() const noexcept {}
};

} // namespace

// libpq closes its socket when it notices that the server is gone, and another thread may be given the same number at
// once. So the event loop watches a descriptor of its own for the same socket, and closes that one.
struct PgConnection::Native {
    stream_descriptor socket;
    explicit Native(asio::io_context& context) : socket(context) {}

    void watch(int descriptor) {
        boost::system::error_code ignored;
        socket.close(ignored);
        const int own = ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
        if (own < 0) throw ConnectionLost("no descriptor left for the connection to PostgreSQL");
        socket.assign(own);
    }
};

PgConnection::PgConnection(event_loop::EventLoop& loop, const PostgresOptions& options, Counters& counters, Use use)
    : m_loop(loop), m_options(options), m_counters(counters), m_use(use),
      m_native(std::make_unique<Native>(loop.native().context)) {}

PgConnection::~PgConnection() { close(); }

void PgConnection::close() {
    m_state = State::Closed;
    m_native.reset(); // also because the loop may be gone before this object
    if (m_handle) PQfinish(std::exchange(m_handle, nullptr));
}

base::Task<> PgConnection::open() {
    const auto self = shared_from_this();
    asio::steady_timer timer(m_loop.native().context, kConnectTimeout);
    timer.async_wait([self](const boost::system::error_code& ended) {
        if (ended != asio::error::operation_aborted) self->opening_takes_too_long();
    });
    try {
        co_await connect();
        m_native->watch(PQsocket(m_handle));
        m_state = State::Open;
        wait_readable();
        const std::vector<Value> timeout{std::to_string(m_options.statement_timeout.count())};
        co_await execute(kSettings, timeout);
        const std::vector<Value> none;
        co_await execute(kDurable, none);
        m_greeted = true;
    } catch (...) {
        close();
        throw;
    }
}

void PgConnection::opening_takes_too_long() {
    if (m_greeted || m_state == State::Closed) return;
    m_timed_out = true;
    if (m_state == State::Open) return lost("no answer from PostgreSQL");
    if (m_native->socket.is_open()) m_native->socket.cancel();
}

base::Task<> PgConnection::connect() {
    m_handle = start(m_options.connection);
    if (!m_handle) throw std::bad_alloc();
    PQsetNoticeProcessor(m_handle, [](void*, const char*) {}, nullptr);
    auto next = PGRES_POLLING_WRITING;
    if (PQstatus(m_handle) == CONNECTION_BAD) next = PGRES_POLLING_FAILED;
    while (next == PGRES_POLLING_READING || next == PGRES_POLLING_WRITING) {
        m_native->watch(PQsocket(m_handle)); // libpq may try several addresses, each with a socket of its own
        Readiness readiness{m_native->socket,
                            next == PGRES_POLLING_READING ? stream_descriptor::wait_read
                                                          : stream_descriptor::wait_write,
                            {}};
        co_await readiness;
        if (readiness.error || m_timed_out) throw ConnectionLost("no answer from PostgreSQL");
        next = PQconnectPoll(m_handle);
    }
    if (next != PGRES_POLLING_OK) throw ConnectionLost(std::string("cannot connect: ") + PQerrorMessage(m_handle));
    if (PQsetnonblocking(m_handle, 1) != 0 || PQenterPipelineMode(m_handle) != 1) {
        throw ConnectionLost("cannot use pipeline mode");
    }
}

base::Task<Connection::Answer> PgConnection::execute(const Query& query, const std::vector<Value>& parameters) {
    Request request;
    request.query = &query;
    request.parameters = &parameters;
    if (send(request)) co_await wait_for(request);
    if (request.exception) std::rethrow_exception(request.exception);
    co_return std::move(request.answer);
}

base::Task<> PgConnection::wait_for(Request& request) {
    struct Done {
        Request& request;
        bool await_ready() const noexcept { return request.done; }
        void await_suspend(std::coroutine_handle<> waiting) const noexcept { request.waiting = waiting; }
        void await_resume() const noexcept {}
    } done{request};
    co_await done;
}

bool PgConnection::send(Request& request) {
    request.began = QueryCounter::Clock::now();
    try {
        if (put(&request, *request.query, *request.parameters)) return true;
        request.exception = std::make_exception_ptr(ConnectionLost("the connection is closed"));
    } catch (...) {
        request.exception = std::current_exception();
    }
    request.done = true;
    return false;
}

void PgConnection::send_unattended(const Query& query, const std::vector<Value>& parameters) {
    put(nullptr, query, parameters);
}

bool PgConnection::put(Request* request, const Query& query, const std::vector<Value>& parameters) {
    if (m_state != State::Open) return false;
    const PgParameters packed(query.name, parameters);
    Statement& statement = statement_of(query);
    if (statement.state == Statement::State::None) {
        const auto types = parameter_types(parameters);
        const std::string sql(query.sql);
        if (PQsendPrepare(m_handle, statement.name.c_str(), sql.c_str(), packed.count(), types.data()) != 1) {
            return false;
        }
        statement.state = Statement::State::Pending;
        m_expected.push_back({Kind::Prepare, request, &statement, request == nullptr});
    }
    m_unsynced = true;
    flush_soon();
    if (PQsendQueryPrepared(m_handle, statement.name.c_str(), packed.count(), packed.values(), packed.lengths(),
                            packed.formats(), 1) != 1) {
        if (!m_expected.empty() && m_expected.back().request == request) m_expected.back().request = nullptr;
        return false;
    }
    m_expected.push_back({Kind::Execute, request, &statement, request == nullptr});
    return true;
}

PgConnection::Statement& PgConnection::statement_of(const Query& query) {
    auto& slot = m_statements[query.sql.data()];
    if (slot && slot->sql == query.sql) return *slot;
    if (slot) m_retired.push_back(std::move(slot));
    slot = std::make_unique<Statement>();
    slot->sql = query.sql;
    slot->name = "m" + std::to_string(++m_names);
    slot->counter = &m_counters.of(query.name);
    return *slot;
}

void PgConnection::flush_soon() {
    if (m_flush_posted) return;
    m_flush_posted = true;
    m_loop.post([self = shared_from_this()] {
        self->m_flush_posted = false;
        self->flush();
    });
}

void PgConnection::flush() {
    if (m_state != State::Open) return;
    if (m_unsynced && !sync()) return lost("cannot send");
    const int left = PQflush(m_handle);
    if (left < 0) return lost("cannot send");
    if (left == 0 || m_waiting_writable) return;
    m_waiting_writable = true;
    m_native->socket.async_wait(stream_descriptor::wait_write,
                                [self = shared_from_this()](const boost::system::error_code& error) {
                                    self->m_waiting_writable = false;
                                    if (!error) self->flush();
                                });
}

void PgConnection::wait_readable() {
    m_native->socket.async_wait(stream_descriptor::wait_read,
                                [self = shared_from_this()](const boost::system::error_code& error) {
                                    if (!error && self->m_state == State::Open) self->on_readable();
                                });
}

void PgConnection::on_readable() {
    const bool alive = PQconsumeInput(m_handle) == 1;
    process(); // also what came before the end
    if (m_state == State::Open) {
        if (!alive || PQstatus(m_handle) == CONNECTION_BAD) {
            lost("PostgreSQL closed the connection");
        } else {
            send_again();
            if (m_waiting_writable) flush(); // TLS may have to read before it can write
            wait_readable();
        }
    }
    // Last, because those who waited may send anew, or let go of this connection.
    const auto self = shared_from_this();
    for (const auto waiting : std::exchange(m_ready, {})) waiting.resume();
}

/// What was skipped for another's mistake goes alone this time.
void PgConnection::send_again() {
    if (m_again.empty()) return;
    if (m_unsynced) sync();
    for (Request* request : std::exchange(m_again, {})) {
        if (send(*request)) {
            sync();
        } else if (request->waiting) {
            m_ready.push_back(request->waiting);
        }
    }
}

bool PgConnection::sync() {
    if (PQpipelineSync(m_handle) != 1) return false;
    m_expected.push_back({Kind::Sync});
    m_unsynced = false;
    return true;
}

void PgConnection::process() {
    bool ended_twice = false;
    while (m_state == State::Open && !m_expected.empty() && !PQisBusy(m_handle)) {
        PgResult result(PQgetResult(m_handle));
        Expected& expected = m_expected.front();
        if (result) {
            ended_twice = false;
            if (PQresultStatus(result.get()) == PGRES_PIPELINE_SYNC) {
                m_expected.pop_front();
            } else {
                take_result(expected, std::move(result));
            }
        } else if (expected.kind == Kind::Sync) {
            if (std::exchange(ended_twice, true)) return;
        } else {
            const Expected ended = expected;
            m_expected.pop_front();
            take_end(ended);
        }
    }
}

void PgConnection::take_result(Expected& expected, PgResult result) {
    using StatementState = Statement::State;
    Request* request = expected.request;
    const auto status = PQresultStatus(result.get());
    const bool good = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY;
    if (expected.kind == Kind::Prepare) {
        expected.statement->state = good ? StatementState::Ready : StatementState::None;
    }
    if (expected.unattended) {
        if (!good) lost("an unattended statement failed");
        return;
    }
    if (!request) return;
    if (status == PGRES_PIPELINE_ABORTED) {
        request->skipped = true;
    } else if (!good) {
        if (request->exception) return; // that of PREPARE says more
        request->exception = exception_of(request->query->name, result.get());
        const char* state = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
        // 26000: prepared in a batch that failed before; 0A000: prepared before the table changed.
        const bool forgotten = state && (std::string_view(state) == "26000" || std::string_view(state) == "0A000");
        if (forgotten && expected.kind == Kind::Execute) {
            expected.statement->state = StatementState::None;
            expected.statement->name = "m" + std::to_string(++m_names);
            if (std::string_view(state) == "26000" && m_use == Use::Shared) {
                request->exception = nullptr;
                request->skipped = true;
            }
        }
    } else if (expected.kind == Kind::Execute) {
        try {
            request->answer = read_answer(request->query->name, result.get());
            request->command = PQcmdStatus(result.get());
        } catch (...) {
            request->exception = std::current_exception();
        }
    }
}

void PgConnection::take_end(const Expected& expected) {
    if (expected.kind != Kind::Execute || !expected.request) return;
    Request& request = *expected.request;
    if (request.skipped && !request.exception) {
        request.skipped = false;
        if (m_use == Use::Shared && ++request.tries < kTries) {
            m_again.push_back(&request);
            return;
        }
        request.exception = std::make_exception_ptr(
            DatabaseError(std::string(request.query->name) + ": skipped after another statement failed"));
    }
    complete(request, expected.statement);
}

void PgConnection::complete(Request& request, Statement* statement) {
    if (statement) {
        if (request.exception) {
            statement->counter->failed(request.began);
        } else {
            const auto rows = request.answer.rows.size();
            statement->counter->succeeded(request.began,
                                          rows > 0 ? rows : static_cast<uint64_t>(request.answer.changed));
        }
    }
    request.done = true;
    if (request.waiting) m_ready.push_back(request.waiting);
}

void PgConnection::lost(const std::string& why) {
    std::string reason = why;
    if (m_handle && *PQerrorMessage(m_handle)) reason += std::string(": ") + PQerrorMessage(m_handle);
    close();
    const auto exception = std::make_exception_ptr(ConnectionLost(reason));
    const auto fail = [&](Request& request) {
        if (request.done) return;
        if (!request.exception) request.exception = exception;
        complete(request, nullptr);
    };
    for (const auto& expected : std::exchange(m_expected, {})) {
        if (expected.request) fail(*expected.request);
    }
    for (Request* request : std::exchange(m_again, {})) fail(*request);
    if (m_ready.empty()) return;
    m_loop.post([self = shared_from_this()] {
        for (const auto waiting : std::exchange(self->m_ready, {})) waiting.resume();
    });
}

} // namespace musubi::db
