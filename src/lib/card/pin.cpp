#include "lib/card/pin.h"

#include "lib/card/apdu.h"
#include "lib/card/errors.h"
#include "lib/card/files.h"

#include <algorithm>
#include <cstring>

namespace musubi::card {

namespace {

constexpr uint8_t kVerify = 0x20;
constexpr uint8_t kChangeReferenceData = 0x24;
constexpr uint8_t kCurrentReference = 0x80;

// U+FF01 to U+FF5E are the full-width forms of U+0021 to U+007E, in UTF-8 EF BC 81 to EF BD 9E.
std::string to_half_width(std::string_view text) {
    std::string out;
    for (size_t at = 0; at < text.size(); ++at) {
        if (text.size() - at >= 3 && text[at] == '\xEF' && (text[at + 1] == '\xBC' || text[at + 1] == '\xBD')) {
            const unsigned low = (static_cast<unsigned char>(text[at + 1]) & 0x3Fu) << 6 |
                                 (static_cast<unsigned char>(text[at + 2]) & 0x3Fu);
            if (low >= 0xF01 && low <= 0xF5E) {
                out += static_cast<char>(low - 0xF00 + 0x20);
                at += 2;
                continue;
            }
        }
        out += text[at];
    }
    return out;
}

bool allowed(PinAlphabet alphabet, char c) {
    const bool digit = c >= '0' && c <= '9';
    return digit || (alphabet == PinAlphabet::UpperCaseAndDigits && c >= 'A' && c <= 'Z');
}

base::Result<Response> send_secret(Transport& transport, Command command, const base::Secret& secret) {
    command.data = secret.reveal();
    auto response = exchange(transport, command);
    explicit_bzero(command.data.data(), command.data.size());
    return response;
}

base::Status select_pin(Transport& transport, uint16_t pin) {
    MUSUBI_TRY(const bool found, select_file(transport, pin));
    if (!found) return unexpected_status(kVerify, sw::kFileNotFound);
    return base::success();
}

} // namespace

base::Result<base::Secret> normalise_pin(const PinFormat& format, std::string_view name, const base::Secret& typed) {
    auto text = to_half_width(typed.reveal());
    if (format.alphabet == PinAlphabet::UpperCaseAndDigits) {
        for (auto& c : text) {
            if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        }
    }
    const bool fits = text.size() >= format.minimum_length && text.size() <= format.maximum_length &&
                      std::all_of(text.begin(), text.end(), [&](char c) { return allowed(format.alphabet, c); });
    base::Secret secret(text);
    explicit_bzero(text.data(), text.size());
    if (!fits) return pin_malformed(name);
    return secret;
}

base::Status require_accepted(const PinOutcome& outcome, std::string_view name) {
    switch (outcome.kind) {
    case PinOutcome::Kind::Accepted:
        return base::success();
    case PinOutcome::Kind::Wrong:
        return pin_wrong(name, outcome.tries_left);
    case PinOutcome::Kind::Blocked:
        break;
    }
    return pin_blocked(name);
}

base::Result<unsigned> tries_left(Transport& transport, uint16_t pin) {
    MUSUBI_CHECK(select_pin(transport, pin));
    MUSUBI_TRY(const auto response, exchange(transport, {0x00, kVerify, 0x00, kCurrentReference}));
    if ((response.status & 0xFFF0) == sw::kTriesLeft) return response.status & 0x0Fu;
    if (response.status == sw::kReferenceBlocked || response.status == 0x6983) return 0u;
    if (response.status == 0x6300) return kUnlimitedTries;
    return unexpected_status(kVerify, response.status);
}

base::Result<PinOutcome> verify_pin(Transport& transport, uint16_t pin, const base::Secret& secret) {
    using Kind = PinOutcome::Kind;
    // An empty VERIFY is a question, not a proof: some cards answer it with 9000 after an earlier success.
    if (secret.empty()) return pin_malformed("");
    MUSUBI_CHECK(select_pin(transport, pin));
    MUSUBI_TRY(const auto response, send_secret(transport, {0x00, kVerify, 0x00, kCurrentReference}, secret));
    if (response.ok()) return PinOutcome{Kind::Accepted, 0};
    if (response.status == sw::kTriesLeft) return PinOutcome{Kind::Blocked, 0};
    if ((response.status & 0xFFF0) == sw::kTriesLeft) return PinOutcome{Kind::Wrong, response.status & 0x0Fu};
    // JICSAP says 6984, ISO/IEC 7816-4 says 6983.
    if (response.status == sw::kReferenceBlocked || response.status == 0x6983) return PinOutcome{Kind::Blocked, 0};
    return unexpected_status(kVerify, response.status);
}

base::Result<PinOutcome> change_pin(Transport& transport, uint16_t pin, const base::Secret& current,
                                    const base::Secret& next) {
    MUSUBI_TRY(const auto outcome, verify_pin(transport, pin, current));
    if (!outcome.accepted()) return outcome;
    MUSUBI_TRY(const auto response,
               send_secret(transport, {0x00, kChangeReferenceData, 0x01, kCurrentReference}, next));
    if (!response.ok()) return unexpected_status(kChangeReferenceData, response.status);
    return outcome;
}

} // namespace musubi::card
