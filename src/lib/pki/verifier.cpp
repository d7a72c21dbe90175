#include "lib/pki/verifier.h"

#include "base/encoding.h"
#include "lib/crypto/digest.h"
#include "lib/pki/name.h"
#include "lib/pki/oid.h"

#include <array>
#include <list>
#include <mutex>
#include <unordered_map>

namespace musubi::pki {
namespace {

/// Collects what all refusals of one check have in common.
struct Examination {
    const CertificateView& view;
    CertificateKind kind;
    base::Instant now;

    Refusal refuse(Check check, std::string expected, std::string found, std::string clause,
                   Subject subject = Subject::Certificate) const {
        Refusal refusal{check, subject, {},  std::move(expected), std::move(found), std::move(clause), now,
                        {},    {},      kind};
        if (subject == Subject::Certificate) refusal.fingerprint = base::hex_encode(crypto::sha256(view.der));
        return refusal;
    }
};
using Failure = std::optional<Refusal>;

std::string hex_or_none(const std::optional<uint16_t>& bits) {
    if (!bits) return "none";
    const char both[] = {static_cast<char>(*bits >> 8), static_cast<char>(*bits)};
    return base::hex_encode({both, 2});
}

/// The authorities that could have signed: the same name, and the key the certificate names. RFC 5280 section 4.2.1.1
/// demands that it names one.
std::vector<AuthorityPointer> candidates(const TrustStore& store, const CertificateView& view, bool& well_formed) {
    const auto* extension = view.find(oid::kAuthorityKeyIdentifier);
    const auto wanted = extension != nullptr ? authority_key_identifier(extension->value) : std::nullopt;
    well_formed = wanted && !wanted->key_identifier.empty();
    if (!well_formed) return {};
    std::vector<AuthorityPointer> out;
    for (const auto& authority : store.authorities()) {
        if (authority->view.subject != view.issuer || authority->key_identifier != wanted->key_identifier) continue;
        if (wanted->serial && (*wanted->serial != authority->view.serial || wanted->issuer != authority->view.issuer))
            continue;
        out.push_back(authority);
    }
    return out;
}

Failure check_usage(const Examination& examination, const CertificateProfile& profile) {
    const CertificateView& view = examination.view;
    const auto* usage = view.find(oid::kKeyUsage);
    const auto bits = usage != nullptr ? key_usage_bits(usage->value) : std::nullopt;
    if (!bits || *bits != profile.key_usage || !usage->critical)
        return examination.refuse(Check::KeyUsage, hex_or_none(profile.key_usage), hex_or_none(bits),
                                  "RFC 5280 section 4.2.1.3");
    if (const auto* constraints = view.find(oid::kBasicConstraints)) {
        const auto basic = basic_constraints(constraints->value);
        if (!basic || basic->authority)
            return examination.refuse(Check::BasicConstraints, "not an authority", basic ? "authority" : "malformed",
                                      "RFC 5280 section 4.2.1.9");
    }
    // No profile has an extended key usage: a certificate that restricts itself to something else is not ours to use.
    if (view.find(oid::kExtendedKeyUsage) != nullptr)
        return examination.refuse(Check::KeyUsage, "no extended key usage", "present", "RFC 5280 section 4.2.1.12");
    return std::nullopt;
}

Failure check_policy(const Examination& examination, const CertificateProfile& profile) {
    const auto* policies = examination.view.find(oid::kCertificatePolicies);
    const std::string wanted = oid_from_text(profile.policy);
    const auto found = policies != nullptr ? has_policy(policies->value, wanted) : std::nullopt;
    if (found != true || !policies->critical)
        return examination.refuse(Check::Policy, std::string(profile.policy), found ? "another policy" : "none",
                                  "RFC 5280 section 4.2.1.4");
    return std::nullopt;
}

/// Everything in a certificate that is relied on, or shown, must be what its standard says, not only the parts used
/// here.
Failure check_forms(const Examination& examination) {
    const CertificateView& view = examination.view;
    if (!well_formed_name(view.issuer) || !well_formed_name(view.subject))
        return examination.refuse(Check::Form, "a distinguished name", "malformed", "RFC 5280 section 4.1.2.4");
    for (const auto& extension : view.extensions())
        if (!well_formed_extension(extension))
            return examination.refuse(Check::Form, "extension " + oid_text(extension.oid), "malformed",
                                      "RFC 5280 section 4.2.1");
    return std::nullopt;
}

Failure check_criticals(const Examination& examination) {
    for (const auto& extension : examination.view.extensions()) {
        if (!extension.critical) continue;
        // These are processed here or in the revocation check; everything else critical must be refused.
        if (extension.oid == oid::kKeyUsage || extension.oid == oid::kCertificatePolicies ||
            extension.oid == oid::kBasicConstraints || extension.oid == oid::kCrlDistributionPoints)
            continue;
        return examination.refuse(Check::CriticalExtension, "none unknown", oid_text(extension.oid),
                                  "RFC 5280 section 4.2");
    }
    return std::nullopt;
}

Failure check_key(const Examination& examination, const CertificateProfile& profile, const crypto::PublicKey& key) {
    for (const auto& rule : profile.keys) {
        if (key.algorithm() != rule.algorithm || key.bits() != rule.bits) continue;
        if (rule.algorithm != crypto::KeyAlgorithm::Rsa) return std::nullopt;
        uint64_t exponent = 0;
        for (char c : key.exponent()) exponent = exponent << 8 | static_cast<uint8_t>(c);
        if (exponent == rule.exponent) return std::nullopt;
    }
    return examination.refuse(Check::Algorithm, "a key of the profile", std::to_string(key.bits()) + " bits",
                              "certificate profile");
}

Failure check_period(const Examination& examination, const CertificateProfile& profile) {
    const CertificateView& view = examination.view;
    const auto longest = std::chrono::hours(24 * profile.max_validity_days);
    if (view.not_before > view.not_after || view.not_after - view.not_before > longest)
        return examination.refuse(Check::ValidityPeriod, std::to_string(profile.max_validity_days) + " days",
                                  view.not_before.to_string() + "/" + view.not_after.to_string(),
                                  "certificate profile");
    return std::nullopt;
}

/// Seconds are what certificates count in: the last second belongs to the period (RFC 5280 section 4.1.2.5).
Failure check_now(const Examination& examination, const Authority& issuer) {
    const int64_t now = examination.now.seconds();
    const CertificateView& view = examination.view;
    if (now < view.not_before.seconds())
        return examination.refuse(Check::NotYetValid, view.not_before.to_string(), examination.now.to_string(),
                                  "RFC 5280 section 4.1.2.5");
    if (now > view.not_after.seconds())
        return examination.refuse(Check::Expired, view.not_after.to_string(), examination.now.to_string(),
                                  "RFC 5280 section 4.1.2.5");
    if (now < issuer.view.not_before.seconds() || now > issuer.view.not_after.seconds())
        return examination.refuse(Check::IssuerValidity,
                                  issuer.view.not_before.to_string() + "/" + issuer.view.not_after.to_string(),
                                  examination.now.to_string(), "RFC 5280 section 6.1.3", Subject::Authority);
    return std::nullopt;
}

Failure check_profile(const Examination& examination, const CertificateProfile& profile) {
    if (auto failure = check_forms(examination)) return failure;
    if (auto failure = check_criticals(examination)) return failure;
    if (auto failure = check_usage(examination, profile)) return failure;
    if (auto failure = check_policy(examination, profile)) return failure;
    if (auto failure = check_period(examination, profile)) return failure;
    const auto algorithm = signature_algorithm_of(examination.view.signature_algorithm);
    for (const auto allowed : profile.signature_algorithms)
        if (algorithm == allowed) return std::nullopt;
    return examination.refuse(Check::Algorithm, "a signature algorithm of the profile", "another",
                              "RFC 5280 section 4.1.1.2");
}

/// Reads what the holder's data and the revocation check need.
Failure read_contents(const Examination& examination, const CertificateProfile& profile, KnownCertificate& known) {
    const auto* names = examination.view.find(oid::kSubjectAltName);
    if (profile.carries_attributes != (names != nullptr))
        return examination.refuse(Check::Attributes, profile.carries_attributes ? "present" : "absent",
                                  names != nullptr ? "present" : "absent", "certificate profile");
    if (names != nullptr) {
        auto attributes = certified_attributes(names->value);
        if (!attributes)
            return examination.refuse(Check::Attributes, "six entries", attributes.error().detail,
                                      "certificate profile");
        known.attributes = std::move(*attributes);
    }
    if (const auto* point = examination.view.find(oid::kCrlDistributionPoints)) {
        const auto name = distribution_point_name(point->value);
        if (!name)
            return examination.refuse(Check::Form, "one directoryName", "another distribution point",
                                      "RFC 5280 section 4.2.1.13");
        known.distribution_point = std::string(*name);
    }
    return std::nullopt;
}

} // namespace

/// Bounded, least recently used first out, in shards so that event loops do not meet at one lock.
class Verifier::Cache {
  public:
    using Pointer = std::shared_ptr<const KnownCertificate>;
    explicit Cache(size_t capacity) : m_per_shard(std::max<size_t>(1, capacity / kShards)) {}

