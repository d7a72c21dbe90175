// Through the routes, with real sessions, a real register and the real log, on both databases.
#include "core/audit/log.h"
#include "core/identity/authenticator.h"
#include "core/identity/guardianship.h"
#include "core/identity/staff.h"
#include "core/outbox/worker.h"
#include "lib/http/testing.h"
#include "services/notices/deliver.h"
#include "services/notices/list.h"
#include "services/notices/routes.h"
#include "testing/databases.h"

#include <gmock/gmock.h>

namespace musubi::notices {
namespace {

using testing::HasSubstr;
using testing::Not;

std::vector<db::Migrations> test_migrations() {
    return {audit::migrations(), outbox::migrations(), residents::migrations(), identity::migrations(), migrations()};
}

constexpr std::string_view kTemplate = R"({"name":"予防接種","category":"childcare","duty":"voluntary",
"ja":{"title":"{name}さんの予防接種","text":"{until}までに受けてください。","action":"申し込む"},
"jaEasy":{"title":"{name}さんの {予防|よぼう}{接種|せっしゅ}","text":"{until}までに うけて ください。","action":"もうしこむ"},
"en":{"title":"Vaccination of {name}","text":"Please come by {until}.","action":"Apply"},
"placeholders":[{"name":"until","type":"date"}],"link":"/family"})";

struct City {
    explicit City(db::Database& to)
        : database(to), outbox(crypto::AeadKey::generate(random), random), sink(random, directory),
          dependencies{to,       random,  pool,           sink,           outbox, "https://city.example",
                       "見本市", "Mihon", "保健センター", "見本県見本市", "0120"},
          authenticator(to, {}), router(to, clock),
          log(to, random,
              {"city.example/log", tlog::KeyType::Note,
               *crypto::Ed25519PrivateKey::from_seed(base::Secret(std::string(32, 'l')))}) {
        router.use(authenticator);
        router.use(sink);
        install(router, dependencies);
        mother = register_person("山田　花子", "1990-04-01", "hanako@example.jp");
        child = register_person("山田　さくら", "2024-05-05", "");
        other = register_person("鈴木　一郎", "1950-01-01", "ichiro@example.jp");
        const identity::Guardianship guardianship{
            .guardian = mother, .child = child, .since = clock.now(), .until = testing::date("2042-05-05")};
        testing::write(database, [&](db::WriteTx& tx) { return identity::add_guardianship(tx, guardianship); });
        writer.emplace(staff({"health-centre"}));
        approver.emplace(staff({"health-centre"}));
    }

    base::PersonId register_person(std::string name, std::string_view born, std::string email) {
        residents::Resident resident{.id = residents::ResidentId::make(clock.now(), random),
                                     .household = residents::HouseholdId::make(clock.now(), random),
                                     .name = name,
                                     .kana = "カナ",
                                     .birth_date = testing::date(born),
                                     .sex = residents::Sex::Female,
                                     .postal_code = "6500001",
                                     .address = "見本県見本市本町一丁目2番3号",
                                     .relation = "世帯主"};
        return testing::write(database, [&](db::WriteTx& tx) -> base::Task<base::PersonId> {
            co_await residents::put(tx, resident, clock.now());
            identity::NewPerson fresh{.name = name, .birth_date = resident.birth_date};
            fresh.address = resident.address;
            fresh.sex = residents::Sex::Female;
            fresh.resident = resident.id;
            if (!email.empty()) fresh.email = email;
            auto made = co_await identity::create_person(tx, random, fresh, clock.now());
            co_return made->id;
        });
    }
    http::testing::Client citizen(const base::PersonId& id) {
        const identity::SessionRules rules;
        const auto session = testing::write(database, [&](db::WriteTx& tx) {
            return identity::start_session(tx, random, rules, id, http::Assurance::Passkey, "test", clock.now());
        });
        http::testing::Client client(router);
        client.cookies[std::string(identity::kSessionCookie)] = std::string(session.token.reveal());
        return client;
    }
    http::testing::Client staff(std::vector<std::string> roles) {
        const identity::SessionRules rules;
        const auto session = testing::write(database, [&](db::WriteTx& tx) -> base::Task<identity::NewSession> {
            auto made = co_await identity::create_staff(tx, random, "desk" + std::to_string(++staff_count), "職員",
                                                        "保健センター", roles, "hash", clock.now());
            co_return co_await identity::start_staff_session(tx, random, rules, made->id, http::Assurance::Passkey,
                                                             "test", clock.now());
        });
        http::testing::Client client(router);
        client.cookies[std::string(identity::kSessionCookie)] = std::string(session.token.reveal());
        return client;
    }

