// Asymmetric keys: RSA and the NIST curves. Values are cheap to copy and safe to share between threads.
#pragma once

#include "base/result.h"
#include "base/secret.h"
#include "lib/crypto/digest.h"

#include <memory>
#include <string>
#include <string_view>

namespace musubi::crypto {

enum class KeyAlgorithm { Rsa, EcP256, EcP384 };

/// What a signature is made with. ECDSA signatures are DER (RFC 3279 section 2.2.3) unless a function says otherwise.
enum class SignatureAlgorithm {
    RsaPkcs1Sha256, // RFC 8017 section 8.2: sha256WithRSAEncryption, RS256
    RsaPkcs1Sha384,
    RsaPkcs1Sha512,
    RsaPssSha256, // RFC 8017 section 8.1, MGF1 with the same hash, salt as long as the hash: PS256
    EcdsaSha256,
    EcdsaSha384,
};

Hash hash_of(SignatureAlgorithm algorithm);

class PublicKey {
  public:
    /// Big-endian unsigned integers, leading zeros allowed. Moduli of 2048 to 8192 bits, odd exponents above 1;
    /// otherwise "crypto.key-malformed".
    static base::Result<PublicKey> from_rsa(std::string_view modulus, std::string_view exponent);
    /// X9.62 uncompressed point `04 ‖ x ‖ y`; refused unless it lies on the curve.
    static base::Result<PublicKey> from_ec_point(KeyAlgorithm curve, std::string_view point);
    /// The same from coordinates as COSE and JWK carry them (RFC 9053 section 7.1.1), each padded to the field size.
    static base::Result<PublicKey> from_ec_coordinates(KeyAlgorithm curve, std::string_view x, std::string_view y);
    /// SubjectPublicKeyInfo (RFC 5280 section 4.1), DER or PEM.
    static base::Result<PublicKey> from_spki(std::string_view der);
    static base::Result<PublicKey> from_pem(std::string_view pem);

    KeyAlgorithm algorithm() const;
    size_t bits() const;
    /// SubjectPublicKeyInfo, DER.
    std::string spki() const;
    std::string pem() const;
    /// RSA only (empty otherwise): big-endian without leading zeros.
    std::string modulus() const;
    std::string exponent() const;
    /// EC only (empty otherwise): `04 ‖ x ‖ y`.
    std::string ec_point() const;

    /// False for a wrong signature and for an algorithm that does not fit the key.
    bool verify(SignatureAlgorithm algorithm, std::string_view message, std::string_view signature) const;
    bool verify_digest(SignatureAlgorithm algorithm, std::string_view digest, std::string_view signature) const;
    /// ECDSA signatures as r ‖ s of fixed width (JWS, RFC 7518 section 3.4).
    bool verify_fixed_width(SignatureAlgorithm algorithm, std::string_view message, std::string_view signature) const;

    struct State;

  private:
    friend class PrivateKey;
    explicit PublicKey(std::shared_ptr<State> state) : m_state(std::move(state)) {}
    std::shared_ptr<State> m_state;
};

class PrivateKey {
  public:
    /// Fresh keys from the operating system's generator. RSA-2048 takes some 100 ms.
    static PrivateKey generate_rsa(size_t bits = 2048);
    static PrivateKey generate_ec(KeyAlgorithm curve = KeyAlgorithm::EcP256);

    /// PKCS#8 (also encrypted) or the traditional forms. "crypto.key-malformed" if unreadable, of an algorithm not in
    /// KeyAlgorithm, or if the passphrase is wrong.
    static base::Result<PrivateKey> from_pem(std::string_view pem, const base::Secret& passphrase = base::Secret());
    static base::Result<PrivateKey> from_der(std::string_view der);

    /// PKCS#8 without encryption: write it only to a file that its owner alone can read.
    base::Secret pem() const;
    base::Secret der() const;

    KeyAlgorithm algorithm() const;
    PublicKey public_key() const;

    /// The algorithm must fit the key; anything else is a mistake in the program and throws std::logic_error.
    std::string sign(SignatureAlgorithm algorithm, std::string_view message) const;
    std::string sign_digest(SignatureAlgorithm algorithm, std::string_view digest) const;
    /// ECDSA as r ‖ s of fixed width (JWS, RFC 7518 section 3.4).
    std::string sign_fixed_width(SignatureAlgorithm algorithm, std::string_view message) const;
    /// RSASSA-PKCS1-v1_5 padding over the bytes exactly as given, as a smart card does when it is handed a DigestInfo.
    /// "crypto.input-too-long" above modulus length − 11 bytes.
    base::Result<std::string> sign_raw_pkcs1(std::string_view bytes) const;
    /// RSAES-OAEP with SHA-256 for both hashes (RFC 8017 section 7.1). "crypto.decryption-failed" otherwise.
    base::Result<std::string> decrypt_oaep_sha256(std::string_view ciphertext) const;

    struct State;

  private:
    explicit PrivateKey(std::shared_ptr<State> state) : m_state(std::move(state)) {}
    std::shared_ptr<State> m_state;
};

} // namespace musubi::crypto
