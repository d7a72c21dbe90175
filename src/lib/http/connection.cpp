#include "lib/http/connection.h"

#include "base/log.h"
#include "base/time_bound.h"
#include "lib/http/address.h"
#include "lib/http/rate_limit.h"
#include "lib/http/response_head.h"
#include "lib/http/text.h"
#include "lib/http/websocket_frame.h"

#include <algorithm>
#include <ctime>
#include <sys/socket.h>
#include <sys/uio.h>

namespace musubi::http {

namespace {

constexpr size_t kReadSize = 64 * 1024;
constexpr size_t kKeptBuffer = 16 * 1024;
constexpr int kRequestsWithoutYield = 32;       // a client that pipelines must not keep the loop to itself
constexpr base::Duration kLingerTime{2000};     // for the client to read a refusal before the connection goes
constexpr size_t kLingerBytes = 1 << 20;        // what it may still be sending meanwhile
constexpr base::Duration kPingInterval{30'000}; // of silence on a WebSocket

} // namespace

bool ServerState::enter(const std::string& network) {
    const std::lock_guard lock(mutex);
    if (open >= options.max_connections) return false;
    if (!network.empty()) {
        size_t& from_there = open_by_network[network];
        if (from_there >= options.max_connections_per_address) return false;
        ++from_there;
    }
    ++open;
    return true;
}

void ServerState::leave(const std::string& network) {
    const std::lock_guard lock(mutex);
    --open;
    if (const auto found = open_by_network.find(network); found != open_by_network.end() && --found->second == 0)
        open_by_network.erase(found);
    closed.notify_all();
}

void ServerState::stay() {
    const std::lock_guard lock(mutex);
    ++open;
}

/// One request in its handler. Goes on without its connection when that has given it up.
struct Connection::Handling {
    base::TimeBound bound;
    std::optional<Response> response;
    std::coroutine_handle<> waiting; // the connection
    bool given_up = false;
    bool ended = false;
    explicit Handling(base::Duration limit) : bound(limit) {}
};

/// Suspends until the handler has answered (true) or has been given up, or has failed (false).
struct Connection::Answered {
    Handling& handling;
    bool await_ready() const noexcept { return handling.ended; }
    void await_suspend(std::coroutine_handle<> waiting) const noexcept { handling.waiting = waiting; }
    bool await_resume() const noexcept { return !handling.given_up && handling.response; }
};

/// Suspends until the socket can be read or written. False when the connection is over instead.
struct Connection::Ready {
    Connection& connection;
    WatchedSocket::Wish wish;
    bool await_ready() const { return connection.m_expired || connection.m_socket.take(wish); }
    void await_suspend(std::coroutine_handle<> waiting) const { connection.m_socket.wait(wish, waiting); }
    bool await_resume() const noexcept { return !connection.m_expired; }
};

auto Connection::wait(TlsWant want) -> Ready {
    return {*this, want == TlsWant::Write ? WatchedSocket::Wish::Write : WatchedSocket::Wish::Read};
}

Connection::Connection(ServerState& server, SocketWatch& watch, int socket, std::string peer)
    : m_server(server), m_socket(watch, socket), m_peer(std::move(peer)) {
    const std::lock_guard lock(server.mutex);
    m_tls_context = server.tls;
}

Connection::~Connection() {
    if (m_tls) tls_release(m_tls);
}

base::Detached Connection::run(std::function<void()> done) {
    try {
        co_await serve();
    } catch (const std::exception& exception) {
        log::error("connection-failed", {log::field("error", std::string_view(exception.what()))});
    }
    if (m_tls) tls_end(m_tls);
    m_socket.close();
    done();
}

/// The steady clock to the kernel's tick (some milliseconds), for a fraction of the time: deadlines are seconds.
SteadyTime coarse_now() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return SteadyTime(std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec));
}

void Connection::enter(Phase phase, base::Duration limit) {
    m_phase = phase;
    m_deadline = coarse_now() + limit;
    m_expired = false;
}

