#include "lib/http/server.h"

#include "base/log.h"
#include "lib/event_loop/event_loop_asio.h"
#include "lib/http/connection.h"
#include "lib/http/rate_limit.h"

#include <algorithm>
#include <arpa/inet.h>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <csignal>
#include <fcntl.h>
#include <list>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace musubi::http {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

using LoopExecutor = asio::io_context::executor_type;
using Acceptor = asio::basic_socket_acceptor<tcp, LoopExecutor>;
using Timer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, LoopExecutor>;
constexpr int kAcceptsAtOnce = 64;
constexpr int kBacklog = 4096;
constexpr base::Duration kCutTime{2000}; // for connections that were cut to come to their end

std::string address_text(const sockaddr_storage& address) {
    char text[INET6_ADDRSTRLEN] = "";
    if (address.ss_family == AF_INET) {
        inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(address).sin_addr, text, sizeof text);
    } else {
        const auto& bytes = reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
        if (IN6_IS_ADDR_V4MAPPED(&bytes)) {
            inet_ntop(AF_INET, bytes.s6_addr + 12, text, sizeof text);
        } else {
            inet_ntop(AF_INET6, &bytes, text, sizeof text);
        }
    }
    return text;
}

/// Deadlines are checked this often; short ones (tests) more often.
base::Duration tick_interval(const ServerOptions& options) {
    const auto shortest = std::min({options.head_timeout, options.body_timeout, options.write_timeout,
                                    options.idle_timeout, options.request_timeout});
    return std::clamp(shortest / 4, base::Duration(5), base::Duration(250));
}

} // namespace

enum class Sharing { Alone, Shared };

/// One loop with its thread, its listening socket and its connections.
class Worker {
  public:
    explicit Worker(ServerState& server)
        : m_server(server), m_acceptor(m_loop.native().context), m_timer(m_loop.native().context) {}
    ~Worker() { join(); }

    base::Status listen(uint16_t port, Sharing sharing);
    uint16_t port() const { return m_acceptor.local_endpoint().port(); }
    event_loop::EventLoop& loop() { return m_loop; }

    void start() {
        m_loop.post([this] {
            accept_next();
            tick();
        });
        m_thread = std::thread([this] { m_loop.run(); });
    }
    void drain() {
        m_loop.post([this] {
            error_code ignored;
            m_acceptor.close(ignored);
            for (auto& connection : m_connections) connection->drain();
        });
    }
    void cut_all() {
        m_loop.post([this] {
            for (auto& connection : m_connections) connection->cut();
        });
    }
    void join() {
        if (!m_thread.joinable()) return;
        m_loop.stop();
        m_thread.join();
        for (auto& connection : m_connections) connection->close();
    }

  private:
    void accept_next() {
        m_acceptor.async_wait(Acceptor::wait_read, [this](error_code error) {
            if (error || !m_acceptor.is_open()) return;
            if (accept_some()) {
                accept_next();
            } else { // no descriptors left; the queue waits until some are given back
                m_timer_after_trouble.emplace(m_loop.native().context);
                m_timer_after_trouble->expires_after(std::chrono::milliseconds(100));
                m_timer_after_trouble->async_wait([this](error_code stopped) {
                    if (!stopped) accept_next();
                });
            }
        });
    }

    bool accept_some() {
        for (int i = 0; i < kAcceptsAtOnce; ++i) {
            sockaddr_storage address{};
            socklen_t size = sizeof address;
            const int socket = ::accept4(m_acceptor.native_handle(), reinterpret_cast<sockaddr*>(&address), &size,
                                         SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (socket >= 0) {
                begin(socket, address_text(address));
            } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
                log::warning("accept-failed", {log::field("errno", errno)});
                return false;
            } else if (errno != EINTR && errno != ECONNABORTED) {
                return true;
            }
        }
        return true;
    }

    void begin(int socket, std::string peer) {
        const bool proxy = any_contains(m_server.options.trusted_proxies, peer);
        std::string network = proxy ? std::string() : network_of(peer);
        if (!m_server.enter(network)) {
            ::close(socket);
            return;
        }
        const int on = 1;
        ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        m_connections.push_front(std::make_unique<Connection>(m_server, m_watch, socket, std::move(peer)));
        const auto at = m_connections.begin();
        (*at)->run([this, at, network = std::move(network)] {
            // The coroutine that calls this is still using its connection.
            m_loop.post([this, at, network] {
                m_connections.erase(at);
                m_server.leave(network);
            });
        });
    }

    void tick() {
        m_timer.expires_after(tick_interval(m_server.options));
        m_timer.async_wait([this](error_code error) {
            if (error) return;
            const auto now = std::chrono::steady_clock::now();
            for (auto at = m_connections.begin(); at != m_connections.end();) (*at++)->check_deadline(now);
            tick();
        });
    }

    ServerState& m_server;
    event_loop::EventLoop m_loop;
    SocketWatch m_watch{m_loop};
    Acceptor m_acceptor;
    Timer m_timer;
    std::optional<Timer> m_timer_after_trouble;
    std::list<std::unique_ptr<Connection>> m_connections;
    std::thread m_thread;
};

