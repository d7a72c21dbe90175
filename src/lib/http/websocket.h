// Text messages over one WebSocket connection (RFC 6455), for programs beside the browser such as the card reader's
// agent. A route is `router.websocket(path, operation, origin_check, handler)`; its handler runs for the life of the
// connection:
//
//     base::Task<> talk(http::WebSocket& socket, const http::Request&) {
//         while (auto message = co_await socket.receive()) co_await socket.send(answer(*message));
//     }
//
// All calls happen on the connection's own loop; another coroutine there may send while the handler waits to receive,
// and must be done with the socket before the handler returns.
#pragma once

#include "base/task.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace musubi::http {

/// The bytes under a WebSocket; private to the server.
class Transport {
  public:
    virtual ~Transport() = default;
    /// Appends what has arrived; false when the connection is over.
    virtual base::Task<bool> read_more(std::string& buffer) = 0;
    virtual base::Task<bool> write(std::string bytes) = 0;
};

class WebSocket {
  public:
    WebSocket(Transport& transport, std::string received, size_t max_message);

    /// The next text message, at most the route's limit and valid UTF-8; nothing once the connection is over.
    base::Task<std::optional<std::string>> receive();
    /// False when the connection is over, or the other side takes nothing and more than 4 MiB wait.
    base::Task<bool> send(std::string text);
    /// Says why (RFC 6455 section 7.4.1) and ends; receive() gives nothing from then on.
    base::Task<> close(uint16_t code = 1000, std::string_view reason = {});
    bool open() const { return m_open; }

    base::Task<> ping(); // by the server, when nothing was heard for a while

  private:
    base::Task<bool> push(std::string frame);
    struct Step {
        enum What { Message, Reply, Read, Close } what;
        uint16_t code;
        std::string bytes;
    };
    Step next_step();

    Transport& m_transport;
    std::string m_received;
    std::string m_waiting; // to be written
    std::string m_message; // fragments so far
    size_t m_max_message;
    bool m_in_message = false;
    bool m_writing = false;
    bool m_open = true;
};

} // namespace musubi::http
