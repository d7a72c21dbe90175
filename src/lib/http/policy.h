// The header lines every answer carries, prepared once.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace musubi::http {

/// What an answer brings along itself, and what kind it is.
struct PolicyQuestion {
    bool page = false; // HTML that a browser shows; others may not do anything even when opened as a page
    bool secure = false;
    bool has_cache_control = false;
    bool has_content_policy = false;
};

struct Policies {
    std::array<std::string, 16> lines;
    std::string_view choose(const PolicyQuestion& of) const {
        return lines[(of.has_content_policy ? 8u : 0u) + (of.page ? 4u : 0u) + (of.secure ? 2u : 0u) +
                     (of.has_cache_control ? 1u : 0u)];
    }
};

/// `connect_to`: sources a page may call besides its own origin, such as the card reader's agent on the loopback
/// address.
Policies make_policies(std::string_view public_origin, const std::vector<std::string>& connect_to);

} // namespace musubi::http