void Connection::enter_handler() {
    enter(Phase::Handler, m_server.options.request_timeout);
    const auto limit = m_server.options.request_timeout;
    if (m_handling && m_handling.use_count() == 1) {
        m_handling->response.reset();
        m_handling->ended = false;
        m_handling->bound.restart(limit);
    } else {
        m_handling = std::make_shared<Handling>(limit);
    }
}

base::Detached Connection::handle(std::shared_ptr<Handling> handling, ServerState& server, Request request) {
    try {
        auto answering = base::bounded(server.router.handle(std::move(request)), handling->bound);
        handling->response = co_await answering;
    } catch (const std::exception& exception) { // not even memory for a 500
        log::error("request-failed", {log::field("error", std::string_view(exception.what()))});
    }
    handling->ended = true;
    if (handling->given_up) {
        server.leave({});
    } else if (handling->waiting) {
        std::exchange(handling->waiting, {}).resume();
    }
}

/// What it is committing at this moment is waited for; anything else does not count any more.
void Connection::give_handler_up() {
    if (!m_handling->waiting || !m_handling->bound.give_up()) return;
    log::warning("request-given-up", {});
    m_server.stay();
    m_handling->given_up = true;
    std::exchange(m_handling->waiting, {}).resume();
}

void Connection::check_deadline(SteadyTime now) {
    if (now < m_deadline) return;
    if (m_phase == Phase::WebSocket && m_websocket && !m_pinged) {
        m_pinged = true;
        m_deadline = now + kPingInterval;
        event_loop::spawn(m_websocket->ping());
        return;
    }
    if (m_phase == Phase::Handler) return give_handler_up();
    m_deadline = SteadyTime::max();
    cut();
}

