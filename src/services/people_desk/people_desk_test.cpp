// Through the routes, with real staff sessions, on both databases.
#include "services/people_desk/routes.h"

#include "core/identity/authenticator.h"
#include "core/identity/guardianship.h"
#include "core/identity/staff.h"
#include "lib/crypto/password.h"
#include "lib/http/testing.h"
#include "testing/databases.h"

#include <gmock/gmock.h>

namespace musubi::people_desk {
namespace {

using testing::HasSubstr;
using testing::Not;

std::vector<db::Migrations> test_migrations() {
    return {audit::migrations(), residents::migrations(), identity::migrations()};
}

struct Office {
    explicit Office(db::Database& to)
        : database(to), sink(random, directory), dependencies{to, random, sink, pool, {}}, authenticator(to, {}),
          router(to, clock), hanako(make("山田　花子", "1985-04-01")), other(make("山田　太郎", "1990-01-01")) {
        router.use(authenticator);
        router.use(sink);
        dependencies.waiting.push_back(
            {"letters", "letters.manage", [](db::ReadTx&) -> base::Task<int64_t> { co_return 7; }});
        dependencies.waiting.push_back(
            {"companyRequests", "companies.manage", [](db::ReadTx&) -> base::Task<int64_t> { co_return 3; }});
        install(router, dependencies);
    }

    base::PersonId make(std::string name, std::string_view born) {
        identity::NewPerson person{.name = std::move(name), .birth_date = testing::date(born)};
        person.address = "見本県見本市本町1-2-3";
        auto made = testing::write(
            database, [&](db::WriteTx& tx) { return identity::create_person(tx, random, person, clock.now()); });
        return made->id;
    }

    http::testing::Client staff(const std::string& account, std::vector<std::string> roles) {
        auto made = testing::write(database, [&](db::WriteTx& tx) {
            return identity::create_staff(tx, random, account, "職員 " + account, "健康課", roles, "hash", clock.now());
        });
        ids[account] = made->id.to_string();
        const identity::SessionRules rules;
        const auto session = testing::write(database, [&](db::WriteTx& tx) {
            return identity::start_staff_session(tx, random, rules, made->id, http::Assurance::Passkey, "test",
                                                 clock.now());
        });
        http::testing::Client client(router);
        client.cookies[std::string(identity::kSessionCookie)] = std::string(session.token.reveal());
        return client;
    }

    std::vector<audit::Entry> entries(const base::PersonId& person) {
        return testing::read(database,
                             [&](db::ReadTx& tx) { return audit::list_for_person(tx, person, std::nullopt); });
    }

