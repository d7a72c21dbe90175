#include "services/card_registration/town_test.h"

namespace musubi::card_registration {
namespace {

TEST_ON_BOTH(CardRegistration, leads_from_the_address_to_a_signed_in_person) {
    Town town(database);
    const Card card = town.side.issue(100, pki::testing::sample_attributes());
    town.up_to_card();
    const auto checked = town.show_card(card);
    ASSERT_EQ(checked.status, 200) << checked.body;
    EXPECT_EQ(checked.step(), "check");
    EXPECT_NE(checked.body.find("見本　花子"), std::string::npos);
    EXPECT_EQ(town.post("/registration/check").step(), "contact");
    const auto done = town.enter(town.passcode());
    ASSERT_EQ(done.status, 200) << done.body;
    EXPECT_EQ(done.step(), "done");
    ASSERT_TRUE(town.browser->cookies.contains("musubi_session"));
    EXPECT_EQ(town.last_mail().template_name, "registration-done");

    const auto person = testing::read(database, [&](db::ReadTx& tx) -> base::Task<std::optional<identity::Person>> {
        co_return co_await identity::find_by_email(tx, "hanako@example.jp");
    });
    ASSERT_TRUE(person);
    EXPECT_EQ(person->id.to_string(), done.field("personId"));
    EXPECT_EQ(person->source, identity::Source::Card);
    EXPECT_EQ(person->kana, "ミホン　ハナコ");
    EXPECT_TRUE(person->has_password);
    const auto principal = testing::run(
        town.authenticator.authenticate(town.browser->request(http::Method::Get, "/api/v1/session"), town.clock.now()));
    ASSERT_TRUE(principal.ok());
    EXPECT_EQ(principal->subject, person->id.to_string());
    EXPECT_EQ(principal->assurance, http::Assurance::SignatureCertificate);
    EXPECT_EQ(town.count("SELECT COUNT(*) FROM identity_certificate"), 2);
    EXPECT_EQ(town.count("SELECT COUNT(*) FROM certification_decision WHERE outcome = 'good'"), 2);
    EXPECT_GE(town.count("SELECT COUNT(*) FROM audit_entry WHERE operation = 'completeRegistration'"), 1);
}

TEST_ON_BOTH(CardRegistration, keeps_neither_tokens_nor_passcodes_in_clear) {
    Town town(database);
    town.up_to_card();
    (void)town.show_card(town.side.issue(100, pki::testing::sample_attributes()));
    (void)town.post("/registration/check");
    const std::string code = town.passcode();
    const std::string token = town.browser->cookies["musubi_registration"];
    const db::Query tokens{"test.tokens", "SELECT token_hash FROM enrolment_token"};
    const db::Query hashes{"test.hashes", "SELECT code_hash FROM identity_code"};
    for (const db::Query& query : {tokens, hashes}) {
        const auto kept = testing::read(database, [&](db::ReadTx& tx) -> base::Task<std::vector<std::string>> {
            co_return co_await tx.all<std::string>(query);
        });
        ASSERT_EQ(kept.size(), 1u);
        EXPECT_EQ(kept[0].size(), 64u);
        EXPECT_NE(kept[0], token);
        EXPECT_EQ(kept[0].find(code), std::string::npos);
    }
}

TEST_ON_BOTH(CardRegistration, goes_on_from_the_same_link_on_another_device_and_after_a_restart) {
    Town town(database);
    const std::string token = town.link_token();
    town.open_link(token);
    const auto version = town.get("/terms").field("version");
    (void)town.post("/registration/terms", R"({"version":")" + version + R"("})");
    town.restart();
    EXPECT_EQ(town.get("/registration").step(), "way");
    town.browser->cookies.clear();
    EXPECT_EQ(town.get("/registration").code(), "registration.not-started");
    town.clock.advance(std::chrono::hours(30)); // an opened link outlives its 24 hours
    town.open_link(token);
    EXPECT_EQ(town.get("/registration").step(), "way");
    EXPECT_EQ(town.post("/registration/way", R"({"way":"phone"})").step(), "card");
}

TEST_ON_BOTH(CardRegistration, known_and_unknown_addresses_get_the_same_answer_and_one_mail_each) {
    Town town(database);
    town.up_to_card();
    (void)town.show_card(town.side.issue(100, pki::testing::sample_attributes()));
    (void)town.post("/registration/check");
    (void)town.enter(town.passcode());
    (void)town.last_mail();
    const size_t before = town.letterbox.mails.size();
    town.clock.advance(std::chrono::minutes(2));
    const auto known = town.post("/registrations", R"({"email":"Hanako@Example.jp","language":"en"})");
    const auto unknown = town.post("/registrations", R"({"email":"taro@example.jp","language":"en"})");
    EXPECT_EQ(known.status, unknown.status);
    EXPECT_EQ(known.body, R"({"email":"Hanako@Example.jp"})");
    EXPECT_EQ(unknown.body, R"({"email":"taro@example.jp"})");
    (void)town.last_mail();
    ASSERT_EQ(town.letterbox.mails.size(), before + 2);
    EXPECT_EQ(town.letterbox.mails[before].template_name, "account-exists");
    EXPECT_EQ(Town::parameter(town.letterbox.mails[before], "city"), "Mihon City");
    EXPECT_EQ(town.letterbox.mails[before + 1].template_name, "registration-link");
    // Pressed twice: one mail.
    (void)town.post("/registrations", R"({"email":"taro@example.jp","language":"en"})");
    (void)town.last_mail();
    EXPECT_EQ(town.letterbox.mails.size(), before + 2);
}

TEST_ON_BOTH(CardRegistration, wrong_and_expired_links_say_which) {
    Town town(database);
    const std::string wrong(43, 'A');
    const auto unknown = town.post("/registrations/resume", R"({"token":")" + wrong + R"("})");
    EXPECT_EQ(unknown.status, 404);
    EXPECT_EQ(unknown.code(), "registration.link-unknown");
    const std::string token = town.link_token();
    town.clock.advance(std::chrono::hours(24));
    const auto expired = town.post("/registrations/resume", R"({"token":")" + token + R"("})");
    EXPECT_EQ(expired.status, 410);
    EXPECT_EQ(expired.code(), "registration.link-expired");
}

TEST_ON_BOTH(CardRegistration, a_finished_link_sends_to_sign_in) {
    Town town(database);
    const std::string token = town.link_token();
    town.open_link(token);
    (void)town.post("/registration/terms", R"({"version":")" + town.get("/terms").field("version") + R"("})");
    (void)town.post("/registration/way", R"({"way":"card-reader"})");
    (void)town.show_card(town.side.issue(100, pki::testing::sample_attributes()));
    (void)town.post("/registration/check");
    (void)town.enter(town.passcode());
    EXPECT_EQ(town.post("/registrations/resume", R"({"token":")" + token + R"("})").code(),
              "registration.already-completed");
}

TEST_ON_BOTH(CardRegistration, a_challenge_is_worth_one_try) {
    Town town(database);
    const Card card = town.side.issue(100, pki::testing::sample_attributes());
    town.up_to_card();
    std::string body = town.card_body(card, "https://evil.example");
    EXPECT_EQ(town.post("/registration/card", body).code(), "certificate.signature-invalid");
    EXPECT_EQ(town.post("/registration/card", body).code(), "registration.challenge-expired");
    body = town.card_body(card);
    town.clock.advance(std::chrono::minutes(6));
    EXPECT_EQ(town.post("/registration/card", body).code(), "registration.challenge-expired");
    EXPECT_EQ(town.get("/registration").step(), "card") << "nothing is lost";
    EXPECT_EQ(town.show_card(card).step(), "check");
}

TEST_ON_BOTH(CardRegistration, a_repeated_submit_of_an_accepted_card_gets_the_same_answer) {
    Town town(database);
    const Card card = town.side.issue(100, pki::testing::sample_attributes());
    town.up_to_card();
    const std::string body = town.card_body(card);
    const auto first = town.post("/registration/card", body);
    const auto second = town.post("/registration/card", body);
    EXPECT_EQ(first.step(), "check");
    EXPECT_EQ(second.status, 200);
    EXPECT_EQ(second.step(), "check");
}

TEST_ON_BOTH(CardRegistration, a_signature_made_for_signing_in_does_not_register) {
    Town town(database);
    const Card card = town.side.issue(100, pki::testing::sample_attributes());
    town.up_to_card();
    EXPECT_EQ(town.post("/registration/card", town.card_body(card, kOrigin, Purpose::Authenticate)).code(),
              "certificate.signature-invalid");
}

TEST_ON_BOTH(CardRegistration, refuses_certificates_with_the_reason) {
    Town town(database);
    town.up_to_card();
    const Card card = town.side.issue(100, pki::testing::sample_attributes());

    town.side.revoked_signature[100] = pki::RevocationReason::AffiliationChanged;
    const auto revoked = town.show_card(card);
    EXPECT_EQ(revoked.code(), "certificate.revoked");
    EXPECT_NE(revoked.field("params").find("affiliationChanged"), std::string::npos);
    EXPECT_EQ(town.count("SELECT COUNT(*) FROM certification_decision WHERE outcome = 'certificate.revoked'"
                         " AND reason = 'affiliationChanged'"),
              1);

    Card swapped = town.side.issue(101, pki::testing::sample_attributes());
    std::swap(swapped.signature_certificate, swapped.user_certificate);
    EXPECT_TRUE(town.show_card(swapped).code().starts_with("certificate."));

    Card broken = town.side.issue(102, pki::testing::sample_attributes());
    broken.signature_certificate = "not a certificate";
    EXPECT_EQ(town.show_card(broken).code(), "certificate.malformed");
    EXPECT_EQ(town.get("/registration").step(), "card");
}

TEST_ON_BOTH(CardRegistration, an_expired_card_is_refused_as_expired) {
    Town town(database);
    const Card card = town.side.issue(100, pki::testing::sample_attributes());
    town.clock.advance(std::chrono::hours(24) * 1801);
    town.up_to_card();
    EXPECT_EQ(town.show_card(card).code(), "certificate.expired");
}

TEST_ON_BOTH(CardRegistration, without_a_word_from_the_certification_side_nothing_is_believed) {
    Town town(database);
    const Card card = town.side.issue(100, pki::testing::sample_attributes());
    town.up_to_card();
    town.side.down = true;
    const auto said = town.show_card(card);
    EXPECT_EQ(said.code(), "certificate.status-unknown");
    town.side.down = false;
    town.clock.advance(std::chrono::minutes(1));
    EXPECT_EQ(town.show_card(card).step(), "check");
}

TEST_ON_BOTH(CardRegistration, two_certificates_of_two_people_are_refused) {
    Town town(database);
    town.side.strangers.insert(100);
    town.up_to_card();
    EXPECT_EQ(town.show_card(town.side.issue(100, pki::testing::sample_attributes())).code(),
              "registration.certificates-differ");
    EXPECT_EQ(town.get("/registration").step(), "card");
}

TEST_ON_BOTH(CardRegistration, only_residents_register_and_a_stand_in_character_is_no_obstacle) {
    Town town(database);
    auto elsewhere = pki::testing::sample_attributes();
    elsewhere.address = "東京都となり市中央１－２－３";
    elsewhere.address_substitutes = std::string(14, '0');
    town.up_to_card();
    const auto refused = town.show_card(town.side.issue(100, elsewhere));
    EXPECT_EQ(refused.status, 403) << refused.body;
    EXPECT_EQ(refused.code(), "registration.not-a-resident");

    town.put_resident("𠮷田　𣘺太", "東京都見本市中央１－２－３", "1990-01-02", residents::Sex::Male);
    auto rare = pki::testing::sample_attributes();
    rare.name = "〓田　〓太";
    rare.name_substitutes = "10010";
    rare.birth_date = testing::date("1990-01-02");
    rare.sex = pki::CertifiedAttributes::Sex::Male;
    const auto accepted = town.show_card(town.side.issue(101, rare));
    EXPECT_EQ(accepted.step(), "check") << accepted.body;
    EXPECT_NE(accepted.body.find(R"("nameHasSubstitutes":true)"), std::string::npos);
}

TEST_ON_BOTH(CardRegistration, nobody_registers_twice) {
    Town town(database);
    const Card card = town.side.issue(100, pki::testing::sample_attributes());
    town.up_to_card();
    (void)town.show_card(card);
    (void)town.post("/registration/check");
    (void)town.enter(town.passcode());
    town.browser->cookies.clear();
    town.up_to_card("other@example.jp");
    EXPECT_EQ(town.show_card(card).code(), "registration.already-registered");
    const Card renewed = town.side.issue(200, pki::testing::sample_attributes(), 4);
    EXPECT_EQ(town.show_card(renewed).code(), "registration.already-registered") << "the same resident with a new card";
}

TEST_ON_BOTH(CardRegistration, two_registrations_of_one_person_at_once_make_one_person) {
    Town town(database);
    const Card card = town.side.issue(100, pki::testing::sample_attributes());
    town.up_to_card();
    (void)town.show_card(card);
    (void)town.post("/registration/check");
    const std::string first_code = town.passcode();
    const auto first_cookies = town.browser->cookies;
    town.browser->cookies.clear();
    town.up_to_card("other@example.jp");
    (void)town.show_card(card);
    (void)town.post("/registration/check");
    const std::string second_code = town.passcode();
    EXPECT_EQ(town.enter(second_code).step(), "done");
    town.browser->cookies = first_cookies;
    EXPECT_EQ(town.enter(first_code).code(), "registration.already-registered");
    EXPECT_EQ(town.count("SELECT COUNT(*) FROM identity_person"), 1);
    EXPECT_EQ(town.count("SELECT COUNT(*) FROM identity_session"), 1);
}

TEST_ON_BOTH(CardRegistration, passcode_tries_are_counted_for_good) {
    Town town(database);
    town.up_to_card();
    (void)town.show_card(town.side.issue(100, pki::testing::sample_attributes()));
    (void)town.post("/registration/check");
    const std::string code = town.passcode();
    const std::string wrong = code == "000000" ? "000001" : "000000";
    for (int left = 4; left >= 0; --left) {
        const auto said = town.enter(wrong);
        EXPECT_EQ(said.status, 401);
        EXPECT_EQ(said.code(), "registration.passcode-wrong");
        EXPECT_NE(said.field("params").find("\"" + std::to_string(left) + "\""), std::string::npos) << said.body;
        town.restart();
    }
    EXPECT_EQ(town.enter(code).code(), "registration.passcode-expired") << "the right one comes too late";
    town.clock.advance(std::chrono::seconds(30));
    EXPECT_EQ(town.post("/registration/passcode/resend").step(), "passcode");
    EXPECT_EQ(town.enter(Town::parameter(town.last_mail(), "code")).step(), "done");
}

TEST_ON_BOTH(CardRegistration, a_passcode_lives_ten_minutes_and_resending_is_bounded) {
    Town town(database);
    town.up_to_card();
    (void)town.show_card(town.side.issue(100, pki::testing::sample_attributes()));
    (void)town.post("/registration/check");
    const std::string code = town.passcode();
    const size_t mails = town.letterbox.mails.size();
    (void)town.post("/registration/passcode/resend");
    (void)town.last_mail();
    EXPECT_EQ(town.letterbox.mails.size(), mails) << "a second click sends nothing";
    town.clock.advance(std::chrono::minutes(10));
    EXPECT_EQ(town.enter(code).code(), "registration.passcode-expired");
    std::string last;
    for (int i = 0; i < 20; ++i) {
        town.clock.advance(std::chrono::seconds(31));
        last = town.post("/registration/passcode/resend").code();
    }
    EXPECT_EQ(last, "login.locked");
}

TEST_ON_BOTH(CardRegistration, a_lost_answer_to_the_passcode_is_repeated) {
    Town town(database);
    town.up_to_card();
    (void)town.show_card(town.side.issue(100, pki::testing::sample_attributes()));
    (void)town.post("/registration/check");
    const std::string code = town.passcode();
    const auto before = town.browser->cookies;
    EXPECT_EQ(town.enter(code).step(), "done");
    town.browser->cookies = before; // the browser never saw the answer
    town.restart();
    const auto again = town.enter(code);
    EXPECT_EQ(again.step(), "done") << again.body;
    EXPECT_TRUE(town.browser->cookies.contains("musubi_session"));
    EXPECT_EQ(town.count("SELECT COUNT(*) FROM identity_person"), 1);
}

TEST_ON_BOTH(CardRegistration, steps_cannot_be_skipped) {
    Town town(database);
    town.open_link(town.link_token());
    EXPECT_EQ(town.post("/registration/way", R"({"way":"phone"})").code(), "registration.wrong-step");
    EXPECT_EQ(town.post("/registration/challenge").code(), "registration.wrong-step");
    EXPECT_EQ(town.post("/registration/check").code(), "registration.wrong-step");
    EXPECT_EQ(town.post("/registration/contact", R"({"telephone":"090-0000-0000"})").code(), "registration.wrong-step");
    EXPECT_EQ(town.enter("123456").code(), "registration.wrong-step");
    EXPECT_EQ(town.post("/registration/terms", R"({"version":"1999"})").code(), "registration.terms-outdated");
    EXPECT_EQ(town.count("SELECT COUNT(*) FROM identity_person"), 0);
}

TEST_ON_BOTH(CardRegistration, what_cannot_be_is_refused_by_field) {
    Town town(database);
    EXPECT_EQ(town.post("/registrations", R"({"email":"nobody","language":"ja"})").code(), "request.fields-invalid");
    EXPECT_EQ(town.post("/registrations", R"({"email":"a@example.jp","language":"fr"})").code(),
              "request.fields-invalid");
    EXPECT_EQ(town.post("/registrations", R"({"email":"a@example.jp","language":"ja","more":1})").code(),
              "request.fields-invalid");
    town.up_to_card();
    (void)town.show_card(town.side.issue(100, pki::testing::sample_attributes()));
    (void)town.post("/registration/check");
    EXPECT_EQ(town.post("/registration/contact", R"({"telephone":"090-0000-0000","password":"short"})").code(),
              "request.fields-invalid");
    EXPECT_EQ(town.get("/registration").step(), "contact");
}

TEST(CardRegistrationTexts, are_there_for_every_mail_and_language) {
    const outbox::Catalogues catalogues{mail_texts()};
    for (const char* name : {"registration-link", "account-exists", "registration-passcode", "registration-done"})
        for (const char* language : {"ja", "ja-easy", "en"}) {
            outbox::Mail mail{"a@example.jp",
                              name,
                              language,
                              {{"city", "見本市"},
                               {"link", "L"},
                               {"hours", "24"},
                               {"code", "{city}"},
                               {"minutes", "10"},
                               {"telephone", "T"}},
                              ""};
            const auto text = outbox::mail_text(catalogues, mail);
            ASSERT_TRUE(text.ok()) << name;
            EXPECT_EQ(text->subject.find("{city}") != std::string::npos,
                      std::string_view(name) == "registration-passcode")
                << "a value that looks like a placeholder stays as it is";
            EXPECT_NE(text->subject.find("見本市"), std::string::npos);
            EXPECT_EQ(text->text.find("{link}"), std::string::npos);
        }
}

} // namespace
} // namespace musubi::card_registration