    static std::string member(const http::Response& response, std::string_view name) {
        const std::string body(response.content());
        const auto document = json::Document::parse(body);
        if (!document) return "(not JSON: " + body + ")";
        const auto found = document->root().find(name);
        return found && found->type() == json::Element::Type::String ? std::string(found->string()) : "(absent)";
    }
    std::string template_id() {
        const auto made = writer->post("/api/v1/staff/notice-templates", std::string(kTemplate));
        EXPECT_EQ(made.status, 201) << made.content();
        return member(made, "id");
    }
    std::string sending(const std::string& audience, const std::string& extra = "") {
        const auto made =
            writer->post("/api/v1/staff/notice-sendings",
                         R"({"name":"四混","templateId":")" + template_id() +
                             R"(","version":1,"values":{"until":"2027-03-31"},"audience":)" + audience + extra + "}");
        EXPECT_EQ(made.status, 201) << made.content();
        return "/api/v1/staff/notice-sendings/" + member(made, "id");
    }
    void send(const std::string& path) {
        EXPECT_EQ(writer->post(path + "/submit").status, 200);
        EXPECT_EQ(approver->post(path + "/approve").status, 200);
        while (testing::run(send_batch(dependencies, clock.now()))) {
        }
    }
    void integrate() {
        while (testing::run(log.sequence(clock.now())) > 0) {
        }
        testing::run(log.make_index(clock.now()));
    }
    int64_t mails() {
        return testing::read(database, [](db::ReadTx& tx) { return outbox::backlog(tx); }).waiting;
    }

    db::Database& database;
    base::FixedClock clock = testing::clock_at("2026-11-22T09:00:00+09:00");
    base::SeededRandom random{42};
    event_loop::BlockingPool pool{1};
    outbox::Outbox outbox;
    identity::StaffDirectory directory;
    audit::Sink sink;
    Dependencies dependencies;
    identity::SessionAuthenticator authenticator;
    http::Router router;
    audit::Log log;
    base::PersonId mother = base::PersonId::make(clock.now(), random);
    base::PersonId child = mother, other = mother;
    std::optional<http::testing::Client> writer, approver;
    int staff_count = 0;
};

const std::string kChildren = R"({"kind":"rules","toAge":5})";

