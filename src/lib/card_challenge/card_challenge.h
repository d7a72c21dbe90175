// The bytes a card signs for a site: SHA-256("musubi-card-v1" 00 origin 00 purpose 00 nonce).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace musubi::card_challenge {

enum class Purpose { Register, Authenticate };
std::string_view purpose_name(Purpose purpose); // "register", "authenticate"
std::optional<Purpose> purpose_named(std::string_view name);

/// Nonces are 16 to 64 random bytes.
inline constexpr size_t kShortestNonce = 16;
inline constexpr size_t kLongestNonce = 64;
bool valid_nonce(std::string_view nonce);

/// What is hashed. `origin` is a web origin as browsers serialise it (RFC 6454 section 6.2): "https://phr.example.jp".
/// It cannot contain a zero byte, so the parts cannot run into each other.
std::string challenge_digest_input(std::string_view origin, Purpose purpose, std::string_view nonce);

/// SHA-256 of the above: the digest in the DigestInfo that both keys sign.
std::string challenge_digest(std::string_view origin, Purpose purpose, std::string_view nonce);

} // namespace musubi::card_challenge
