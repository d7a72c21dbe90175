#include "core/certification/list_source.h"
#include "core/enrolment/enrolment.h"
#include "core/identity/authenticator.h"
#include "core/identity/person.h"
#include "core/outbox/mail_text.h"
#include "core/outbox/worker.h"
#include "core/records/records.h"
#include "lib/crypto/password.h"
#include "lib/http/testing.h"
#include "services/account/records_part.h"
#include "services/account/routes.h"

#include "testing/databases.h"

#include <gtest/gtest.h>

namespace musubi::account {
namespace {

std::vector<db::Migrations> test_migrations() {
    return {audit::migrations(),         outbox::migrations(),    residents::migrations(), identity::migrations(),
            certification::migrations(), enrolment::migrations(), records::migrations(),   jobs::migrations()};
}

struct Letterbox final : outbox::Mailer {
    std::vector<outbox::Mail> mails;
    base::Task<base::Status> send(const outbox::MessageId&, const outbox::Mail& mail) override {
        mails.push_back(mail);
        co_return base::success();
    }
};
struct Listener final : outbox::Consumer {
    std::vector<std::string> heard;
    base::Task<base::Status> deliver(const outbox::MessageId&, const outbox::Event& event) override {
        heard.push_back(event.payload);
        co_return base::success();
    }
};

struct Said {
    int status;
    std::string body;
    std::string code() const {
        const auto document = json::Document::parse(body);
        const auto found = document ? document->root().find("code") : std::nullopt;
        return found ? std::string(found->string()) : "";
    }
    bool has(std::string_view part) const { return body.find(part) != std::string::npos; }
};

struct Town {
    db::Database& database;
    base::SeededRandom random{41};
    base::FixedClock clock = testing::clock_at();
    event_loop::BlockingPool pool{1};
    outbox::Outbox mails{crypto::AeadKey::generate(random), random};
    identity::StaffDirectory directory;
    audit::Sink sink{random, directory};
    identity::CodeKey codes{base::Secret(std::string(32, 'k'))};
    identity::SessionAuthenticator authenticator{database, {}};
    Letterbox letterbox;
    Listener listener;
    outbox::Worker worker{database, clock, mails, letterbox};
    RecordsPart records_part{"http://localhost:8080"};
    http::Router router{database, clock};
    http::testing::Client browser{router};
    std::optional<base::PersonId> hanako;
    std::vector<std::string> erased;

