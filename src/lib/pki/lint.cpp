#include "lib/pki/der.h"
#include "lib/pki/issuing.h"
#include "lib/pki/issuing_support.h"
#include "lib/pki/name.h"
#include "lib/pki/oid.h"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace musubi::pki {
namespace {

struct Specimen {
    const CertificateView& view;
    const CertificateProfile* profile; // holders only
    const CertificateView& issuer;     // itself for an authority
    const crypto::PublicKey* key;      // null if unreadable
};

constexpr unsigned bit_of(CertificateRole role) { return 1U << static_cast<unsigned>(role); }
constexpr unsigned kHolders = bit_of(CertificateRole::SignatureHolder) | bit_of(CertificateRole::UserHolder);
constexpr unsigned kAuthorities = bit_of(CertificateRole::Authority);
constexpr unsigned kResponders = bit_of(CertificateRole::OcspResponder);
constexpr unsigned kEverything = kHolders | kAuthorities | kResponders;

struct Rule {
    std::string_view name;
    std::string_view source;
    unsigned roles;
    bool (*holds)(const Specimen&);
};

bool usage_is(const Specimen& it, uint16_t bits) {
    const auto* usage = it.view.find(oid::kKeyUsage);
    return usage != nullptr && usage->critical && key_usage_bits(usage->value) == bits;
}

bool key_identifier_is_sha1(const Specimen& it) {
    const auto* extension = it.view.find(oid::kSubjectKeyIdentifier);
    return extension != nullptr && !extension->critical &&
           subject_key_identifier(extension->value) == crypto::sha1(it.view.public_key_bytes);
}

bool names_issuers_key(const Specimen& it) {
    const auto* extension = it.view.find(oid::kAuthorityKeyIdentifier);
    const auto* issuers = it.issuer.find(oid::kSubjectKeyIdentifier);
    if (extension == nullptr || issuers == nullptr || extension->critical) return false;
    const auto identifier = authority_key_identifier(extension->value);
    return identifier && !identifier->key_identifier.empty() &&
           identifier->key_identifier == subject_key_identifier(issuers->value);
}

bool key_fits_profile(const Specimen& it) {
    if (it.key == nullptr) return false;
    for (const auto& rule : it.profile->keys) {
        if (rule.algorithm != it.key->algorithm() || rule.bits != it.key->bits()) continue;
        if (rule.algorithm != crypto::KeyAlgorithm::Rsa) return true;
        uint64_t exponent = 0;
        for (char c : it.key->exponent()) exponent = exponent << 8 | static_cast<uint8_t>(c);
        if (exponent == rule.exponent) return true;
    }
    return false;
}

bool policy_fits_profile(const Specimen& it) {
    const auto* policies = it.view.find(oid::kCertificatePolicies);
    return policies != nullptr && policies->critical &&
           has_policy(policies->value, oid_from_text(it.profile->policy)) == true;
}

bool attributes_fit_profile(const Specimen& it) {
    const auto* names = it.view.find(oid::kSubjectAltName);
    if (!it.profile->carries_attributes) return names == nullptr;
    return names != nullptr && !names->critical && certified_attributes(names->value).ok();
}

/// The subject is a number of the request, never a name: country, perhaps place, and one common name in ASCII.
bool subject_is_impersonal(const Specimen& it) {
    const std::string text = name_text(it.view.subject);
    if (text.rfind("C=JP", 0) != 0 || text.find("CN=") == std::string::npos) return false;
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

bool has_partition(const Specimen& it) {
    const auto* point = it.view.find(oid::kCrlDistributionPoints);
    return point != nullptr && !point->critical && distribution_point_name(point->value).has_value();
}

bool only_known_extensions(const Specimen& it) {
    constexpr std::array<std::string_view, 8> known = {oid::kKeyUsage,
                                                       oid::kSubjectAltName,
                                                       oid::kCertificatePolicies,
                                                       oid::kIssuerAltName,
                                                       oid::kCrlDistributionPoints,
                                                       oid::kAuthorityInfoAccess,
                                                       oid::kAuthorityKeyIdentifier,
                                                       oid::kSubjectKeyIdentifier};
    for (const auto& extension : it.view.extensions())
        if (std::find(known.begin(), known.end(), extension.oid) == known.end()) return false;
    return true;
}

bool authority_constraints(const Specimen& it) {
    const auto* constraints = it.view.find(oid::kBasicConstraints);
    const auto basic = constraints != nullptr ? basic_constraints(constraints->value) : std::nullopt;
    return basic && basic->authority && !basic->path_length && constraints->critical;
}

bool is_responder(const Specimen& it) {
    const auto* purpose = it.view.find(oid::kExtendedKeyUsage);
    return purpose != nullptr && has_purpose(purpose->value, oid::kOcspSigning) == true &&
           it.view.find(oid::kOcspNoCheck) != nullptr && it.view.find(oid::kBasicConstraints) == nullptr;
}

constexpr std::string_view kProfileDocument = "certificate profile";
constexpr std::array kRules = {
    Rule{"issuer-name-is-the-authority", "RFC 5280 section 4.1.2.4", kEverything,
         [](const Specimen& it) { return it.view.issuer == it.issuer.subject; }},
    Rule{"subject-not-empty", "RFC 5280 section 4.1.2.6", kEverything,
         [](const Specimen& it) { return it.view.subject.size() > 2; }},
    Rule{"period-in-order", "RFC 5280 section 4.1.2.5", kEverything,
         [](const Specimen& it) { return it.view.not_before < it.view.not_after; }},
    Rule{"period-within-the-authority", "RFC 5280 section 4.1.2.5", kHolders | kResponders,
         [](const Specimen& it) {
             return it.view.not_before >= it.issuer.not_before && it.view.not_after <= it.issuer.not_after;
         }},
    Rule{"period-within-the-profile", kProfileDocument, kHolders,
         [](const Specimen& it) {
             return it.view.not_after - it.view.not_before <= std::chrono::hours(24 * it.profile->max_validity_days);
         }},
    Rule{"ends-with-a-day-in-japan", kProfileDocument, kHolders | kAuthorities,
         [](const Specimen& it) {
             const auto next_day = base::date_in_japan(it.view.not_after).plus_days(1);
             return base::start_of_day_in_japan(next_day) - it.view.not_after == std::chrono::seconds(1);
         }},
    Rule{"responder-renewed-often", "RFC 6960 section 4.2.2.2.1", kResponders,
         [](const Specimen& it) { return it.view.not_after - it.view.not_before <= std::chrono::hours(24 * 366); }},
    Rule{"key-readable", "RFC 3279 section 2.3", kEverything, [](const Specimen& it) { return it.key != nullptr; }},
    Rule{"key-of-the-profile", kProfileDocument, kHolders, key_fits_profile},
    Rule{"key-is-not-the-authoritys", "RFC 5280 section 4.2.1.9", kHolders | kResponders,
         [](const Specimen& it) { return it.view.public_key_bytes != it.issuer.public_key_bytes; }},
    Rule{"subject-key-identifier", "RFC 5280 section 4.2.1.2", kEverything, key_identifier_is_sha1},
    Rule{"authority-key-identifier", "RFC 5280 section 4.2.1.1", kHolders | kResponders, names_issuers_key},
    Rule{"key-usage-exact", kProfileDocument, kHolders,
         [](const Specimen& it) { return usage_is(it, it.profile->key_usage); }},
    Rule{"authority-key-usage", "RFC 5280 section 4.2.1.3", kAuthorities,
         [](const Specimen& it) { return usage_is(it, kKeyCertSign | kCrlSign); }},
    Rule{"responder-key-usage", "RFC 6960 section 4.2.2.2", kResponders,
         [](const Specimen& it) { return usage_is(it, kDigitalSignature); }},
    Rule{"policy-of-the-profile", kProfileDocument, kHolders, policy_fits_profile},
    Rule{"attributes-of-the-profile", kProfileDocument, kHolders, attributes_fit_profile},
    Rule{"subject-without-personal-data", kProfileDocument, kHolders, subject_is_impersonal},
    Rule{"names-its-revocation-list", kProfileDocument, kHolders, has_partition},
    Rule{"no-extension-beyond-the-profile", kProfileDocument, kHolders, only_known_extensions},
    Rule{"authority-constraints", "RFC 5280 section 4.2.1.9", kAuthorities, authority_constraints},
    Rule{"responder-delegation", "RFC 6960 section 4.2.2.2", kResponders, is_responder},
};

base::Error lint_failed() { return base::error(base::ErrorKind::Internal, "issuing.lint-failed"); }

/// A signature-shaped filler: rules look at finished bytes, and no key has touched them yet.
std::string with_filler(std::string_view tbs, crypto::SignatureAlgorithm algorithm) {
    return der::sequence({tbs, write_signature_algorithm(algorithm), der::bit_string(std::string(256, '\x5a'))});
}

} // namespace

std::vector<LintRuleName> lint_rules(CertificateRole role) {
    std::vector<LintRuleName> out;
    for (const auto& rule : kRules)
        if ((rule.roles & bit_of(role)) != 0) out.push_back({rule.name, rule.source});
    return out;
}

base::Result<LintedCertificate> lint(const CertificateContents& contents, CertificateRole role, Realm realm,
                                     const CertificateView* issuer) {
    std::string tbs = write_tbs_certificate(contents);
    const std::string specimen = with_filler(tbs, contents.algorithm);
    const auto view = parse_certificate(specimen);
    if (!view) return lint_failed().with("rule", "well-formed").because(view.error().detail);
    const CertificateProfile* profile = nullptr;
    if (role == CertificateRole::SignatureHolder) profile = &certificate_profile(CertificateKind::Signature, realm);
    if (role == CertificateRole::UserHolder) profile = &certificate_profile(CertificateKind::UserAuthentication, realm);
    const auto key = certificate_key(*view);
    const Specimen it{*view, profile, issuer != nullptr ? *issuer : *view, key ? &*key : nullptr};
    base::Error failure = lint_failed();
    for (const auto& rule : kRules)
        if ((rule.roles & bit_of(role)) != 0 && !rule.holds(it))
            failure.parameters.emplace_back("rule", std::string(rule.name));
    if (!failure.parameters.empty()) return failure;
    return LintedCertificate(std::move(tbs), contents.serial, contents.algorithm);
}

std::string assemble_signed(std::string_view tbs, crypto::SignatureAlgorithm algorithm, const crypto::PrivateKey& key) {
    const std::string signature = key.sign(algorithm, tbs);
    if (!key.public_key().verify(algorithm, tbs, signature)) throw std::runtime_error("a fresh signature is wrong");
    return der::sequence({tbs, write_signature_algorithm(algorithm), der::bit_string(signature)});
}

std::string sign(LintedCertificate certificate, const crypto::PrivateKey& key) {
    return assemble_signed(certificate.m_tbs, certificate.m_algorithm, key);
}

} // namespace musubi::pki
