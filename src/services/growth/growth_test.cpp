// Through the routes, with real sessions, on both databases.
#include "core/identity/authenticator.h"
#include "core/identity/guardianship.h"
#include "core/records/fhir.h"
#include "lib/http/testing.h"
#include "services/growth/routes.h"
#include "testing/databases.h"

#include <gmock/gmock.h>

namespace musubi::growth {
namespace {

using testing::HasSubstr;
using testing::Not;

std::vector<db::Migrations> test_migrations() {
    return {audit::migrations(), residents::migrations(), identity::migrations(), records::migrations(), migrations()};
}

struct City {
    explicit City(db::Database& to)
        : database(to), sink(random, directory), authenticator(to, {}), router(to, clock),
          hanako(make("1990-04-01", identity::Sex::Female)), minato(make("2026-05-20", identity::Sex::Male)),
          taro(make("1990-01-01", identity::Sex::Male)) {
        router.use(authenticator);
        router.use(sink);
        install(router, {to, sink});
        const identity::Guardianship guardianship{hanako, minato, identity::GuardianshipBasis::Register, clock.now(),
                                                  identity::comes_of_age(testing::date("2026-05-20"))};
        testing::write(database, [&](db::WriteTx& tx) { return identity::add_guardianship(tx, guardianship); });
    }

    base::PersonId make(std::string_view born, identity::Sex sex) {
        identity::NewPerson person{.name = "山田　花子", .birth_date = testing::date(born)};
        person.sex = sex;
        person.address = "見本県見本市本町1-2-3";
        auto made = testing::write(
            database, [&](db::WriteTx& tx) { return identity::create_person(tx, random, person, clock.now()); });
        return made->id;
    }

    http::testing::Client signed_in(const base::PersonId& person) {
        const identity::SessionRules rules;
        const auto session = testing::write(database, [&](db::WriteTx& tx) {
            return identity::start_session(tx, random, rules, person, http::Assurance::Passkey, "test", clock.now());
        });
        http::testing::Client client(router);
        client.cookies[std::string(identity::kSessionCookie)] = std::string(session.token.reveal());
        return client;
    }

    void put(const records::fhir::Observation& observation) {
        const base::PersonId person = minato;
        const std::string body = json::write(observation);
        auto stored = testing::write(database, [&](db::WriteTx& tx) {
            return records::put(tx, random, person, records::Draft{"Observation", {}, records::Origin::City, body},
                                clock.now());
        });
        ASSERT_TRUE(stored.ok()) << stored.error().detail;
    }

    std::string path(std::string_view rest) const { return "/api/v1/people/" + minato.to_string() + std::string(rest); }

    db::Database& database;
    base::FixedClock clock = testing::clock_at("2026-11-22T09:00:00+09:00");
    base::SeededRandom random{42};
    identity::StaffDirectory directory;
    audit::Sink sink;
    identity::SessionAuthenticator authenticator;
    http::Router router;
    base::PersonId hanako, minato, taro;
};

TEST_ON_BOTH(Growth, a_value_is_shown_with_its_age_its_place_among_the_percentiles_and_the_survey) {
    City city(database);
    const std::string subject = city.minato.to_string();
    city.put(records::fhir::body_height(subject, "2026-09-20", "63.5"));
    city.put(records::fhir::body_weight(subject, "2026-09-20", "6.90"));
    const auto answer = city.signed_in(city.hanako).get(city.path("/growth"));
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_THAT(answer.body, HasSubstr(R"("measure":"height","unit":"cm","survey":"japan-2023")"));
    EXPECT_THAT(answer.body, HasSubstr(R"("measure":"head","unit":"cm","survey":"japan-2010")"));
    EXPECT_THAT(answer.body, HasSubstr(R"({"date":"2026-09-20","months":4.00,"value":63.5,"position":")"));
    EXPECT_THAT(answer.body, HasSubstr(R"({"date":"2026-09-20","value":17.1,"band":"inside"})"));
    const base::PersonId child = city.minato;
    const auto entries =
        testing::read(database, [child](db::ReadTx& tx) { return audit::list_for_person(tx, child, std::nullopt); });
    ASSERT_EQ(entries.size(), 1U);
    EXPECT_EQ(entries[0].operation, "readGrowth");
}

TEST_ON_BOTH(Growth, a_child_born_early_is_compared_by_the_age_from_the_due_date) {
    City city(database);
    city.put(records::fhir::body_weight(city.minato.to_string(), "2026-09-20", "5.00"));
    auto hanako = city.signed_in(city.hanako);
    EXPECT_EQ(hanako.put(city.path("/growth/birth"), R"({"weeks":32,"days":3})").status, 204);
    const auto answer = hanako.get(city.path("/growth"));
    EXPECT_THAT(answer.body, HasSubstr(R"("gestation":{"weeks":32,"days":3},"correctedBirthDate":"2026-07-12")"));
    EXPECT_THAT(answer.body, HasSubstr(R"("months":4.00,"correctedMonths":2.27)"));
    EXPECT_EQ(hanako.put(city.path("/growth/birth"), "{}").status, 204);
    EXPECT_THAT(hanako.get(city.path("/growth")).body, Not(HasSubstr("corrected")));
    EXPECT_EQ(hanako.put(city.path("/growth/birth"), R"({"weeks":12})").status, 400);
}

TEST_ON_BOTH(Growth, a_stranger_is_told_nothing) {
    City city(database);
    auto taro = city.signed_in(city.taro);
    EXPECT_EQ(taro.get(city.path("/growth")).status, 404);
    EXPECT_EQ(taro.put(city.path("/growth/birth"), R"({"weeks":32})").status, 404);
}

} // namespace
} // namespace musubi::growth
