#include "jlis/ca/authorities.h"
#include "jlis/ca/issuing.h"
#include "testing/databases.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/stat.h>

namespace musubi::ca {
namespace {

const base::Instant kNow = testing::at("2026-11-22T09:00:00+09:00");

std::string end_of(const char* birth, const char* today, int count) {
    return base::local_time_in_japan(end_of_birthday(testing::date(birth), testing::date(today), count));
}

TEST(Validity, ends_with_the_day_of_the_fifth_birthday_in_japan) {
    EXPECT_EQ(end_of("1980-02-17", "2025-10-27", 5), "2030-02-17 23:59");
    EXPECT_EQ(end_of("1980-12-31", "2026-12-30", 5), "2030-12-31 23:59") << "the birthday tomorrow is the first";
    EXPECT_EQ(end_of("1980-11-22", "2026-11-22", 5), "2031-11-22 23:59") << "the birthday today does not count";
    EXPECT_EQ(end_of("1980-11-23", "2026-11-22", 6), "2031-11-23 23:59") << "renewed early: one more";
    EXPECT_EQ(end_of("2000-02-29", "2026-11-22", 5), "2031-02-28 23:59") << "no 29 February in 2031";
    EXPECT_EQ(end_of("2000-02-29", "2023-03-01", 5), "2028-02-29 23:59");
}

TEST(Validity, cards_of_adults_live_ten_birthdays_and_of_others_five) {
    EXPECT_EQ(card_expiry(testing::date("1980-02-17"), testing::date("2026-11-22")).to_string(), "2036-02-17");
    EXPECT_EQ(card_expiry(testing::date("2008-11-23"), testing::date("2026-11-22")).to_string(), "2030-11-23");
    EXPECT_EQ(card_expiry(testing::date("2008-11-22"), testing::date("2026-11-22")).to_string(), "2036-11-22");
}

TEST(Authorities, are_made_once_and_their_keys_are_private) {
    testing::TemporaryFolder folder;
    AuthoritySettings settings;
    settings.folder = folder.path() + "/authority";
    EXPECT_EQ(Authorities::open(settings, Authorities::WhenMissing::Fail, kNow).error().code, "ca.missing");
    auto made = Authorities::open(settings, Authorities::WhenMissing::Create, kNow);
    ASSERT_TRUE(made) << made.error().detail;
    auto again = Authorities::open(settings, Authorities::WhenMissing::Fail, kNow);
    ASSERT_TRUE(again) << again.error().detail;
    for (const auto kind : {pki::CertificateKind::Signature, pki::CertificateKind::UserAuthentication}) {
        EXPECT_EQ(made->of(kind).authority->fingerprint, again->of(kind).authority->fingerprint);
        EXPECT_EQ(again->of(kind).authority->view.not_before.to_string(), "2026-11-21T15:00:00.000Z");
    }
    struct stat status{};
    ASSERT_EQ(::stat((settings.folder + "/user.key").c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600U);
    ASSERT_EQ(::stat(settings.folder.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0700U);
}

TEST(Authorities, refuse_a_key_that_is_not_theirs) {
    testing::TemporaryFolder folder;
    AuthoritySettings settings;
    settings.folder = folder.path();
    ASSERT_TRUE(Authorities::open(settings, Authorities::WhenMissing::Create, kNow));
    std::filesystem::copy_file(folder.path() + "/signature.key", folder.path() + "/user.key",
                               std::filesystem::copy_options::overwrite_existing);
    EXPECT_EQ(Authorities::open(settings, Authorities::WhenMissing::Create, kNow).error().code, "ca.unusable");
    std::ofstream(folder.path() + "/user.key") << "damaged";
    EXPECT_EQ(Authorities::open(settings, Authorities::WhenMissing::Create, kNow).error().code, "ca.unusable");
}

TEST(Authorities, are_refused_by_a_production_trust_store) {
    testing::TemporaryFolder folder;
    AuthoritySettings settings;
    settings.folder = folder.path();
    auto made = Authorities::open(settings, Authorities::WhenMissing::Create, kNow);
    ASSERT_TRUE(made);
    pki::TrustStore production(pki::Deployment::Production);
    EXPECT_EQ(production
                  .add(made->of(pki::CertificateKind::Signature).authority->der, pki::CertificateKind::Signature,
                       pki::Realm::Production)
                  .error()
                  .code,
              "trust.test-authority-in-production");
}

} // namespace
} // namespace musubi::ca
