// Frames of the WebSocket protocol (RFC 6455 section 5), as a server reads and writes them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace musubi::http {

enum class Opcode : uint8_t { Continuation = 0, Text = 1, Binary = 2, Close = 8, Ping = 9, Pong = 10 };

struct Frame {
    Opcode opcode = Opcode::Text;
    bool final = true;
    std::string payload; // unmasked
};

enum class FrameRefusal : uint16_t { None = 0, Protocol = 1002, TooLarge = 1009 }; // close codes, section 7.4.1

/// Takes one frame of a client off the front of `input`. Nothing: more bytes are needed, or `refusal` says why not.
/// Unmasked frames, reserved bits and opcodes, lengths not in their shortest form and long or split control frames are
/// refused.
std::optional<Frame> take_frame(std::string& input, size_t max_payload, FrameRefusal& refusal);

/// A frame of a server: unmasked, unsplit.
std::string make_frame(Opcode opcode, std::string_view payload);

/// Sec-WebSocket-Accept for a Sec-WebSocket-Key (section 4.2.2); nothing when the key is not 16 bytes in base64.
std::optional<std::string> accept_key(std::string_view key);

} // namespace musubi::http
