#include "lib/card/apdu.h"

#include "lib/card/errors.h"

#include <cstring>

namespace musubi::card {

namespace {

constexpr uint8_t kGetResponse = 0xC0;
constexpr size_t kMaximumAnswer = 65536;

uint8_t byte_at(std::string_view bytes, size_t at) { return static_cast<uint8_t>(bytes[at]); }

void append_two_bytes(std::string& out, size_t value) {
    out += static_cast<char>(value >> 8);
    out += static_cast<char>(value);
}

// The three shapes after the header with extended lengths: 00 Le Le | 00 Lc Lc data | 00 Lc Lc data Le Le.
std::optional<Command> decode_extended(Command command, std::string_view body) {
    const size_t first = byte_at(body, 1) * 256u + byte_at(body, 2);
    if (body.size() == 3) {
        command.expected_length = first == 0 ? 65536 : static_cast<uint32_t>(first);
        return command;
    }
    if (first == 0) return std::nullopt;
    const size_t rest = body.size() - 3;
    if (rest != first && rest != first + 2) return std::nullopt;
    command.data = body.substr(3, first);
    if (rest == first + 2) {
        const size_t length = byte_at(body, first + 3) * 256u + byte_at(body, first + 4);
        command.expected_length = length == 0 ? 65536 : static_cast<uint32_t>(length);
    }
    return command;
}

std::optional<Command> decode_short(Command command, std::string_view body) {
    const size_t first = byte_at(body, 0);
    if (body.size() == 1) {
        command.expected_length = first == 0 ? 256 : static_cast<uint32_t>(first);
        return command;
    }
    if (first == 0) return std::nullopt;
    if (body.size() != first + 1 && body.size() != first + 2) return std::nullopt;
    command.data = body.substr(1, first);
    if (body.size() == first + 2) {
        const size_t length = byte_at(body, first + 1);
        command.expected_length = length == 0 ? 256 : static_cast<uint32_t>(length);
    }
    return command;
}

// A command carries PINs: what was sent is wiped once it is sent.
base::Result<Response> transmit_and_wipe(Transport& transport, const Command& command, LengthForm form) {
    auto bytes = encode(command, form);
    auto answer = transport.transmit(bytes);
    explicit_bzero(bytes.data(), bytes.size());
    if (!answer) return std::move(answer).error();
    auto response = decode_response(*answer);
    if (!response) return communication("answer shorter than a status word");
    return std::move(*response);
}

} // namespace

std::string encode(const Command& command, LengthForm form) {
    const uint32_t expected = command.expected_length.value_or(0);
    const bool extended = form == LengthForm::Extended || command.data.size() > 255 || expected > 256;
    std::string out = {static_cast<char>(command.cla), static_cast<char>(command.ins), static_cast<char>(command.p1),
                       static_cast<char>(command.p2)};
    if (!extended) {
        if (!command.data.empty()) {
            out += static_cast<char>(command.data.size());
            out += command.data;
        }
        if (command.expected_length) out += static_cast<char>(expected);
        return out;
    }
    if (command.data.empty() && !command.expected_length) return out;
    out += '\0';
    if (!command.data.empty()) {
        append_two_bytes(out, command.data.size());
        out += command.data;
    }
    if (command.expected_length) append_two_bytes(out, expected);
    return out;
}

std::optional<Command> decode_command(std::string_view bytes, LengthForm* form) {
    if (form) *form = LengthForm::Shortest;
    if (bytes.size() < 4) return std::nullopt;
    Command command{byte_at(bytes, 0), byte_at(bytes, 1), byte_at(bytes, 2), byte_at(bytes, 3)};
    const auto body = bytes.substr(4);
    if (body.empty()) return command;
    if (body.size() >= 3 && byte_at(body, 0) == 0) {
        if (form) *form = LengthForm::Extended;
        return decode_extended(std::move(command), body);
    }
    return decode_short(std::move(command), body);
}

std::string encode(const Response& response) {
    std::string out = response.data;
    append_two_bytes(out, response.status);
    return out;
}

std::optional<Response> decode_response(std::string_view bytes) {
    if (bytes.size() < 2) return std::nullopt;
    const size_t size = bytes.size() - 2;
    return Response{std::string(bytes.substr(0, size)),
                    static_cast<uint16_t>(byte_at(bytes, size) * 256u + byte_at(bytes, size + 1))};
}

base::Result<Response> exchange(Transport& transport, const Command& command, LengthForm form) {
    MUSUBI_TRY(auto response, transmit_and_wipe(transport, command, form));
    if (response.status >> 8 == 0x6C) {
        Command repeated = command;
        const uint32_t length = response.status & 0xFF;
        repeated.expected_length = length == 0 ? 256 : length;
        auto second = transmit_and_wipe(transport, repeated, form);
        explicit_bzero(repeated.data.data(), repeated.data.size());
        if (!second) return std::move(second).error();
        response = std::move(*second);
    }
    while (response.status >> 8 == 0x61) {
        const uint32_t length = response.status & 0xFF;
        const Command more{
            static_cast<uint8_t>(command.cla & 0x03), kGetResponse, 0, 0, {}, length == 0 ? 256 : length};
        MUSUBI_TRY(auto next, transmit_and_wipe(transport, more, LengthForm::Shortest));
        // A card that announces more and delivers nothing would hold us for ever.
        if (next.data.empty() && next.status >> 8 == 0x61) return communication("61xx without data");
        if (response.data.size() + next.data.size() > kMaximumAnswer) return communication("answer too long");
        response.data += next.data;
        response.status = next.status;
    }
    if (response.status >> 8 == 0x6C) return communication("length refused twice");
    return response;
}

} // namespace musubi::card
