// Addresses of clients and ranges of them, as configuration lists them ("127.0.0.1", "10.0.0.0/8", "fd00::/8").
#pragma once

#include "base/result.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace musubi::http {

class AddressRange {
  public:
    /// Error "address.malformed".
    static base::Result<AddressRange> parse(std::string_view text);
    bool contains(std::string_view address) const; // false for what is not an address

  private:
    std::array<uint8_t, 16> m_network{}; // IPv4 as ::ffff:a.b.c.d
    int m_bits = 128;
};

bool any_contains(const std::vector<AddressRange>& ranges, std::string_view address);

/// The client behind trusted proxies: the last entry of X-Forwarded-For that is not itself trusted. `peer` unless it is
/// trusted and the field is well-formed.
std::string client_address(std::string_view peer, std::string_view forwarded_for,
                           const std::vector<AddressRange>& trusted);

} // namespace musubi::http
