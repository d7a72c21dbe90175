// Authenticator data (WebAuthn section 6.1) and the credential key inside it (COSE_Key, RFC 9052 section 7). Private to
// lib/webauthn.
#pragma once

#include "base/result.h"
#include "lib/crypto/keys.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace musubi::webauthn {

enum Flag : uint8_t {
    kUserPresent = 0x01,
    kUserVerified = 0x04,
    kBackupEligible = 0x08,
    kBackedUp = 0x10,
    kAttestedCredential = 0x40,
    kExtensions = 0x80,
};

struct CredentialKey {
    crypto::PublicKey key;
    int32_t algorithm;
};

struct AttestedCredential {
    std::string_view aaguid;
    std::string_view id;
    CredentialKey key;
};

struct AuthenticatorData {
    std::string_view party_hash; // SHA-256 of the relying party's id
    uint8_t flags = 0;
    uint32_t sign_count = 0;
    std::optional<AttestedCredential> credential;
};

/// Borrows `bytes`. "passkey.malformed", "passkey.algorithm-unsupported".
base::Result<AuthenticatorData> parse_authenticator_data(std::string_view bytes);

} // namespace musubi::webauthn
