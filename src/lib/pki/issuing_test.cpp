#include "lib/pki/issuing.h"

#include "lib/pki/oid.h"
#include "lib/pki/testing.h"

#include <gtest/gtest.h>

namespace musubi::pki {
namespace {

using testing::sample_key;
using testing::SampleAuthority;

const base::Instant kNow = *base::Instant::parse("2026-11-22T09:00:00Z");

const SampleAuthority& authority(CertificateKind kind) {
    static const SampleAuthority signature(CertificateKind::Signature, Realm::Test, kNow, 0);
    static const SampleAuthority user(CertificateKind::UserAuthentication, Realm::Test, kNow, 1);
    return kind == CertificateKind::Signature ? signature : user;
}

/// The rules a certificate breaks when `change` is made to a sound one.
template <class Change> std::vector<std::string> broken(CertificateKind kind, Change change) {
    auto contents = holder_certificate(authority(kind).holder(9, kNow, sample_key(3).public_key()));
    change(contents);
    const auto role =
        kind == CertificateKind::Signature ? CertificateRole::SignatureHolder : CertificateRole::UserHolder;
    auto linted = lint(contents, role, Realm::Test, &authority(kind).authority().view);
    std::vector<std::string> out;
    if (!linted)
        for (const auto& parameter : linted.error().parameters) out.push_back(parameter.second);
    return out;
}

void drop(CertificateContents& it, std::string_view oid) {
    std::erase_if(it.extensions, [&](const auto& extension) { return extension.oid == oid; });
}
using Rules = std::vector<std::string>;

TEST(Lint, passes_the_templates_and_names_each_broken_rule) {
    for (const auto kind : {CertificateKind::Signature, CertificateKind::UserAuthentication}) {
        EXPECT_EQ(broken(kind, [](auto&) {}), Rules{});
        EXPECT_EQ(broken(kind, [](auto& it) { it.issuer = it.subject; }), Rules{"issuer-name-is-the-authority"});
        EXPECT_EQ(broken(kind, [](auto& it) { it.not_after = it.not_after - std::chrono::hours(1); }),
                  Rules{"ends-with-a-day-in-japan"});
        EXPECT_EQ(broken(kind, [](auto& it) { drop(it, oid::kKeyUsage); }), Rules{"key-usage-exact"});
        EXPECT_EQ(broken(kind, [](auto& it) { drop(it, oid::kCertificatePolicies); }), Rules{"policy-of-the-profile"});
        EXPECT_EQ(broken(kind, [](auto& it) { drop(it, oid::kAuthorityKeyIdentifier); }),
                  Rules{"authority-key-identifier"});
        EXPECT_EQ(broken(kind, [](auto& it) { drop(it, oid::kSubjectKeyIdentifier); }),
                  Rules{"subject-key-identifier"});
        EXPECT_EQ(broken(kind, [](auto& it) { drop(it, oid::kCrlDistributionPoints); }),
                  Rules{"names-its-revocation-list"});
        EXPECT_EQ(broken(kind, [](auto& it) { it.extensions.push_back({oid_from_text("1.2.3"), false, "x"}); }),
                  Rules{"no-extension-beyond-the-profile"});
        EXPECT_EQ(broken(kind, [](auto& it) { it.extensions.push_back(it.extensions[0]); }), Rules{"well-formed"});
        EXPECT_EQ(broken(kind, [](auto& it) { it.serial = SerialNumber(); }), Rules{"well-formed"});
        EXPECT_EQ(broken(kind,
                         [](auto& it) {
                             it.subject = write_name(
                                 {{NamePart::Kind::Country, "JP"}, {NamePart::Kind::CommonName, "見本　花子"}});
                         }),
                  Rules{"subject-without-personal-data"});
        EXPECT_EQ(broken(kind, [&](auto& it) { it.spki = authority(kind).key().public_key().spki(); }),
                  (Rules{"key-is-not-the-authoritys", "subject-key-identifier"}));
        EXPECT_EQ(broken(kind, [](auto& it) { it.spki = crypto::PrivateKey::generate_ec().public_key().spki(); }),
                  (Rules{"key-of-the-profile", "subject-key-identifier"}));
    }
    EXPECT_EQ(broken(CertificateKind::Signature, [](auto& it) { drop(it, oid::kSubjectAltName); }),
              Rules{"attributes-of-the-profile"});
    EXPECT_EQ(broken(CertificateKind::UserAuthentication,
                     [](auto& it) {
                         it.extensions.push_back({std::string(oid::kSubjectAltName), false,
                                                  write_certified_attributes(testing::sample_attributes())});
                     }),
              Rules{"attributes-of-the-profile"});
}

TEST(Lint, certificates_end_within_their_authority) {
    EXPECT_EQ(broken(CertificateKind::UserAuthentication,
                     [](auto& it) {
                         it.not_before = kNow + std::chrono::hours(24 * 3000);
                         it.not_after = base::start_of_day_in_japan(base::date_in_japan(kNow).plus_days(4000)) -
                                        std::chrono::seconds(1);
                     }),
              Rules{"period-within-the-authority"});
}

TEST(Lint, every_rule_names_its_source) {
    for (const auto role : {CertificateRole::SignatureHolder, CertificateRole::UserHolder, CertificateRole::Authority,
                            CertificateRole::OcspResponder}) {
        EXPECT_GT(lint_rules(role).size(), 6U);
        for (const auto& rule : lint_rules(role)) EXPECT_FALSE(rule.name.empty() || rule.source.empty());
    }
}

TEST(Attributes, are_read_back_as_written_and_checked) {
    auto attributes = testing::sample_attributes();
    attributes.name_substitutes = "01000";
    const auto read = certified_attributes(write_certified_attributes(attributes));
    ASSERT_TRUE(read);
    EXPECT_TRUE(read->name_has_substitutes());
    EXPECT_EQ(read->address, attributes.address);
    attributes.name_substitutes = "0000000";
    EXPECT_EQ(certified_attributes(write_certified_attributes(attributes)).error().code,
              "certificate.attributes-malformed");
    EXPECT_EQ(era_date(*base::CivilDate::of(1989, 1, 7)), "319890107");
    EXPECT_EQ(era_date(*base::CivilDate::of(1990, 1, 2)), "419900102");
    EXPECT_EQ(era_date(*base::CivilDate::of(2019, 5, 1)), "520190501");
    EXPECT_EQ(era_date(*base::CivilDate::of(1912, 7, 29)), "119120729");
    EXPECT_FALSE(certified_attributes(""));
}

} // namespace
} // namespace musubi::pki