void Connection::drain() {
    if (m_phase != Phase::Idle && m_phase != Phase::WebSocket) return;
    char byte = 0;
    const bool has_come = ::recv(m_socket.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
    if (m_phase == Phase::WebSocket || !has_come) cut(); // a request that is already here is still answered
}

void Connection::close() { m_socket.close(); }

void Connection::cut() {
    m_expired = true;
    m_socket.wake();
}

base::Task<> Connection::serve() {
    if (m_tls_context && !co_await handshake()) co_return;
    const Router& router = m_server.router;
    RequestParser parser(m_server.options.parser,
                         [&router](Method method, std::string_view path) { return router.body_limit(method, path); });
    for (int without_yield = 0;; ++without_yield) {
        if (m_in.empty()) {
            without_yield = 0;
            enter(Phase::Idle, m_server.options.idle_timeout);
            if (m_server.stopping) co_return;
            const bool more = co_await fill(m_more_to_read ? First::Try : First::Wait);
            if (!more) co_return;
        } else if (without_yield == kRequestsWithoutYield) {
            without_yield = 0;
            co_await event_loop::sleep_for(base::Duration(0));
        }
        parser.reset();
        enter(Phase::Head, m_server.options.head_timeout);
        advance(parser);
        if (parser.state() != RequestParser::State::Done) {
            const bool complete = co_await read_on(parser);
            if (!complete) co_return;
        }
        const bool goes_on = co_await answer(parser);
        if (!goes_on) co_return;
        if (m_in.empty() && m_in.capacity() > kKeptBuffer) m_in = {};
        if (m_out.capacity() > kKeptBuffer) m_out = {};
    }
}

base::Task<bool> Connection::handshake() {
    enter(Phase::Handshake, m_server.options.head_timeout);
    m_tls = m_tls_context->session(m_socket.native_handle());
    for (;;) {
        const TlsStep step = tls_accept(m_tls);
        if (step.want == TlsWant::Nothing) co_return true;
        if (step.want == TlsWant::Closed) co_return false;
        Ready ready = wait(step.want);
        const bool there = co_await ready;
        if (!there) co_return false;
    }
}

void Connection::advance(RequestParser& parser) {
    const size_t used = parser.advance(m_in);
    if (used == m_in.size()) {
        m_in.clear();
    } else {
        m_in.erase(0, used);
    }
}

/// Until the request is complete. False when the connection has been dealt with instead.
base::Task<bool> Connection::read_on(RequestParser& parser) {
    for (;; advance(parser)) {
        if (parser.state() == RequestParser::State::Done) co_return true;
        if (parser.state() == RequestParser::State::Refused) {
            co_await refuse(parser.refusal().status, parser.refusal().code);
            co_return false;
        }
        if (parser.state() == RequestParser::State::Body && m_phase == Phase::Head) {
            enter(Phase::Body, m_server.options.body_timeout);
            if (parser.expects_continue() && m_in.empty()) { // RFC 9110 section 10.1.1
                const bool sent = co_await send_all("HTTP/1.1 100 Continue\r\n\r\n", {});
                if (!sent) co_return false;
            }
        }
        const bool more = co_await fill(First::Try);
        if (more) continue;
        if (m_expired && !m_server.stopping) co_await refuse(408, "request.too-slow");
        co_return false;
    }
}

Request Connection::prepare(RequestParser& parser) const {
    Request request = parser.take();
    const auto& trusted = m_server.options.trusted_proxies;
    request.secure = m_tls != nullptr;
    if (!trusted.empty() && any_contains(trusted, m_peer)) {
        request.client_address = client_address(m_peer, request.header("X-Forwarded-For"), trusted);
        if (request.header("X-Forwarded-Proto") == "https") request.secure = true;
    } else {
        request.client_address = m_peer;
        std::erase_if(request.headers,
                      [](const Header& header) { return equal_ignoring_case(header.name, "X-Request-Id"); });
    }
    return request;
}

bool Connection::known_host(const Request& request) const {
    const auto& hosts = m_server.options.hosts;
    const auto host = request.header("Host");
    return hosts.empty() || std::any_of(hosts.begin(), hosts.end(),
                                        [host](const std::string& known) { return equal_ignoring_case(known, host); });
}

/// True when the connection goes on.
base::Task<bool> Connection::answer(RequestParser& parser) {
    const bool upgrade = parser.wants_websocket();
    Request request = prepare(parser);
    if (!known_host(request)) {
        co_await refuse(421, "request.host-unknown");
        co_return false;
    }
    if (upgrade) {
        if (const auto* route = m_server.router.websocket_at(request.path)) {
            co_await talk(std::move(request), *route);
            co_return false;
        }
    }
    enter_handler();
    handle(m_handling, m_server, std::move(request));
    Answered answered{*m_handling};
    const bool has_answer = co_await answered;
    if (!has_answer) {
        if (!m_handling->ended) co_await refuse(503, "request.took-too-long");
        co_return false;
    }
    const Response response = *std::exchange(m_handling->response, {});
    const bool close = !parser.keep_alive() || m_server.stopping;
    m_out.clear();
    write_head(m_out, response, close ? After::Close : After::KeepAlive, parser.version());
    std::string_view body = response.without_body || response.status == 204 || response.status == 304
                                ? std::string_view{}
                                : response.content();
    if (body.size() <= kKeptBuffer / 2) { // one piece for one packet
        m_out += body;
        body = {};
    }
    enter(Phase::Write, m_server.options.write_timeout);
    if (!co_await send_all(m_out, body)) co_return false;
    if (close && parser.body_skipped()) co_await linger();
    co_return !close;
}

base::Task<> Connection::refuse(int status, std::string_view code) {
    const Response response = m_server.router.refuse(status, code);
    m_out.clear();
    write_head(m_out, response, After::Close, 11);
    m_out += response.body;
    enter(Phase::Write, kLingerTime);
    if (co_await send_all(m_out, {})) co_await linger();
}

/// Closing while the client still sends would reset the connection and take our answer with it (RFC 9112 section 9.6).
base::Task<> Connection::linger() {
    enter(Phase::Linger, kLingerTime);
    if (m_tls) tls_end(m_tls);
    ::shutdown(m_socket.native_handle(), SHUT_WR);
    char discarded[4096];
    for (size_t total = 0; total < kLingerBytes;) {
        const ssize_t got = ::recv(m_socket.native_handle(), discarded, sizeof discarded, MSG_DONTWAIT);
        if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) co_return;
        if (got > 0) {
            total += static_cast<size_t>(got);
            continue;
        }
        Ready ready = wait(TlsWant::Read);
        const bool there = co_await ready;
        if (!there) co_return;
    }
}