    Pointer find(const crypto::Sha256Bytes& hash) {
        Shard& shard = shard_of(hash);
        std::lock_guard lock(shard.mutex);
        const auto found = shard.index.find(hash);
        if (found == shard.index.end()) return nullptr;
        shard.order.splice(shard.order.begin(), shard.order, found->second);
        return found->second->second;
    }

    void insert(const crypto::Sha256Bytes& hash, Pointer known) {
        Shard& shard = shard_of(hash);
        std::lock_guard lock(shard.mutex);
        if (shard.index.contains(hash)) return;
        shard.order.emplace_front(hash, std::move(known));
        shard.index.emplace(hash, shard.order.begin());
        if (shard.order.size() <= m_per_shard) return;
        shard.index.erase(shard.order.back().first);
        shard.order.pop_back();
    }

  private:
    static constexpr size_t kShards = 16;
    struct HashOfHash {
        size_t operator()(const crypto::Sha256Bytes& hash) const {
            size_t value = 0;
            for (size_t i = 0; i < sizeof value; ++i) value = value << 8 | hash[i];
            return value;
        }
    };
    using Order = std::list<std::pair<crypto::Sha256Bytes, Pointer>>;
    struct Shard {
        std::mutex mutex;
        Order order;
        std::unordered_map<crypto::Sha256Bytes, Order::iterator, HashOfHash> index;
    };
    Shard& shard_of(const crypto::Sha256Bytes& hash) { return m_shards[hash[31] % kShards]; }

