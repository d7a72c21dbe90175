// The header lines every answer carries, prepared once.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace musubi::http {

struct Policies {
    std::array<std::string, 8> lines;
    /// `page`: HTML that a browser shows; others may not do anything even when opened as a page.
    std::string_view choose(bool page, bool secure, bool cache_said) const {
        return lines[(page ? 4u : 0u) + (secure ? 2u : 0u) + (cache_said ? 1u : 0u)];
    }
};

/// `connect_to`: sources a page may call besides its own origin, such as the card reader's agent on the loopback
/// address.
Policies make_policies(std::string_view public_origin, const std::vector<std::string>& connect_to);

} // namespace musubi::http
