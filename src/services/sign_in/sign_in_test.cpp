#include "core/certification/list_source.h"
#include "core/certification/simulated_side.h"
#include "core/identity/authenticator.h"
#include "core/identity/person.h"
#include "core/identity/staff.h"
#include "core/outbox/worker.h"
#include "lib/crypto/password.h"
#include "lib/http/testing.h"
#include "lib/webauthn/simulated.h"
#include "services/sign_in/routes.h"

#include "testing/databases.h"

#include <gtest/gtest.h>

namespace musubi::sign_in {
namespace {

using card_challenge::Purpose;
using certification::simulated::Card;
using webauthn::simulated::Authenticator;

std::vector<db::Migrations> test_migrations() {
    return {audit::migrations(), outbox::migrations(), residents::migrations(), identity::migrations(),
            certification::migrations()};
}

constexpr std::string_view kOrigin = "http://localhost:8080";
constexpr std::string_view kPassword = "correct horse";

struct Letterbox final : outbox::Mailer {
    std::vector<outbox::Mail> mails;
    base::Task<base::Status> send(const outbox::MessageId&, const outbox::Mail& mail) override {
        mails.push_back(mail);
        co_return base::success();
    }
};

struct Said {
    int status;
    std::string body;
    std::string field(std::initializer_list<std::string_view> path) const {
        const auto document = json::Document::parse(body);
        if (!document) return "?";
        std::optional<json::Element> at = document->root();
        for (const auto step : path) {
            if (!at || at->type() != json::Element::Type::Object) return "";
            at = at->find(step);
        }
        if (!at) return "";
        return at->type() == json::Element::Type::String ? std::string(at->string()) : std::string(at->raw());
    }
    std::string code() const { return field({"code"}); }
};

struct Town {
    db::Database& database;
    base::SeededRandom random{31};
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
    http::Router router{database, clock};
    http::testing::Client browser{router};
    std::optional<identity::Person> hanako;

    explicit Town(db::Database& to) : database(to) {
        http::RouterOptions options;
        options.access_log = http::AccessLog::Off;
        router.configure(options);
        router.use(authenticator);
        router.use(sink);
        Settings settings;
        settings.site.public_url = kOrigin;
        settings.site.name = "見本市";
        settings.site.telephone = "000-000-0000";
        install(router, {database, random, pool, mails, sink, codes, verifier, client}, settings);
        static const std::string hash = crypto::hash_password(base::Secret(std::string(kPassword)));
        testing::write(database, [&](db::WriteTx& tx) -> base::Task<> {
            identity::NewPerson wanted{"見本　花子", false, std::nullopt, testing::date("1980-02-17")};
            wanted.address = "見本市中央1-2-3";
            wanted.email = "hanako@example.jp";
            wanted.password_hash = hash;
            auto made = co_await identity::create_person(tx, random, wanted, clock.now());
            hanako = *made;
        });
    }

