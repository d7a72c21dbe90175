#include "lib/http/websocket.h"

#include "base/encoding.h"
#include "lib/http/websocket_frame.h"

#include <utility>

namespace musubi::http {

namespace {
constexpr size_t kMostWaiting = 4 << 20;
constexpr uint16_t kNormalEnd = 1000; // RFC 6455 section 7.4.1
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

/// Works off received frames up to the next thing that must be waited for.
WebSocket::Step WebSocket::next_step() {
    for (;;) {
        FrameRefusal refusal{};
        auto frame = take_frame(m_received, m_max_message, refusal);
        if (refusal != FrameRefusal::None) return {Step::Close, static_cast<uint16_t>(refusal), {}};
        if (!frame) return {Step::Read, 0, {}};
        if (frame->opcode == Opcode::Pong) continue;
        if (frame->opcode == Opcode::Ping) return {Step::Reply, 0, make_frame(Opcode::Pong, frame->payload)};
        if (frame->opcode == Opcode::Close)
            return {Step::Close, frame->payload.size() == 1 ? kProtocolError : kNormalEnd, {}};
        if (frame->opcode == Opcode::Binary) return {Step::Close, kUnsupportedData, {}};
        if (m_in_message != (frame->opcode == Opcode::Continuation)) return {Step::Close, kProtocolError, {}};
        if (m_message.size() + frame->payload.size() > m_max_message) return {Step::Close, kTooLarge, {}};
        m_message += frame->payload;
        m_in_message = !frame->final;
        if (m_in_message) continue;
        if (!base::valid_utf8(m_message)) return {Step::Close, kInvalidPayload, {}};
        return {Step::Message, 0, std::exchange(m_message, {})};
    }
}

base::Task<std::optional<std::string>> WebSocket::receive() {
    while (m_open) {
        Step step = next_step();
        if (step.what == Step::Message) co_return std::move(step.bytes);
        if (step.what == Step::Reply) {
            co_await push(std::move(step.bytes));
        } else if (step.what == Step::Close) {
            co_await close(step.code);
        } else {
            const bool more = co_await m_transport.read_more(m_received);
            if (!more) m_open = false;
        }
    }
    co_return std::nullopt;
}

} // namespace musubi::http
