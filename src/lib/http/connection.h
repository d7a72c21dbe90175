// One connection: reads requests, has the router answer them, one after the other, on one loop for its whole life.
// Private to lib/http.
#pragma once

#include "lib/http/request_parser.h"
#include "lib/http/server.h"
#include "lib/http/tls.h"
#include "lib/http/watched_socket.h"
#include "lib/http/websocket.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>

namespace musubi::http {

using SteadyTime = std::chrono::steady_clock::time_point;

/// What all loops of a server share.
struct ServerState {
    Router& router;
    ServerOptions options;
    std::atomic<bool> stopping = false;

    std::mutex mutex;
    std::condition_variable closed;
    size_t open = 0;
    std::map<std::string, size_t> open_by_network;
    std::shared_ptr<TlsContext> tls;

    ServerState(Router& with, ServerOptions given) : router(with), options(std::move(given)) {}
    /// False when there are too many; leave() gives the place back.
    bool enter(const std::string& network);
    void leave(const std::string& network);
    /// Something goes on after its connection has ended; leave("") when it is over.
    void stay();
};

class Connection final : public Transport {
  public:
    /// Takes the socket over.
    Connection(ServerState& server, SocketWatch& watch, int socket, std::string peer);
    ~Connection() override;

    /// Runs until the connection is over, then calls `done`, which may destroy it.
    base::Detached run(std::function<void()> done);
    /// Called several times a second: ends what has passed its deadline.
    void check_deadline(SteadyTime now);
    /// The server stops: closes when idle, else after the answer under way.
    void drain();
    void cut();
    void close(); // when its loop runs no more

  private:
    enum class Phase { Handshake, Idle, Head, Body, Handler, Write, Linger, WebSocket };
    enum class First { Try, Wait };
    struct Ready;
    struct Handling;
    struct Answered;

    void enter(Phase phase, base::Duration limit);
    void enter_handler();
    void give_handler_up();
    static base::Detached handle(std::shared_ptr<Handling> handling, ServerState& server, Request request);
    base::Task<> serve();
    base::Task<bool> handshake();
    void advance(RequestParser& parser);
    base::Task<bool> read_on(RequestParser& parser);
    base::Task<bool> answer(RequestParser& parser);
    base::Task<> refuse(int status, std::string_view code);
    base::Task<> linger();
    base::Task<> talk(Request request, const Router::WebSocketRoute& route);
    Request prepare(RequestParser& parser) const;
    bool known_host(const Request& request) const;

    TlsWant read_some();
    base::Task<bool> fill(First first);
    base::Task<bool> send_all(std::string_view head, std::string_view body);
    TlsStep try_read(char* out, size_t size);
    TlsStep try_write(std::string_view head, std::string_view body);
    Ready wait(TlsWant want);

    base::Task<bool> read_more(std::string& buffer) override;
    void heard(std::string& buffer);
    base::Task<bool> write(std::string bytes) override;

    ServerState& m_server;
    WatchedSocket m_socket;
    std::string m_peer;
    SSL* m_tls = nullptr;
    std::shared_ptr<TlsContext> m_tls_context;
    std::string m_in;
    std::string m_out;
    Phase m_phase = Phase::Idle;
    SteadyTime m_deadline = SteadyTime::max();
    bool m_expired = false;
    bool m_more_to_read = false; // the last read took all it had room for
    bool m_pinged = false;
    std::shared_ptr<Handling> m_handling;
    std::unique_ptr<WebSocket> m_websocket; // kept to the end, as others may still be sending
};

} // namespace musubi::http