    Said post(std::string_view path, std::string body = "{}") {
        const auto response = browser.post(std::string("/api/v1") + std::string(path), std::move(body));
        return {response.status, std::string(response.content())};
    }
    Said get(std::string_view path) {
        const auto response = browser.get(std::string("/api/v1") + std::string(path));
        return {response.status, std::string(response.content())};
    }
    void hold(const Card& card) {
        testing::write(database, [&](db::WriteTx& tx) -> base::Task<> {
            const auto parsed = pki::parse_certificate(card.user_certificate);
            identity::Certificate certificate{base::hex_encode(crypto::sha256(parsed->issuer)),
                                              parsed->serial.hex(),
                                              identity::CertificateType::User,
                                              parsed->not_before,
                                              parsed->not_after,
                                              identity::CertificateStatus::Active,
                                              std::nullopt};
            EXPECT_TRUE(co_await identity::link_certificate(tx, hanako->id, certificate, clock.now()));
        });
    }
    Said card_login(const Card& card, std::string more = "", Purpose purpose = Purpose::Authenticate) {
        const auto challenge = post("/login/card/challenge");
        EXPECT_EQ(challenge.field({"purpose"}), "authenticate");
        const std::string nonce = *base::base64url_decode(challenge.field({"nonce"}));
        return post("/login/card",
                    R"({"challengeId":")" + challenge.field({"challengeId"}) + R"(","userCertificate":")" +
                        base::base64_encode(card.user_certificate) + R"(","userSignature":")" +
                        base::base64_encode(Card::sign(card.user_key, kOrigin, purpose, nonce)) + "\"" + more + "}");
    }
    Said add_passkey(const Authenticator& phone) {
        const auto options = post("/passkeys/options");
        return post("/passkeys", R"({"name":"スマホ","credential":)" +
                                     phone.create(options.field({"publicKey", "challenge"})) + "}");
    }
    Said passkey_login(const Authenticator& phone, std::string_view handle = {}, std::string more = "") {
        const auto options = post("/login/passkey/options");
        EXPECT_EQ(options.field({"publicKey", "rpId"}), "localhost");
        return post("/login/passkey",
                    R"({"credential":)" + phone.get(options.field({"publicKey", "challenge"}), handle) + more + "}");
    }
    std::string handle() const {
        return std::string(reinterpret_cast<const char*>(hanako->id.bytes().data()), hanako->id.bytes().size());
    }
    std::string mailed(std::string_view name) {
        testing::run(worker.run_once());
        if (letterbox.mails.empty()) return {};
        for (const auto& [key, value] : letterbox.mails.back().parameters)
            if (key == name) return value;
        return {};
    }
    Said password_login(std::string_view email, std::string_view password) {
        return post("/login/password",
                    R"({"email":")" + std::string(email) + R"(","password":")" + std::string(password) + R"("})");
    }
    void close() {
        testing::write(database, [&](db::WriteTx& tx) -> base::Task<> {
            co_await identity::close_person(tx, hanako->id, clock.now(), clock.now() + std::chrono::hours(720));
        });
    }
    int64_t count(const char* sql) {
        const db::Query query{"test.count", sql};
        return *testing::read(database, [&](db::ReadTx& tx) -> base::Task<std::optional<int64_t>> {
            co_return co_await tx.one<int64_t>(query);
        });
    }
};

TEST_ON_BOTH(SignIn, with_the_card_and_out_again) {
    Town town(database);
    const Card card = town.side.issue(500, pki::testing::sample_attributes());
    town.hold(card);
    EXPECT_EQ(town.get("/session").field({"kind"}), "anonymous");
    const auto said = town.card_login(card);
    ASSERT_EQ(said.status, 200) << said.body;
    EXPECT_EQ(said.field({"assurance"}), "user-certificate");
    EXPECT_EQ(said.field({"person", "name"}), "見本　花子");
    EXPECT_EQ(town.get("/session").field({"person", "id"}), town.hanako->id.to_string());
    EXPECT_EQ(town.count("SELECT COUNT(*) FROM audit_entry WHERE operation = 'loginWithCard'"), 1);
    EXPECT_EQ(town.count("SELECT COUNT(*) FROM certification_decision WHERE purpose = 'login' AND outcome = 'good'"),
              1);
    const auto cookies = town.browser.cookies;
    EXPECT_EQ(town.post("/logout").status, 204);
    EXPECT_FALSE(town.browser.cookies.contains("musubi_session"));
    town.browser.cookies = cookies;
    EXPECT_EQ(town.get("/session").field({"kind"}), "anonymous") << "the old cookie is worth nothing";
}

TEST_ON_BOTH(SignIn, a_renewed_card_is_the_same_person) {
    Town town(database);
    town.hold(town.side.issue(500, pki::testing::sample_attributes()));
    const Card renewed = town.side.issue(700, pki::testing::sample_attributes(), 4);
    EXPECT_EQ(town.card_login(renewed).code(), "login.certificate-unknown");
    town.side.user_predecessor[700] = 600;
    town.side.user_predecessor[600] = 500;
    const auto said = town.card_login(renewed);
    ASSERT_EQ(said.status, 200) << said.body;
    EXPECT_EQ(said.field({"person", "id"}), town.hanako->id.to_string());
    EXPECT_EQ(town.count("SELECT COUNT(*) FROM identity_certificate WHERE status = 'active'"), 1);
    EXPECT_EQ(town.count("SELECT COUNT(*) FROM identity_certificate WHERE status = 'superseded'"), 1);
    EXPECT_EQ(town.mailed("telephone"), "000-000-0000");
    EXPECT_EQ(town.letterbox.mails.back().template_name, "new-certificate");
    town.side.user_predecessor.clear();
    EXPECT_EQ(town.card_login(renewed).status, 200) << "known from now on";
}

TEST_ON_BOTH(SignIn, a_chain_without_end_leads_nowhere) {
    Town town(database);
    const Card card = town.side.issue(700, pki::testing::sample_attributes());
    town.side.user_predecessor[700] = 701;
    town.side.user_predecessor[701] = 700;
    EXPECT_EQ(town.card_login(card).code(), "login.certificate-unknown");
}

TEST_ON_BOTH(SignIn, a_revoked_card_is_refused_and_marked) {
    Town town(database);
    const Card card = town.side.issue(500, pki::testing::sample_attributes());
    town.hold(card);
    town.side.revoked_user[500] = pki::RevocationReason::CertificateHold;
    EXPECT_EQ(town.card_login(card).code(), "certificate.revoked");
    EXPECT_EQ(town.count("SELECT COUNT(*) FROM identity_certificate WHERE status = 'revoked'"), 1);
    EXPECT_EQ(town.count("SELECT COUNT(*) FROM identity_session"), 0);
    EXPECT_EQ(town.count("SELECT COUNT(*) FROM audit_entry WHERE object = 'certificate.revoked' AND person_id <> ''"),
              1);
}

TEST_ON_BOTH(SignIn, a_card_challenge_is_for_signing_in_only_and_once) {
    Town town(database);
    const Card card = town.side.issue(500, pki::testing::sample_attributes());
    town.hold(card);
    EXPECT_EQ(town.card_login(card, "", Purpose::Register).code(), "certificate.signature-invalid");
    const std::string made_up(36, '0');
    const auto said = town.post("/login/card", R"({"challengeId":")" + made_up +
                                                   R"(","userCertificate":"AAAA","userSignature":"AAAA"})");
    EXPECT_EQ(said.code(), "login.challenge-expired");
    town.side.down = true;
    town.clock.advance(std::chrono::hours(72));
    EXPECT_EQ(town.card_login(card).code(), "certificate.status-unknown");
}

