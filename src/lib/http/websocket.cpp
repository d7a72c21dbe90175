#include "lib/http/websocket.h"

#include "base/encoding.h"
#include "lib/http/websocket_frame.h"

#include <utility>

namespace musubi::http {

namespace {
constexpr size_t kMostWaiting = 4 << 20;
constexpr uint16_t kProtocolError = 1002;
constexpr uint16_t kUnsupportedData = 1003;
constexpr uint16_t kInvalidPayload = 1007;
constexpr uint16_t kTooLarge = 1009;
} // namespace

WebSocket::WebSocket(Transport& transport, std::string received, size_t max_message)
    : m_transport(transport), m_received(std::move(received)), m_max_message(max_message) {}

base::Task<bool> WebSocket::push(std::string frame) {
    if (m_waiting.size() > kMostWaiting) co_return false;
    m_waiting += frame;
    if (m_writing) co_return true; // whoever writes takes it along
    m_writing = true;
    bool alive = true;
    while (alive && !m_waiting.empty()) alive = co_await m_transport.write(std::exchange(m_waiting, {}));
    m_writing = false;
    if (!alive) m_open = false;
    co_return alive;
}

base::Task<bool> WebSocket::send(std::string text) {
    if (!m_open) co_return false;
    co_return co_await push(make_frame(Opcode::Text, text));
}

base::Task<> WebSocket::ping() {
    if (m_open) co_await push(make_frame(Opcode::Ping, {}));
}

base::Task<> WebSocket::close(uint16_t code, std::string_view reason) {
    if (!m_open) co_return;
    std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xFF)};
    payload += reason.substr(0, 123);
    co_await push(make_frame(Opcode::Close, payload));
    m_open = false;
}

base::Task<std::optional<std::string>> WebSocket::fail(uint16_t code) {
    co_await close(code);
    co_return std::nullopt;
}

base::Task<std::optional<std::string>> WebSocket::receive() {
    while (m_open) {
        FrameRefusal refusal{};
        auto frame = take_frame(m_received, m_max_message, refusal);
        if (refusal != FrameRefusal::None) co_return co_await fail(static_cast<uint16_t>(refusal));
        if (!frame) {
            if (!co_await m_transport.read_more(m_received)) m_open = false;
            continue;
        }
        switch (frame->opcode) {
        case Opcode::Ping:
            co_await push(make_frame(Opcode::Pong, frame->payload));
            continue;
        case Opcode::Pong:
            continue;
        case Opcode::Close:
            co_return co_await fail(frame->payload.size() == 1 ? kProtocolError : 1000);
        case Opcode::Binary:
            co_return co_await fail(kUnsupportedData);
        case Opcode::Text:
            if (m_in_message) co_return co_await fail(kProtocolError);
            break;
        case Opcode::Continuation:
            if (!m_in_message) co_return co_await fail(kProtocolError);
            break;
        }
        if (m_message.size() + frame->payload.size() > m_max_message) co_return co_await fail(kTooLarge);
        m_message += frame->payload;
        m_in_message = !frame->final;
        if (m_in_message) continue;
        if (!base::valid_utf8(m_message)) co_return co_await fail(kInvalidPayload);
        co_return std::exchange(m_message, {});
    }
    co_return std::nullopt;
}

} // namespace musubi::http