    size_t m_per_shard;
    std::array<Shard, kShards> m_shards;
};

Verifier::Verifier(TrustStore store, RevocationSource& revocation, VerifierOptions options)
    : m_store(std::move(store)), m_revocation(revocation), m_cache(std::make_unique<Cache>(options.cache_capacity)) {}
Verifier::~Verifier() = default;

Verdict<std::shared_ptr<const KnownCertificate>> Verifier::check(std::string_view der, CertificateKind kind,
                                                                 base::Instant now) {
    const crypto::Sha256Bytes hash = crypto::sha256_bytes(der);
    if (auto known = m_cache->find(hash)) {
        const Examination examination{known->view, kind, now};
        if (known->issuer->kind != kind)
            return examination.refuse(Check::Policy, std::string(to_string(kind)),
                                      std::string(to_string(known->issuer->kind)), "certificate profile");
        if (auto failure = check_now(examination, *known->issuer)) return std::move(*failure);
        return known;
    }

    // The view is made over the copy that will be kept, so that a new certificate is parsed once.
    auto bytes = std::make_unique<const std::string>(der);
    const auto parsed = parse_certificate(*bytes);
    if (!parsed) {
        CertificateView nothing;
        nothing.der = der;
        return Examination{nothing, kind, now}.refuse(Check::Form, "DER", parsed.error().detail,
                                                      "RFC 5280 section 4.1");
    }
    const Examination examination{*parsed, kind, now};
    bool well_formed = false;
    const auto issuers = candidates(m_store, *parsed, well_formed);
    if (!well_formed)
        return examination.refuse(Check::Form, "authorityKeyIdentifier", "missing or malformed",
                                  "RFC 5280 section 4.2.1.1");
    if (issuers.empty())
        return examination.refuse(Check::Issuer, "a pinned authority", name_text(parsed->issuer),
                                  "RFC 5280 section 6.1.3");

    Failure last;
    for (const auto& issuer : issuers) {
        if (issuer->kind != kind) {
            last = examination.refuse(Check::Policy, std::string(to_string(kind)), std::string(to_string(issuer->kind)),
                                      "certificate profile");
            continue;
        }
        const auto& profile = certificate_profile(kind, issuer->realm);
        if ((last = check_profile(examination, profile)) || (last = check_now(examination, *issuer))) continue;
        const auto algorithm = signature_algorithm_of(parsed->signature_algorithm);
        if (!issuer->key.verify(*algorithm, parsed->tbs, parsed->signature)) {
            last = examination.refuse(Check::IssuerSignature, issuer->fingerprint, "signature does not match",
                                      "RFC 5280 section 6.1.3");
            continue;
        }
        auto key = certificate_key(*parsed);
        if (!key)
            return examination.refuse(Check::Algorithm, "a key of the profile", "unsupported",
                                      "RFC 5280 section 4.1.2.7");
        if (auto failure = check_key(examination, profile, *key)) return std::move(*failure);
        auto known = std::make_shared<KnownCertificate>(std::move(bytes), *parsed, issuer, std::move(*key));
        known->fingerprint = base::hex_encode({reinterpret_cast<const char*>(hash.data()), hash.size()});
        if (auto failure = read_contents(examination, profile, *known)) return std::move(*failure);
        m_cache->insert(hash, known);
        return std::shared_ptr<const KnownCertificate>(std::move(known));
    }
    return std::move(*last);
}

base::Task<Verdict<VerifiedCertificate>> Verifier::verify(std::string_view der, CertificateKind kind,
                                                          base::Instant now) {
    auto checked = check(der, kind, now);
    if (!checked) co_return checked.refusal();
    std::shared_ptr<const KnownCertificate> known = *std::move(checked);
    const CertificateIdentity identity{*known->issuer, known->view.serial, known->distribution_point};
    RevocationStatus status = co_await m_revocation.status(identity, now);
    const Examination examination{known->view, kind, now};
    const auto with_source = [&](Refusal refusal) {
        refusal.issuer_name = std::string(known->view.issuer);
        refusal.serial = known->view.serial.hex();
        refusal.method = to_string(status.method);
        if (status.source_time != base::Instant()) refusal.source_time = status.source_time;
        return refusal;
    };
    switch (status.state) {
    case RevocationStatus::State::Good:
        break;
    case RevocationStatus::State::Revoked: {
        Refusal refusal = examination.refuse(Check::Revoked, "not revoked", std::string(to_string(status.reason)),
                                             "RFC 5280 section 6.3");
        refusal.reason = to_string(status.reason);
        refusal.revoked_at = status.revoked_at;
        co_return with_source(std::move(refusal));
    }
    case RevocationStatus::State::Unknown:
        co_return with_source(examination.refuse(
            Check::RevocationUnknown, "a current source", status.why_unknown, "RFC 5280 section 6.3",
            status.method == RevocationStatus::Method::Ocsp ? Subject::OcspResponse : Subject::RevocationList));
    }
    co_return VerifiedCertificate(std::move(known), std::move(status), now);
}

Verdict<VerifiedSignature> verify_signature(const VerifiedCertificate& certificate, std::string_view text,
                                            std::string_view signature, base::Instant now) {
    const auto algorithm = default_signature_algorithm(certificate.key().algorithm());
    std::string digest = crypto::digest(crypto::hash_of(algorithm), text);
    if (!certificate.key().verify_digest(algorithm, digest, signature))
        return Refusal{Check::Signature,
                       Subject::Challenge,
                       certificate.fingerprint(),
                       "a signature over the given text",
                       "signature does not match",
                       "RFC 8017 section 8.2.2",
                       now,
                       {},
                       {},
                       certificate.kind()};
    return VerifiedSignature(certificate, std::move(digest));
}

base::Task<Verdict<VerifiedPair>> verify_pair(Verifier& verifier, SignedPair pair, std::string_view text,
                                              base::Instant now) {
    auto signature_certificate = co_await verifier.verify(pair.signature_certificate, CertificateKind::Signature, now);
    if (!signature_certificate) co_return signature_certificate.refusal();
    auto user_certificate = co_await verifier.verify(pair.user_certificate, CertificateKind::UserAuthentication, now);
    if (!user_certificate) co_return user_certificate.refusal();
    if (signature_certificate->realm() != user_certificate->realm())
        co_return Refusal{Check::Policy,
                          Subject::Certificate,
                          user_certificate->fingerprint(),
                          std::string(to_string(signature_certificate->realm())),
                          std::string(to_string(user_certificate->realm())),
                          "certificate profile",
                          now,
                          {},
                          {},
                          CertificateKind::UserAuthentication};
    auto signature = verify_signature(*signature_certificate, text, pair.signature_signature, now);
    if (!signature) co_return signature.refusal();
    auto user = verify_signature(*user_certificate, text, pair.user_signature, now);
    if (!user) co_return user.refusal();
    co_return VerifiedPair{*std::move(signature), *std::move(user)};
}

} // namespace musubi::pki
