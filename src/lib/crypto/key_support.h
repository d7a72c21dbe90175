// Private to lib/crypto: what public_key.cpp and private_key.cpp share.
#pragma once

#include "lib/crypto/keys.h"
#include "lib/crypto/openssl_support.h"
#include "lib/crypto/rsa_verifier.h"

#include <array>
#include <atomic>
#include <mutex>
#include <optional>

namespace musubi::crypto {

/// The algorithm of a key OpenSSL has read, if it is one of ours.
std::optional<KeyAlgorithm> algorithm_of(const EVP_PKEY* key);
bool fits(SignatureAlgorithm signature, KeyAlgorithm key);
/// Sets padding and digest on a context that was just initialised for signing or verifying.
bool configure(EVP_PKEY_CTX* context, SignatureAlgorithm algorithm);
size_t coordinate_size(KeyAlgorithm curve);
base::Error malformed_key(std::string why);

std::string der_from_fixed_width(std::string_view signature); // empty if the size is odd or zero
std::string fixed_width_from_der(std::string_view signature, size_t width);

struct PublicKey::State {
    explicit State(RsaVerifier verifier) : algorithm(KeyAlgorithm::Rsa), rsa(std::move(verifier)) {}
    State(PkeyPointer elliptic, KeyAlgorithm curve) : algorithm(curve), m_key(std::move(elliptic)) {}
    ~State();
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    /// The key for EVP. RSA keys get one when it is first needed: verifying PKCS#1 v1.5 never needs it.
    EVP_PKEY* key();

    /// Verification contexts ready for reuse by any thread; taken and given back by atomic exchange.
    struct Ready {
        PkeyContext context;
        SignatureAlgorithm algorithm;
    };
    std::unique_ptr<Ready> take_context(SignatureAlgorithm wanted);
    void give_back(std::unique_ptr<Ready> ready);

    const KeyAlgorithm algorithm;
    const std::optional<RsaVerifier> rsa;

  private:
    std::once_flag m_key_made;
    PkeyPointer m_key;
    std::array<std::atomic<Ready*>, 4> m_spare{};
};

/// The state of a public key OpenSSL has read; null if it is none of ours (another algorithm, RSA below 2048 bits).
std::shared_ptr<PublicKey::State> public_state(PkeyPointer key);

struct PrivateKey::State {
    PkeyPointer key;
    KeyAlgorithm algorithm;
    std::shared_ptr<PublicKey::State> public_state;
};

} // namespace musubi::crypto
