// From the contract to the continued registration, through the routes, on both databases.
#include "services/company_registration/routes.h"

#include "core/identity/authenticator.h"
#include "core/identity/staff.h"
#include "lib/http/testing.h"
#include "services/company_registration/companies.h"
#include "testing/databases.h"

#include <gmock/gmock.h>

namespace musubi::company_registration {
namespace {

using testing::HasSubstr;
using testing::Not;

std::vector<db::Migrations> test_migrations() {
    return {audit::migrations(),    outbox::migrations(),    residents::migrations(),
            identity::migrations(), enrolment::migrations(), migrations()};
}

struct City {
    explicit City(db::Database& to)
        : database(to), outbox(crypto::AeadKey::generate(random), random), sink(random, directory),
          dependencies{random, outbox, {}, "https://city.example", "見本市", "Mihon", "078-000-0000"},
          authenticator(to, {}), router(to, clock) {
        router.use(authenticator);
        router.use(sink);
        install(router, dependencies);
        desk_client.emplace(staff({"company-contracts"}));
    }

    http::testing::Client applicant(const std::string& email) {
        auto begun = testing::write(database, [&](db::WriteTx& tx) -> base::Task<enrolment::Begun> {
            auto fresh = co_await enrolment::begin(tx, random, {}, email, "en", clock.now());
            fresh.registration.step = enrolment::Step::Company;
            fresh.registration.way = enrolment::Way::Company;
            auto saved = co_await enrolment::save(tx, {}, fresh.registration, clock.now());
            EXPECT_TRUE(saved.ok());
            co_return fresh;
        });
        last = begun.registration.id;
        http::testing::Client client(router);
        client.cookies[std::string(enrolment::kRegistrationCookie)] = std::string(begun.token.reveal());
        return client;
    }
    enrolment::Registration registration() {
        return *testing::read(database, [&](db::ReadTx& tx) { return enrolment::find(tx, *last); });
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
    http::testing::Client& desk() { return *desk_client; }

    std::string add_company(const std::string& code = "MIHON-01", const std::string& to = "2027-03-31") {
        const auto made = desk().post("/api/v1/staff/companies", R"({"name":"見本重工","code":")" + code +
                                                                     R"(","contractFrom":"2026-04-01","contractTo":")" +
                                                                     to + R"("})");
        EXPECT_EQ(made.status, 201) << made.body;
        const auto document = json::Document::parse(made.body);
        return std::string(document->root().find("id")->string());
    }
    http::Response upload(const std::string& company, const std::string& csv) {
        auto request = desk().request(http::Method::Post, "/api/v1/staff/companies/" + company + "/roster", csv);
        for (auto& header : request.headers)
            if (header.name == "Content-Type") header.value = "text/csv";
        return desk().send(request);
    }
    std::string only_request() {
        const auto queue = desk().get("/api/v1/staff/company-requests");
        const auto document = json::Document::parse(queue.body);
        if (!document || document->root().find("items")->items().size() != 1) return "(not one: " + queue.body + ")";
        return "/api/v1/staff/company-requests/" +
               std::string(document->root().find("items")->items()[0].find("id")->string());
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
    std::optional<http::testing::Client> desk_client;
    std::optional<enrolment::RegistrationId> last;
    int staff_count = 0;
};

const std::string kRoster = "社員番号,氏名,カナ,生年月日\r\n"
                            "A001,髙橋　一郎,タカハシ　イチロウ,1980/4/1\r\n"
                            "A002,佐藤 花子,サトウ ハナコ,1990-12-31\r\n";
constexpr const char* kTakahashi = R"({"companyCode":"mihon-01","employeeNumber":"A001","name":"高橋一郎",)"
                                   R"("kana":"タカハシイチロウ","birthDate":"1980-04-01","telephone":"090-1111-2222"})";

http::Response ask(http::testing::Client& client, std::string body = kTakahashi) {
    return client.post("/api/v1/registration/company", std::move(body));
}

TEST_ON_BOTH(CompanyRegistration, an_employee_on_the_roster_continues_after_staff_confirmed) {
    City city(database);
    const std::string company = city.add_company();
    EXPECT_EQ(city.upload(company, kRoster).body, R"({"accepted":2,"errorCount":0,"errors":[]})");
    auto client = city.applicant("takahashi@example.com");
    const auto asked = ask(client);
    ASSERT_EQ(asked.status, 200) << asked.body;
    EXPECT_THAT(asked.body, HasSubstr(R"("step":"company-waiting")"));
    EXPECT_THAT(city.desk().get("/api/v1/staff/company-requests").body,
                HasSubstr(R"("companyName":"見本重工","employeeNumber":"A001")"));
    const std::string request = city.only_request();
    EXPECT_EQ(city.desk().post(request + "/approve", "").status, 204);
    const auto registration = city.registration();
    EXPECT_EQ(registration.step, enrolment::Step::Contact);
    EXPECT_EQ(registration.attributes->name, "髙橋　一郎") << "as the company wrote it";
    EXPECT_EQ(registration.way, enrolment::Way::Company);
    const auto mails = testing::read(database, [](db::ReadTx& tx) { return outbox::backlog(tx); });
    EXPECT_EQ(mails.waiting, 1);
    EXPECT_EQ(city.desk().post(request + "/approve", "").status, 409);
    EXPECT_EQ(ask(client).status, 409);
}

TEST_ON_BOTH(CompanyRegistration, who_is_not_covered_is_refused_with_the_reason) {
    City city(database);
    const std::string company = city.add_company();
    city.upload(company, kRoster);
    auto client = city.applicant("x@example.com");
    const auto with = [](const std::string& from, const std::string& to) {
        std::string body = kTakahashi;
        return body.replace(body.find(from), from.size(), to);
    };
    EXPECT_THAT(ask(client, with("mihon-01", "NO-SUCH")).body, HasSubstr("company.unknown"));
    EXPECT_THAT(ask(client, with("A001", "A002")).body, HasSubstr("company.not-on-roster"));
    EXPECT_THAT(ask(client, with("A001", "A999")).body, HasSubstr("company.not-on-roster"));
    EXPECT_THAT(ask(client, with("1980-04-01", "1980-04-02")).body, HasSubstr("company.not-on-roster"));
    city.clock.set(testing::at("2027-03-31T23:00:00+09:00"));
    auto on_last_day = city.applicant("y@example.com");
    EXPECT_EQ(ask(on_last_day).status, 200) << "the last day counts";
    city.clock.set(testing::at("2027-04-01T00:00:00+09:00"));
    auto after = city.applicant("z@example.com");
    EXPECT_THAT(ask(after).body, HasSubstr("company.contract-ended"));
    city.desk_client.emplace(city.staff({"company-contracts"}));
    EXPECT_THAT(city.desk().post(city.only_request() + "/approve", "").body, HasSubstr("company.contract-ended"));
}

TEST_ON_BOTH(CompanyRegistration, a_roster_with_mistakes_changes_nothing) {
    City city(database);
    const std::string company = city.add_company();
    city.upload(company, kRoster);
    const auto report = city.upload(company, "社員番号,氏名,生年月日\n"
                                             "A001,髙橋,1980-04-01\n"
                                             ",佐藤,1990-12-31\n"
                                             "A001,鈴木,1990-12-31\n"
                                             "A004,,1990-02-30\n");
    EXPECT_EQ(report.status, 200);
    EXPECT_EQ(report.body, R"({"accepted":0,"errorCount":4,"errors":[)"
                           R"({"row":3,"column":"社員番号","code":"missing"},)"
                           R"({"row":4,"column":"社員番号","code":"repeated"},)"
                           R"({"row":5,"column":"氏名","code":"missing"},)"
                           R"({"row":5,"column":"生年月日","code":"date-malformed"}]})");
    EXPECT_THAT(city.upload(company, "社員番号,氏名\nA,b\n").body, HasSubstr("csv.column-missing"));
    const auto roster = city.desk().get("/api/v1/staff/companies/" + company + "/roster");
    EXPECT_THAT(roster.body, HasSubstr("A001"));
    EXPECT_THAT(roster.body, HasSubstr("A002")) << "the earlier roster stands";
}

TEST_ON_BOTH(CompanyRegistration, a_new_roster_replaces_the_old_one_and_counts_for_open_requests) {
    City city(database);
    const std::string company = city.add_company();
    city.upload(company, kRoster);
    auto client = city.applicant("takahashi@example.com");
    EXPECT_EQ(ask(client).status, 200);
    EXPECT_THAT(city.upload(company, "社員番号,氏名,生年月日\nA002,佐藤花子,19901231\n").body,
                HasSubstr(R"("accepted":1)"));
    EXPECT_THAT(city.desk().get("/api/v1/staff/companies").body, HasSubstr(R"("employees":1)"));
    EXPECT_THAT(city.desk().get("/api/v1/staff/company-requests").body, HasSubstr(R"("onRoster":false)"));
    EXPECT_THAT(city.desk().post(city.only_request() + "/approve", "").body, HasSubstr("company.not-on-roster"));
    EXPECT_EQ(city.desk().post(city.only_request() + "/reject", R"({"reason":"not-on-roster"})").status, 204);
    EXPECT_EQ(city.registration().step, enrolment::Step::Way);
}

TEST_ON_BOTH(CompanyRegistration, one_employee_is_confirmed_once) {
    City city(database);
    city.upload(city.add_company(), kRoster);
    auto first = city.applicant("takahashi@example.com");
    EXPECT_EQ(ask(first).status, 200);
    EXPECT_EQ(city.desk().post(city.only_request() + "/approve", "").status, 204);
    auto second = city.applicant("imposter@example.com");
    EXPECT_EQ(ask(second).status, 200);
    EXPECT_THAT(city.desk().post(city.only_request() + "/approve", "").body,
                HasSubstr("company.employee-already-registered"));
}

TEST_ON_BOTH(CompanyRegistration, companies_are_changed_and_checked) {
    City city(database);
    const std::string company = city.add_company();
    const std::string path = "/api/v1/staff/companies/" + company;
    EXPECT_THAT(city.desk().patch(path, R"({"contractTo":"2028-03-31"})").body,
                HasSubstr(R"("contractTo":"2028-03-31")"));
    EXPECT_THAT(city.desk().patch(path, R"({"contractTo":"2026-03-31"})").body, HasSubstr("before-contract-from"));
    const auto taken =
        city.desk().post("/api/v1/staff/companies", R"({"name":"別","code":"mihon-01","contractFrom":"2026-04-01"})");
    EXPECT_EQ(taken.status, 409);
    EXPECT_THAT(taken.body, HasSubstr("companies.code-taken"));
    EXPECT_EQ(city.desk().patch("/api/v1/staff/companies/none", R"({"name":"x"})").status, 404);
    EXPECT_EQ(city.staff({"registrar"}).get("/api/v1/staff/companies").status, 403);
    http::testing::Client nobody(city.router);
    EXPECT_EQ(ask(nobody).status, 401);
}

} // namespace
} // namespace musubi::company_registration
