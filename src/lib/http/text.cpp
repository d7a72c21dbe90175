#include "lib/http/text.h"

#include "base/encoding.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace musubi::http {

namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char l = lower(c);
    return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

constexpr std::array kMethods = {
    std::pair{Method::Get, std::string_view("GET")},        std::pair{Method::Post, std::string_view("POST")},
    std::pair{Method::Put, std::string_view("PUT")},        std::pair{Method::Patch, std::string_view("PATCH")},
    std::pair{Method::Delete, std::string_view("DELETE")},  std::pair{Method::Head, std::string_view("HEAD")},
    std::pair{Method::Options, std::string_view("OPTIONS")}};

/// Thousandths; RFC 9110 section 12.4.2.
int quality(std::string_view parameters) {
    for (const auto part : split(parameters, ';')) {
        const auto text = trimmed(part);
        if (!text.starts_with("q=") && !text.starts_with("Q=")) continue;
        double value = 0;
        const auto number = text.substr(2);
        std::from_chars(number.data(), number.data() + number.size(), value);
        return value >= 0 && value <= 1 ? static_cast<int>(value * 1000 + 0.5) : 0;
    }
    return 1000;
}

/// Calls `each(token, quality)` for the elements of a weighted list; bounded, as lists come before authentication.
template <class F> void each_weighted(std::string_view list, F each) {
    int seen = 0;
    for (const auto element : split(list, ',')) {
        if (++seen > 32) return;
        const size_t semicolon = element.find(';');
        const auto token = trimmed(element.substr(0, semicolon));
        const auto rest = semicolon == std::string_view::npos ? std::string_view{} : element.substr(semicolon + 1);
        if (!token.empty()) each(token, quality(rest));
    }
}

} // namespace

bool equal_ignoring_case(std::string_view left, std::string_view right) {
    if (left.size() != right.size()) return false;
    for (size_t i = 0; i < left.size(); ++i)
        if (lower(left[i]) != lower(right[i])) return false;
    return true;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

bool is_field_text(std::string_view text) {
    const auto allowed = [](char c) { return (static_cast<uint8_t>(c) >= 0x20 && c != 0x7F) || c == '\t'; };
    constexpr uint64_t kOnes = 0x0101010101010101;
    constexpr uint64_t kHighs = 0x80 * kOnes;
    size_t at = 0;
    for (; at + 8 <= text.size(); at += 8) {
        uint64_t word = 0;
        std::memcpy(&word, text.data() + at, sizeof word);
        const uint64_t below_space = (word - 0x20 * kOnes) & ~word & kHighs; // may be set once too often, never missed
        const uint64_t not_delete = word ^ (0x7F * kOnes);
        if ((below_space | ((not_delete - kOnes) & ~not_delete & kHighs)) == 0) continue;
        if (!std::all_of(text.begin() + static_cast<ptrdiff_t>(at), text.begin() + static_cast<ptrdiff_t>(at) + 8,
                         allowed))
            return false;
    }
    return std::all_of(text.begin() + static_cast<ptrdiff_t>(at), text.end(), allowed);
}

std::optional<std::string> percent_decode(std::string_view text, Plus plus) {
    std::string out;
    out.reserve(text.size());
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus == Plus::IsSpace) {
            out += ' ';
        } else if (text[i] != '%') {
            out += text[i];
        } else {
            if (i + 2 >= text.size()) return std::nullopt;
            const int high = hex_value(text[i + 1]);
            const int low = hex_value(text[i + 2]);
            if (high < 0 || low < 0) return std::nullopt;
            out += static_cast<char>(high * 16 + low);
            i += 2;
        }
    }
    if (out.find('\0') != std::string::npos || !base::valid_utf8(out)) return std::nullopt;
    return out;
}

std::optional<std::string> decode_path(std::string_view raw) {
    if (raw.empty() || raw.front() != '/') return std::nullopt;
    for (size_t i = 0; i + 2 < raw.size(); ++i) {
        if (raw[i] != '%') continue;
        const char second = lower(raw[i + 2]);
        if ((raw[i + 1] == '2' && second == 'f') || (raw[i + 1] == '5' && second == 'c')) return std::nullopt;
    }
    auto path = percent_decode(raw, Plus::IsPlus);
    if (!path) return std::nullopt;
    for (const char c : *path)
        if (static_cast<uint8_t>(c) < 0x20 || c == 0x7F || c == '\\') return std::nullopt;
    for (size_t at = path->find("/."); at != std::string::npos; at = path->find("/.", at + 1)) {
        const auto rest = std::string_view(*path).substr(at + 2);
        if (rest.empty() || rest[0] == '/' || rest == "." || rest.starts_with("./")) return std::nullopt;
    }
    return path;
}

