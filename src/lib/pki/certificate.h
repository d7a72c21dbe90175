// X.509 version 3 certificates as views into their DER bytes (RFC 5280 section 4.1). Parsing allocates nothing and
// judges only form; what a certificate may be used for is decided in verifier.h.
#pragma once

#include "base/result.h"
#include "base/time.h"
#include "lib/crypto/keys.h"

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace musubi::pki {

/// A certificate's serial number (発行番号): positive, at most 20 bytes (RFC 5280 section 4.1.2.2).
class SerialNumber {
  public:
    SerialNumber() = default;
    static SerialNumber of(uint64_t number);
    /// The content of a DER INTEGER.
    static std::optional<SerialNumber> from_der_content(std::string_view content);
    /// Big-endian, 1 to 20 bytes, no leading zero.
    static std::optional<SerialNumber> from_magnitude(std::string_view bytes);
    /// An even number of hexadecimal digits of either case, as `hex` writes them; leading zero bytes are dropped.
    static std::optional<SerialNumber> parse(std::string_view hex);

    std::string hex() const; // lower case, whole bytes: "0132c4ab"
    /// The magnitude, big-endian, without leading zeros.
    std::string_view bytes() const {
        return {reinterpret_cast<const char*>(m_bytes.data()) + (m_bytes.size() - m_size), m_size};
    }
    std::optional<uint64_t> number() const; // if it fits
    std::string der() const;                // INTEGER

    friend auto operator<=>(const SerialNumber&, const SerialNumber&) = default;

  private:
    std::array<uint8_t, 20> m_bytes{}; // right aligned, so that comparing bytes compares numbers
    uint8_t m_size = 0;
};

/// Bits of keyUsage (RFC 5280 section 4.2.1.3), bit 0 as the most significant of sixteen.
enum KeyUsage : uint16_t {
    kDigitalSignature = 0x8000,
    kNonRepudiation = 0x4000,
    kKeyEncipherment = 0x2000,
    kKeyCertSign = 0x0400,
    kCrlSign = 0x0200,
};

struct Extension {
    std::string_view oid;
    std::string_view value; // content of the OCTET STRING
    bool critical = false;
};

/// Where a certificate was cut from: everything borrows `der`, which must outlive the view.
struct CertificateView {
    std::string_view der;
    std::string_view tbs; // the signed part, with its header
    SerialNumber serial;
    std::string_view issuer;  // Name
    std::string_view subject; // Name
    base::Instant not_before; // both ends are included (RFC 5280 section 4.1.2.5)
    base::Instant not_after;
    std::string_view spki;                // SubjectPublicKeyInfo with its header
    std::string_view signature_algorithm; // AlgorithmIdentifier with its header; the same inside and outside
    std::string_view signature;

    static constexpr size_t kMaxExtensions = 24;
    std::array<Extension, kMaxExtensions> extension_slots;
    size_t extension_count = 0;
    std::span<const Extension> extensions() const { return {extension_slots.data(), extension_count}; }
    const Extension* find(std::string_view oid) const;

    /// The SubjectPublicKeyInfo's bit string content: what key identifiers and OCSP CertIDs hash.
    std::string_view public_key_bytes;
};

/// The largest certificate that is looked at. Those of the card are about 1,700 bytes.
inline constexpr size_t kMaxCertificateSize = 16 * 1024;

/// "certificate.malformed" with the reason in `detail`.
base::Result<CertificateView> parse_certificate(std::string_view der);

/// DER of each "BEGIN CERTIFICATE" block of a PEM text, or the bytes themselves if they are DER already.
base::Result<std::vector<std::string>> certificates_from_file(std::string_view file_content);

/// The key inside, read without OpenSSL's decoder. "certificate.key-unsupported" if it is not RSA or a NIST curve in
/// the one form RFC 3279 / RFC 5480 give.
base::Result<crypto::PublicKey> certificate_key(const CertificateView& certificate);
/// The algorithm an AlgorithmIdentifier (with header) names, if it is one of ours in its exact encoding.
std::optional<crypto::SignatureAlgorithm> signature_algorithm_of(std::string_view algorithm_identifier);
/// The AlgorithmIdentifier of `algorithm`. RSASSA-PSS is not used in certificates here and is a mistake in the program.
std::string write_signature_algorithm(crypto::SignatureAlgorithm algorithm);
/// What a key of this kind signs with by default.
crypto::SignatureAlgorithm default_signature_algorithm(crypto::KeyAlgorithm key);

/// The value of an extension this program knows has the form its standard gives; unknown ones always pass.
bool well_formed_extension(const Extension& extension);

// The content of single extensions; nothing if malformed.
std::optional<uint16_t> key_usage_bits(std::string_view value);
struct BasicConstraints {
    bool authority = false;
    std::optional<uint64_t> path_length;
};
std::optional<BasicConstraints> basic_constraints(std::string_view value);
std::optional<std::string_view> subject_key_identifier(std::string_view value);
struct AuthorityKeyIdentifier {
    std::string_view key_identifier;    // empty if absent
    std::string_view issuer;            // Name; empty if absent
    std::optional<SerialNumber> serial; // of the issuer's certificate
};
std::optional<AuthorityKeyIdentifier> authority_key_identifier(std::string_view value);
/// True if `policy` (identifier content) is among the certificate policies.
std::optional<bool> has_policy(std::string_view value, std::string_view policy);
/// The one directoryName (a Name) of a cRLDistributionPoints with one point that has one name and nothing else.
std::optional<std::string_view> distribution_point_name(std::string_view value);
/// True if the extended key usage lists `purpose`.
std::optional<bool> has_purpose(std::string_view value, std::string_view purpose);

} // namespace musubi::pki
