// Object identifiers as their DER content bytes (ITU-T X.690 section 8.19), encoded by the compiler.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace musubi::pki {

class Oid {
  public:
    /// `Oid("2.5.29.15")`. A malformed or too long text does not compile.
    consteval explicit Oid(std::string_view dotted) {
        size_t at = 0;
        uint64_t first = 0;
        for (size_t arc = 0; at <= dotted.size(); ++arc) {
            uint64_t number = 0;
            const size_t begin = at;
            for (; at < dotted.size() && dotted[at] != '.'; ++at) {
                if (dotted[at] < '0' || dotted[at] > '9') throw "not a digit";
                number = number * 10 + static_cast<uint64_t>(dotted[at] - '0');
            }
            if (at == begin) throw "empty arc";
            ++at;
            if (arc == 0) {
                first = number;
            } else {
                append(arc == 1 ? first * 40 + number : number);
            }
        }
    }
    constexpr operator std::string_view() const { // NOLINT(google-explicit-constructor): it is its bytes
        return {m_bytes.data(), m_size};
    }

  private:
    consteval void append(uint64_t number) {
        int groups = 1;
        for (uint64_t rest = number >> 7; rest != 0; rest >>= 7) ++groups;
        for (int i = groups - 1; i >= 0; --i)
            m_bytes.at(m_size++) = static_cast<char>((number >> (7 * i) & 0x7f) | (i > 0 ? 0x80 : 0));
    }
    std::array<char, 16> m_bytes{};
    size_t m_size = 0;
};

/// Dotted text of DER content bytes, for evidence and messages; "?" if malformed.
std::string oid_text(std::string_view content);
/// DER content bytes of a dotted text from configuration; empty if malformed.
std::string oid_from_text(std::string_view dotted);

namespace oid {

// RFC 3279, RFC 5758: algorithms
inline constexpr Oid kRsaEncryption("1.2.840.113549.1.1.1");
inline constexpr Oid kSha256WithRsa("1.2.840.113549.1.1.11");
inline constexpr Oid kSha384WithRsa("1.2.840.113549.1.1.12");
inline constexpr Oid kSha512WithRsa("1.2.840.113549.1.1.13");
inline constexpr Oid kEcPublicKey("1.2.840.10045.2.1");
inline constexpr Oid kP256("1.2.840.10045.3.1.7");
inline constexpr Oid kP384("1.3.132.0.34");
inline constexpr Oid kEcdsaSha256("1.2.840.10045.4.3.2");
inline constexpr Oid kEcdsaSha384("1.2.840.10045.4.3.3");
inline constexpr Oid kSha1("1.3.14.3.2.26");
inline constexpr Oid kSha256("2.16.840.1.101.3.4.2.1");

// RFC 5280 section 4.2: extensions
inline constexpr Oid kSubjectKeyIdentifier("2.5.29.14");
inline constexpr Oid kKeyUsage("2.5.29.15");
inline constexpr Oid kSubjectAltName("2.5.29.17");
inline constexpr Oid kIssuerAltName("2.5.29.18");
inline constexpr Oid kBasicConstraints("2.5.29.19");
inline constexpr Oid kCrlNumber("2.5.29.20");
inline constexpr Oid kReasonCode("2.5.29.21");
inline constexpr Oid kInvalidityDate("2.5.29.24");
inline constexpr Oid kIssuingDistributionPoint("2.5.29.28");
inline constexpr Oid kCrlDistributionPoints("2.5.29.31");
inline constexpr Oid kCertificatePolicies("2.5.29.32");
inline constexpr Oid kAuthorityKeyIdentifier("2.5.29.35");
inline constexpr Oid kExtendedKeyUsage("2.5.29.37");
inline constexpr Oid kAuthorityInfoAccess("1.3.6.1.5.5.7.1.1");
inline constexpr Oid kOcspAccess("1.3.6.1.5.5.7.48.1");
inline constexpr Oid kCpsQualifier("1.3.6.1.5.5.7.2.1");
inline constexpr Oid kOcspSigning("1.3.6.1.5.5.7.3.9");

// RFC 6960 section 4
inline constexpr Oid kOcspBasic("1.3.6.1.5.5.7.48.1.1");
inline constexpr Oid kOcspNonce("1.3.6.1.5.5.7.48.1.2");
inline constexpr Oid kOcspNoCheck("1.3.6.1.5.5.7.48.1.5");

// ITU-T X.520: parts of names
inline constexpr Oid kCommonName("2.5.4.3");
inline constexpr Oid kCountry("2.5.4.6");
inline constexpr Oid kLocality("2.5.4.7");
inline constexpr Oid kOrganization("2.5.4.10");
inline constexpr Oid kOrganizationalUnit("2.5.4.11");

// The Japanese public key infrastructure for individuals (公的個人認証サービス)
inline constexpr Oid kJpkiCommonName("1.2.392.200149.8.5.5.1");
inline constexpr Oid kJpkiSubstituteOfCommonName("1.2.392.200149.8.5.5.2");
inline constexpr Oid kJpkiGender("1.2.392.200149.8.5.5.3");
inline constexpr Oid kJpkiDateOfBirth("1.2.392.200149.8.5.5.4");
inline constexpr Oid kJpkiAddress("1.2.392.200149.8.5.5.5");
inline constexpr Oid kJpkiSubstituteOfAddress("1.2.392.200149.8.5.5.6");

} // namespace oid
} // namespace musubi::pki
