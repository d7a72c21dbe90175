// The server: one event loop per core, each with its own listening socket (SO_REUSEPORT), connections that never change
// thread, deadlines on whole messages, TLS 1.3 in process, and a stop that finishes what is in flight.
#pragma once

#include "base/result.h"
#include "base/time.h"
#include "lib/event_loop/event_loop.h"
#include "lib/http/address.h"
#include "lib/http/request_parser.h"
#include "lib/http/router.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace musubi::http {

/// PEM files; the certificate file holds the chain, own certificate first.
struct TlsFiles {
    std::string certificate;
    std::string key;
};

struct ServerOptions {
    std::string address = "127.0.0.1"; // "::" for all, IPv4 too
    uint16_t port = 0;                 // 0: any free one, see Server::port
    size_t loops = 0;                  // 0: one per core
    std::optional<TlsFiles> tls;

    ParserLimits parser;
    base::Duration head_timeout = std::chrono::seconds(10);  // from its first byte; also the TLS handshake
    base::Duration body_timeout = std::chrono::seconds(60);  // the whole body
    base::Duration write_timeout = std::chrono::seconds(60); // the whole answer
    base::Duration idle_timeout = std::chrono::seconds(75);  // between requests
    /// From the whole request to its answer. Then the client gets 503 "request.took-too-long", and what the handler has
    /// not committed by then is rolled back. Shorter than the minute after which proxies give up.
    base::Duration request_timeout = std::chrono::seconds(50);
    size_t max_connections = 20'000;
    size_t max_connections_per_address = 512; // an IPv6 /64 counts as one; trusted proxies are not counted

    /// Only these may say who the client is (X-Forwarded-For, -Proto) and name requests (X-Request-Id).
    std::vector<AddressRange> trusted_proxies;
    /// Names this server answers to ("kenko.city.example.jp", "127.0.0.1:27180"); empty: any. Others get 421, which
    /// keeps pages of other sites from reaching it under a name of their own (DNS rebinding).
    std::vector<std::string> hosts;
};

class Server {
  public:
    /// The router outlives the server.
    Server(Router& router, ServerOptions options);
    ~Server(); // stops with a deadline of 0

    /// Listens and starts the loops. Errors "server.cannot-listen", "server.tls-unusable".
    base::Status start();
    uint16_t port() const;
    size_t loops() const;
    event_loop::EventLoop& loop(size_t index);

    /// Reads the TLS files again; connections already open keep what they have. On error the old ones stay in use.
    base::Status reload_tls();

    /// No new connections, idle ones closed, answers under way completed, until `deadline` has passed. Returns how many
    /// connections had to be cut.
    size_t stop(base::Duration deadline);
    bool stopping() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

/// Blocks SIGTERM, SIGINT and SIGHUP in this and later threads; call it first in main. Ignores SIGPIPE.
void block_signals();
/// Waits for SIGTERM or SIGINT; SIGHUP meanwhile reloads TLS and calls `on_hangup`.
void wait_for_stop_signal(Server& server, const std::function<void()>& on_hangup = {});

} // namespace musubi::http