    db::Database& database;
    base::FixedClock clock = testing::clock_at("2026-11-22T09:00:00+09:00");
    base::SeededRandom random{42};
    identity::StaffDirectory directory;
    audit::Sink sink;
    event_loop::BlockingPool pool{1};
    Dependencies dependencies;
    identity::SessionAuthenticator authenticator;
    http::Router router;
    base::PersonId hanako;
    base::PersonId other;
    std::map<std::string, std::string> ids;
};

TEST_ON_BOTH(PeopleDesk, everyone_a_search_shows_can_see_that_and_why) {
    Office office(database);
    auto registrar = office.staff("nurse", {"health-centre"});
    const auto found = registrar.post("/api/v1/staff/people/search", R"({"name":"山田","purpose":"電話の問い合わせ"})");
    ASSERT_EQ(found.status, 200) << found.body;
    EXPECT_THAT(found.body, HasSubstr("山田　花子"));
    EXPECT_THAT(found.body, HasSubstr("山田　太郎"));
    for (const auto& person : {office.hanako, office.other}) {
        const auto entries = office.entries(person);
        ASSERT_EQ(entries.size(), 1U);
        EXPECT_EQ(entries[0].operation, "findPeople");
        EXPECT_EQ(entries[0].purpose, "電話の問い合わせ");
        EXPECT_EQ(entries[0].actor_name, "職員 nurse");
        EXPECT_EQ(entries[0].organization, "健康課");
    }
}

TEST_ON_BOTH(PeopleDesk, a_view_shows_the_details_and_is_recorded) {
    Office office(database);
    auto nurse = office.staff("nurse", {"health-centre"});
    const std::string path = "/api/v1/staff/people/" + office.hanako.to_string();
    const auto view = nurse.post(path + "/view", R"({"purpose":"健診の案内"})");
    ASSERT_EQ(view.status, 200) << view.body;
    EXPECT_THAT(view.body, HasSubstr(R"("birthDate":"1985-04-01")"));
    const auto seen = nurse.post(path + "/seen", R"({"purpose":"本人の申し出"})");
    EXPECT_THAT(seen.body, HasSubstr(R"("operation":"viewPerson","purpose":"健診の案内")"));
    EXPECT_EQ(office.entries(office.hanako).size(), 2U);
}

TEST_ON_BOTH(PeopleDesk, without_a_purpose_or_anything_to_search_nothing_is_shown) {
    Office office(database);
    auto nurse = office.staff("nurse", {"health-centre"});
    EXPECT_EQ(nurse.post("/api/v1/staff/people/search", R"({"name":"山田","purpose":""})").status, 400);
    EXPECT_EQ(nurse.post("/api/v1/staff/people/search", R"({"name":"山田"})").status, 400);
    const auto nothing = nurse.post("/api/v1/staff/people/search", R"({"name":"","purpose":"電話の問い合わせ"})");
    EXPECT_EQ(nothing.status, 400);
    EXPECT_THAT(nothing.body, HasSubstr("people.nothing-to-search"));
    EXPECT_EQ(nurse.post("/api/v1/staff/people/" + office.hanako.to_string() + "/view", "{}").status, 400);
    EXPECT_EQ(nurse.post("/api/v1/staff/people/nobody/view", R"({"purpose":"健診の案内"})").status, 404);
    EXPECT_TRUE(office.entries(office.hanako).empty());
}

TEST_ON_BOTH(PeopleDesk, only_the_permission_opens_each_part) {
    Office office(database);
    auto auditor = office.staff("auditor", {"auditor"});
    EXPECT_EQ(auditor.post("/api/v1/staff/people/search", R"({"name":"山田","purpose":"監査"})").status, 403);
    EXPECT_EQ(auditor.get("/api/v1/staff/accounts").status, 403);
    EXPECT_EQ(auditor.get("/api/v1/staff/audit").status, 200);
    EXPECT_EQ(auditor.get("/api/v1/staff/tasks").body, "{}");
    http::testing::Client nobody(office.router);
    EXPECT_EQ(nobody.get("/api/v1/staff/tasks").status, 401);
    auto registrar = office.staff("registrar", {"registrar"});
    EXPECT_EQ(registrar.get("/api/v1/staff/tasks").body, R"({"letters":7})");
}

TEST_ON_BOTH(PeopleDesk, an_account_is_made_with_a_password_shown_once) {
    Office office(database);
    auto administrator = office.staff("admin", {"administrator"});
    const auto made =
        administrator.post("/api/v1/staff/accounts",
                           R"({"account":"Sato","name":"佐藤","department":"健康課","roles":["health-centre"]})");
    ASSERT_EQ(made.status, 201) << made.body;
    const auto document = json::Document::parse(made.body);
    const std::string password(document->root().find("password")->string());
    EXPECT_EQ(password.size(), 16U);
    const auto secret = testing::read(database, [](db::ReadTx& tx) { return identity::find_staff_secret(tx, "sato"); });
    ASSERT_TRUE(secret.has_value());
    EXPECT_TRUE(crypto::verify_password(secret->password_hash, base::Secret(password)));
    EXPECT_THAT(administrator.get("/api/v1/staff/accounts").body, Not(HasSubstr(password)));
    const auto again = administrator.post("/api/v1/staff/accounts",
                                          R"({"account":"sato","name":"佐藤","department":"健康課","roles":[]})");
    EXPECT_EQ(again.status, 409);
    EXPECT_THAT(again.body, HasSubstr("staff.account-taken"));
    const auto unknown = administrator.post(
        "/api/v1/staff/accounts", R"({"account":"ito","name":"伊藤","department":"健康課","roles":["king"]})");
    EXPECT_EQ(unknown.status, 400);
    EXPECT_THAT(unknown.body, HasSubstr("staff.role-unknown"));
    EXPECT_EQ(
        administrator.post("/api/v1/staff/accounts", R"({"account":"a b","name":"伊","department":"課","roles":[]})")
            .status,
        400);
}

TEST_ON_BOTH(PeopleDesk, roles_change_reset_and_closing_work_but_one_administrator_stays) {
    Office office(database);
    auto administrator = office.staff("admin", {"administrator"});
    auto nurse = office.staff("nurse", {"health-centre"});
    const std::string path = "/api/v1/staff/accounts/" + office.ids["nurse"];
    EXPECT_THAT(administrator.patch(path, R"({"roles":["auditor"]})").body, HasSubstr(R"("roles":["auditor"])"));
    EXPECT_EQ(nurse.get("/api/v1/staff/tasks").status, 401) << "a change of roles ends the sessions";
    EXPECT_THAT(administrator.patch(path, R"({"active":false})").body, HasSubstr(R"("active":false)"));
    EXPECT_THAT(administrator.post(path + "/reset", "").body, HasSubstr(R"("password":")"));
    const auto last = administrator.patch("/api/v1/staff/accounts/" + office.ids["admin"], R"({"active":false})");
    EXPECT_EQ(last.status, 409) << last.body;
    EXPECT_EQ(administrator.patch("/api/v1/staff/accounts/nobody", R"({"active":false})").status, 404);
    EXPECT_THAT(administrator.get("/api/v1/staff/roles").body, HasSubstr(R"("id":"administrator")"));
}

} // namespace
} // namespace musubi::people_desk