base::Status Worker::listen(uint16_t port, Sharing sharing) {
    const auto failed = [&](std::string_view step, const error_code& error) {
        return base::error(base::ErrorKind::Unavailable, "server.cannot-listen")
            .because(m_server.options.address + ":" + std::to_string(port) + ": " + std::string(step) + ": " +
                     error.message());
    };
    error_code error;
    const auto address = asio::ip::make_address(m_server.options.address, error);
    if (error) return failed("address", error);
    const tcp::endpoint endpoint(address, port);
    m_acceptor.open(endpoint.protocol(), error);
    if (error) return failed("socket", error);
    m_acceptor.set_option(asio::socket_base::reuse_address(true), error);
    const int on = 1;
    if (sharing == Sharing::Shared) // every loop listens for itself and the kernel spreads connections among them
        ::setsockopt(m_acceptor.native_handle(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    if (address.is_v6()) m_acceptor.set_option(asio::ip::v6_only(false), error);
    m_acceptor.bind(endpoint, error);
    if (error) return failed("bind", error);
    m_acceptor.listen(kBacklog, error);
    if (error) return failed("listen", error);
    m_acceptor.native_non_blocking(true, error);
    return base::success();
}

namespace {
std::vector<std::unique_ptr<Worker>>& abandoned_loops() {
    static auto& loops = *new std::vector<std::unique_ptr<Worker>>;
    return loops;
}
} // namespace

struct Server::Impl {
    ServerState state;
    std::vector<std::unique_ptr<Worker>> workers;
    bool running = false;
    Impl(Router& router, ServerOptions options) : state(router, std::move(options)) {}
};

Server::Server(Router& router, ServerOptions options) : m_impl(std::make_unique<Impl>(router, std::move(options))) {
    size_t& loops = m_impl->state.options.loops;
    if (loops == 0) loops = std::max(1u, std::thread::hardware_concurrency());
    for (size_t i = 0; i < loops; ++i) m_impl->workers.push_back(std::make_unique<Worker>(m_impl->state));
}

Server::~Server() { stop(base::Duration(0)); }

base::Status Server::start() {
    std::signal(SIGPIPE, SIG_IGN); // OpenSSL writes without MSG_NOSIGNAL
    MUSUBI_CHECK(reload_tls());
    uint16_t port = m_impl->state.options.port;
    // Sockets with SO_REUSEPORT would quietly share the port with another copy of this program.
    if (port != 0 && m_impl->workers.size() > 1) {
        Worker probe(m_impl->state);
        MUSUBI_CHECK(probe.listen(port, Sharing::Alone));
    }
    for (auto& worker : m_impl->workers) {
        MUSUBI_CHECK(worker->listen(port, m_impl->workers.size() > 1 ? Sharing::Shared : Sharing::Alone));
        port = worker->port();
    }
    for (auto& worker : m_impl->workers) worker->start();
    m_impl->running = true;
    log::info("listening",
              {log::field("address", m_impl->state.options.address), log::field("port", port),
               log::field("loops", m_impl->workers.size()), log::field("tls", m_impl->state.options.tls.has_value())});
    return base::success();
}

uint16_t Server::port() const { return m_impl->workers.front()->port(); }
size_t Server::loops() const { return m_impl->workers.size(); }
event_loop::EventLoop& Server::loop(size_t index) { return m_impl->workers.at(index)->loop(); }
bool Server::stopping() const { return m_impl->state.stopping; }

base::Status Server::reload_tls() {
    if (!m_impl->state.options.tls) return base::success();
    MUSUBI_TRY(auto context, TlsContext::load(*m_impl->state.options.tls));
    const std::lock_guard lock(m_impl->state.mutex);
    m_impl->state.tls = std::move(context);
    return base::success();
}

size_t Server::stop(base::Duration deadline) {
    if (!std::exchange(m_impl->running, false)) return 0;
    ServerState& state = m_impl->state;
    state.stopping = true;
    for (auto& worker : m_impl->workers) worker->drain();
    const auto none_open = [&state] { return state.open == 0; };
    std::unique_lock lock(state.mutex);
    const bool finished = state.closed.wait_for(lock, deadline, none_open);
    const size_t left = state.open;
    if (!finished) {
        lock.unlock();
        for (auto& worker : m_impl->workers) worker->cut_all();
        lock.lock();
        state.closed.wait_for(lock, kCutTime, none_open);
    }
    const bool abandoned = state.open > 0;
    lock.unlock();
    for (auto& worker : m_impl->workers) {
        worker->join();
        // A handler that never came back may still be handed to its loop by another thread: the loop stays, unused.
        if (abandoned) abandoned_loops().push_back(std::move(worker));
    }
    log::info("stopped", {log::field("connections_cut", left)});
    return left;
}

void block_signals() {
    std::signal(SIGPIPE, SIG_IGN);
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

void wait_for_stop_signal(Server& server, const std::function<void()>& on_hangup) {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
    for (;;) {
        int signal = 0;
        if (sigwait(&signals, &signal) != 0) continue;
        if (signal != SIGHUP) return;
        if (auto reloaded = server.reload_tls(); !reloaded)
            log::error("tls-reload-failed", {log::field("error", reloaded.error())});
        if (on_hangup) on_hangup();
    }
}

} // namespace musubi::http
