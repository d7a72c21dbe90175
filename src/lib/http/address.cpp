#include "lib/http/address.h"

#include "lib/http/text.h"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <cstring>
#include <optional>

namespace musubi::http {

namespace {

std::optional<std::array<uint8_t, 16>> parse_address(std::string_view text, bool& is_v4) {
    std::array<uint8_t, 16> bytes{};
    const std::string copy(text);
    is_v4 = inet_pton(AF_INET, copy.c_str(), bytes.data() + 12) == 1;
    if (is_v4) {
        bytes[10] = bytes[11] = 0xFF;
        return bytes;
    }
    if (inet_pton(AF_INET6, copy.c_str(), bytes.data()) == 1) return bytes;
    return std::nullopt;
}

} // namespace

base::Result<AddressRange> AddressRange::parse(std::string_view text) {
    const size_t slash = text.find('/');
    bool is_v4 = false;
    const auto bytes = parse_address(text.substr(0, slash), is_v4);
    if (!bytes) return base::invalid("address.malformed");
    AddressRange range;
    range.m_network = *bytes;
    if (slash == std::string_view::npos) return range;
    const auto digits = text.substr(slash + 1);
    int bits = -1;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (error != std::errc{} || end != digits.data() + digits.size() || bits < 0 || bits > (is_v4 ? 32 : 128))
        return base::invalid("address.malformed");
    range.m_bits = is_v4 ? bits + 96 : bits;
    return range;
}

bool AddressRange::contains(std::string_view address) const {
    bool is_v4 = false;
    const auto bytes = parse_address(address, is_v4);
    if (!bytes) return false;
    const auto whole = static_cast<size_t>(m_bits / 8);
    if (std::memcmp(bytes->data(), m_network.data(), whole) != 0) return false;
    if (m_bits % 8 == 0) return true;
    const int mask = 0xFF00 >> (m_bits % 8) & 0xFF;
    return ((*bytes)[whole] & mask) == (m_network[whole] & mask);
}

bool any_contains(const std::vector<AddressRange>& ranges, std::string_view address) {
    return std::any_of(ranges.begin(), ranges.end(),
                       [address](const AddressRange& range) { return range.contains(address); });
}

std::string client_address(std::string_view peer, std::string_view forwarded_for,
                           const std::vector<AddressRange>& trusted) {
    std::string_view client = peer;
    while (any_contains(trusted, client) && !forwarded_for.empty()) {
        const size_t comma = forwarded_for.rfind(',');
        const auto next = trimmed(comma == std::string_view::npos ? forwarded_for : forwarded_for.substr(comma + 1));
        bool is_v4 = false;
        if (!parse_address(next, is_v4)) break;
        client = next;
        forwarded_for = comma == std::string_view::npos ? std::string_view{} : forwarded_for.substr(0, comma);
    }
    return std::string(client);
}

} // namespace musubi::http
