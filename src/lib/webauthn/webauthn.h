// Passkeys: the relying party's side of Web Authentication (W3C WebAuthn Level 3, sections 7.1 and 7.2). Judges what a
// browser sends; keeps nothing. The challenge must have been consumed by the caller before anything here is asked.
#pragma once

#include "base/result.h"
#include "lib/crypto/keys.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace musubi::webauthn {

struct RelyingParty {
    std::string id;                   // host of the public address: "phr.example.jp", "localhost"
    std::vector<std::string> origins; // "https://phr.example.jp"
};

/// COSE algorithm numbers (RFC 9053): ES256 and RS256 are asked for and accepted, nothing else.
inline constexpr int32_t kEs256 = -7;
inline constexpr int32_t kRs256 = -257;

/// Raw bytes, decoded from base64url.
struct Registration {
    std::string credential_id;
    std::string client_data_json;
    std::string attestation_object;
};
struct Assertion {
    std::string credential_id;
    std::string client_data_json;
    std::string authenticator_data;
    std::string signature;
};

enum class Attestation { None, Self, Certificate };

struct Credential {
    std::string id; // at most 1023 bytes
    crypto::PublicKey key;
    int32_t algorithm = kEs256;
    uint32_t sign_count = 0;
    bool backup_eligible = false; // a passkey that its provider may copy to other devices
    bool backed_up = false;
    std::string aaguid; // 16 bytes: the kind of authenticator
    Attestation attestation = Attestation::None;
};

struct AssertionResult {
    uint32_t sign_count = 0;
    bool backed_up = false;
};

/// The challenge inside clientDataJSON, to look up and consume. "passkey.malformed".
base::Result<std::string> challenge_of(std::string_view client_data_json);

/// Errors: "passkey.malformed"; "passkey.challenge-wrong"; "passkey.origin-wrong" (also inside a frame of another
/// site); "passkey.user-not-verified" (no touch, or no PIN or fingerprint); "passkey.algorithm-unsupported";
/// "passkey.attestation-invalid". Formats none and packed; a packed certificate is checked for its signature only, as
/// the make of the authenticator is not a condition here.
base::Result<Credential> verify_registration(const RelyingParty& party, const Registration& registration,
                                             std::string_view challenge);

/// Also "passkey.signature-invalid", and "passkey.counter-went-back" (section 6.1.1: the key may have been copied).
base::Result<AssertionResult> verify_assertion(const RelyingParty& party, const Assertion& assertion,
                                               std::string_view challenge, const crypto::PublicKey& key,
                                               int32_t algorithm, uint32_t stored_sign_count);

} // namespace musubi::webauthn