std::optional<Method> parse_method(std::string_view text) {
    for (const auto& [method, name] : kMethods)
        if (name == text) return method;
    return std::nullopt;
}

std::string_view method_name(Method method) {
    for (const auto& [value, name] : kMethods)
        if (value == method) return name;
    return "";
}

std::string_view reason_phrase(int status) {
    switch (status) {
    case 101:
        return "Switching Protocols";
    case 200:
        return "OK";
    case 201:
        return "Created";
    case 202:
        return "Accepted";
    case 204:
        return "No Content";
    case 206:
        return "Partial Content";
    case 301:
        return "Moved Permanently";
    case 302:
        return "Found";
    case 303:
        return "See Other";
    case 304:
        return "Not Modified";
    case 307:
        return "Temporary Redirect";
    case 308:
        return "Permanent Redirect";
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 406:
        return "Not Acceptable";
    case 408:
        return "Request Timeout";
    case 409:
        return "Conflict";
    case 410:
        return "Gone";
    case 412:
        return "Precondition Failed";
    case 413:
        return "Content Too Large";
    case 414:
        return "URI Too Long";
    case 415:
        return "Unsupported Media Type";
    case 417:
        return "Expectation Failed";
    case 421:
        return "Misdirected Request";
    case 422:
        return "Unprocessable Content";
    case 423:
        return "Locked";
    case 426:
        return "Upgrade Required";
    case 428:
        return "Precondition Required";
    case 429:
        return "Too Many Requests";
    case 431:
        return "Request Header Fields Too Large";
    case 500:
        return "Internal Server Error";
    case 501:
        return "Not Implemented";
    case 503:
        return "Service Unavailable";
    case 505:
        return "HTTP Version Not Supported";
    default:
        return "Status";
    }
}

Language language_of(const Request& request) {
    if (const auto wished = base::parse_language(request.header("X-Musubi-Language"))) return *wished;
    Language best = Language::Japanese;
    int best_quality = 0;
    each_weighted(request.header("Accept-Language"), [&](std::string_view tag, int weight) {
        auto language = base::parse_language(tag);
        if (!language) language = base::parse_language(tag.substr(0, tag.find('-'))); // "en-GB"
        if (!language || weight <= best_quality) return;
        best = *language;
        best_quality = weight;
    });
    return best;
}

std::string_view choose_encoding(std::string_view accept_encoding, bool has_brotli, bool has_gzip) {
    int brotli = -1;
    int gzip = -1;
    int identity = 1;
    each_weighted(accept_encoding, [&](std::string_view token, int weight) {
        if (equal_ignoring_case(token, "br")) brotli = weight;
        if (equal_ignoring_case(token, "gzip")) gzip = weight;
        if (equal_ignoring_case(token, "identity")) identity = weight;
    });
    if (has_brotli && brotli > 0 && brotli >= gzip && brotli >= identity) return "br";
    if (has_gzip && gzip > 0 && gzip >= identity) return "gzip";
    return "";
}

bool etag_matches(std::string_view if_none_match, std::string_view etag) {
    if (etag.empty() || if_none_match.empty()) return false;
    if (trimmed(if_none_match) == "*") return true;
    const auto opaque = [](std::string_view tag) { return tag.starts_with("W/") ? tag.substr(2) : tag; };
    for (const auto candidate : split(if_none_match, ','))
        if (opaque(trimmed(candidate)) == opaque(etag)) return true;
    return false;
}

/// Two lanes of multiply-and-fold, as in wyhash.
std::string make_etag(std::string_view bytes) {
    const auto mix = [](uint64_t a, uint64_t b) {
        const auto product = static_cast<unsigned __int128>(a) * b;
        return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
    };
    uint64_t first = 0x9E3779B97F4A7C15 ^ bytes.size();
    uint64_t second = 0xC2B2AE3D27D4EB4F;
    const auto take = [&](const char* from) {
        uint64_t words[4];
        std::memcpy(words, from, sizeof words);
        first = mix(first ^ words[0], words[1] ^ 0xA0761D6478BD642F);
        second = mix(second ^ words[2], words[3] ^ 0xE7037ED1A0B428DB);
    };
    size_t at = 0;
    for (; at + 32 <= bytes.size(); at += 32) take(bytes.data() + at);
    if (at < bytes.size()) {
        char padded[32] = {};
        bytes.copy(padded, sizeof padded, at);
        take(padded);
    }
    const uint64_t parts[2] = {mix(first ^ 0x8EBC6AF09C88C6E3, second), mix(second ^ first, 0x589965CC75374CC3)};
    std::string out;
    out.reserve(24);
    out += '"';
    out += base::base64url_encode({reinterpret_cast<const char*>(parts), sizeof parts});
    return out += '"';
}

} // namespace musubi::http
