#include "base/encoding.h"

#include <array>
#include <cstdint>
#include <cstring>

namespace musubi::base {
namespace {

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase64Url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::array<int16_t, 256> reverse(std::string_view alphabet) {
    std::array<int16_t, 256> table{};
    table.fill(-1);
    for (size_t i = 0; i < alphabet.size(); ++i) table[static_cast<uint8_t>(alphabet[i])] = static_cast<int16_t>(i);
    return table;
}
constexpr auto kFromBase64 = reverse(kBase64);
constexpr auto kFromBase64Url = reverse(kBase64Url);

std::string encode(std::string_view bytes, std::string_view alphabet) {
    std::string out((bytes.size() * 4 + 2) / 3, '\0');
    char* to = out.data();
    const auto byte = [bytes](size_t i) { return uint32_t{static_cast<uint8_t>(bytes[i])}; };
    size_t at = 0;
    for (; at + 3 <= bytes.size(); at += 3) {
        const uint32_t group = byte(at) << 16 | byte(at + 1) << 8 | byte(at + 2);
        for (int shift = 18; shift >= 0; shift -= 6) *to++ = alphabet[(group >> shift) & 63];
    }
    const size_t left = bytes.size() - at;
    if (left == 0) return out;
    const uint32_t group = byte(at) << 16 | (left == 2 ? byte(at + 1) << 8 : 0);
    *to++ = alphabet[group >> 18];
    *to++ = alphabet[(group >> 12) & 63];
    if (left == 2) *to = alphabet[(group >> 6) & 63];
    return out;
}

std::optional<std::string> decode(std::string_view text, const std::array<int16_t, 256>& table) {
    if (text.size() % 4 == 1) return std::nullopt;
    std::string out;
    out.reserve(text.size() * 3 / 4);
    uint32_t buffer = 0;
    int bits = 0;
    for (const char c : text) {
        const int value = table[static_cast<uint8_t>(c)];
        if (value < 0) return std::nullopt;
        buffer = (buffer << 6) | static_cast<uint32_t>(value);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out.push_back(static_cast<char>((buffer >> bits) & 255));
        }
    }
    if ((buffer & ((1U << bits) - 1)) != 0) return std::nullopt;
    return out;
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// Length of the well-formed sequence at `at` (RFC 3629 section 4), or 0.
size_t utf8_sequence(std::string_view text, size_t at) {
    const auto byte = [&](size_t i) { return i < text.size() ? static_cast<uint8_t>(text[i]) : uint8_t{0}; };
    const auto tail = [&](size_t i) { return (byte(i) & 0xC0) == 0x80; };
    const uint8_t first = byte(at);
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first <= 0xDF) return tail(at + 1) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
        if (!tail(at + 1) || !tail(at + 2)) return 0;
        if (first == 0xE0 && byte(at + 1) < 0xA0) return 0;
        if (first == 0xED && byte(at + 1) > 0x9F) return 0;
        return 3;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        if (!tail(at + 1) || !tail(at + 2) || !tail(at + 3)) return 0;
        if (first == 0xF0 && byte(at + 1) < 0x90) return 0;
        if (first == 0xF4 && byte(at + 1) > 0x8F) return 0;
        return 4;
    }
    return 0;
}

} // namespace

std::string hex_encode(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out(bytes.size() * 2, '\0');
    char* to = out.data();
    for (const char c : bytes) {
        *to++ = digits[static_cast<uint8_t>(c) >> 4];
        *to++ = digits[static_cast<uint8_t>(c) & 15];
    }
    return out;
}

std::optional<std::string> hex_decode(std::string_view text) {
    if (text.size() % 2 != 0) return std::nullopt;
    std::string out;
    out.reserve(text.size() / 2);
    for (size_t i = 0; i < text.size(); i += 2) {
        const int high = hex_digit(text[i]);
        const int low = hex_digit(text[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        out.push_back(static_cast<char>(high * 16 + low));
    }
    return out;
}

std::string base64_encode(std::string_view bytes) {
    std::string out = encode(bytes, kBase64);
    while (out.size() % 4 != 0) out.push_back('=');
    return out;
}

std::optional<std::string> base64_decode(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    for (int i = 0; i < 2 && !text.empty() && text.back() == '='; ++i) text.remove_suffix(1);
    return decode(text, kFromBase64);
}

std::string base64url_encode(std::string_view bytes) { return encode(bytes, kBase64Url); }
std::optional<std::string> base64url_decode(std::string_view text) { return decode(text, kFromBase64Url); }

bool valid_utf8(std::string_view text) {
    for (size_t at = 0; at < text.size();) {
        if (at + 8 <= text.size()) { // eight of ASCII at a time: most of what there is
            uint64_t word = 0;
            std::memcpy(&word, text.data() + at, sizeof word);
            if ((word & 0x8080808080808080) == 0) {
                at += 8;
                continue;
            }
        }
        const size_t length = utf8_sequence(text, at);
        if (length == 0) return false;
        at += length;
    }
    return true;
}

} // namespace musubi::base