    explicit Town(db::Database& to) : database(to) {
        http::RouterOptions options;
        options.access_log = http::AccessLog::Off;
        router.configure(options);
        router.use(authenticator);
        router.use(sink);
        install(router, parts(), settings());
        worker.subscribe("identity.person-erased", listener);
        hanako = add("見本　花子", "hanako@example.jp");
        sign_in(*hanako, http::Assurance::Passkey);
    }
    Parts parts() {
        return {database,
                random,
                pool,
                mails,
                sink,
                codes,
                {&records_part},
                {[this](db::WriteTx& tx, base::PersonId person) { return erase_records(tx, person); }}};
    }
    base::Task<> erase_records(db::WriteTx& tx, base::PersonId person) {
        erased.push_back(person.to_string());
        co_await records::erase(tx, person);
    }
    static Settings settings() {
        Settings out;
        out.site.public_url = "http://localhost:8080";
        out.site.name = "見本市";
        out.site.telephone = "000-000-0000";
        return out;
    }
    base::PersonId add(std::string name, std::string email) {
        return testing::write(database, [&](db::WriteTx& tx) -> base::Task<base::PersonId> {
            identity::NewPerson wanted{name, false, std::nullopt, testing::date("1980-02-17")};
            wanted.address = "見本市中央1-2-3";
            wanted.email = email;
            const auto made = co_await identity::create_person(tx, random, wanted, clock.now());
            co_return made.value().id;
        });
    }
    void sign_in(const base::PersonId& person, http::Assurance assurance) {
        const identity::SessionRules rules;
        const auto session = testing::write(database, [&](db::WriteTx& tx) -> base::Task<identity::NewSession> {
            co_return co_await identity::start_session(tx, random, rules, person, assurance, "Chrome, Android",
                                                       clock.now());
        });
        browser.cookies["musubi_session"] = session.token.reveal();
    }
    Said post(std::string_view path, std::string body = "{}") {
        const auto response = browser.post(std::string("/api/v1/me") + std::string(path), std::move(body));
        return {response.status, std::string(response.content())};
    }
    Said get(std::string_view path) {
        const auto response = browser.get(std::string("/api/v1/me") + std::string(path));
        return {response.status, std::string(response.content())};
    }
    std::string mailed(std::string_view name) {
        testing::run(worker.run_once());
        if (letterbox.mails.empty()) return {};
        for (const auto& [key, value] : letterbox.mails.back().parameters)
            if (key == name) return value;
        return {};
    }
    std::string last_template() {
        testing::run(worker.run_once());
        return letterbox.mails.empty() ? "" : letterbox.mails.back().template_name;
    }
    int64_t count(const char* sql) {
        const db::Query query{"test.count", sql};
        return *testing::read(database, [&](db::ReadTx& tx) -> base::Task<std::optional<int64_t>> {
            co_return co_await tx.one<int64_t>(query);
        });
    }
};

TEST_ON_BOTH(Account, shows_and_changes_contact_details) {
    Town town(database);
    const auto me = town.get("");
    ASSERT_EQ(me.status, 200) << me.body;
    EXPECT_TRUE(me.has(R"("birthDate":"1980-02-17")"));
    EXPECT_TRUE(me.has(R"("hasPassword":false)"));
    const auto changed = town.browser.patch("/api/v1/me", R"({"telephone":"078-000-0000","language":"en"})");
    ASSERT_EQ(changed.status, 200);
    EXPECT_TRUE(town.get("").has(R"("telephone":"078-000-0000")"));
    EXPECT_TRUE(town.get("").has(R"("language":"en")"));
    EXPECT_EQ(town.browser.patch("/api/v1/me", R"({"language":"fr"})").status, 400);
    EXPECT_EQ(town.browser.patch("/api/v1/me", R"({"name":"other"})").status, 400) << "what was certified is not typed";
    EXPECT_TRUE(town.get("/seen").has("changeContact"));
    town.browser.cookies.clear();
    EXPECT_EQ(town.get("").status, 401);
}

TEST_ON_BOTH(Account, a_password_changes_with_the_old_one_and_signs_other_devices_out) {
    Town town(database);
    const auto here = town.browser.cookies;
    town.sign_in(*town.hanako, http::Assurance::Letter);
    const auto there = town.browser.cookies;
    town.browser.cookies = here;
    EXPECT_EQ(town.post("/password", R"({"new":"short"})").code(), "request.fields-invalid");
    ASSERT_EQ(town.post("/password", R"({"new":"first password"})").status, 204);
    EXPECT_EQ(town.last_template(), "password-changed");
    town.browser.cookies = there;
    EXPECT_EQ(town.get("").status, 401);
    town.browser.cookies = here;
    EXPECT_EQ(town.post("/password", R"({"new":"second password"})").code(), "account.password-needed");
    EXPECT_EQ(town.post("/password", R"({"current":"wrong","new":"second password"})").code(),
              "account.password-wrong");
    EXPECT_EQ(town.post("/password", R"({"current":"first password","new":"second password"})").status, 204);
    const auto hash = testing::read(database, [&](db::ReadTx& tx) -> base::Task<std::optional<std::string>> {
        co_return co_await identity::password_hash_of(tx, *town.hanako);
    });
    EXPECT_TRUE(crypto::verify_password(*hash, base::Secret("second password")));
}

TEST_ON_BOTH(Account, a_new_address_counts_once_its_code_came_back) {
    Town town(database);
    const auto asked = town.post("/email", R"({"email":"new@example.jp"})");
    EXPECT_EQ(asked.status, 202) << asked.body;
    const std::string code = town.mailed("code");
    EXPECT_EQ(town.letterbox.mails.back().to, "new@example.jp");
    const std::string wrong = code == "000000" ? "000001" : "000000";
    EXPECT_EQ(town.post("/email/confirm", R"({"code":")" + wrong + R"("})").code(), "account.code-wrong");
    EXPECT_TRUE(town.get("").has("hanako@example.jp"));
    EXPECT_EQ(town.post("/email/confirm", R"({"code":")" + code + R"("})").status, 200);
    EXPECT_TRUE(town.get("").has("new@example.jp"));
    EXPECT_EQ(town.last_template(), "email-changed");
    EXPECT_EQ(town.letterbox.mails.back().to, "hanako@example.jp") << "the old address hears of it";
}

TEST_ON_BOTH(Account, an_address_of_somebody_else_is_not_taken_and_not_told) {
    Town town(database);
    town.add("見本　太郎", "taro@example.jp");
    const auto free = town.post("/email", R"({"email":"free@example.jp"})");
    town.clock.advance(std::chrono::minutes(1));
    const auto taken = town.post("/email", R"({"email":"taro@example.jp"})");
    EXPECT_EQ(free.status, taken.status);
    EXPECT_EQ(free.body, taken.body);
    const std::string code = town.mailed("code");
    EXPECT_EQ(town.post("/email/confirm", R"({"code":")" + code + R"("})").code(), "account.email-taken");
    town.clock.advance(std::chrono::minutes(11));
    EXPECT_EQ(town.post("/email/confirm", R"({"code":")" + code + R"("})").code(), "account.code-expired");
}

TEST_ON_BOTH(Account, devices_are_listed_and_signed_out) {
    Town town(database);
    const auto first = town.browser.cookies;
    town.sign_in(*town.hanako, http::Assurance::Letter);
    town.sign_in(*town.hanako, http::Assurance::Letter);
    const auto list = town.get("/sessions");
    EXPECT_TRUE(list.has("Chrome, Android"));
    const auto document = json::Document::parse(list.body);
    const auto items = document->root().find("items")->items();
    ASSERT_EQ(items.size(), 3u);
    std::string other;
    for (const auto& item : items)
        if (!item.find("current")->boolean()) other = item.find("id")->string();
    EXPECT_EQ(town.browser.remove("/api/v1/me/sessions/" + other).status, 204);
    EXPECT_EQ(town.browser.remove("/api/v1/me/sessions/" + other).status, 404);
    EXPECT_EQ(town.post("/sessions/end-others").status, 204);
    EXPECT_EQ(town.count("SELECT COUNT(*) FROM identity_session"), 1);

    const auto taro = town.add("見本　太郎", "taro@example.jp");
    const auto mine = town.count("SELECT COUNT(*) FROM identity_session");
    const auto id = std::string(
        json::Document::parse(town.get("/sessions").body)->root().find("items")->items()[0].find("id")->string());
    town.sign_in(taro, http::Assurance::Passkey);
    EXPECT_EQ(town.browser.remove("/api/v1/me/sessions/" + id).status, 404) << "somebody else's session";
    EXPECT_EQ(town.count("SELECT COUNT(*) FROM identity_session"), mine + 1);
}

TEST_ON_BOTH(Account, everything_can_be_downloaded) {
    Town town(database);
    testing::write(database, [&](db::WriteTx& tx) -> base::Task<> {
        records::Draft draft;
        draft.type = "Observation";
        draft.body = R"({"resourceType":"Observation","status":"final","code":{"text":"体重"},)"
                     R"("effectiveDateTime":"2026-11-01","valueQuantity":{"value":52.30,"unit":"kg"}})";
        const auto made = co_await records::put(tx, town.random, *town.hanako, draft, town.clock.now());
        EXPECT_TRUE(made.ok());
    });
    const auto json = town.get("/export.json");
    ASSERT_EQ(json.status, 200) << json.body;
    EXPECT_TRUE(json::Document::parse(json.body).ok());
    EXPECT_TRUE(json.has("hanako@example.jp"));
    EXPECT_TRUE(json.has("52.30")) << "as it was recorded";
    EXPECT_TRUE(json.has("exportEverything")) << "the copy itself stands in the record";
    const auto pdf = town.get("/export.pdf");
    ASSERT_EQ(pdf.status, 200);
    EXPECT_TRUE(pdf.body.starts_with("%PDF-"));
}

TEST_ON_BOTH(Account, closing_needs_a_strong_sign_in_waits_and_then_erases_everything) {
    Town town(database);
    const auto strong = town.browser.cookies;
    town.sign_in(*town.hanako, http::Assurance::Letter);
    EXPECT_EQ(town.post("/close").status, 403);
    town.browser.cookies = strong;
    const auto closed = town.post("/close");
    ASSERT_EQ(closed.status, 200) << closed.body;
    EXPECT_TRUE(closed.has("eraseAt"));
    EXPECT_EQ(town.last_template(), "account-closed");
    EXPECT_EQ(town.count("SELECT COUNT(*) FROM identity_session"), 1) << "only this one stays";
    EXPECT_FALSE(town.post("/reopen").has("eraseAt"));
    EXPECT_EQ(town.last_template(), "account-reopened");
    (void)town.post("/close");

    auto jobs = periodic_jobs(town.parts(), Town::settings());
    ASSERT_EQ(jobs.size(), 1u);
    town.clock.advance(std::chrono::hours(24 * 29));
    EXPECT_TRUE(testing::run(jobs[0].run(town.clock.now())).ok());
    EXPECT_EQ(town.count("SELECT COUNT(*) FROM identity_person WHERE erased_at IS NULL"), 1);
    town.clock.advance(std::chrono::hours(24));
    EXPECT_TRUE(testing::run(jobs[0].run(town.clock.now())).ok());
    EXPECT_EQ(town.erased, std::vector<std::string>{town.hanako->to_string()});
    EXPECT_EQ(town.count("SELECT COUNT(*) FROM identity_person WHERE name = '' AND email IS NULL AND address = ''"), 1);
    EXPECT_EQ(town.count("SELECT COUNT(*) FROM identity_session"), 0);
    EXPECT_EQ(town.get("").status, 401);
    (void)town.last_template();
    EXPECT_EQ(town.listener.heard.size(), 1u);
    EXPECT_TRUE(testing::run(jobs[0].run(town.clock.now())).ok());
    EXPECT_EQ(town.erased.size(), 1u) << "once";
    town.add("見本　花子", "hanako@example.jp"); // the address is free again
}

TEST_ON_BOTH(Account, the_record_of_looks_pages_back) {
    Town town(database);
    for (int i = 0; i < 55; ++i) (void)town.browser.patch("/api/v1/me", R"({"telephone":"078-000-0000"})");
    const auto page = town.get("/seen");
    const auto document = json::Document::parse(page.body);
    ASSERT_TRUE(document->root().find("next"));
    EXPECT_EQ(document->root().find("items")->items().size(), 50u);
    const auto next = town.get("/seen?before=" + std::string(document->root().find("next")->string()));
    EXPECT_EQ(json::Document::parse(next.body)->root().find("items")->items().size(), 5u);
    EXPECT_EQ(town.get("/seen?before=nonsense").status, 400);
}

} // namespace
} // namespace musubi::account
