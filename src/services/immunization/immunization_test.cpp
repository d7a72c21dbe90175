// Through the routes, with real sessions, on both databases.
#include "services/immunization/routes.h"

#include "core/identity/authenticator.h"
#include "core/identity/guardianship.h"
#include "core/records/fhir.h"
#include "core/records/records.h"
#include "lib/http/testing.h"
#include "lib/json/json.h"
#include "testing/databases.h"

#include <gmock/gmock.h>

namespace musubi::immunization {
namespace {

using testing::HasSubstr;
using testing::Not;

std::vector<db::Migrations> test_migrations() {
    return {audit::migrations(), residents::migrations(), identity::migrations(), records::migrations(), migrations()};
}

/// Hanako, her daughter Sakura of six months, and Taro who is a stranger to both.
struct City {
    explicit City(db::Database& to)
        : database(to), sink(random, directory), authenticator(to, {}), router(to, clock),
          hanako(make("山田　花子", "1990-04-01", "hanako@example.jp")),
          sakura(make("山田　さくら", "2026-05-20", std::nullopt)),
          taro(make("佐藤　太郎", "1990-01-01", "taro@example.jp")) {
        router.use(authenticator);
        router.use(sink);
        install(router, {to, random, sink});
        const identity::Guardianship guardianship{hanako, sakura, identity::GuardianshipBasis::Register, clock.now(),
                                                  identity::comes_of_age(testing::date("2026-05-20"))};
        testing::write(database, [&](db::WriteTx& tx) { return identity::add_guardianship(tx, guardianship); });
    }

