// Through the routes, with real sessions and a real household register, on both databases.
#include "services/family/routes.h"

#include "core/identity/authenticator.h"
#include "core/identity/guardianship.h"
#include "core/identity/staff.h"
#include "core/records/deliveries.h"
#include "core/records/fhir.h"
#include "lib/http/testing.h"
#include "services/family/export.h"
#include "testing/databases.h"

#include <gmock/gmock.h>

namespace musubi::family {
namespace {

using testing::HasSubstr;
using testing::Not;

std::vector<db::Migrations> test_migrations() {
    return {audit::migrations(),    outbox::migrations(),  residents::migrations(),
            identity::migrations(), records::migrations(), migrations()};
}

struct City {
    explicit City(db::Database& to)
        : database(to), outbox(crypto::AeadKey::generate(random), random), sink(random, directory),
          dependencies{random, outbox, *read_rules(), "https://city.example", "見本市", "Mihon", "0120"},
          authenticator(to, {}), router(to, clock) {
        router.use(authenticator);
        router.use(sink);
        install(router, dependencies);
        father = live("山田　太郎", "ヤマダ　タロウ", "1980-02-03", "世帯主");
        mother = live("山田　花子", "ヤマダ　ハナコ", "1985-04-01", "妻");
        sakura = live("山田　さくら", "ヤマダ　サクラ", "2020-05-05", "子");
        jiro = live("山田　次郎", "ヤマダ　ジロウ", "2011-11-22", "子"); // 15 today
        uncle = live("山田　三郎", "ヤマダ　サブロウ", "1982-01-01", "弟");
    }

    residents::ResidentId live(std::string name, std::string kana, std::string_view born, std::string relation) {
        const residents::Resident resident{.id = residents::ResidentId::make(clock.now(), random),
                                           .household = household,
                                           .name = std::move(name),
                                           .kana = std::move(kana),
                                           .birth_date = testing::date(born),
                                           .sex = residents::Sex::Female,
                                           .postal_code = "6500001",
                                           .address = "見本県見本市本町一丁目2番3号",
                                           .relation = std::move(relation)};
        testing::write(database, [&](db::WriteTx& tx) { return residents::put(tx, resident, clock.now()); });
        return resident.id;
    }

    http::testing::Client citizen(const residents::ResidentId& id) {
        const identity::SessionRules rules;
        const auto session = testing::write(database, [&](db::WriteTx& tx) -> base::Task<identity::NewSession> {
            auto person = co_await identity::find_by_resident(tx, id);
            if (!person) {
                const auto resident = co_await residents::find(tx, id);
                identity::NewPerson fresh{.name = resident->name, .birth_date = resident->birth_date};
                fresh.address = resident->address;
                fresh.resident = id;
                fresh.email = id.to_string() + "@example.jp";
                auto made = co_await identity::create_person(tx, random, fresh, clock.now());
                person = std::move(*made);
            }
            co_return co_await identity::start_session(tx, random, rules, person->id, http::Assurance::Passkey, "test",
                                                       clock.now());
        });
        http::testing::Client client(router);
        client.cookies[std::string(identity::kSessionCookie)] = std::string(session.token.reveal());
        return client;
    }

    http::testing::Client staff(std::vector<std::string> roles) {
        const identity::SessionRules rules;
        const auto session = testing::write(database, [&](db::WriteTx& tx) -> base::Task<identity::NewSession> {
            auto made = co_await identity::create_staff(tx, random, "desk" + std::to_string(++staff_count), "職員",
                                                        "市民課", roles, "hash", clock.now());
            co_return co_await identity::start_staff_session(tx, random, rules, made->id, http::Assurance::Passkey,
                                                             "test", clock.now());
        });
        http::testing::Client client(router);
        client.cookies[std::string(identity::kSessionCookie)] = std::string(session.token.reveal());
        return client;
    }

    int64_t mails_waiting() {
        return testing::read(database, [](db::ReadTx& tx) { return outbox::backlog(tx); }).waiting;
    }