TEST_ON_BOTH(Notices, a_notice_about_a_child_reaches_the_guardian_and_nobody_else) {
    City city(database);
    const std::string path = city.sending(kChildren, R"(,"deadline":"2027-03-31")");
    EXPECT_THAT(city.writer->get(path + "/audience").content(), HasSubstr(R"("people":1)"));
    city.send(path);
    EXPECT_EQ(city.mails(), 1) << "the child has no address: the mother is told";
    auto mother = city.citizen(city.mother);
    const auto inbox = mother.get("/api/v1/notices");
    const std::string text(inbox.content());
    EXPECT_THAT(text, HasSubstr("山田　さくらさんの予防接種"));
    EXPECT_THAT(text, HasSubstr(R"("own":false)"));
    EXPECT_THAT(text, HasSubstr(R"("unread":1)"));
    EXPECT_THAT(text, HasSubstr(R"("pinned":[{)"));
    auto other = city.citizen(city.other);
    EXPECT_THAT(other.get("/api/v1/notices").content(), HasSubstr(R"("items":[])"));
    const std::string id = text.substr(text.find(R"("id":")") + 6, 36);
    const std::string notice = "/api/v1/people/" + city.child.to_string() + "/notices/" + id;
    EXPECT_EQ(other.post(notice + "/open").status, 404);
    EXPECT_EQ(mother.post(notice + "/acknowledge").status, 409) << "not before it was opened";
    const auto opened = mother.post(notice + "/open");
    ASSERT_EQ(opened.status, 200) << opened.content();
    EXPECT_THAT(opened.content(), HasSubstr("2027年3月31日までに受けてください。"));
    mother.headers = {{"X-Musubi-Language", "en"}};
    EXPECT_THAT(mother.post(notice + "/open").content(), HasSubstr("Please come by 31 March 2027."));
    EXPECT_EQ(mother.post(notice + "/acknowledge").status, 200);
    EXPECT_THAT(mother.get("/api/v1/notices").content(), HasSubstr(R"("pinned":[])"));
    EXPECT_THAT(mother.get("/api/v1/notices?search=Vaccination").content(), HasSubstr(id));
    EXPECT_THAT(mother.get("/api/v1/notices?search=tax").content(), Not(HasSubstr(id)));
    EXPECT_THAT(mother.get("/api/v1/notices?category=tax").content(), Not(HasSubstr(id)));
    EXPECT_EQ(mother.post(notice + "/archive", R"({"archived":true})").status, 200);
    EXPECT_THAT(mother.get("/api/v1/notices").content(), Not(HasSubstr(id)));
    EXPECT_THAT(mother.get("/api/v1/notices?archived=1").content(), HasSubstr(id));
}

TEST_ON_BOTH(Notices, that_one_was_opened_or_was_not_is_proven_from_the_log) {
    City city(database);
    city.send(city.sending(R"({"kind":"rules"})"));
    auto mother = city.citizen(city.mother);
    const std::string inbox(mother.get("/api/v1/notices").content());
    std::vector<std::string> ids;
    for (size_t at = inbox.find(R"({"id":")"); at != std::string::npos; at = inbox.find(R"({"id":")", at + 1)) {
        const std::string id = inbox.substr(at + 7, 36);
        const std::string person = inbox.substr(inbox.find(R"("person":")", at) + 10, 36);
        if (std::find(ids.begin(), ids.end(), person + "/notices/" + id) == ids.end())
            ids.push_back(person + "/notices/" + id);
    }
    ASSERT_EQ(ids.size(), 2u) << "the mother's and the child's";
    EXPECT_EQ(mother.get("/api/v1/people/" + ids[0] + "/receipt").status, 409) << "no index yet";
    const auto opened = mother.post("/api/v1/people/" + ids[0] + "/open");
    EXPECT_EQ(mother.post("/api/v1/people/" + ids[0] + "/open").status, 200);
    city.integrate();

    const auto proof = mother.get("/api/v1/people/" + ids[0] + "/receipt");
    ASSERT_EQ(proof.status, 200);
    const auto verified = audit::verify_history(proof.content(), city.log.key());
    ASSERT_TRUE(verified.ok()) << verified.error().code;
    ASSERT_EQ(verified->entries.size(), 1u) << "opened twice, opened once";
    EXPECT_THAT(*verified->entries[0].entry, HasSubstr("notices.opened"));
    EXPECT_THAT(*verified->entries[0].entry, HasSubstr("assurance passkey"));
    EXPECT_THAT(*verified->entries[0].entry, HasSubstr(City::member(opened, "digest")));

    const std::string staff_path = "/api/v1/staff/people/" + ids[1] + "/receipt";
    const auto nothing = city.writer->get(staff_path);
    ASSERT_EQ(nothing.status, 200) << nothing.content();
    const auto absent = audit::verify_history(nothing.content(), city.log.key());
    ASSERT_TRUE(absent.ok()) << absent.error().code;
    EXPECT_TRUE(absent->entries.empty());
}

TEST_ON_BOTH(Notices, nobody_approves_their_own_and_nothing_is_sent_before) {
    City city(database);
    const std::string path = city.sending(kChildren);
    while (testing::run(send_batch(city.dependencies, city.clock.now()))) {
    }
    EXPECT_EQ(city.approver->post(path + "/approve").status, 409) << "not submitted";
    EXPECT_EQ(city.writer->post(path + "/submit").status, 200);
    EXPECT_EQ(testing::read(database, [](db::ReadTx& tx) { return waiting(tx); }), 1);
    EXPECT_EQ(city.writer->post(path + "/approve").status, 403);
    EXPECT_FALSE(testing::run(send_batch(city.dependencies, city.clock.now())));
    EXPECT_EQ(city.staff({"registrar"}).post(path + "/approve").status, 200);
    EXPECT_EQ(city.writer->post(path + "/pause").status, 200);
    EXPECT_FALSE(testing::run(send_batch(city.dependencies, city.clock.now()))) << "paused";
    EXPECT_EQ(city.writer->post(path + "/resume").status, 200);
    EXPECT_TRUE(testing::run(send_batch(city.dependencies, city.clock.now())));
    EXPECT_EQ(city.mails(), 1);
    EXPECT_EQ(city.writer->post(path + "/cancel").status, 409) << "done";
}

TEST_ON_BOTH(Notices, a_sending_waits_for_its_time) {
    City city(database);
    const std::string path = city.sending(kChildren, R"(,"sendAt":"2026-11-23T00:00:00Z")");
    city.send(path);
    EXPECT_EQ(city.mails(), 0);
    city.clock.set(testing::at("2026-11-23T00:00:00Z"));
    EXPECT_TRUE(testing::run(send_batch(city.dependencies, city.clock.now())));
    EXPECT_EQ(city.mails(), 1);
}

TEST_ON_BOTH(Notices, an_interrupted_sending_goes_on_and_gives_each_person_one) {
    City city(database);
    for (int i = 0; i < 450; ++i)
        city.register_person("市民" + std::to_string(i), "1980-01-01", "p" + std::to_string(i) + "@example.jp");
    const std::string path = city.sending(R"({"kind":"rules"})");
    EXPECT_EQ(city.writer->post(path + "/submit").status, 200);
    EXPECT_EQ(city.approver->post(path + "/approve").status, 200);
    EXPECT_TRUE(testing::run(send_batch(city.dependencies, city.clock.now())));
    // As if the process had died after the commit and forgotten where it was.
    constexpr db::Query forget{"test.forget", "UPDATE notices_sending SET after_person = '', targeted = 0"};
    testing::write(database, [&](db::WriteTx& tx) { return tx.run(forget); });
    while (testing::run(send_batch(city.dependencies, city.clock.now()))) {
    }
    constexpr db::Query count{"test.count", "SELECT COUNT(*) FROM notices_notice"};
    EXPECT_EQ(*testing::read(database, [&](db::ReadTx& tx) { return tx.one<int64_t>(count); }), 453);
    EXPECT_EQ(city.mails(), 453) << "452 with an address, one for the child to the mother";
}

TEST_ON_BOTH(Notices, channels_are_the_citizens_choice_unless_the_law_says_otherwise) {
    City city(database);
    auto mother = city.citizen(city.mother);
    EXPECT_EQ(mother.put("/api/v1/notices/choices", R"({"items":[{"category":"childcare","mail":false}]})").status,
              200);
    EXPECT_THAT(mother.get("/api/v1/notices/choices").content(), HasSubstr(R"({"category":"childcare","mail":false)"));
    city.send(city.sending(kChildren));
    EXPECT_EQ(city.mails(), 0);
    EXPECT_THAT(mother.get("/api/v1/notices").content(), HasSubstr("予防接種")) << "the inbox has it all the same";
    std::string statutory(kTemplate);
    statutory.replace(statutory.find("voluntary"), 9, "statutory");
    const auto made = city.writer->post("/api/v1/staff/notice-templates", statutory);
    const auto sending =
        city.writer->post("/api/v1/staff/notice-sendings",
                          R"({"name":"x","templateId":")" + City::member(made, "id") +
                              R"(","version":1,"values":{"until":"2027-03-31"},"audience":)" + kChildren + "}");
    city.send("/api/v1/staff/notice-sendings/" + City::member(sending, "id"));
    EXPECT_EQ(city.mails(), 1);
}

TEST_ON_BOTH(Notices, an_uploaded_list_reaches_only_those_it_surely_names) {
    City city(database);
    const std::string path = city.sending(R"({"kind":"list"})");
    const std::string csv = "氏名,カナ,生年月日,性別,住所\n"
                            "山田　花子,カナ,1990-04-01,女,見本県見本市本町1-2-3\n" // another way of writing it
                            "鈴木　二郎,カナ,1950-01-01,女,見本県見本市本町1-2-3\n" // another first name
                            "佐藤　誰か,カナ,1999-09-09,男,遠くの町1\n";
    auto request = city.writer->request(http::Method::Post, path + "/list", csv);
    for (auto& header : request.headers)
        if (header.name == "Content-Type") header.value = "text/csv";
    const auto answer = city.writer->send(std::move(request));
    ASSERT_EQ(answer.status, 200) << answer.content();
    EXPECT_THAT(answer.content(), HasSubstr(R"("rows":3,"sure":1,"doubtful":1,"none":1)"));
    EXPECT_THAT(answer.content(), HasSubstr("鈴木　一郎"));
    EXPECT_THAT(city.writer->get(path + "/audience").content(), HasSubstr(R"("people":1)"));
    EXPECT_EQ(city.writer->post(path + "/list/3", R"({"person":")" + city.other.to_string() + R"("})").status, 200);
    EXPECT_EQ(city.writer->post(path + "/list/3", "{}").status, 404) << "decided already";
    city.send(path);
    EXPECT_EQ(city.mails(), 2);
}

TEST_ON_BOTH(Notices, figures_leave_out_what_would_tell_who) {
    City city(database);
    std::vector<base::PersonId> many;
    for (int i = 0; i < 12; ++i)
        many.push_back(city.register_person("市民", "1985-01-01", "q" + std::to_string(i) + "@example.jp"));
    const std::string path = city.sending(R"({"kind":"rules","fromAge":30})");
    city.send(path);
    for (size_t i = 0; i < 6; ++i) {
        auto reader = city.citizen(many[i]);
        const std::string inbox(reader.get("/api/v1/notices").content());
        const std::string id = inbox.substr(inbox.find(R"({"id":")") + 7, 36);
        EXPECT_EQ(reader.post("/api/v1/people/" + many[i].to_string() + "/notices/" + id + "/open").status, 200);
    }
    const std::string figures(city.writer->get(path + "/figures").content());
    EXPECT_THAT(figures, HasSubstr(R"("targeted":14,"mailed":14,"opened":6)"));
    EXPECT_THAT(figures, HasSubstr(R"({"fromAge":40,"targeted":12,"opened":6})"));
    EXPECT_THAT(figures, HasSubstr(R"({"fromAge":70})")) << "one person of that age";
    EXPECT_THAT(city.writer->get(path + "/figures.csv").content(), HasSubstr("age,70,<5,-"));
    const auto letters = city.writer->post(path + "/letters?days=0");
    EXPECT_EQ(letters.status, 200) << letters.content();
    EXPECT_THAT(letters.content(), HasSubstr("%PDF-"));
    EXPECT_EQ(city.writer->post(path + "/letters?days=0").status, 404) << "each is printed once";
}

TEST(NoticeTemplates, WhatIsWrongIsNamedAndWhatIsHardToReadIsAdvised) {
    auto body = *json::parse<TemplateBody>(kTemplate);
    EXPECT_TRUE(check_template(body).ok());
    auto unknown = body;
    unknown.en.text = "See {nobody}";
    EXPECT_EQ(check_template(unknown).error().code, "notices.template-invalid");
    auto link = body;
    link.link = "javascript:alert(1)";
    EXPECT_FALSE(check_template(link).ok());
    link.link = "//elsewhere.example";
    EXPECT_FALSE(check_template(link).ok());
    auto action = body;
    action.en.action.clear();
    EXPECT_FALSE(check_template(action).ok());
    body.ja_easy.text = "予防接種を うけて ください。";
    const auto advice = advise(body);
    ASSERT_EQ(advice.size(), 1u);
    EXPECT_EQ(advice[0].code, "reading-missing");
    // A value that looks like a placeholder stays as it is.
    const Words words = fill(body, base::Language::English, {{"name", "{until}"}, {"until", "2027-03-31"}});
    EXPECT_EQ(words.title, "Vaccination of {until}");
}

} // namespace
} // namespace musubi::notices