TEST_ON_BOTH(SignIn, a_passkey_is_made_used_listed_and_removed) {
    Town town(database);
    const Card card = town.side.issue(500, pki::testing::sample_attributes());
    town.hold(card);
    Authenticator phone(town.random, std::string(kOrigin), "localhost");
    EXPECT_EQ(town.post("/passkeys/options").status, 401);
    (void)town.card_login(card);
    const auto made = town.add_passkey(phone);
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(town.add_passkey(phone).code(), "passkey.already-registered");
    town.browser.cookies.clear();
    const auto said = town.passkey_login(phone, town.handle());
    ASSERT_EQ(said.status, 200) << said.body;
    EXPECT_EQ(said.field({"assurance"}), "passkey");
    EXPECT_NE(town.get("/passkeys").body.find("lastUsedAt"), std::string::npos);
    const std::string id = made.field({"id"});
    EXPECT_EQ(town.browser.remove("/api/v1/passkeys/" + id).status, 204);
    EXPECT_EQ(town.browser.remove("/api/v1/passkeys/" + id).status, 404);
    town.browser.cookies.clear();
    EXPECT_EQ(town.passkey_login(phone, town.handle()).code(), "login.passkey-unknown");
}

TEST_ON_BOTH(SignIn, passkeys_that_do_not_fit_are_refused) {
    Town town(database);
    const Card card = town.side.issue(500, pki::testing::sample_attributes());
    town.hold(card);
    (void)town.card_login(card);
    Authenticator elsewhere(town.random, "https://evil.example", "localhost");
    EXPECT_EQ(town.add_passkey(elsewhere).code(), "passkey.origin-wrong");
    Authenticator phone(town.random, std::string(kOrigin), "localhost");
    phone.sign_count = 7;
    EXPECT_EQ(town.add_passkey(phone).status, 201);
    town.browser.cookies.clear();
    EXPECT_EQ(town.passkey_login(phone).code(), "passkey.counter-went-back");
    phone.sign_count = 8;
    phone.flags = 0x01;
    EXPECT_EQ(town.passkey_login(phone).code(), "passkey.user-not-verified");
    phone.flags = 0x05;
    EXPECT_EQ(town.passkey_login(phone, "somebody else's handle").code(), "login.passkey-unknown");
    EXPECT_EQ(town.passkey_login(phone).status, 200);
    // A challenge made for one person does not make a passkey for another, nor twice.
    const auto options = town.post("/login/passkey/options");
    const std::string body = R"({"credential":)" + phone.get(options.field({"publicKey", "challenge"})) + "}";
    phone.sign_count = 9;
    const std::string fresh = R"({"credential":)" + phone.get(options.field({"publicKey", "challenge"})) + "}";
    EXPECT_EQ(town.post("/login/passkey", body).code(), "passkey.counter-went-back");
    EXPECT_EQ(town.post("/login/passkey", fresh).code(), "login.challenge-expired");
}

TEST_ON_BOTH(SignIn, with_password_and_passcode) {
    Town town(database);
    const auto said = town.password_login("Hanako@example.jp", kPassword);
    ASSERT_EQ(said.status, 202) << said.body;
    const std::string code = town.mailed("code");
    const std::string wrong = code == "000000" ? "000001" : "000000";
    EXPECT_EQ(town.post("/login/password/passcode", R"({"passcode":")" + wrong + R"("})").code(),
              "login.passcode-wrong");
    const auto jar = town.browser.cookies;
    town.browser.cookies.clear();
    EXPECT_EQ(town.post("/login/password/passcode", R"({"passcode":")" + code + R"("})").code(),
              "login.passcode-expired")
        << "the passcode belongs to the browser that gave the password";
    town.browser.cookies = jar;
    const auto in = town.post("/login/password/passcode", R"({"passcode":")" + code + R"("})");
    ASSERT_EQ(in.status, 200) << in.body;
    EXPECT_EQ(in.field({"assurance"}), "letter");
}

