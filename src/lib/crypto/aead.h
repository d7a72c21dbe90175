// Encryption that also proves origin: AES-256-GCM (NIST SP 800-38D).
#pragma once

#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"

#include <string>
#include <string_view>

namespace musubi::crypto {

/// A 256-bit key. Random nonces allow about 2^32 seals per key (SP 800-38D section 8.3).
class AeadKey {
  public:
    static AeadKey generate(base::Random& random);
    /// Exactly 32 bytes, otherwise "crypto.key-malformed".
    static base::Result<AeadKey> from_bytes(base::Secret bytes);

    /// nonce (12) ‖ ciphertext ‖ tag (16). `associated_data` is bound but not contained: name the purpose and the owner
    /// of the data there, so that a sealed value cannot be moved to another place.
    std::string seal(std::string_view plaintext, std::string_view associated_data, base::Random& random) const;
    /// "crypto.seal-broken" for anything not sealed with this key and this associated data.
    base::Result<std::string> open(std::string_view sealed, std::string_view associated_data) const;

    std::string_view reveal() const { return m_bytes.reveal(); }

  private:
    explicit AeadKey(base::Secret bytes) : m_bytes(std::move(bytes)) {}
    base::Secret m_bytes;
};

/// Values a client carries for us for a while (state of a flow, a download ticket): opaque, unforgeable, expiring.
/// They are not single-use by themselves.
class SealedTokens {
  public:
    /// A key that lives as long as the process.
    explicit SealedTokens(base::Random& random) : m_key(AeadKey::generate(random)), m_random(&random) {}
    SealedTokens(AeadKey key, base::Random& random) : m_key(std::move(key)), m_random(&random) {}

    /// base64url. `purpose` separates uses: a token of one purpose does not open under another.
    std::string seal(std::string_view purpose, std::string_view payload, base::Instant expires) const;
    /// "token.malformed" (Invalid) or "token.expired" (Gone).
    base::Result<std::string> open(std::string_view purpose, std::string_view token, base::Instant now) const;

  private:
    AeadKey m_key;
    base::Random* m_random;
};

} // namespace musubi::crypto
