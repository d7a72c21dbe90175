#include "lib/http/websocket_frame.h"

#include "base/encoding.h"

#include <openssl/evp.h>

namespace musubi::http {

namespace {

bool is_control(Opcode opcode) { return static_cast<uint8_t>(opcode) >= 8; }

bool is_known(uint8_t opcode) { return opcode <= 2 || (opcode >= 8 && opcode <= 10); }

uint64_t big_endian(std::string_view bytes) {
    uint64_t value = 0;
    for (const char c : bytes) value = (value << 8) | static_cast<uint8_t>(c);
    return value;
}

} // namespace

std::optional<Frame> take_frame(std::string& input, size_t max_payload, FrameRefusal& refusal) {
    const auto refuse = [&refusal](FrameRefusal why) {
        refusal = why;
        return std::nullopt;
    };
    refusal = FrameRefusal::None;
    if (input.size() < 2) return std::nullopt;
    const auto first = static_cast<uint8_t>(input[0]);
    const auto second = static_cast<uint8_t>(input[1]);
    const bool final = (first & 0x80) != 0;
    if ((first & 0x70) != 0 || !is_known(first & 0x0F) || (second & 0x80) == 0) return refuse(FrameRefusal::Protocol);
    const auto opcode = static_cast<Opcode>(first & 0x0F);
    uint64_t length = second & 0x7F;
    size_t at = 2;
    if (is_control(opcode) && (!final || length > 125)) return refuse(FrameRefusal::Protocol);
    if (length >= 126) {
        const size_t bytes = length == 126 ? 2 : 8;
        if (input.size() < at + bytes) return std::nullopt;
        length = big_endian(std::string_view(input).substr(at, bytes));
        at += bytes;
        if (length < 126 || (bytes == 8 && length < 65536)) return refuse(FrameRefusal::Protocol);
    }
    if (length > max_payload) return refuse(FrameRefusal::TooLarge);
    if (input.size() < at + 4 + length) return std::nullopt;
    Frame frame{opcode, final, input.substr(at + 4, length)};
    for (size_t i = 0; i < frame.payload.size(); ++i)
        frame.payload[i] = static_cast<char>(frame.payload[i] ^ input[at + i % 4]);
    input.erase(0, at + 4 + length);
    return frame;
}

std::string make_frame(Opcode opcode, std::string_view payload) {
    std::string out(1, static_cast<char>(0x80 | static_cast<uint8_t>(opcode)));
    const size_t length = payload.size();
    const auto append_length = [&out, length](int bytes) {
        for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(length >> (8 * i));
    };
    if (length < 126) {
        append_length(1);
    } else if (length < 65536) {
        out += 126;
        append_length(2);
    } else {
        out += 127;
        append_length(8);
    }
    return out.append(payload);
}

std::optional<std::string> accept_key(std::string_view key) {
    const auto bytes = base::base64_decode(key);
    if (!bytes || bytes->size() != 16) return std::nullopt;
    const std::string text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    unsigned char digest[EVP_MAX_MD_SIZE];
    size_t size = 0;
    if (EVP_Q_digest(nullptr, "SHA1", nullptr, text.data(), text.size(), digest, &size) != 1) return std::nullopt;
    return base::base64_encode({reinterpret_cast<const char*>(digest), size});
}

} // namespace musubi::http