TEST_ON_BOTH(SignIn, wrong_passwords_and_unknown_addresses_are_one_answer_and_lock_alike) {
    Town town(database);
    for (const char* email : {"hanako@example.jp", "nobody@example.jp"}) {
        for (int i = 0; i < 5; ++i) {
            const auto said = town.password_login(email, "wrong");
            EXPECT_EQ(said.status, 401);
            EXPECT_EQ(said.code(), "login.password-wrong");
        }
        EXPECT_EQ(town.password_login(email, kPassword).code(), "login.locked");
    }
    (void)town.mailed("code");
    EXPECT_TRUE(town.letterbox.mails.empty());
    town.clock.advance(std::chrono::minutes(16));
    EXPECT_EQ(town.password_login("hanako@example.jp", kPassword).status, 202);
}

TEST_ON_BOTH(SignIn, a_closed_account_says_until_when_and_can_be_reopened) {
    Town town(database);
    const Card card = town.side.issue(500, pki::testing::sample_attributes());
    town.hold(card);
    town.close();
    const auto said = town.card_login(card);
    EXPECT_EQ(said.code(), "login.account-closed");
    EXPECT_FALSE(said.field({"params", "eraseAt"}).empty());
    EXPECT_EQ(town.count("SELECT COUNT(*) FROM identity_session"), 0);
    EXPECT_EQ(town.card_login(card, R"(,"reopen":true)").status, 200);
    EXPECT_EQ(town.count("SELECT COUNT(*) FROM identity_person WHERE closed_at IS NULL"), 1);
}

TEST_ON_BOTH(SignIn, sessions_end_by_idleness_and_by_age) {
    Town town(database);
    const Card card = town.side.issue(500, pki::testing::sample_attributes());
    town.hold(card);
    (void)town.card_login(card);
    town.clock.advance(std::chrono::hours(24 * 14));
    EXPECT_EQ(town.get("/session").field({"kind"}), "anonymous");
    (void)town.card_login(card);
    for (int day = 0; day < 89; ++day) {
        town.clock.advance(std::chrono::hours(24));
        ASSERT_EQ(town.get("/session").field({"kind"}), "citizen") << day;
    }
    town.clock.advance(std::chrono::hours(24));
    EXPECT_EQ(town.get("/session").field({"kind"}), "anonymous");
}

TEST_ON_BOTH(SignIn, staff_set_up_a_passkey_with_their_first_password_and_need_both_later) {
    Town town(database);
    testing::write(database, [&](db::WriteTx& tx) -> base::Task<> {
        std::vector<std::string> roles{"registrar"};
        const auto made =
            co_await identity::create_staff(tx, town.random, "suzuki", "鈴木　窓口", "市民課", roles,
                                            crypto::hash_password(base::Secret("first password")), town.clock.now());
        EXPECT_TRUE(made.ok());
    });
    const std::string body = R"({"account":"suzuki","password":"first password"})";
    EXPECT_EQ(town.post("/staff/login", R"({"account":"suzuki","password":"wrong"})").code(), "login.password-wrong");
    EXPECT_EQ(town.post("/staff/login", R"({"account":"nobody","password":"wrong"})").code(), "login.password-wrong");
    Authenticator key(town.random, std::string(kOrigin), "localhost");
    const auto first = town.post("/staff/login", body);
    EXPECT_EQ(first.field({"next"}), "passkey-setup") << first.body;
    EXPECT_EQ(town.get("/session").field({"kind"}), "anonymous") << "the password alone opens nothing";
    const auto setup = town.post("/staff/login/passkey-setup",
                                 R"({"credential":)" + key.create(first.field({"publicKey", "challenge"})) + "}");
    ASSERT_EQ(setup.status, 201) << setup.body;
    EXPECT_EQ(town.get("/session").field({"staff", "name"}), "鈴木　窓口");
    EXPECT_NE(town.get("/session").body.find("letters.manage"), std::string::npos);

    town.browser.cookies.clear();
    const auto second = town.post("/staff/login", body);
    EXPECT_EQ(second.field({"next"}), "passkey");
    const std::string credential = R"({"credential":)" + key.get(second.field({"publicKey", "challenge"})) + "}";
    const auto jar = town.browser.cookies;
    town.browser.cookies.clear();
    EXPECT_EQ(town.post("/staff/login/passkey", credential).code(), "login.challenge-expired")
        << "the passkey alone opens nothing";
    town.browser.cookies = jar;
    EXPECT_EQ(town.post("/staff/login/passkey", credential).status, 200);
    town.browser.cookies.clear();
    EXPECT_EQ(town.passkey_login(key).code(), "login.passkey-unknown") << "a key of staff is no citizen's";
}

} // namespace
} // namespace musubi::sign_in
