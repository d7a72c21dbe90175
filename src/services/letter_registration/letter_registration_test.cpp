// From the request to the session, through the routes, on both databases. The letter is read by poppler.
#include "services/letter_registration/routes.h"

#include "core/identity/authenticator.h"
#include "core/identity/staff.h"
#include "core/records/deliveries.h"
#include "core/records/fhir.h"
#include "lib/http/testing.h"
#include "services/letter_registration/requests.h"
#include "testing/databases.h"

#include <gmock/gmock.h>

#include <array>
#include <cstdio>
#include <fstream>

namespace musubi::letter_registration {
namespace {

using testing::HasSubstr;
using testing::Not;

std::vector<db::Migrations> test_migrations() {
    return {audit::migrations(),
            outbox::migrations(),
            residents::migrations(),
            identity::migrations(),
            enrolment::migrations(),
            records::migrations(),
            migrations()};
}

struct City {
    explicit City(db::Database& to)
        : database(to), outbox(crypto::AeadKey::generate(random), random), sink(random, directory),
          dependencies{
              to,
              random,
              sink,
              outbox,
              pool,
              identity::CodeKey(base::Secret(std::string(32, 'c'))),
              {},
              {},
              "https://city.example",
              {"見本市", "Mihon", "健康課", "6500001", "見本県見本市本町1-1", "078-000-0000", "平日9時から17時"}},
          authenticator(to, {}), router(to, clock) {
        router.use(authenticator);
        router.use(sink);
        install(router, dependencies);
        hanako = live("山田　花子", "ヤマダ　ハナコ", "1985-04-01", "見本県見本市本町一丁目2番3号");
        desk_client.emplace(staff({"registrar"}));
    }

    residents::ResidentId live(std::string name, std::string kana, std::string_view born, std::string address) {
        const residents::Resident resident{.id = residents::ResidentId::make(clock.now(), random),
                                           .household = residents::HouseholdId::make(clock.now(), random),
                                           .name = std::move(name),
                                           .kana = std::move(kana),
                                           .birth_date = testing::date(born),
                                           .sex = residents::Sex::Female,
                                           .postal_code = "6500001",
                                           .address = std::move(address),
                                           .relation = "世帯主"};
        testing::write(database, [&](db::WriteTx& tx) { return residents::put(tx, resident, clock.now()); });
        return resident.id;
    }

