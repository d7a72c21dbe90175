#include "lib/pki/verifier.h"

#include "base/encoding.h"
#include "lib/crypto/digest.h"
#include "lib/pki/oid.h"
#include "lib/pki/reference_verifier.h"
#include "lib/pki/testing.h"

#include <gtest/gtest.h>

namespace musubi::pki {
namespace {

using testing::FixedRevocation;
using testing::sample_key;
using testing::SampleAuthority;

const base::Instant kNow = *base::Instant::parse("2026-11-22T09:00:00Z");

/// Two authorities of each kind (two generations under one name), all of the test realm.
struct World {
    World()
        : signature_old(CertificateKind::Signature, Realm::Test, kNow, 0),
          signature(CertificateKind::Signature, Realm::Test, kNow, 1),
          user(CertificateKind::UserAuthentication, Realm::Test, kNow, 2), store(Deployment::Test) {
        for (const auto* sample : {&signature_old, &signature, &user})
            EXPECT_TRUE(store.add(sample->authority().der, sample->authority().kind, Realm::Test));
    }
    SampleAuthority signature_old;
    SampleAuthority signature;
    SampleAuthority user;
    TrustStore store;
};
World& world() {
    static World instance;
    return instance;
}
const crypto::PrivateKey& holder_key() { return sample_key(3); }

struct Judge {
    FixedRevocation revocation;
    Verifier verifier{world().store, revocation};
    Verdict<VerifiedCertificate> operator()(std::string_view der, CertificateKind kind, base::Instant now = kNow) {
        return base::sync_wait(verifier.verify(der, kind, now));
    }
    /// The name of the failed check, or "accepted".
    std::string outcome(std::string_view der, CertificateKind kind, base::Instant now = kNow) {
        const auto verdict = (*this)(der, kind, now);
        return verdict ? "accepted" : std::string(to_string(verdict.refusal().check));
    }
};

CertificateContents contents(const SampleAuthority& authority, uint64_t serial = 1000) {
    return holder_certificate(authority.holder(serial, kNow - std::chrono::hours(24), holder_key().public_key()));
}
ExtensionContents& extension(CertificateContents& it, std::string_view oid) {
    for (auto& candidate : it.extensions)
        if (candidate.oid == oid) return candidate;
    throw std::logic_error("no such extension");
}
void drop(CertificateContents& it, std::string_view oid) {
    std::erase_if(it.extensions, [&](const auto& candidate) { return candidate.oid == oid; });
}

TEST(Verifier, accepts_both_certificates_of_a_card_and_reads_the_attributes) {
    Judge judge;
    const auto signature =
        judge(world().signature.issue_unlinted(contents(world().signature)), CertificateKind::Signature);
    ASSERT_TRUE(signature) << signature.refusal().error().detail;
    ASSERT_TRUE(signature->attributes());
    EXPECT_EQ(signature->attributes()->name, "見本　花子");
    EXPECT_EQ(signature->attributes()->birth_date.to_string(), "1980-02-17");
    EXPECT_FALSE(signature->attributes()->name_has_substitutes());
    EXPECT_EQ(signature->serial().hex(), "03e8");
    EXPECT_EQ(signature->issuer().fingerprint, world().signature.authority().fingerprint);
    const auto user = judge(world().user.issue_unlinted(contents(world().user)), CertificateKind::UserAuthentication);
    ASSERT_TRUE(user) << user.refusal().error().detail;
    EXPECT_FALSE(user->attributes());
}

TEST(Verifier, finds_the_right_generation_of_an_authority_by_its_key) {
    Judge judge;
    for (const auto* authority : {&world().signature_old, &world().signature}) {
        const auto verdict = judge(authority->issue_unlinted(contents(*authority)), CertificateKind::Signature);
        ASSERT_TRUE(verdict);
        EXPECT_EQ(verdict->issuer().fingerprint, authority->authority().fingerprint);
    }
}

struct Vector {
    std::string name;
    std::string der;
    CertificateKind kind;
    std::string expected; // our outcome
    enum class Reference { Agrees, Accepts, Refuses } reference = Reference::Agrees;
    base::Instant now = kNow;
};

/// Replaces one piece of a certificate's DER by another of any length, without mending the lengths around it.
std::string spliced(std::string der, std::string_view from, std::string_view to) {
    const size_t at = der.find(from);
    EXPECT_NE(at, std::string::npos);
    return der.replace(at, from.size(), to);
}

using Reference = Vector::Reference;

std::vector<Vector> vectors() {
    std::vector<Vector> out;
    for (const auto* authority : {&world().signature, &world().user}) {
        const auto kind = authority->authority().kind;
        const auto other =
            kind == CertificateKind::Signature ? CertificateKind::UserAuthentication : CertificateKind::Signature;
        const std::string prefix = std::string(to_string(kind)) + ": ";
        const auto add = [&](std::string name, auto change, std::string expected,
                             Reference reference = Reference::Agrees) {
            auto it = contents(*authority);
            change(it);
            out.push_back({prefix + name, authority->issue_unlinted(it), kind, std::move(expected), reference});
        };
        const auto nothing = [](CertificateContents&) {};
        add("good", nothing, "accepted");
        add("without subjectKeyIdentifier", [](auto& it) { drop(it, oid::kSubjectKeyIdentifier); }, "accepted");
        add(
            "serial number of 20 bytes",
            [](auto& it) { it.serial = *SerialNumber::parse("7f00000000000000000000000000000000000001"); }, "accepted");
        add(
            "basicConstraints without authority",
            [](auto& it) { it.extensions.push_back({std::string(oid::kBasicConstraints), true, der::sequence({})}); },
            "accepted");
        add(
            "unknown extension, not critical",
            [](auto& it) { it.extensions.push_back({oid_from_text("1.2.3.4"), false, "x"}); }, "accepted");

        add(
            "expired",
            [](auto& it) {
                it.not_before = kNow - std::chrono::hours(48);
                it.not_after = kNow - std::chrono::seconds(1);
            },
            "expired");
        add("not yet valid", [](auto& it) { it.not_before = kNow + std::chrono::seconds(1); }, "not-yet-valid");
        // RFC 5280 section 4.1.2.5 includes both ends; OpenSSL ends one second early.
        add(
            "valid in this very second",
            [](auto& it) {
                it.not_before = kNow;
                it.not_after = kNow;
            },
            "accepted", Reference::Refuses);
        add(
            "ends before it begins", [](auto& it) { it.not_after = it.not_before - std::chrono::hours(1); },
            "validity-period");
        add(
            "longer than the profile", [](auto& it) { it.not_after = it.not_before + std::chrono::hours(24 * 3000); },
            "validity-period", Reference::Accepts);
        add(
            "another policy",
            [](auto& it) {
                extension(it, oid::kCertificatePolicies).value = der::sequence(
                    {der::sequence({der::object_identifier(oid_from_text("1.2.392.200149.8.5.1.1.10"))})});
            },
            "policy");
        add("no policy", [](auto& it) { drop(it, oid::kCertificatePolicies); }, "policy");
        add(
            "policy not critical", [](auto& it) { extension(it, oid::kCertificatePolicies).critical = false; },
            "policy", Reference::Accepts);
        add("no keyUsage", [](auto& it) { drop(it, oid::kKeyUsage); }, "key-usage");
        add(
            "keyUsage with keyCertSign",
            [](auto& it) {
                extension(it, oid::kKeyUsage).value =
                    der::named_bits(kDigitalSignature | kNonRepudiation | kKeyCertSign);
            },
            "key-usage");
        add(
            "keyUsage of the other kind",
            [&](auto& it) {
                extension(it, oid::kKeyUsage).value = der::named_bits(
                    kind == CertificateKind::Signature ? kDigitalSignature : kDigitalSignature | kNonRepudiation);
            },
            "key-usage");
        add(
            "keyUsage not critical", [](auto& it) { extension(it, oid::kKeyUsage).critical = false; }, "key-usage",
            Reference::Accepts);
        add(
            "an authority",
            [](auto& it) {
                it.extensions.push_back(
                    {std::string(oid::kBasicConstraints), true, der::sequence({der::write_boolean(true)})});
            },
            "basic-constraints", Reference::Accepts);
        add(
            "unknown critical extension",
            [](auto& it) { it.extensions.push_back({oid_from_text("1.2.3.4"), true, "x"}); }, "critical-extension");
        add(
            "extended key usage for servers",
            [](auto& it) {
                it.extensions.push_back({std::string(oid::kExtendedKeyUsage), false,
                                         der::sequence({der::object_identifier(oid_from_text("1.3.6.1.5.5.7.3.1"))})});
            },
            "key-usage", Reference::Accepts);
        add("extension twice", [](auto& it) { it.extensions.push_back(extension(it, oid::kKeyUsage)); }, "form");
        add(
            "authorityKeyIdentifier of another key",
            [](auto& it) {
                extension(it, oid::kAuthorityKeyIdentifier).value =
                    der::sequence({der::write(der::context(0), std::string(20, 'x'))});
            },
            "issuer");
        add(
            "authorityKeyIdentifier with another serial number",
            [&](auto& it) {
                const std::string names = write_directory_name(authority->authority().view.issuer);
                extension(it, oid::kAuthorityKeyIdentifier).value = der::sequence(
                    {der::write(der::context(0), authority->authority().key_identifier),
                     der::write(der::context_constructed(1), names), der::write(der::context(2), "\x55")});
            },
            "issuer");
        add("no authorityKeyIdentifier", [](auto& it) { drop(it, oid::kAuthorityKeyIdentifier); }, "form");
        add(
            "another issuer name", [](auto& it) { it.issuer = write_name({{NamePart::Kind::Country, "JP"}}); },
            "issuer");
        add(
            "signed with SHA-384", [](auto& it) { it.algorithm = crypto::SignatureAlgorithm::RsaPkcs1Sha384; },
            "algorithm", Reference::Accepts);
        add(
            "key of P-256", [](auto& it) { it.spki = crypto::PrivateKey::generate_ec().public_key().spki(); },
            "algorithm", Reference::Accepts);
        add(
            "attributes where they must not be, or missing",
            [&](auto& it) {
                if (kind == CertificateKind::Signature) {
                    drop(it, oid::kSubjectAltName);
                } else {
                    it.extensions.push_back({std::string(oid::kSubjectAltName), false,
                                             write_certified_attributes(testing::sample_attributes())});
                }
            },
            "attributes", Reference::Accepts);
        add(
            "distribution point that is an address",
            [](auto& it) {
                const std::string uri = der::write(der::context(6), "http://example.jp/a.crl");
                extension(it, oid::kCrlDistributionPoints).value = der::sequence({der::sequence(
                    {der::write(der::context_constructed(0), der::write(der::context_constructed(0), uri))})});
            },
            "form", Reference::Accepts);

        const std::string good = authority->issue_unlinted(contents(*authority));
        const auto raw = [&](std::string name, std::string der, std::string expected,
                             Reference reference = Reference::Agrees) {
            out.push_back({prefix + name, std::move(der), kind, std::move(expected), reference});
        };
        raw("empty", "", "form");
        raw("trailing byte", good + '\0', "form");
        raw("cut", good.substr(0, good.size() - 1), "form");
        // 30 82 xx xx → 30 83 00 xx xx: BER, not DER.
        raw("long-form length", std::string("\x30\x83\x00", 3) + good.substr(2), "form", Reference::Accepts);
        raw("indefinite length", "\x30\x80" + good.substr(4) + std::string(2, '\0'), "form", Reference::Accepts);
        raw("version 1",
            spliced(good, std::string_view("\xa0\x03\x02\x01\x02", 5), std::string_view("\xa0\x03\x02\x01\x00", 5)),
            "form");
        raw("signed by someone else",
            authority == &world().signature ? world().user.issue_unlinted(contents(*authority))
                                            : world().signature.issue_unlinted(contents(*authority)),
            "issuer-signature");
        out.push_back({prefix + "shown as the other kind", good, other, "policy"});
        out.push_back({prefix + "the authority itself", authority->authority().der, kind, "form"});
        out.push_back({prefix + "before the authority", good, kind, "not-yet-valid", Reference::Agrees,
                       kNow - std::chrono::hours(24 * 500)});
        out.push_back(
            {prefix + "long after", good, kind, "expired", Reference::Agrees, kNow + std::chrono::hours(24 * 5000)});
    }
    return out;
}

TEST(Verifier, agrees_with_openssl_on_every_vector_or_differs_on_purpose) {
    for (const auto& vector : vectors()) {
        Judge judge;
        const std::string outcome = judge.outcome(vector.der, vector.kind, vector.now);
        const bool reference = reference_accepts(vector.der, world().store, vector.kind, vector.now);
        EXPECT_EQ(outcome, vector.expected) << vector.name;
        const bool expected = vector.reference == Vector::Reference::Agrees
                                  ? outcome == "accepted"
                                  : vector.reference == Vector::Reference::Accepts;
        EXPECT_EQ(reference, expected) << vector.name;
    }
}

TEST(Verifier, refuses_every_certificate_with_one_flipped_bit_as_openssl_does) {
    for (const auto* authority : {&world().signature, &world().user}) {
        const auto kind = authority->authority().kind;
        const std::string good = authority->issue_unlinted(contents(*authority));
        Judge judge;
        for (size_t i = 0; i < good.size(); ++i) {
            std::string flipped = good;
            flipped[i] = static_cast<char>(flipped[i] ^ 1 << (i * 5 % 8));
            EXPECT_NE(judge.outcome(flipped, kind), "accepted") << i;
            EXPECT_FALSE(reference_accepts(flipped, world().store, kind, kNow)) << i;
        }
        EXPECT_EQ(judge.outcome(good, kind), "accepted");
    }
}

/// Where a damaged certificate differs from the sound one, for a failure message one can read.
std::string damage(std::string_view der) {
    const std::string sound = world().user.issue_unlinted(contents(world().user, 5000));
    std::string out;
    for (size_t i = 17; i < std::min(sound.size(), der.size()) - 256; ++i)
        if (sound[i] != der[i])
            out += std::to_string(i) + ": " + base::hex_encode(sound.substr(i - 4, 8)) + " became " +
                   base::hex_encode(der.substr(i - 4, 8)) + "; ";
    return out;
}

TEST(Verifier, never_accepts_what_openssl_refuses_after_random_damage_and_repair) {
    // Damage inside the signed part, signed again: the decoders meet well-signed nonsense.
    base::SeededRandom random(20261122);
    const auto& authority = world().user;
    Judge judge;
    int accepted = 0;
    for (int round = 0; round < 1500; ++round) {
        std::string tbs = write_tbs_certificate(contents(authority, 5000 + static_cast<uint64_t>(round)));
        const auto flips = 1 + random.below(3);
        for (uint64_t i = 0; i < flips; ++i) {
            char& byte = tbs[random.below(tbs.size())];
            byte = static_cast<char>(byte ^ 1 << random.below(8));
        }
        const auto algorithm = crypto::SignatureAlgorithm::RsaPkcs1Sha256;
        const std::string der = der::sequence(
            {tbs, write_signature_algorithm(algorithm), der::bit_string(authority.key().sign(algorithm, tbs))});
        const bool ours = judge.outcome(der, CertificateKind::UserAuthentication) == "accepted";
        if (!ours) continue;
        ++accepted;
        EXPECT_TRUE(reference_accepts(der, world().store, CertificateKind::UserAuthentication, kNow)) << damage(der);
    }
    EXPECT_GT(accepted, 50) << "flips in keys and numbers leave a valid certificate: both sides must be exercised";
    EXPECT_LT(accepted, 1450);
}

TEST(Verifier, gives_the_same_answer_from_its_cache) {
    Judge judge;
    const std::string good = world().user.issue_unlinted(contents(world().user));
    const auto kind = CertificateKind::UserAuthentication;
    EXPECT_EQ(judge.outcome(good, kind), "accepted");
    EXPECT_EQ(judge.outcome(good, kind), "accepted");
    EXPECT_EQ(judge.outcome(good, CertificateKind::Signature), "policy");
    EXPECT_EQ(judge.outcome(good, kind, kNow - std::chrono::hours(48)), "not-yet-valid");
    EXPECT_EQ(judge.outcome(good, kind, kNow + std::chrono::hours(24 * 1900)), "expired");
    judge.revocation.answer.state = RevocationStatus::State::Unknown;
    EXPECT_EQ(judge.outcome(good, kind), "revocation-unknown");
    judge.revocation.answer.state = RevocationStatus::State::Revoked;
    EXPECT_EQ(judge.outcome(good, kind), "revoked");
}

TEST(Verifier, stays_right_when_its_cache_is_smaller_than_the_crowd) {
    FixedRevocation revocation;
    Verifier verifier(world().store, revocation, {16});
    for (int round = 0; round < 2; ++round) {
        for (uint64_t serial = 1; serial <= 60; ++serial) {
            const std::string der = world().user.issue_unlinted(contents(world().user, serial));
            const auto verdict = base::sync_wait(verifier.verify(der, CertificateKind::UserAuthentication, kNow));
            ASSERT_TRUE(verdict);
            EXPECT_EQ(verdict->serial(), SerialNumber::of(serial));
        }
    }
}

TEST(Verifier, refusals_carry_their_evidence_and_a_public_error) {
    Judge judge;
    auto it = contents(world().user);
    it.not_after = kNow - std::chrono::seconds(1);
    const std::string der = world().user.issue_unlinted(it);
    const auto expired = judge(der, CertificateKind::UserAuthentication);
    ASSERT_FALSE(expired);
    EXPECT_EQ(expired.refusal().check, Check::Expired);
    EXPECT_EQ(expired.refusal().expected, "2026-11-22T08:59:59.000Z");
    EXPECT_EQ(expired.refusal().found, "2026-11-22T09:00:00.000Z");
    EXPECT_EQ(expired.refusal().clause, "RFC 5280 section 4.1.2.5");
    EXPECT_EQ(expired.refusal().fingerprint, base::hex_encode(crypto::sha256(der)));
    EXPECT_EQ(expired.refusal().error().code, "certificate.expired");

    judge.revocation.answer.state = RevocationStatus::State::Revoked;
    judge.revocation.answer.reason = RevocationReason::AffiliationChanged;
    judge.revocation.answer.revoked_at = kNow - std::chrono::hours(3);
    const auto revoked =
        judge(world().user.issue_unlinted(contents(world().user)), CertificateKind::UserAuthentication);
    ASSERT_FALSE(revoked);
    const auto error = revoked.refusal().error();
    EXPECT_EQ(error.code, "certificate.revoked");
    using Parameter = std::pair<std::string, std::string>;
    EXPECT_EQ(error.parameters, (std::vector<Parameter>{{"certificate", "user"},
                                                        {"reason", "affiliationChanged"},
                                                        {"revokedAt", "2026-11-22T06:00:00.000Z"}}));
}

TEST(VerifySignature, binds_the_holders_key_to_the_text) {
    Judge judge;
    const auto certificate =
        judge(world().user.issue_unlinted(contents(world().user)), CertificateKind::UserAuthentication);
    ASSERT_TRUE(certificate);
    const std::string text = "domain\0nonce";
    const auto signature = holder_key().sign_raw_pkcs1(crypto::digest_info(crypto::Hash::Sha256, crypto::sha256(text)));
    const auto verdict = verify_signature(*certificate, text, *signature, kNow);
    ASSERT_TRUE(verdict);
    EXPECT_EQ(verdict->text_digest(), crypto::sha256(text));
    EXPECT_EQ(verify_signature(*certificate, text + "x", *signature, kNow).refusal().check, Check::Signature);
    EXPECT_FALSE(verify_signature(*certificate, text, "", kNow));
    EXPECT_EQ(verify_signature(*certificate, text, "x", kNow).refusal().error().code, "certificate.signature-invalid");
    // A bare hash without DigestInfo is another thing the card can be made to sign.
    EXPECT_FALSE(verify_signature(*certificate, text, *holder_key().sign_raw_pkcs1(crypto::sha256(text)), kNow));
}

TEST(VerifyPair, takes_both_certificates_over_one_text_only) {
    Judge judge;
    const std::string signature_der = world().signature.issue_unlinted(contents(world().signature));
    auto user_contents = contents(world().user);
    user_contents.spki = sample_key(4).public_key().spki();
    const std::string user_der = world().user.issue_unlinted(user_contents);
    const auto sign = [](const crypto::PrivateKey& key, std::string_view text) {
        return key.sign(crypto::SignatureAlgorithm::RsaPkcs1Sha256, text);
    };
    const std::string by_signature_key = sign(holder_key(), "text");
    const std::string by_user_key = sign(sample_key(4), "text");
    const auto run = [&](const SignedPair& pair) {
        return base::sync_wait(verify_pair(judge.verifier, pair, "text", kNow));
    };
    EXPECT_TRUE(run({signature_der, by_signature_key, user_der, by_user_key}));
    EXPECT_FALSE(run({user_der, by_user_key, signature_der, by_signature_key})) << "swapped";
    EXPECT_FALSE(run({signature_der, by_user_key, user_der, by_signature_key}));
    const std::string other_text = sign(sample_key(4), "other text");
    const auto verdict = run({signature_der, by_signature_key, user_der, other_text});
    ASSERT_FALSE(verdict);
    EXPECT_EQ(verdict.refusal().kind, CertificateKind::UserAuthentication);
}

TEST(TrustStore, keeps_test_authorities_out_of_production) {
    TrustStore production(Deployment::Production);
    const auto& test_authority = world().user.authority();
    EXPECT_EQ(production.add(test_authority.der, test_authority.kind, Realm::Test).error().code,
              "trust.test-authority-in-production");
    EXPECT_EQ(production.add(test_authority.der, test_authority.kind, Realm::Production).error().code,
              "trust.test-authority-in-production")
        << "put into the wrong list";
    const SampleAuthority real(CertificateKind::UserAuthentication, Realm::Production, kNow, 5);
    EXPECT_TRUE(production.add(real.authority().der, CertificateKind::UserAuthentication, Realm::Production));
    FixedRevocation revocation;
    Verifier verifier(production, revocation);
    const auto run = [&](const std::string& der) {
        return base::sync_wait(verifier.verify(der, CertificateKind::UserAuthentication, kNow));
    };
    EXPECT_TRUE(run(real.issue_unlinted(contents(real))));
    auto test_policy = contents(real);
    extension(test_policy, oid::kCertificatePolicies) = extension(
        *[] {
            static auto it = contents(world().user);
            return &it;
        }(),
        oid::kCertificatePolicies);
    EXPECT_EQ(run(real.issue_unlinted(test_policy)).refusal().check, Check::Policy);
    EXPECT_EQ(run(world().user.issue_unlinted(contents(world().user))).refusal().check, Check::Issuer);
}

TEST(TrustStore, takes_only_self_signed_authorities) {
    TrustStore store(Deployment::Test);
    const std::string leaf = world().user.issue_unlinted(contents(world().user));
    EXPECT_EQ(store.add(leaf, CertificateKind::UserAuthentication, Realm::Test).error().code, "trust.not-an-authority");
    std::string broken = world().user.authority().der;
    broken.back() = static_cast<char>(broken.back() ^ 1);
    EXPECT_EQ(store.add(broken, CertificateKind::UserAuthentication, Realm::Test).error().code,
              "trust.not-an-authority");
    EXPECT_EQ(store.add("x", CertificateKind::UserAuthentication, Realm::Test).error().code, "certificate.malformed");
    const auto& good = world().user.authority().der;
    EXPECT_TRUE(store.add(good, CertificateKind::UserAuthentication, Realm::Test));
    EXPECT_EQ(store.add(good, CertificateKind::Signature, Realm::Test).error().code, "trust.not-an-authority")
        << "the two stores stay disjoint";
    EXPECT_EQ(TrustStore::load({{"/nonexistent"}, {}, {}, {}}, Deployment::Production).error().code,
              "trust.file-unreadable");
    EXPECT_EQ(TrustStore::load({}, Deployment::Production).error().code, "trust.no-authority");
}

} // namespace
} // namespace musubi::pki