    db::Database& database;
    base::FixedClock clock = testing::clock_at("2026-11-22T09:00:00+09:00");
    base::SeededRandom random{42};
    outbox::Outbox outbox;
    identity::StaffDirectory directory;
    audit::Sink sink;
    Dependencies dependencies;
    identity::SessionAuthenticator authenticator;
    http::Router router;
    residents::HouseholdId household = residents::HouseholdId::make(clock.now(), random);
    residents::ResidentId father = *residents::ResidentId::parse("01930000-0000-7000-8000-000000000001");
    residents::ResidentId mother = father, sakura = father, jiro = father, uncle = father;
    int staff_count = 0;
};

std::string id_in(const http::Response& response, size_t index = 0) {
    const auto document = json::Document::parse(response.body);
    if (!document) return "(not JSON)";
    const auto items = document->root().find("items");
    if (!items) return std::string(document->root().find("id")->string());
    return std::string(items->items().at(index).find("id")->string());
}

std::string child_body(const residents::ResidentId& id) { return R"({"residentId":")" + id.to_string() + R"("})"; }

TEST(FamilyRules, TheBuiltInRulesAreComplete) {
    const auto rules = read_rules();
    ASSERT_TRUE(rules.ok());
    EXPECT_EQ(rules->child_below_age, 15);
    EXPECT_EQ(rules->of_age, 18);
    EXPECT_FALSE(rules->parent_relations.empty());
    EXPECT_EQ(acts_until(*rules, testing::date("2020-05-05")), testing::date("2038-05-05"));
    EXPECT_EQ(acts_until(*rules, testing::date("2020-02-29")), testing::date("2038-03-01"));
}

TEST(FamilyRules, AFileWithAMistakeIsRefused) {
    EXPECT_EQ(read_rules("rule,value,source\nof-age,eighteen,x\n").error().code, "family.rules-malformed");
    EXPECT_EQ(read_rules("rule,value,source\nof-ages,18,x\n").error().code, "family.rules-malformed");
    EXPECT_EQ(read_rules("rule,value\n").error().code, "csv.column-missing");
    EXPECT_EQ(read_rules("rule,value,source\nof-age,20,x\n")->of_age, 20);
}

TEST_ON_BOTH(Family, a_parent_registers_a_child_of_the_own_household_with_its_record) {
    City city(database);
    records::fhir::Observation weight = records::fhir::body_weight(city.sakura.to_string(), "2023-11-01", "14.2");
    weight.id = "w1";
    auto delivered = testing::write(database, [&](db::WriteTx& tx) {
        return records::deliver(
            tx, city.sakura, "city",
            records::collection({{"Observation", "w1", records::Origin::City, json::write(weight)}}), city.clock.now());
    });
    ASSERT_TRUE(delivered.ok());
    auto mother = city.citizen(city.mother);
    const auto candidates = mother.get("/api/v1/family/candidates");
    EXPECT_THAT(candidates.body, HasSubstr("さくら"));
    EXPECT_THAT(candidates.body, Not(HasSubstr("次郎"))) << "15 today: has a certificate of their own";
    const auto registered = mother.post("/api/v1/family/children", child_body(city.sakura));
    ASSERT_EQ(registered.status, 201) << registered.body;
    EXPECT_THAT(registered.body, HasSubstr(R"("relation":"child","mark":2)"));
    EXPECT_EQ(mother.get("/api/v1/family/candidates").body, R"({"items":[]})");
    const auto people = mother.get("/api/v1/people");
    EXPECT_THAT(people.body, HasSubstr(R"("relation":"self","mark":1)"));
    EXPECT_THAT(people.body, HasSubstr("さくら"));
    const auto child = *base::PersonId::parse(id_in(registered));
    const auto record =
        testing::read(database, [&](db::ReadTx& tx) { return records::list(tx, child, "Observation"); });
    EXPECT_EQ(record.size(), 1U);
}

TEST_ON_BOTH(Family, the_second_parent_joins_and_the_child_stays_one_person) {
    City city(database);
    const auto first = city.citizen(city.mother).post("/api/v1/family/children", child_body(city.sakura));
    const auto second = city.citizen(city.father).post("/api/v1/family/children", child_body(city.sakura));
    ASSERT_EQ(second.status, 201) << second.body;
    EXPECT_EQ(id_in(first), id_in(second));
}

TEST_ON_BOTH(Family, nobody_else_gets_the_child) {
    City city(database);
    auto uncle = city.citizen(city.uncle);
    EXPECT_EQ(uncle.get("/api/v1/family/candidates").body, R"({"items":[]})");
    const auto refused = uncle.post("/api/v1/family/children", child_body(city.sakura));
    EXPECT_EQ(refused.status, 404);
    EXPECT_THAT(refused.body, HasSubstr("family.not-a-candidate"));
    auto mother = city.citizen(city.mother);
    EXPECT_EQ(mother.post("/api/v1/family/children", child_body(city.jiro)).status, 404);
    EXPECT_EQ(mother.post("/api/v1/family/children", child_body(city.father)).status, 404);
    city.household = residents::HouseholdId::make(city.clock.now(), city.random);
    const auto stranger = city.live("佐藤　一郎", "サトウ　イチロウ", "2020-01-01", "子");
    EXPECT_EQ(mother.post("/api/v1/family/children", child_body(stranger)).status, 404);
    http::testing::Client nobody(city.router);
    EXPECT_EQ(nobody.get("/api/v1/people").status, 401);
}

constexpr const char* kRequest =
    R"({"name":"山田　次郎","kana":"ヤマダ　ジロウ","birthDate":"2011-11-22","sex":"female",)"
    R"("address":"見本県見本市本町1-2-3","note":"戸籍を持参します"})";

TEST_ON_BOTH(Family, staff_confirm_what_the_register_does_not_show) {
    City city(database);
    auto uncle = city.citizen(city.uncle);
    EXPECT_EQ(uncle.post("/api/v1/family/requests", kRequest).status, 202);
    EXPECT_EQ(uncle.post("/api/v1/family/requests", kRequest).status, 202);
    auto desk = city.staff({"registrar"});
    const auto queue = desk.get("/api/v1/staff/family-requests");
    ASSERT_EQ(queue.status, 200) << queue.body;
    EXPECT_THAT(queue.body, HasSubstr(R"("match":"sure")"));
    EXPECT_THAT(queue.body, HasSubstr("三郎"));
    const std::string path = "/api/v1/staff/family-requests/" + id_in(queue);
    EXPECT_EQ(desk.post(path + "/approve", "{}").status, 204);
    EXPECT_EQ(city.mails_waiting(), 1);
    EXPECT_THAT(uncle.get("/api/v1/people").body, HasSubstr("次郎"));
    EXPECT_THAT(uncle.get("/api/v1/family/requests").body, HasSubstr(R"("status":"approved")"));
    EXPECT_EQ(desk.get("/api/v1/staff/family-requests").body, R"({"items":[]})") << "two clicks were one request";
    const auto again = desk.post(path + "/approve", "{}");
    EXPECT_EQ(again.status, 409);
    EXPECT_THAT(again.body, HasSubstr("family.request-decided"));
}

TEST_ON_BOTH(Family, staff_refuse_with_a_reason_the_person_is_told) {
    City city(database);
    auto uncle = city.citizen(city.uncle);
    uncle.post("/api/v1/family/requests", kRequest);
    auto desk = city.staff({"registrar"});
    const std::string path = "/api/v1/staff/family-requests/" + id_in(desk.get("/api/v1/staff/family-requests"));
    EXPECT_EQ(desk.post(path + "/reject", R"({"reason":"because"})").status, 400);
    EXPECT_EQ(desk.post(path + "/reject", R"({"reason":"no-guardianship"})").status, 204);
    EXPECT_EQ(city.mails_waiting(), 1);
    EXPECT_THAT(uncle.get("/api/v1/family/requests").body,
                HasSubstr(R"("status":"rejected","reason":"no-guardianship")"));
    EXPECT_THAT(uncle.get("/api/v1/people").body, Not(HasSubstr("次郎")));
    EXPECT_EQ(city.staff({"auditor"}).get("/api/v1/staff/family-requests").status, 403);
}

TEST_ON_BOTH(Family, a_copy_of_everything_names_the_family_and_erasing_removes_the_requests) {
    City city(database);
    auto mother = city.citizen(city.mother);
    mother.post("/api/v1/family/children", child_body(city.sakura));
    mother.post("/api/v1/family/requests", kRequest);
    Contributor contributor(city.clock);
    const auto copy = [&] {
        return testing::read(database, [&](db::ReadTx& tx) -> base::Task<exporting::Part> {
            const auto person = co_await identity::find_by_resident(tx, city.mother);
            const base::PersonId id = person->id;
            co_return co_await contributor.contribute(tx, id, base::Language::English);
        });
    };
    const auto before = copy();
    EXPECT_EQ(before.name, "family");
    EXPECT_THAT(before.json, HasSubstr("さくら"));
    EXPECT_THAT(before.json, HasSubstr("戸籍を持参します"));
    EXPECT_EQ(before.blocks.size(), 2U);
    testing::write(database, [&](db::WriteTx& tx) -> base::Task<> {
        const auto person = co_await identity::find_by_resident(tx, city.mother);
        co_await erase(tx, person->id);
    });
    EXPECT_THAT(copy().json, HasSubstr(R"("requests":[])"));
}

TEST_ON_BOTH(Family, requests_for_adults_the_unborn_and_too_many_are_refused) {
    City city(database);
    auto uncle = city.citizen(city.uncle);
    const auto request = [&](const std::string& name, const std::string& born) {
        return uncle.post("/api/v1/family/requests", R"({"name":")" + name + R"(","kana":"カ","birthDate":")" + born +
                                                         R"(","sex":"unknown","address":"本町"})");
    };
    EXPECT_THAT(request("成人", "2008-11-22").body, HasSubstr("family.of-age"));
    EXPECT_EQ(request("未来", "2026-11-23").status, 400);
    for (int i = 0; i < 10; ++i) EXPECT_EQ(request("子" + std::to_string(i), "2015-01-01").status, 202);
    EXPECT_THAT(request("子11", "2015-01-01").body, HasSubstr("family.too-many-requests"));
}

} // namespace
} // namespace musubi::family