base::Task<> Connection::talk(Request request, const Router::WebSocketRoute& route) {
    const auto accept = accept_key(request.header("Sec-WebSocket-Key"));
    if (!accept || request.header("Sec-WebSocket-Version") != "13") {
        co_await refuse(426, "websocket.handshake-malformed");
        co_return;
    }
    if (!route.check || !route.check(request.header("Origin"))) {
        co_await refuse(403, "websocket.origin-refused");
        co_return;
    }
    std::string head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
    append_field(head, "Sec-WebSocket-Accept", *accept);
    head += "\r\n";
    enter(Phase::Write, m_server.options.write_timeout);
    if (!co_await send_all(head, {})) co_return;
    enter(Phase::WebSocket, kPingInterval);
    m_websocket = std::make_unique<WebSocket>(*this, std::exchange(m_in, {}), route.max_message);
    co_await route.handler(*m_websocket, request);
    co_await m_websocket->close();
}

// ---- bytes

TlsStep Connection::try_read(char* out, size_t size) {
    if (m_tls) return tls_read(m_tls, out, size);
    const ssize_t got = ::recv(m_socket.native_handle(), out, size, MSG_DONTWAIT);
    if (got > 0) return {static_cast<size_t>(got), TlsWant::Nothing};
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return {0, TlsWant::Read};
    return {0, TlsWant::Closed};
}

TlsStep Connection::try_write(std::string_view head, std::string_view body) {
    if (m_tls)
        return tls_write(m_tls, head.empty() ? body.data() : head.data(), head.empty() ? body.size() : head.size());
    iovec pieces[2] = {{const_cast<char*>(head.data()), head.size()}, {const_cast<char*>(body.data()), body.size()}};
    msghdr message{};
    message.msg_iov = pieces;
    message.msg_iovlen = body.empty() ? 1 : 2;
    const ssize_t sent = ::sendmsg(m_socket.native_handle(), &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0) return {static_cast<size_t>(sent), TlsWant::Nothing};
    if (errno == EAGAIN || errno == EINTR) return {0, TlsWant::Write};
    return {0, TlsWant::Closed};
}

/// Appends what is there to m_in.
TlsWant Connection::read_some() {
    thread_local char buffer[kReadSize];
    const TlsStep step = try_read(buffer, sizeof buffer);
    m_more_to_read = step.bytes == sizeof buffer;
    if (step.want == TlsWant::Nothing) m_in.append(buffer, step.bytes);
    return step.want;
}

/// Appends what arrives next to m_in.
base::Task<bool> Connection::fill(First first) {
    TlsWant want = first == First::Wait && !m_tls ? TlsWant::Read : TlsWant::Nothing;
    for (;;) {
        if (want != TlsWant::Nothing) {
            Ready ready = wait(want);
            const bool there = co_await ready;
            if (!there) co_return false;
        }
        if (m_expired) co_return false;
        want = read_some();
        if (want == TlsWant::Nothing) co_return true;
        if (want == TlsWant::Closed) co_return false;
    }
}

base::Task<bool> Connection::send_all(std::string_view head, std::string_view body) {
    while (!head.empty() || !body.empty()) {
        const TlsStep step = try_write(head, body);
        if (step.want == TlsWant::Closed) co_return false;
        if (step.want != TlsWant::Nothing) {
            Ready ready = wait(step.want);
            const bool there = co_await ready;
            if (!there) co_return false;
            continue;
        }
        const size_t of_head = std::min(step.bytes, head.size());
        head.remove_prefix(of_head);
        body.remove_prefix(step.bytes - of_head);
    }
    co_return true;
}

base::Task<bool> Connection::read_more(std::string& buffer) {
    m_in.clear();
    const bool more = co_await fill(First::Try);
    if (more) heard(buffer);
    co_return more;
}

void Connection::heard(std::string& buffer) {
    buffer += m_in;
    m_in.clear();
    m_pinged = false;
    enter(Phase::WebSocket, kPingInterval);
}

base::Task<bool> Connection::write(std::string bytes) { co_return co_await send_all(bytes, {}); }

} // namespace musubi::http
