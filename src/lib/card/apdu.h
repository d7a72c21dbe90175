// Command and response APDUs, ISO/IEC 7816-4 sections 5.1 and 5.2: short and extended lengths.
#pragma once

#include "base/result.h"
#include "lib/card/transport.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace musubi::card {

namespace sw {
inline constexpr uint16_t kOk = 0x9000;
inline constexpr uint16_t kEndOfFile = 0x6282;
inline constexpr uint16_t kTriesLeft = 0x63C0; // low four bits: the number
inline constexpr uint16_t kWrongLength = 0x6700;
inline constexpr uint16_t kSecureMessagingNotSupported = 0x6882;
inline constexpr uint16_t kWrongFileStructure = 0x6981;
inline constexpr uint16_t kSecurityStatusNotSatisfied = 0x6982;
inline constexpr uint16_t kReferenceBlocked = 0x6984; // JICSAP; ISO would say 6983
inline constexpr uint16_t kConditionsNotSatisfied = 0x6985;
inline constexpr uint16_t kNoCurrentFile = 0x6986;
inline constexpr uint16_t kWrongData = 0x6A80;
inline constexpr uint16_t kFileNotFound = 0x6A82;
inline constexpr uint16_t kRecordNotFound = 0x6A83;
inline constexpr uint16_t kWrongParameters = 0x6A86;
inline constexpr uint16_t kReferenceNotFound = 0x6A88;
inline constexpr uint16_t kWrongOffset = 0x6B00;
inline constexpr uint16_t kInstructionNotSupported = 0x6D00;
inline constexpr uint16_t kClassNotSupported = 0x6E00;
} // namespace sw

struct Command {
    uint8_t cla = 0;
    uint8_t ins = 0;
    uint8_t p1 = 0;
    uint8_t p2 = 0;
    std::string data = {};                        // up to 65,535 bytes
    std::optional<uint32_t> expected_length = {}; // Ne, 1 to 65,536
};

enum class LengthForm { Shortest, Extended };

std::string encode(const Command& command, LengthForm form = LengthForm::Shortest);
/// Nothing for bytes that are not a command APDU. `extended`, when given, tells which length form was used.
std::optional<Command> decode_command(std::string_view bytes, LengthForm* form = nullptr);

struct Response {
    std::string data = {};
    uint16_t status = 0;
    bool ok() const { return status == sw::kOk; }
};

std::string encode(const Response& response);
/// Nothing for fewer than two bytes.
std::optional<Response> decode_response(std::string_view bytes);

/// Sends a command and collects the whole answer: 61xx is followed by GET RESPONSE, 6Cxx by the same command with the
/// length the card names (ISO/IEC 7816-4 section 5.6). The answer is bounded to 64 KiB.
base::Result<Response> exchange(Transport& transport, const Command& command, LengthForm form = LengthForm::Shortest);

} // namespace musubi::card
