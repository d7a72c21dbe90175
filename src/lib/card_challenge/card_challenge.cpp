#include "lib/card_challenge/card_challenge.h"

#include "lib/crypto/digest.h"

namespace musubi::card_challenge {

namespace {
constexpr std::string_view kMarker = "musubi-card-v1";
}

std::string_view purpose_name(Purpose purpose) { return purpose == Purpose::Register ? "register" : "authenticate"; }

std::optional<Purpose> purpose_named(std::string_view name) {
    if (name == "register") return Purpose::Register;
    if (name == "authenticate") return Purpose::Authenticate;
    return std::nullopt;
}

bool valid_nonce(std::string_view nonce) { return nonce.size() >= kShortestNonce && nonce.size() <= kLongestNonce; }

std::string challenge_digest_input(std::string_view origin, Purpose purpose, std::string_view nonce) {
    std::string input(kMarker);
    input += '\0';
    input += origin;
    input += '\0';
    input += purpose_name(purpose);
    input += '\0';
    input += nonce;
    return input;
}

std::string challenge_digest(std::string_view origin, Purpose purpose, std::string_view nonce) {
    return crypto::sha256(challenge_digest_input(origin, purpose, nonce));
}

} // namespace musubi::card_challenge
