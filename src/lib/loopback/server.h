// HTTP and WebSocket on 127.0.0.1, for pages in the browser of the same computer.
#pragma once

#include "base/result.h"
#include "base/time.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace musubi::loopback {

struct Request {
    std::string method; // "GET" (also for HEAD), "POST"
    std::string path;   // decoded, begins with "/", no control characters
    std::map<std::string, std::string> query;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;

    /// Case-insensitive; the first value, or "".
    std::string_view header(std::string_view name) const;
};

struct Response {
    int status = 200;
    std::string content_type = "text/plain; charset=utf-8";
    std::string body = {};
    std::vector<std::pair<std::string, std::string>> headers = {};
};

/// One WebSocket. Both functions may be called from any thread, also after the peer has gone.
class Peer {
  public:
    virtual ~Peer() = default;
    virtual const std::string& origin() const = 0;
    /// Queues a text message. A peer that does not read (256 messages waiting) is disconnected.
    virtual void send(std::string text) = 0;
    virtual void close() = 0;
};

/// Called from several threads at once, but never at once for the same connection.
class Handler {
  public:
    virtual ~Handler() = default;
    virtual Response handle(const Request& request) = 0;
    /// Before a WebSocket is opened: an answer refuses it.
    virtual std::optional<Response> refuse(const Request&) { return Response{404}; }
    virtual void opened(const std::shared_ptr<Peer>&) {}
    virtual void received(const std::shared_ptr<Peer>&, std::string_view) {}
    virtual void closed(const std::shared_ptr<Peer>&) {}
};

struct Options {
    uint16_t port = 0; // 0 = any free one
    int threads = 4;
    size_t maximum_connections = 64;
    size_t maximum_header = 16 * 1024;
    size_t maximum_body = 64 * 1024;
    size_t maximum_message = 64 * 1024;
    base::Duration read_timeout = std::chrono::seconds(15);
};

class Server {
  public:
    /// Listens and serves until destroyed. "loopback.port-in-use" if the port is taken.
    static base::Result<std::unique_ptr<Server>> start(const Options& options, Handler& handler);
    ~Server();
    uint16_t port() const;

  private:
    struct State;
    explicit Server(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

} // namespace musubi::loopback