    /// A browser that has chosen to register by letter.
    http::testing::Client applicant(const std::string& email) {
        auto begun = testing::write(database, [&](db::WriteTx& tx) -> base::Task<enrolment::Begun> {
            auto fresh = co_await enrolment::begin(tx, random, {}, email, "ja", clock.now());
            fresh.registration.step = enrolment::Step::Letter;
            fresh.registration.way = enrolment::Way::Letter;
            auto saved = co_await enrolment::save(tx, {}, fresh.registration, clock.now());
            EXPECT_TRUE(saved.ok());
            co_return fresh;
        });
        http::testing::Client client(router);
        client.cookies[std::string(enrolment::kRegistrationCookie)] = std::string(begun.token.reveal());
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
    http::testing::Client& desk() { return *desk_client; }

    std::string only_id(const std::string& status) {
        const auto queue = desk().get("/api/v1/staff/letters?status=" + status);
        const auto document = json::Document::parse(queue.body);
        if (!document || document->root().find("items")->items().size() != 1) return "(not one: " + queue.body + ")";
        return std::string(document->root().find("items")->items()[0].find("id")->string());
    }
    std::string approve_and_print(const std::string& status = "new") {
        const std::string id = only_id(status);
        EXPECT_EQ(desk().post("/api/v1/staff/letters/" + id + "/approve", "{}").status, 200);
        return print(id);
    }
    /// The passcode on the printed letter.
    std::string print(const std::string& id) {
        const auto pdf = desk().post("/api/v1/staff/letters/print", R"({"ids":[")" + id + R"("]})");
        EXPECT_EQ(pdf.status, 200) << pdf.body.substr(0, 300);
        EXPECT_EQ(pdf.content_type, "application/pdf");
        last_letter = text_of(pdf.body);
        last_size = pdf.body.size();
        for (size_t i = 0; i + 9 <= last_letter.size(); ++i) {
            const std::string part = last_letter.substr(i, 9);
            if (part[4] == ' ' && part.find_first_not_of("0123456789 ") == std::string::npos && part.find(' ') == 4 &&
                part.rfind(' ') == 4)
                return part;
        }
        ADD_FAILURE() << last_letter;
        return "";
    }
    static std::string text_of(const std::string& pdf) {
        testing::TemporaryFolder folder;
        std::ofstream(folder.path() + "/letter.pdf", std::ios::binary) << pdf;
        std::string out;
        FILE* pipe = popen(("pdftotext -layout " + folder.path() + "/letter.pdf -").c_str(), "r");
        std::array<char, 4096> buffer{};
        while (const size_t count = fread(buffer.data(), 1, buffer.size(), pipe)) out.append(buffer.data(), count);
        pclose(pipe);
        return out;
    }

    db::Database& database;
    base::FixedClock clock = testing::clock_at("2026-11-22T09:00:00+09:00");
    base::SeededRandom random{42};
    outbox::Outbox outbox;
    identity::StaffDirectory directory;
    audit::Sink sink;
    event_loop::BlockingPool pool{1};
    Dependencies dependencies;
    identity::SessionAuthenticator authenticator;
    http::Router router;
    std::optional<http::testing::Client> desk_client;
    residents::ResidentId hanako = *residents::ResidentId::parse("01930000-0000-7000-8000-000000000001");
    std::string last_letter;
    size_t last_size = 0;
    int staff_count = 0;
};

constexpr const char* kHanako = R"({"name":"山田花子","kana":"ヤマダハナコ","birthDate":"1985-04-01","sex":"female",)"
                                R"("postalCode":"6500001","address":"見本市本町1-2-3","telephone":"078-111-2222"})";
constexpr const char* kNobody = R"({"name":"田中一郎","kana":"タナカイチロウ","birthDate":"1970-01-01","sex":"male",)"
                                R"("postalCode":"650-0001","address":"見本市本町9-9-9","telephone":"078-111-2222"})";

http::Response enter(http::testing::Client& client, const std::string& code) {
    return client.post("/api/v1/registration/letter-code", R"({"code":")" + code + R"("})");
}

TEST_ON_BOTH(LetterRegistration, from_the_request_over_the_letter_to_the_record) {
    City city(database);
    records::fhir::Observation weight = records::fhir::body_weight(city.hanako.to_string(), "2025-06-01", "54.2");
    weight.id = "w1";
    auto delivered = testing::write(database, [&](db::WriteTx& tx) {
        return records::deliver(
            tx, city.hanako, "city",
            records::collection({{"Observation", "w1", records::Origin::City, json::write(weight)}}), city.clock.now());
    });
    ASSERT_TRUE(delivered.ok());
    auto client = city.applicant("hanako@example.jp");
    const auto asked = client.post("/api/v1/registration/letter", kHanako);
    ASSERT_EQ(asked.status, 200) << asked.body;
    EXPECT_THAT(asked.body, HasSubstr(R"("step":"letter-waiting")"));
    EXPECT_THAT(asked.body, Not(HasSubstr("attributes"))) << "the register's details are not shown before the proof";

    const std::string code = city.approve_and_print();
    EXPECT_THAT(city.last_letter, testing::ContainsRegex("山田 +花子 +様"));
    EXPECT_LT(city.last_size, 1'500'000U);
    EXPECT_THAT(city.last_letter, HasSubstr("650-0001"));
    EXPECT_THAT(city.last_letter, HasSubstr("一丁目2番3号"));
    EXPECT_THAT(city.last_letter, HasSubstr("https://city.example/start/letter-code"));
    EXPECT_THAT(city.last_letter, HasSubstr("Your confirmation code"));
    EXPECT_THAT(city.last_letter, HasSubstr("2026年12月22日"));

    const auto done = enter(client, code);
    ASSERT_EQ(done.status, 200) << done.body;
    EXPECT_THAT(done.body, HasSubstr(R"("step":"done")"));
    EXPECT_TRUE(client.cookies.contains(std::string(identity::kSessionCookie)));
    const auto person =
        testing::read(database, [&](db::ReadTx& tx) { return identity::find_by_resident(tx, city.hanako); });
    ASSERT_TRUE(person.has_value());
    EXPECT_EQ(person->source, identity::Source::Letter);
    EXPECT_EQ(person->address, "見本県見本市本町一丁目2番3号");
    const auto record =
        testing::read(database, [&](db::ReadTx& tx) { return records::list(tx, person->id, "Observation"); });
    EXPECT_EQ(record.size(), 1U);
    EXPECT_EQ(enter(client, code).status, 200) << "a repeated submit gets the same answer";
    EXPECT_EQ(city.only_id("done").size(), 36U);
}

TEST_ON_BOTH(LetterRegistration, wrong_codes_are_counted_and_the_last_one_brings_a_new_letter) {
    City city(database);
    auto client = city.applicant("hanako@example.jp");
    client.post("/api/v1/registration/letter", kHanako);
    EXPECT_THAT(enter(client, "1234 5678").body, HasSubstr("registration.letter-not-sent"));
    const std::string code = city.approve_and_print();
    const std::string wrong = code == "1111 1111" ? "2222 2222" : "1111 1111";
    for (int left = 4; left >= 1; --left) {
        const auto answer = enter(client, wrong);
        EXPECT_EQ(answer.status, 401);
        EXPECT_THAT(answer.body, HasSubstr(R"("triesLeft":")" + std::to_string(left))) << answer.body;
    }
    const auto locked = enter(client, wrong);
    EXPECT_EQ(locked.status, 423);
    EXPECT_THAT(locked.body, HasSubstr("registration.letter-code-locked"));
    EXPECT_THAT(enter(client, code).body, HasSubstr("registration.letter-not-sent")) << "the old code is dead";
    const std::string second = city.print(city.only_id("approved"));
    EXPECT_NE(second, code);
    EXPECT_EQ(enter(client, second).status, 200);
}

TEST_ON_BOTH(LetterRegistration, a_code_ends_after_thirty_days_and_when_a_new_one_is_printed) {
    City city(database);
    auto client = city.applicant("hanako@example.jp");
    client.post("/api/v1/registration/letter", kHanako);
    const std::string first = city.approve_and_print();
    const std::string second = city.print(city.only_id("printed"));
    EXPECT_EQ(enter(client, first).status, 401);
    city.clock.advance(std::chrono::hours(24 * 31));
    const auto expired = enter(client, second);
    EXPECT_EQ(expired.status, 410) << expired.body;
    EXPECT_THAT(expired.body, HasSubstr("registration.letter-code-expired"));
    city.desk_client.emplace(city.staff({"registrar"})); // her session has ended too
    EXPECT_EQ(city.only_id("approved").find("not one"), std::string::npos) << "another letter is to be printed";
}

TEST_ON_BOTH(LetterRegistration, a_letter_that_came_back_makes_its_code_worthless) {
    City city(database);
    auto client = city.applicant("hanako@example.jp");
    client.post("/api/v1/registration/letter", kHanako);
    const std::string code = city.approve_and_print();
    EXPECT_EQ(client.post("/api/v1/registration/letter", kHanako).status, 409) << "a letter is on its way";
    const std::string id = city.only_id("printed");
    EXPECT_EQ(city.desk().post("/api/v1/staff/letters/" + id + "/returned", "").status, 204);
    EXPECT_EQ(enter(client, code).status, 409);
    EXPECT_EQ(city.desk().post("/api/v1/staff/letters/" + id + "/returned", "").status, 409);
    EXPECT_EQ(client.post("/api/v1/registration/letter", kHanako).status, 200) << "may ask again";
}

TEST_ON_BOTH(LetterRegistration, who_is_not_in_the_register_gets_the_same_answer_and_staff_decide) {
    City city(database);
    auto client = city.applicant("tanaka@example.jp");
    const auto asked = client.post("/api/v1/registration/letter", kNobody);
    EXPECT_EQ(asked.status, 200) << asked.body;
    EXPECT_THAT(asked.body, HasSubstr(R"("step":"letter-waiting")"));
    const std::string id = city.only_id("doubtful");
    const std::string path = "/api/v1/staff/letters/" + id;
    EXPECT_THAT(city.desk().post(path + "/approve", "{}").body, HasSubstr("letters.resident-required"));
    EXPECT_THAT(city.desk().post("/api/v1/staff/letters/print", R"({"ids":[")" + id + R"("]})").body,
                HasSubstr("letters.wrong-status"));
    EXPECT_EQ(city.desk().post(path + "/reject", R"({"reason":"not-a-resident"})").status, 204);
    EXPECT_EQ(city.desk().post(path + "/reject", R"({"reason":"not-a-resident"})").status, 409);
    const auto mails = testing::read(database, [](db::ReadTx& tx) { return outbox::backlog(tx); });
    EXPECT_EQ(mails.waiting, 1);
    EXPECT_EQ(client.post("/api/v1/registration/letter", kNobody).status, 409) << "back at choosing a way";
}

TEST_ON_BOTH(LetterRegistration, someone_who_has_a_registration_gets_no_second_one) {
    City city(database);
    auto client = city.applicant("hanako@example.jp");
    client.post("/api/v1/registration/letter", kHanako);
    EXPECT_EQ(enter(client, city.approve_and_print()).status, 200);
    auto again = city.applicant("other@example.jp");
    again.post("/api/v1/registration/letter", kHanako);
    const auto refused = city.desk().post("/api/v1/staff/letters/" + city.only_id("new") + "/approve", "{}");
    EXPECT_EQ(refused.status, 409);
    EXPECT_THAT(refused.body, HasSubstr("registration.already-registered"));
}

TEST_ON_BOTH(LetterRegistration, a_name_no_font_can_print_is_refused_before_a_code_is_made) {
    City city(database);
    const auto id = city.live("外字\xEE\x80\x80　太郎", "ガイジ　タロウ", "1960-06-06", "見本県見本市本町5-5-5");
    auto client = city.applicant("gaiji@example.jp");
    client.post("/api/v1/registration/letter",
                R"({"name":"外字太郎","kana":"ガイジタロウ","birthDate":"1960-06-06","sex":"female",)"
                R"("postalCode":"6500001","address":"見本市本町5-5-5","telephone":"078-111-2222"})");
    const auto queue = city.desk().get("/api/v1/staff/letters");
    const auto document = json::Document::parse(queue.body);
    const std::string request(document->root().find("items")->items()[0].find("id")->string());
    EXPECT_EQ(
        city.desk()
            .post("/api/v1/staff/letters/" + request + "/approve", R"({"residentId":")" + id.to_string() + R"("})")
            .status,
        200);
    const auto refused = city.desk().post("/api/v1/staff/letters/print", R"({"ids":[")" + request + R"("]})");
    EXPECT_EQ(refused.status, 409);
    EXPECT_THAT(refused.body, HasSubstr("letters.characters-missing"));
    EXPECT_THAT(refused.body, HasSubstr(request));
    EXPECT_EQ(city.only_id("approved"), request) << "nothing was marked as printed";
}

TEST_ON_BOTH(LetterRegistration, forms_and_rights_are_checked) {
    City city(database);
    http::testing::Client nobody(city.router);
    EXPECT_EQ(nobody.post("/api/v1/registration/letter", kHanako).status, 401);
    EXPECT_EQ(enter(nobody, "12345678").status, 401);
    auto client = city.applicant("hanako@example.jp");
    std::string bad = kHanako;
    bad.replace(bad.find("6500001"), 7, "65000AB");
    EXPECT_THAT(client.post("/api/v1/registration/letter", bad).body, HasSubstr(R"("/postalCode")"));
    auto nurse = city.staff({"health-centre"});
    EXPECT_EQ(nurse.get("/api/v1/staff/letters").status, 403);
    EXPECT_EQ(city.desk().get("/api/v1/staff/letters?status=lost").status, 400);
    EXPECT_THAT(city.desk().post("/api/v1/staff/letters/print", R"({"ids":[]})").body,
                HasSubstr("letters.nothing-chosen"));
    EXPECT_EQ(city.desk().post("/api/v1/staff/letters/nothing/approve", "{}").status, 404);
}

TEST_ON_BOTH(LetterRegistration, finished_requests_are_forgotten_after_ninety_days) {
    City city(database);
    auto client = city.applicant("hanako@example.jp");
    client.post("/api/v1/registration/letter", kHanako);
    EXPECT_EQ(enter(client, city.approve_and_print()).status, 200);
    const auto clean_at = [&](base::Instant now) {
        return testing::write(database, [&](db::WriteTx& tx) { return clean_requests(tx, now); });
    };
    EXPECT_EQ(clean_at(city.clock.now() + std::chrono::hours(24 * 89)), 0);
    EXPECT_EQ(clean_at(city.clock.now() + std::chrono::hours(24 * 91)), 1);
}

} // namespace
} // namespace musubi::letter_registration
