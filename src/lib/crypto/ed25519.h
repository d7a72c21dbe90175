// Ed25519 signatures (RFC 8032): for signed notes, where keys are 32 bytes and signatures need no randomness.
#pragma once

#include "base/result.h"
#include "base/secret.h"

#include <memory>
#include <string>
#include <string_view>

namespace musubi::crypto {

/// Cheap to copy, safe to share between threads.
class Ed25519PrivateKey {
  public:
    /// The seed of RFC 8032 section 5.1.5: exactly 32 bytes, otherwise "crypto.key-malformed".
    static base::Result<Ed25519PrivateKey> from_seed(const base::Secret& seed);

    const std::string& public_key() const { return m_public_key; } // 32 bytes
    std::string sign(std::string_view message) const;              // 64 bytes

  private:
    struct State;
    std::shared_ptr<const State> m_state;
    std::string m_public_key;
};

/// False also for a key or a signature of the wrong length.
bool ed25519_verify(std::string_view public_key, std::string_view message, std::string_view signature);

} // namespace musubi::crypto
