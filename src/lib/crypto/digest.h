// Hashes and what is built from them. Everything is bytes in, bytes out (raw, not hexadecimal).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace musubi::crypto {

enum class Hash {
    Sha1, // only where a standard still names it (key identifiers, OCSP CertID): never for signatures
    Sha256,
    Sha384,
    Sha512,
};

size_t digest_size(Hash hash);

/// FIPS 180-4.
std::string digest(Hash hash, std::string_view bytes);
inline std::string sha1(std::string_view bytes) { return digest(Hash::Sha1, bytes); }
inline std::string sha256(std::string_view bytes) { return digest(Hash::Sha256, bytes); }
inline std::string sha384(std::string_view bytes) { return digest(Hash::Sha384, bytes); }
inline std::string sha512(std::string_view bytes) { return digest(Hash::Sha512, bytes); }

/// The same without touching the heap, for hot paths and map keys.
using Sha256Bytes = std::array<uint8_t, 32>;
Sha256Bytes sha256_bytes(std::string_view bytes);

/// A hash fed in pieces: `Hasher h(Hash::Sha256); h.update(a); h.update(b); h.finish()`. `finish` ends its life.
class Hasher {
  public:
    explicit Hasher(Hash hash);
    ~Hasher();
    Hasher(Hasher&&) noexcept;
    Hasher& operator=(Hasher&&) noexcept;
    Hasher& update(std::string_view bytes);
    std::string finish();

  private:
    struct State;
    std::unique_ptr<State> m_state;
};

/// RFC 2104 over SHA-256: 32 bytes. Compare with base::equal_in_constant_time.
std::string hmac_sha256(std::string_view key, std::string_view message);
/// RFC 2104 over SHA-1, 20 bytes: for one-time passwords (RFC 6238) only.
std::string hmac_sha1(std::string_view key, std::string_view message);

/// RFC 5869 extract and expand over SHA-256. `length` is 1 to 8160 bytes.
std::string hkdf_sha256(std::string_view key, std::string_view salt, std::string_view info, size_t length);

/// The DER DigestInfo (RFC 8017 section 9.2) that a smart card signs: algorithm identifier and `digest`.
std::string digest_info(Hash hash, std::string_view digest);

} // namespace musubi::crypto
