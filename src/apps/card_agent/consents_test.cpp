#include "apps/card_agent/consents.h"

#include "apps/card_agent/agent.h"
#include "apps/card_agent/commands.h"
#include "lib/card/errors.h"
#include "lib/card/test_card.h"

#include <gtest/gtest.h>

namespace musubi::card_agent {
namespace {

using card_challenge::Purpose;

class RecordingPeer final : public loopback::Peer {
  public:
    explicit RecordingPeer(std::string origin = "https://phr.example.jp") : m_origin(std::move(origin)) {}
    const std::string& origin() const override { return m_origin; }
    void send(std::string text) override { sent.push_back(std::move(text)); }
    void close() override {}
    std::string last() const { return sent.empty() ? "" : sent.back(); }
    std::vector<std::string> sent;

  private:
    std::string m_origin;
};

class ConsentsTest : public testing::Test {
  protected:
    Question question(Purpose purpose = Purpose::Authenticate) {
        return {.origin = peer->origin(),
                .purpose = purpose,
                .nonce = std::string(32, 'n'),
                .locale = "ja",
                .peer = peer,
                .request_id = "7"};
    }
    base::Status allow(const std::string& id, const std::string& token, const std::string& pin,
                       const std::string& password = "") {
        return consents.allow(id, token, {base::Secret(pin), base::Secret(password), false},
                              [this]() -> base::Result<std::unique_ptr<card::Transport>> {
                                  if (!inserted) return card::not_inserted();
                                  return std::unique_ptr<card::Transport>(new card::SoftwareCardTransport(software));
                              });
    }

