// Private to lib/crypto: RSASSA-PKCS1-v1_5 verification on the big-number layer of libcrypto.
//
// EVP spends more on setting up a context for a key it has not met than on the arithmetic. RFC 8017 section 8.2.2 needs
// one public operation and the comparison of two byte strings: the encoded message is built, never parsed, so no
// leniency about padding or DigestInfo can creep in.
#pragma once

#include "lib/crypto/openssl_support.h"

#include <memory>
#include <openssl/bn.h>
#include <optional>
#include <string>
#include <string_view>

namespace musubi::crypto {

class RsaVerifier {
  public:
    /// Big-endian, leading zeros allowed; nothing unless 2048 to 8192 bits, odd, with an odd exponent of 3 to 2^64.
    static std::optional<RsaVerifier> make(std::string_view modulus, std::string_view exponent);

    bool verify(Hash hash, std::string_view digest, std::string_view signature) const;

    const std::string& modulus() const { return m_modulus; }
    const std::string& exponent() const { return m_exponent; }
    size_t bits() const;

  private:
    using Number = std::unique_ptr<BIGNUM, OpenSslFree<BN_free>>;
    RsaVerifier() = default;
    std::string m_modulus; // without leading zeros
    std::string m_exponent;
    Number m_n;
    Number m_e;
    std::unique_ptr<BN_MONT_CTX, OpenSslFree<BN_MONT_CTX_free>> m_montgomery; // read only after it was set
};

} // namespace musubi::crypto