    base::PersonId make(std::string name, std::string_view born, std::optional<std::string> email) {
        identity::NewPerson person{.name = std::move(name), .birth_date = testing::date(born)};
        person.kana = "カナ";
        person.sex = identity::Sex::Female;
        person.address = "見本県見本市本町1-2-3";
        person.email = std::move(email);
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

    void give(std::string_view vaccine, std::string_view on, std::string id) {
        records::fhir::Immunization shot;
        shot.vaccine_code = records::fhir::concept_of(records::fhir::kVaccine, vaccine, "ワクチン");
        shot.patient = records::fhir::patient(sakura.to_string());
        shot.occurrence_date_time = std::string(on);
        const std::string body = json::write(shot);
        const base::PersonId person = sakura;
        auto stored = testing::write(database, [&](db::WriteTx& tx) {
            return records::put(tx, random, person, records::Draft{"Immunization", id, records::Origin::City, body},
                                clock.now());
        });
        ASSERT_TRUE(stored.ok()) << stored.error().detail;
    }

    std::string path(std::string_view rest) const {
        return "/api/v1/people/" + sakura.to_string() + "/immunization" + std::string(rest);
    }

    db::Database& database;
    base::FixedClock clock = testing::clock_at("2026-11-22T09:00:00+09:00");
    base::SeededRandom random{42};
    identity::StaffDirectory directory;
    audit::Sink sink;
    identity::SessionAuthenticator authenticator;
    http::Router router;
    base::PersonId hanako;
    base::PersonId sakura;
    base::PersonId taro;
};

std::string id_of(const http::Response& response) {
    const auto document = json::Document::parse(response.body);
    EXPECT_TRUE(document.ok()) << response.body;
    return std::string(document->root().find("id")->string());
}

TEST_ON_BOTH(Immunization, a_mother_sees_what_was_given_what_it_is_worth_and_what_comes_next_and_her_look_is_recorded) {
    City city(database);
    city.give("DPTIPVHIB", "2026-07-19", "shot-1");
    city.give("DPTIPVHIB", "2026-08-08", "shot-2"); // 19 clear days
    city.give("HEPB", "2026-07", "shot-3");         // only a month is known
    const auto answer = city.signed_in(city.hanako).get(city.path(""));
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_THAT(answer.body, HasSubstr(R"("outcome":"too-early","counts":false,"number":2)"));
    EXPECT_THAT(
        answer.body,
        HasSubstr(
            R"("code":"minimum-interval","text":"{basis}の接種から中20日以上あけるため、{from}から受けられます。",)"
            R"("from":"2026-08-09","basis":"2026-07-19")"));
    EXPECT_THAT(
        answer.body,
        HasSubstr(
            R"("id":"shot-3","date":"2026-07","name":"ワクチン","source":"city","sourceName":"","evaluations":[])"));
    EXPECT_THAT(answer.body,
                HasSubstr(R"("id":"DPTIPVHIB","name":"五種混合","category":"routine-a","state":"overdue","done":1)"));
    const base::PersonId child = city.sakura;
    const auto entries =
        testing::read(database, [child](db::ReadTx& tx) { return audit::list_for_person(tx, child, std::nullopt); });
    ASSERT_EQ(entries.size(), 1U);
    EXPECT_EQ(entries[0].operation, "readImmunization");
}

TEST_ON_BOTH(Immunization, a_stranger_is_told_nothing_and_may_plan_nothing) {
    City city(database);
    auto taro = city.signed_in(city.taro);
    for (const char* rest : {"", "/plan", "/fhir"}) EXPECT_EQ(taro.get(city.path(rest)).status, 404) << rest;
    EXPECT_EQ(taro.post(city.path("/appointments"), R"({"date":"2026-12-01","vaccines":["BCG"]})").status, 404);
    EXPECT_EQ(taro.post(city.path("/doses"), R"({"date":"2026-11-01","vaccine":"BCG"})").status, 404);
}

TEST_ON_BOTH(Immunization, an_appointment_is_added_judged_changed_removed_and_restored) {
    City city(database);
    city.give("DPTIPVHIB", "2026-11-20", "shot-1");
    auto hanako = city.signed_in(city.hanako);
    const auto made =
        hanako.post(city.path("/appointments"),
                    R"({"date":"2026-12-01","time":"14:30","place":"みなと小児科","vaccines":["BCG","DPTIPVHIB"]})");
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_THAT(made.body, HasSubstr(R"({"id":"BCG","name":"BCG","outcome":"valid","number":1)"));
    EXPECT_THAT(made.body, HasSubstr(R"("outcome":"too-early","number":2)"));
    const std::string one = "/appointments/" + id_of(made);
    const auto changed = hanako.put(city.path(one), R"({"date":"2026-12-11","vaccines":["BCG","DPTIPVHIB"]})");
    ASSERT_EQ(changed.status, 200) << changed.body;
    EXPECT_THAT(changed.body, Not(HasSubstr("too-early")));
    EXPECT_EQ(hanako.remove(city.path(one)).status, 204);
    EXPECT_EQ(hanako.remove(city.path(one)).status, 204);
    EXPECT_THAT(hanako.get(city.path("")).body, HasSubstr(R"("appointments":[])"));
    EXPECT_EQ(hanako.post(city.path(one + "/restore"), "").status, 200);
    EXPECT_THAT(hanako.get(city.path("")).body, HasSubstr(R"("date":"2026-12-11")"));
}

TEST_ON_BOTH(Immunization, what_makes_no_sense_is_refused_with_the_field) {
    City city(database);
    auto hanako = city.signed_in(city.hanako);
    const auto expect_field = [&](std::string_view to, std::string_view body, std::string_view field) {
        const auto answer = hanako.post(city.path(to), std::string(body));
        EXPECT_EQ(answer.status, 400) << answer.body;
        EXPECT_THAT(answer.body, HasSubstr(field));
    };
    expect_field("/appointments", R"({"date":"2026-11-21","vaccines":["BCG"]})", "/date");
    expect_field("/appointments", R"({"date":"2026-12-01","vaccines":[]})", "/vaccines");
    expect_field("/appointments", R"({"date":"2026-12-01","vaccines":["ABC"]})", "/vaccines/0");
    expect_field("/appointments", R"({"date":"2026-12-01","time":"25:00","vaccines":["BCG"]})", "/time");
    expect_field("/doses", R"({"date":"2026-05-19","vaccine":"BCG"})", "before-birth");
    expect_field("/doses", R"({"date":"2026-11-23","vaccine":"BCG"})", "in-future");
    expect_field("/doses", R"({"date":"2026-11-01","vaccine":"ROTA","product":"216"})", "/product");
    EXPECT_EQ(hanako.get(city.path("/plan?perVisit=9")).status, 400);
}

TEST_ON_BOTH(Immunization, a_dose_entered_by_hand_counts_and_the_citys_cannot_be_removed) {
    City city(database);
    city.give("HEPB", "2026-07-20", "shot-1");
    auto hanako = city.signed_in(city.hanako);
    const auto made = hanako.post(city.path("/doses"),
                                  R"({"date":"2026-07-20","vaccine":"ROTA","product":"116","place":"みなと小児科"})");
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_THAT(made.body, HasSubstr(R"("product":"RotaTeq")"));
    EXPECT_THAT(hanako.get(city.path("")).body, HasSubstr(R"("source":"self")"));
    EXPECT_EQ(hanako.remove(city.path("/doses/" + id_of(made))).status, 204);
    EXPECT_THAT(hanako.get(city.path("")).body, Not(HasSubstr(R"("source":"self")")));
    EXPECT_EQ(hanako.post(city.path("/doses/" + id_of(made) + "/restore"), "").status, 204);
    EXPECT_EQ(hanako.remove(city.path("/doses/shot-1")).status, 403);
    EXPECT_EQ(hanako.remove(city.path("/doses/none")).status, 404);
}

TEST_ON_BOTH(Immunization, the_plan_holds_at_most_as_many_a_visit_as_asked_for) {
    City city(database);
    const auto answer = city.signed_in(city.hanako).get(city.path("/plan?perVisit=3&months=9"));
    ASSERT_EQ(answer.status, 200) << answer.body;
    const auto document = json::Document::parse(answer.body);
    const auto visits = document->root().find("visits")->items();
    EXPECT_FALSE(visits.empty());
    for (const auto& visit : visits) EXPECT_LE(visit.find("doses")->items().size(), 3U);
}

TEST_ON_BOTH(Immunization, a_long_illness_that_was_entered_lengthens_the_time) {
    City city(database);
    auto hanako = city.signed_in(city.hanako);
    EXPECT_EQ(hanako.put(city.path("/long-illness"), R"({"from":"2026-06-01","to":"2026-11-01"})").status, 204);
    const auto answer = hanako.get(city.path(""));
    EXPECT_THAT(answer.body, HasSubstr(R"("code":"long-illness")"));
    EXPECT_THAT(answer.body, HasSubstr(R"("to":"2028-10-31")"));
    EXPECT_EQ(hanako.put(city.path("/long-illness"), "{}").status, 204);
    EXPECT_THAT(hanako.get(city.path("")).body, Not(HasSubstr("long-illness")));
}

TEST_ON_BOTH(Immunization, the_forecast_is_also_there_as_fhir) {
    City city(database);
    city.give("HEPB", "2026-07-20", "shot-1");
    auto hanako = city.signed_in(city.hanako);
    hanako.headers.push_back({"X-Musubi-Language", "en"});
    const auto answer = hanako.get(city.path("/fhir"));
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.content_type, "application/fhir+json");
    EXPECT_THAT(answer.body, HasSubstr(R"("resourceType":"ImmunizationEvaluation")"));
    EXPECT_THAT(answer.body, HasSubstr(R"("reference":"Immunization/shot-1")"));
    EXPECT_THAT(answer.body, HasSubstr(R"("code":"30981-5")"));
    EXPECT_THAT(answer.body, HasSubstr("must lie between it and the dose of 2026-07-20"));
}

TEST_ON_BOTH(Immunization, an_erased_person_leaves_no_plans_behind) {
    City city(database);
    auto hanako = city.signed_in(city.hanako);
    ASSERT_EQ(hanako.post(city.path("/appointments"), R"({"date":"2026-12-01","vaccines":["BCG"]})").status, 201);
    Eraser eraser(database);
    const outbox::Event event{"identity.person-erased", R"({"person":")" + city.sakura.to_string() + R"("})"};
    const auto id = outbox::MessageId::make(city.clock.now(), city.random);
    EXPECT_TRUE(base::sync_wait(eraser.deliver(id, event)).ok());
    EXPECT_THAT(hanako.get(city.path("")).body, HasSubstr(R"("appointments":[])"));
}

} // namespace
} // namespace musubi::immunization