    std::shared_ptr<RecordingPeer> peer = std::make_shared<RecordingPeer>();
    base::SeededRandom random{1};
    base::FixedClock clock{*base::Instant::parse("2026-11-22T00:00:00Z")};
    Consents consents{random, clock};
    card::SoftwareCard software = card::test::software_card();
    bool inserted = true;
};

TEST_F(ConsentsTest, the_address_opens_once_and_the_page_alone_may_allow) {
    const auto id = *consents.ask(question());
    EXPECT_EQ(id.size(), 43u);
    EXPECT_EQ(allow(id, "", "1234").error().code, "consent.gone"); // before any page was opened
    const auto page = consents.open(id);
    ASSERT_TRUE(page);
    EXPECT_EQ(consents.open(id).error().code, "consent.gone");
    EXPECT_EQ(allow(id, "guess", "1234").error().code, "consent.gone");
    EXPECT_TRUE(allow(id, page->page_token, "1234"));
    EXPECT_NE(peer->last().find(R"({"id":7,"result":{"userCertificate":")"), std::string::npos);
    EXPECT_EQ(allow(id, page->page_token, "1234").error().code, "consent.gone");
}

TEST_F(ConsentsTest, what_typing_again_can_mend_leaves_the_question_open) {
    const auto id = *consents.ask(question(Purpose::Register));
    const auto token = consents.open(id)->page_token;
    inserted = false;
    EXPECT_EQ(allow(id, token, "1234", "MUSUBI2026").error().code, "card.not-inserted");
    inserted = true;
    EXPECT_EQ(allow(id, token, "12", "MUSUBI2026").error().code, "card.pin-malformed");
    EXPECT_EQ(allow(id, token, "1234", "WRONG1").error().code, "card.pin-wrong");
    EXPECT_TRUE(peer->sent.empty());
    EXPECT_TRUE(allow(id, token, "1234", "musubi2026"));
    EXPECT_NE(peer->last().find("signatureSignature"), std::string::npos);
}

TEST_F(ConsentsTest, a_question_that_nobody_answers_ends_after_five_minutes) {
    const auto id = *consents.ask(question());
    clock.advance(Consents::kLifetime);
    consents.expire();
    EXPECT_TRUE(peer->sent.empty());
    clock.advance(base::Duration(1));
    consents.expire();
    EXPECT_EQ(peer->last(), R"({"id":7,"error":{"code":"consent.timeout","parameters":{}}})");
    EXPECT_FALSE(consents.open(id));
}

TEST_F(ConsentsTest, no_site_can_pile_up_questions) {
    std::vector<std::shared_ptr<RecordingPeer>> peers;
    for (size_t i = 0; i < Consents::kMaximum; ++i) {
        peers.push_back(peer = std::make_shared<RecordingPeer>());
        EXPECT_TRUE(consents.ask(question()));
    }
    peers.push_back(peer = std::make_shared<RecordingPeer>());
    EXPECT_EQ(consents.ask(question()).error().code, "consent.busy");
    peers.front().reset(); // a page that went away makes room
    consents.expire();
    EXPECT_TRUE(consents.ask(question()));
}

TEST_F(ConsentsTest, a_second_question_of_a_page_replaces_the_first) {
    const auto first = *consents.ask(question());
    const auto second = *consents.ask(question());
    EXPECT_NE(peer->last().find("consent.replaced"), std::string::npos);
    EXPECT_FALSE(consents.open(first));
    EXPECT_TRUE(consents.open(second));
    consents.cancel(peer, "consent.cancelled");
    EXPECT_NE(peer->last().find("consent.cancelled"), std::string::npos);
}

/// A source without any reader.
class NoReaders final : public CardSource {
  public:
    base::Result<std::vector<card::ReaderState>> readers() override { return card::reader_missing("test"); }
    base::Result<std::unique_ptr<card::Transport>> open(const std::string&) override {
        return card::reader_missing("test");
    }
    void wait_for_change(const std::vector<card::ReaderState>&, base::Duration) override {}
    void cancel() override {}
};

TEST(Agent, tells_pages_that_there_is_no_reader_and_answers_only_allowed_origins) {
    NoReaders source;
    base::SeededRandom random(1);
    Agent agent({.port = 27180, .sites = {{"https://phr.example.jp", "見本市"}}}, source, random, base::system_clock());
    const auto upgrade = [](std::string path, std::string origin) {
        return loopback::Request{.method = "GET", .path = std::move(path), .headers = {{"Origin", std::move(origin)}}};
    };
    EXPECT_FALSE(agent.refuse(upgrade("/v1", "https://phr.example.jp")));
    EXPECT_EQ(agent.refuse(upgrade("/v1", "https://phr.example.jp.evil.example"))->status, 403);
    EXPECT_EQ(agent.refuse(upgrade("/v1", ""))->status, 403);
    EXPECT_EQ(agent.refuse(upgrade("/v2", "https://phr.example.jp"))->status, 404);
    const auto peer = std::make_shared<RecordingPeer>();
    agent.opened(peer);
    EXPECT_EQ(peer->last(), R"({"event":"status","version":"1","readers":[],"problem":"card.reader-missing"})");
    agent.received(peer, R"({"id":1,"method":"status"})");
    EXPECT_NE(peer->last().find(R"("id":1,"result")"), std::string::npos);
    agent.closed(peer);
}

TEST(Commands, every_failure_has_its_own_exit_code_and_sentence) {
    std::set<int> codes;
    for (const auto& error :
         {card::reader_missing(""), card::not_inserted(), card::removed(""), card::not_a_my_number_card(),
          card::pin_wrong("signature", 2), card::pin_blocked("text"), card::pin_malformed("text"),
          card::signature_certificate_missing(), card::communication("")}) {
        codes.insert(exit_code(error));
        for (const auto language : {Language::Japanese, Language::English})
            EXPECT_NE(error_message(error, language), error.code);
    }
    EXPECT_EQ(codes.size(), 9u);
    EXPECT_NE(error_message(card::pin_wrong("signature", 2), Language::English).find("Tries left: 2"),
              std::string::npos);
}

} // namespace
} // namespace musubi::card_agent
