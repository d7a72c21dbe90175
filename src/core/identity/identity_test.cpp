#include "core/identity/challenge.h"
#include "core/identity/guardianship.h"
#include "core/identity/person.h"
#include "core/identity/session.h"
#include "core/identity/site.h"
#include "core/identity/staff.h"

#include "testing/databases.h"

#include <gtest/gtest.h>

namespace musubi::identity {
namespace {

std::vector<db::Migrations> test_migrations() { return {identity::migrations()}; }

struct Book {
    db::Database& database;
    base::SeededRandom random{51};
    base::Instant now = testing::at("2026-11-22T09:00:00+09:00");

    base::Result<Person> add(std::string name, std::optional<std::string> email,
                             std::string_view birth = "1980-02-17") {
        return testing::write(database, [&](db::WriteTx& tx) -> base::Task<base::Result<Person>> {
            NewPerson wanted{name, false, std::nullopt, testing::date(birth)};
            wanted.address = "見本市本町1";
            wanted.email = email;
            co_return co_await create_person(tx, random, wanted, now);
        });
    }
    bool link(const base::PersonId& person, std::string serial, base::Instant from,
              std::optional<std::string> predecessor = {}) {
        return testing::write(database, [&](db::WriteTx& tx) -> base::Task<bool> {
            const Certificate certificate{"issuer",
                                          serial,
                                          CertificateType::User,
                                          from,
                                          from + std::chrono::hours(24 * 1800),
                                          CertificateStatus::Active,
                                          predecessor};
            co_return co_await link_certificate(tx, person, certificate, now);
        });
    }
    std::vector<Certificate> certificates(const base::PersonId& person) {
        return testing::read(database, [&](db::ReadTx& tx) -> base::Task<std::vector<Certificate>> {
            co_return co_await certificates_of(tx, person);
        });
    }
};

TEST_ON_BOTH(Identity, an_address_belongs_to_one_person_whatever_its_capitals) {
    Book book{database};
    ASSERT_TRUE(book.add("花子", "Hanako@Example.JP").ok());
    EXPECT_EQ(book.add("太郎", "hanako@example.jp").error().code, "registration.already-registered");
    EXPECT_TRUE(book.add("子一", std::nullopt).ok());
    EXPECT_TRUE(book.add("子二", std::nullopt).ok()) << "children have none";
}

TEST_ON_BOTH(Identity, a_certificate_belongs_to_one_person_and_a_newer_one_supersedes_it) {
    Book book{database};
    const auto hanako = book.add("花子", "hanako@example.jp")->id;
    const auto taro = book.add("太郎", "taro@example.jp")->id;
    EXPECT_TRUE(book.link(hanako, "0a", book.now));
    EXPECT_TRUE(book.link(hanako, "0a", book.now)) << "again changes nothing";
    EXPECT_FALSE(book.link(taro, "0a", book.now));
    EXPECT_TRUE(book.link(hanako, "0b", book.now + std::chrono::hours(1), "0a"));
    const auto held = book.certificates(hanako);
    ASSERT_EQ(held.size(), 2u);
    EXPECT_EQ(held[0].serial, "0b");
    EXPECT_EQ(held[0].status, CertificateStatus::Active);
    EXPECT_EQ(held[0].predecessor, "0a");
    EXPECT_EQ(held[1].status, CertificateStatus::Superseded);
    EXPECT_TRUE(book.certificates(taro).empty());
}

TEST_ON_BOTH(Identity, a_guardian_acts_for_a_child_until_it_is_of_age) {
    Book book{database};
    const auto parent = book.add("親", "parent@example.jp")->id;
    const auto child = book.add("子", std::nullopt, "2012-02-29")->id;
    const auto may = [&](const base::PersonId& caller, const base::PersonId& person, std::string_view day) {
        const auto result = testing::read(database, [&](db::ReadTx& tx) -> base::Task<base::Result<Relation>> {
            co_return co_await may_act_for(tx, caller, person, testing::date(day));
        });
        return result.ok() ? std::string(*result == Relation::Self ? "self" : "child") : result.error().code;
    };
    EXPECT_EQ(may(parent, child, "2026-11-22"), "person.not-found");
    testing::write(database, [&](db::WriteTx& tx) -> base::Task<> {
        const Guardianship guardianship{parent, child, GuardianshipBasis::Register, book.now,
                                        comes_of_age(testing::date("2012-02-29"))};
        co_await add_guardianship(tx, guardianship);
        co_await add_guardianship(tx, guardianship);
    });
    EXPECT_EQ(may(parent, parent, "2026-11-22"), "self");
    EXPECT_EQ(may(parent, child, "2026-11-22"), "child");
    EXPECT_EQ(may(child, parent, "2026-11-22"), "person.not-found");
    EXPECT_EQ(may(parent, child, "2030-02-28"), "child");
    EXPECT_EQ(may(parent, child, "2030-03-01"), "person.not-found") << "18, born on 29 February";
    testing::write(database,
                   [&](db::WriteTx& tx) -> base::Task<> { co_await end_guardianship(tx, parent, child, book.now); });
    EXPECT_EQ(may(parent, child, "2026-11-22"), "person.not-found");
}

TEST_ON_BOTH(Identity, a_challenge_is_handed_out_once_to_one_of_two_at_the_same_time) {
    Book book{database};
    const auto challenge = testing::write(database, [&](db::WriteTx& tx) -> base::Task<Challenge> {
        co_return co_await make_challenge(tx, book.random, "register", "r1", book.now);
    });
    const auto consume = [&](std::string_view purpose, std::string_view subject, base::Instant at) {
        return testing::write(database, [&](db::WriteTx& tx) -> base::Task<bool> {
            const std::string id = challenge.id.to_string();
            co_return (co_await consume_challenge(tx, id, purpose, subject, at)).has_value();
        });
    };
    EXPECT_FALSE(consume("authenticate", "r1", book.now));
    EXPECT_FALSE(consume("register", "r2", book.now));
    EXPECT_FALSE(consume("register", "r1", book.now + std::chrono::minutes(5)));
    EXPECT_TRUE(consume("register", "r1", book.now));
    EXPECT_FALSE(consume("register", "r1", book.now));
}

TEST_ON_BOTH(Identity, somebody_can_always_manage_staff) {
    Book book{database};
    const auto make = [&](std::string account, std::vector<std::string> roles) {
        return testing::write(database, [&](db::WriteTx& tx) -> base::Task<base::Result<Staff>> {
            co_return co_await create_staff(tx, book.random, account, "職員", "課", roles, "hash", book.now);
        });
    };
    const auto change = [&](const base::StaffId& id, std::optional<std::vector<std::string>> roles,
                            std::optional<bool> active) {
        const auto status = testing::write(database, [&](db::WriteTx& tx) -> base::Task<base::Status> {
            co_return co_await change_staff(tx, id, roles, active);
        });
        return status.ok() ? std::string("ok") : status.error().code;
    };
    const auto first = make("admin", {"administrator"});
    ASSERT_TRUE(first.ok());
    EXPECT_EQ(make("ADMIN", {"registrar"}).error().code, "staff.account-taken");
    EXPECT_EQ(make("other", {"emperor"}).error().code, "staff.role-unknown");
    const std::vector<std::string> registrar{"registrar"};
    EXPECT_EQ(change(first->id, registrar, {}), "staff.last-administrator");
    EXPECT_EQ(change(first->id, {}, false), "staff.last-administrator");
    ASSERT_TRUE(make("second", {"administrator"}).ok());
    EXPECT_EQ(change(first->id, {}, false), "ok");
}

TEST(Devices, are_described_coarsely) {
    EXPECT_EQ(describe_device("Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko)"
                              " Chrome/120.0.0.0 Mobile Safari/537.36"),
              "Chrome, Android");
    EXPECT_EQ(describe_device("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15"
                              " (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1"),
              "Safari, iPhone");
    EXPECT_EQ(describe_device("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:121.0) Gecko/20100101 Firefox/121.0"),
              "Firefox, Windows");
    EXPECT_EQ(describe_device("curl/8.0"), "");
}

TEST(Sites, know_their_host) {
    Site site;
    site.public_url = "http://localhost:8080";
    EXPECT_EQ(site.host(), "localhost");
    site.public_url = "https://phr.example.jp";
    EXPECT_EQ(site.host(), "phr.example.jp");
}

} // namespace
} // namespace musubi::identity
