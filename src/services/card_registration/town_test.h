// The server without its sockets, for the tests of this service.
#pragma once

#include "core/certification/decision.h"
#include "core/certification/list_source.h"
#include "core/certification/simulated_side.h"
#include "core/identity/authenticator.h"
#include "core/identity/person.h"
#include "core/outbox/mail_text.h"
#include "core/outbox/worker.h"
#include "core/records/records.h"
#include "lib/http/testing.h"
#include "services/card_registration/routes.h"

#include "testing/databases.h"

#include <gtest/gtest.h>

namespace musubi::card_registration {

using card_challenge::Purpose;
using certification::simulated::Card;

inline std::vector<db::Migrations> test_migrations() {
    return {audit::migrations(),   outbox::migrations(),        residents::migrations(), identity::migrations(),
            records::migrations(), certification::migrations(), enrolment::migrations()};
}

constexpr std::string_view kOrigin = "http://localhost:8080";

struct Letterbox final : outbox::Mailer {
    std::vector<outbox::Mail> mails;
    base::Task<base::Status> send(const outbox::MessageId&, const outbox::Mail& mail) override {
        mails.push_back(mail);
        co_return base::success();
    }
};

/// The server without its sockets. `restart` throws away everything but the database and the certification side.
struct Town {
    db::Database& database;
    base::SeededRandom random{23};
    base::FixedClock clock = testing::clock_at();
    certification::simulated::FakeSide side{clock};
    certification::Client client{side};
    certification::ListSource lists{database, side, side.store(), {}};
    pki::Verifier verifier{side.store(), lists};
    event_loop::BlockingPool pool{1};
    outbox::Outbox mails{crypto::AeadKey::generate(random), random};
    identity::StaffDirectory directory;
    audit::Sink sink{random, directory};
    identity::CodeKey codes{base::Secret(std::string(32, 'k'))};
    identity::SessionAuthenticator authenticator{database, {}};
    Letterbox letterbox;
    outbox::Worker worker{database, clock, mails, letterbox};
    std::unique_ptr<http::Router> router;
    std::optional<http::testing::Client> browser;

    explicit Town(db::Database& to) : database(to) {
        restart();
        put_resident("見本　花子", "東京都見本市中央１丁目２番３号", "1980-02-17", residents::Sex::Female);
    }

    void restart() {
        router = std::make_unique<http::Router>(database, clock);
        http::RouterOptions options;
        options.access_log = http::AccessLog::Off;
        router->configure(options);
        router->use(authenticator);
        router->use(sink);
        Settings settings;
        settings.site.public_url = kOrigin;
        settings.site.name = "見本市";
        settings.site.name_english = "Mihon City";
        settings.site.telephone = "000-000-0000";
        install(*router, {database, random, pool, mails, sink, codes, verifier, client}, settings);
        std::map<std::string, std::string> cookies;
        if (browser) cookies = browser->cookies;
        browser.emplace(*router);
        browser->cookies = cookies;
    }

    residents::ResidentId put_resident(std::string name, std::string address, std::string_view birth,
                                       residents::Sex sex) {
        const residents::Resident resident{residents::ResidentId::make(clock.now(), random),
                                           residents::HouseholdId::make(clock.now(), random),
                                           std::move(name),
                                           "ミホン　ハナコ",
                                           testing::date(birth),
                                           sex,
                                           "9990001",
                                           std::move(address),
                                           "世帯主",
                                           residents::Standing::Resident};
        testing::write(database,
                       [&](db::WriteTx& tx) -> base::Task<> { co_await residents::put(tx, resident, clock.now()); });
        return resident.id;
    }

    outbox::Mail last_mail() {
        testing::run(worker.run_once());
        return letterbox.mails.empty() ? outbox::Mail{} : letterbox.mails.back();
    }
    static std::string parameter(const outbox::Mail& mail, std::string_view name) {
        for (const auto& [key, value] : mail.parameters)
            if (key == name) return value;
        return {};
    }

    struct Said {
        int status;
        std::string body;
        std::string field(std::string_view name) const {
            const auto document = json::Document::parse(body);
            if (!document) return "?";
            const auto found = document->root().find(name);
            if (!found) return "";
            return found->type() == json::Element::Type::String ? std::string(found->string())
                                                                : std::string(found->raw());
        }
        std::string code() const { return field("code"); }
        std::string step() const { return field("step"); }
    };
    Said post(std::string_view path, std::string body = "{}") {
        const auto response = browser->post(std::string("/api/v1") + std::string(path), std::move(body));
        return {response.status, std::string(response.content())};
    }
    Said get(std::string_view path) {
        const auto response = browser->get(std::string("/api/v1") + std::string(path));
        return {response.status, std::string(response.content())};
    }

    std::string link_token(std::string_view email = "hanako@example.jp") {
        const auto said = post("/registrations", R"({"email":")" + std::string(email) + R"(","language":"ja"})");
        EXPECT_EQ(said.status, 202) << said.body;
        const std::string link = parameter(last_mail(), "link");
        return link.substr(link.rfind('/') + 1);
    }
    void open_link(std::string_view token) {
        const auto said = post("/registrations/resume", R"({"token":")" + std::string(token) + R"("})");
        ASSERT_EQ(said.status, 200) << said.body;
    }
    void up_to_card(std::string_view email = "hanako@example.jp") {
        open_link(link_token(email));
        const auto version = get("/terms").field("version");
        EXPECT_EQ(post("/registration/terms", R"({"version":")" + version + R"("})").step(), "way");
        EXPECT_EQ(post("/registration/way", R"({"way":"card-reader"})").step(), "card");
    }
    std::string card_body(const Card& card, std::string_view origin = kOrigin, Purpose purpose = Purpose::Register) {
        const auto challenge = post("/registration/challenge");
        EXPECT_EQ(challenge.status, 200) << challenge.body;
        const std::string nonce = *base::base64url_decode(challenge.field("nonce"));
        return R"({"challengeId":")" + challenge.field("challengeId") + R"(","signatureCertificate":")" +
               base::base64_encode(card.signature_certificate) + R"(","signatureSignature":")" +
               base::base64_encode(Card::sign(card.signature_key, origin, purpose, nonce)) +
               R"(","userCertificate":")" + base::base64_encode(card.user_certificate) + R"(","userSignature":")" +
               base::base64_encode(Card::sign(card.user_key, origin, purpose, nonce)) + R"("})";
    }
    Said show_card(const Card& card) { return post("/registration/card", card_body(card)); }
    std::string passcode() {
        const auto said =
            post("/registration/contact", R"({"telephone":"090-0000-0000","password":"a long password"})");
        EXPECT_EQ(said.step(), "passcode") << said.body;
        return parameter(last_mail(), "code");
    }
    Said enter(std::string_view code) {
        return post("/registration/passcode", R"({"passcode":")" + std::string(code) + R"("})");
    }
    int64_t count(const char* sql) {
        const db::Query query{"test.count", sql};
        return *testing::read(database, [&](db::ReadTx& tx) -> base::Task<std::optional<int64_t>> {
            co_return co_await tx.one<int64_t>(query);
        });
    }
};

} // namespace musubi::card_registration
