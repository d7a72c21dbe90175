// What a certificate of each kind must look like, as data: object identifiers, key usage, algorithms, periods. A new
// generation of cards (ECDSA P-384, ten years) is a new row, not new code.
//
// Sources: certificates and descriptions of the Japanese public key infrastructure for individuals as published; to be
// compared byte for byte with J-LIS プロファイル仕様書 before a production start.
#pragma once

#include "base/result.h"
#include "lib/pki/certificate.h"

#include <span>
#include <string>
#include <string_view>

namespace musubi::pki {

/// 署名用電子証明書 carries the four attributes and needs the long password; 利用者証明用電子証明書 carries no personal
/// data and needs four digits. Each has its own authority and the two are never interchangeable.
enum class CertificateKind { Signature, UserAuthentication };

/// Certificates of test cards differ from real ones by their policy alone; they are told apart on purpose and early.
enum class Realm { Production, Test };

std::string_view to_string(CertificateKind kind); // "signature", "user"
std::string_view to_string(Realm realm);          // "production", "test"

struct KeyRule {
    crypto::KeyAlgorithm algorithm;
    size_t bits;
    uint64_t exponent; // RSA only
};

struct CertificateProfile {
    CertificateKind kind;
    Realm realm;
    std::string_view policy; // dotted
    uint16_t key_usage;      // exactly these bits
    bool carries_attributes; // subjectAltName with the four attributes: required, or forbidden
    std::span<const KeyRule> keys;
    std::span<const crypto::SignatureAlgorithm> signature_algorithms; // of the authority
    int max_validity_days;
};

/// The profiles in force, newest first.
std::span<const CertificateProfile> certificate_profiles();
const CertificateProfile& certificate_profile(CertificateKind kind, Realm realm);

/// The four attributes (基本4情報) as a signature certificate carries them.
struct CertifiedAttributes {
    std::string name;             // 氏名, family U+3000 given
    std::string name_substitutes; // one digit per character: 0 as in the register, 1 replaced by another character
    std::string address;
    std::string address_substitutes;
    base::CivilDate birth_date;
    enum class Sex { Male, Female, Unknown } sex;

    bool name_has_substitutes() const { return name_substitutes.find('1') != std::string::npos; }
};

/// Reads subjectAltName. "certificate.attributes-malformed" when one is missing, stands twice or breaks its format.
base::Result<CertifiedAttributes> certified_attributes(std::string_view subject_alt_name);
/// The extension value with the six otherName entries, in the order real certificates have.
std::string write_certified_attributes(const CertifiedAttributes& attributes);

/// The substitute map of a text in which nothing was replaced.
std::string no_substitutes(std::string_view text);

/// EYYYYMMDD: era digit (1 Meiji … 5 Reiwa, 0 unknown) and the Gregorian date.
std::string era_date(base::CivilDate date);

} // namespace musubi::pki
