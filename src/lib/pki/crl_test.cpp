#include "lib/pki/crl.h"

#include "base/encoding.h"
#include "lib/pki/oid.h"
#include "lib/pki/testing.h"

#include <gtest/gtest.h>

namespace musubi::pki {
namespace {

using testing::sample_key;
using testing::sample_partition;
using testing::SampleAuthority;

const base::Instant kNow = *base::Instant::parse("2026-11-22T09:00:00Z");
constexpr auto kKind = CertificateKind::UserAuthentication;

const SampleAuthority& authority() {
    static const SampleAuthority instance(kKind, Realm::Test, kNow, 0);
    return instance;
}
TrustStore store() {
    TrustStore out(Deployment::Test);
    EXPECT_TRUE(out.add(authority().authority().der, kKind, Realm::Test));
    return out;
}
RevocationStatus ask(RevocationLists& lists, uint64_t serial, std::string_view point, base::Instant now = kNow) {
    const SerialNumber number = SerialNumber::of(serial);
    return base::sync_wait(lists.status({authority().authority(), number, point}, now));
}

TEST(RevocationList, finds_serial_numbers_of_every_length_with_reason_and_time) {
    const auto at = *base::Instant::parse("2026-11-01T12:00:00Z");
    std::vector<RevokedCertificate> entries;
    for (uint64_t serial = 3; serial < 3000; serial += 3)
        entries.push_back({SerialNumber::of(serial), at, RevocationReason::Superseded});
    const auto long_serial = *SerialNumber::parse("7f00000000000000000000000000000000000001");
    entries.push_back({long_serial, at, RevocationReason::KeyCompromise});
    entries.push_back({SerialNumber::of(UINT64_MAX), at, RevocationReason::Unspecified});
    const auto list = RevocationList::load(authority().list(kNow, entries), authority().authority());
    ASSERT_TRUE(list) << list.refusal().error().detail;
    EXPECT_EQ((*list)->size(), entries.size());
    for (uint64_t serial = 1; serial < 3003; ++serial)
        EXPECT_EQ((*list)->find(SerialNumber::of(serial)).has_value(), serial % 3 == 0 && serial < 3000) << serial;
    EXPECT_EQ((*list)->find(long_serial)->reason, RevocationReason::KeyCompromise);
    EXPECT_EQ((*list)->find(SerialNumber::of(UINT64_MAX))->reason, RevocationReason::Unspecified);
    EXPECT_EQ((*list)->find(SerialNumber::of(3))->revoked_at, at);
    EXPECT_FALSE((*list)->find(*SerialNumber::parse("7f00000000000000000000000000000000000002")));
}

TEST(RevocationList, is_refused_when_anything_about_it_is_wrong) {
    const std::string good = authority().list(kNow, {{SerialNumber::of(5), kNow, RevocationReason::Superseded}});
    ASSERT_TRUE(RevocationList::load(good, authority().authority()));
    for (size_t i = 0; i < good.size(); ++i) {
        std::string flipped = good;
        flipped[i] = static_cast<char>(flipped[i] ^ 1 << (i * 3 % 8));
        EXPECT_FALSE(RevocationList::load(flipped, authority().authority())) << i;
    }
    EXPECT_FALSE(RevocationList::load(good + '\0', authority().authority()));
    EXPECT_FALSE(RevocationList::load("", authority().authority()));
    const SampleAuthority other(kKind, Realm::Test, kNow, 1);
    EXPECT_EQ(RevocationList::load(good, other.authority()).refusal().check, Check::Issuer);
}

/// A list signed by the authority whose extensions are those given.
std::string list_with(const std::vector<ExtensionContents>& extensions, std::string_view entries = {}) {
    std::string written;
    for (const auto& extension : extensions)
        written += der::sequence({der::object_identifier(extension.oid),
                                  extension.critical ? der::write_boolean(true) : std::string(),
                                  der::write(der::kOctetString, extension.value)});
    const auto algorithm = crypto::SignatureAlgorithm::RsaPkcs1Sha256;
    const std::string tbs = der::sequence(
        {der::integer(uint64_t{1}), write_signature_algorithm(algorithm), authority().authority().view.subject,
         der::write_certificate_time(kNow), der::write_certificate_time(kNow + std::chrono::hours(1)), entries,
         der::write(der::context_constructed(0), der::write(der::kSequence, written))});
    return der::sequence(
        {tbs, write_signature_algorithm(algorithm), der::bit_string(authority().key().sign(algorithm, tbs))});
}

TEST(RevocationList, of_a_scope_not_understood_is_refused) {
    const ExtensionContents number{std::string(oid::kCrlNumber), false, der::integer(uint64_t{7})};
    const auto point = [](std::string_view further) {
        return der::sequence(
            {der::write(der::context_constructed(0),
                        der::write(der::context_constructed(0), write_directory_name(sample_partition(kKind)))),
             further});
    };
    const auto outcome = [&](std::vector<ExtensionContents> extensions, std::string_view entries = {}) {
        extensions.insert(extensions.begin(), number);
        const auto list = RevocationList::load(list_with(extensions, entries), authority().authority());
        return list ? std::string("accepted") : list.refusal().found;
    };
    const std::string idp(oid::kIssuingDistributionPoint);
    EXPECT_EQ(outcome({{idp, true, point("")}}), "accepted");
    EXPECT_EQ(outcome({{idp, true, point(der::write(der::context(1), "\xff"))}}), "accepted")
        << "only user certificates";
    EXPECT_EQ(outcome({{idp, false, point("")}}), "issuingDistributionPoint") << "must be critical";
    EXPECT_EQ(outcome({{idp, true, point(der::write(der::context(2), "\xff"))}}), "issuingDistributionPoint")
        << "only authorities' certificates";
    EXPECT_EQ(outcome({{idp, true, point(der::write(der::context(4), "\xff"))}}), "issuingDistributionPoint")
        << "indirect";
    EXPECT_EQ(outcome({{oid_from_text("2.5.29.27"), true, der::integer(uint64_t{6})}}), "unknown critical extension")
        << "delta list";
    EXPECT_EQ(outcome({{std::string(oid::kCrlNumber), false, der::integer(uint64_t{8})}}), "extension twice");
    const auto entry = [](std::string_view extensions) {
        return der::sequence(
            {der::sequence({der::integer(uint64_t{5}), der::write_certificate_time(kNow), extensions})});
    };
    const auto entry_extension = [](std::string_view oid, bool critical, const std::string& value) {
        return der::sequence(
            {der::sequence({der::object_identifier(oid), critical ? der::write_boolean(true) : std::string(),
                            der::write(der::kOctetString, value)})});
    };
    const std::string hold = der::write(der::kEnumerated, "\x06");
    const std::string remove = der::write(der::kEnumerated, "\x08");
    EXPECT_EQ(outcome({}, entry(entry_extension(oid::kReasonCode, false, hold))), "accepted");
    EXPECT_EQ(outcome({}, entry(entry_extension(oid::kReasonCode, false, remove))), "entry") << "removeFromCRL";
    EXPECT_EQ(outcome({}, entry(entry_extension(oid_from_text("2.5.29.29"), true, "x"))), "entry")
        << "another authority's certificate";
    EXPECT_EQ(outcome({}, der::write(der::kSequence, "")), "revokedCertificates") << "an empty list is left out";
    const std::string twice = entry("").substr(2);
    EXPECT_EQ(outcome({}, der::sequence({twice, twice})), "entry") << "one certificate twice";
}

TEST(RevocationLists, answer_for_their_own_municipality_only) {
    RevocationLists lists;
    const std::string here = sample_partition(kKind, "99001");
    const std::string there = sample_partition(kKind, "99002");
    EXPECT_EQ(ask(lists, 5, here).why_unknown, "no-list");
    ASSERT_TRUE(
        lists.add(authority().list(kNow, {{SerialNumber::of(5), kNow, RevocationReason::CertificateHold}}), store()));
    EXPECT_EQ(ask(lists, 5, here).state, RevocationStatus::State::Revoked);
    EXPECT_EQ(ask(lists, 5, here).reason, RevocationReason::CertificateHold);
    EXPECT_EQ(ask(lists, 6, here).state, RevocationStatus::State::Good);
    EXPECT_EQ(ask(lists, 6, there).state, RevocationStatus::State::Unknown);
    EXPECT_EQ(ask(lists, 6, "").state, RevocationStatus::State::Unknown);
    ASSERT_TRUE(lists.add(authority().list(kNow, {}, 1, "99002"), store()));
    EXPECT_EQ(ask(lists, 5, there).state, RevocationStatus::State::Good);
    EXPECT_EQ(lists.size(), 2U);
}

TEST(RevocationLists, know_nothing_outside_the_period_of_a_list) {
    RevocationLists lists;
    const std::string point = sample_partition(kKind);
    ASSERT_TRUE(lists.add(authority().list(kNow), store()));
    EXPECT_EQ(ask(lists, 5, point, kNow + std::chrono::hours(48)).state, RevocationStatus::State::Good);
    EXPECT_EQ(ask(lists, 5, point, kNow + std::chrono::hours(48) + std::chrono::seconds(1)).why_unknown,
              "list-expired");
    EXPECT_EQ(ask(lists, 5, point, kNow - std::chrono::minutes(6)).why_unknown, "list-not-yet-valid");
    EXPECT_EQ(ask(lists, 5, point).source_time, kNow);
}

TEST(RevocationLists, never_go_back_to_an_older_list) {
    RevocationLists lists;
    ASSERT_TRUE(lists.add(authority().list(kNow, {}, 5), store()));
    EXPECT_FALSE(lists.add(authority().list(kNow - std::chrono::hours(1), {}, 6), store()));
    EXPECT_FALSE(lists.add(authority().list(kNow, {}, 4), store()));
    EXPECT_TRUE(lists.add(authority().list(kNow + std::chrono::hours(1), {}, 6), store()));
}

TEST(RevocationChain, asks_the_next_source_when_one_does_not_know) {
    RevocationLists empty;
    testing::FixedRevocation good;
    const SerialNumber serial = SerialNumber::of(5);
    const CertificateIdentity identity{authority().authority(), serial, "x"};
    RevocationChain chain({&empty, &good});
    EXPECT_EQ(base::sync_wait(chain.status(identity, kNow)).state, RevocationStatus::State::Good);
    RevocationChain none({});
    EXPECT_EQ(base::sync_wait(none.status(identity, kNow)).state, RevocationStatus::State::Unknown);
}

TEST(Lint, refuses_a_list_that_contradicts_itself) {
    const auto& view = authority().authority().view;
    const RevokedCertificate entry{SerialNumber::of(5), kNow, RevocationReason::Superseded};
    const auto rule = [&](base::Instant end, std::vector<RevokedCertificate> entries) {
        auto linted = lint(RevocationListContents{view, 1, kNow, end, sample_partition(kKind), std::move(entries)});
        return linted ? std::string() : linted.error().parameters.at(0).second;
    };
    const auto tomorrow = kNow + std::chrono::hours(24);
    EXPECT_EQ(rule(tomorrow, {entry}), "");
    EXPECT_EQ(rule(tomorrow, {entry, entry}), "entries-unique-and-well-formed");
    EXPECT_EQ(rule(kNow, {}), "period-in-order");
    EXPECT_EQ(rule(tomorrow, {{SerialNumber::of(6), tomorrow, RevocationReason::Superseded}}),
              "revoked-before-the-list");
}

} // namespace
} // namespace musubi::pki
