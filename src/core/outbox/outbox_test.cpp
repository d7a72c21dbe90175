#include "core/outbox/dead_letters.h"
#include "core/outbox/worker.h"

#include "testing/databases.h"

#include <gtest/gtest.h>

namespace musubi::outbox {
namespace {

std::vector<db::Migrations> test_migrations() { return {outbox::migrations()}; }

struct FakeMailer final : Mailer {
    std::vector<Mail> sent;
    std::vector<std::string> ids;
    std::vector<base::Error> failures; // used up first
    base::Task<base::Status> send(const MessageId& id, const Mail& mail) override {
        ids.push_back(id.to_string());
        if (!failures.empty()) {
            auto failure = failures.front();
            failures.erase(failures.begin());
            co_return failure;
        }
        sent.push_back(mail);
        co_return base::success();
    }
};

struct FakeConsumer final : Consumer {
    std::vector<std::string> payloads;
    base::Task<base::Status> deliver(const MessageId&, const Event& event) override {
        payloads.push_back(event.payload);
        co_return base::success();
    }
};

struct Post {
    base::SeededRandom random{7};
    base::FixedClock clock = testing::clock_at();
    Outbox outbox{crypto::AeadKey::generate(random), random};
    FakeMailer mailer;
    Worker worker;

    explicit Post(db::Database& database) : worker(database, clock, outbox, mailer) {}

    void put(db::Database& database, const Mail& mail) {
        testing::write(database, [&](db::WriteTx& tx) -> base::Task<> { co_await outbox.mail(tx, mail, clock.now()); });
    }
};

const Mail kPasscode{"hanako@example.jp", "passcode", "ja", {{"code", "123456"}}, "r1"};

Backlog backlog_of(db::Database& database) {
    return testing::read(database, [](db::ReadTx& tx) -> base::Task<Backlog> { co_return co_await backlog(tx); });
}

TEST_ON_BOTH(Outbox, delivers_once_what_was_committed) {
    Post post(database);
    post.put(database, kPasscode);
    EXPECT_EQ(testing::run(post.worker.run_once()), 1);
    EXPECT_EQ(testing::run(post.worker.run_once()), 0);
    ASSERT_EQ(post.mailer.sent.size(), 1u);
    EXPECT_EQ(post.mailer.sent[0].to, kPasscode.to);
    EXPECT_EQ(post.mailer.sent[0].template_name, "passcode");
    EXPECT_EQ(post.mailer.sent[0].parameters, kPasscode.parameters);
}

TEST_ON_BOTH(Outbox, keeps_nothing_of_what_was_rolled_back) {
    Post post(database);
    const auto refused = testing::write(database, [&](db::WriteTx& tx) -> base::Task<base::Status> {
        co_await post.outbox.mail(tx, kPasscode, post.clock.now());
        co_return base::conflict("test.refused");
    });
    EXPECT_FALSE(refused.ok());
    EXPECT_EQ(testing::run(post.worker.run_once()), 0);
}

TEST_ON_BOTH(Outbox, the_same_key_is_one_message) {
    Post post(database);
    post.put(database, kPasscode);
    post.put(database, kPasscode);
    Mail without_key = kPasscode;
    without_key.key.clear();
    post.put(database, without_key);
    post.put(database, without_key);
    testing::run(post.worker.run_once());
    EXPECT_EQ(post.mailer.sent.size(), 3u);
}

TEST_ON_BOTH(Outbox, bodies_lie_sealed_and_are_wiped_after_delivery) {
    Post post(database);
    post.put(database, kPasscode);
    constexpr db::Query bodies{"test.bodies", "SELECT body FROM outbox_message"};
    const auto body = [&] {
        return *testing::read(database, [&](db::ReadTx& tx) -> base::Task<std::optional<std::string>> {
            co_return co_await tx.one<std::string>(bodies);
        });
    };
    EXPECT_EQ(body().find("123456"), std::string::npos);
    EXPECT_EQ(body().find("hanako"), std::string::npos);
    testing::run(post.worker.run_once());
    EXPECT_EQ(body(), "");
}

TEST_ON_BOTH(Outbox, tries_again_with_growing_pauses_under_the_same_id) {
    Post post(database);
    for (int i = 0; i < 2; ++i)
        post.mailer.failures.push_back(base::error(base::ErrorKind::Unavailable, "mail.unreachable"));
    post.put(database, kPasscode);
    EXPECT_EQ(testing::run(post.worker.run_once()), 1);
    EXPECT_EQ(testing::run(post.worker.run_once()), 0) << "not before its pause is over";
    post.clock.advance(std::chrono::seconds(5));
    EXPECT_EQ(testing::run(post.worker.run_once()), 1);
    post.clock.advance(std::chrono::seconds(5));
    EXPECT_EQ(testing::run(post.worker.run_once()), 0) << "the second pause is longer";
    post.clock.advance(std::chrono::seconds(5));
    EXPECT_EQ(testing::run(post.worker.run_once()), 1);
    ASSERT_EQ(post.mailer.sent.size(), 1u);
    EXPECT_EQ(post.mailer.ids[0], post.mailer.ids[2]);
}

TEST_ON_BOTH(Outbox, what_can_never_be_delivered_becomes_a_dead_letter_at_once) {
    Post post(database);
    post.mailer.failures.push_back(base::invalid("mail.address-refused"));
    post.put(database, kPasscode);
    testing::run(post.worker.run_once());
    post.clock.advance(std::chrono::hours(48));
    EXPECT_EQ(testing::run(post.worker.run_once()), 0);
    EXPECT_EQ(backlog_of(database).dead, 1);
    EXPECT_EQ(backlog_of(database).waiting, 0);
}

TEST_ON_BOTH(Outbox, gives_up_after_its_tries) {
    Post post(database);
    for (int i = 0; i < 50; ++i)
        post.mailer.failures.push_back(base::error(base::ErrorKind::Unavailable, "mail.unreachable"));
    post.put(database, kPasscode);
    int tries = 0;
    for (int i = 0; i < 60; ++i) {
        tries += testing::run(post.worker.run_once());
        post.clock.advance(std::chrono::hours(2));
    }
    EXPECT_EQ(tries, WorkerOptions{}.tries);
    EXPECT_EQ(backlog_of(database).dead, 1);
}

TEST_ON_BOTH(Outbox, a_message_claimed_by_a_node_that_died_is_delivered_by_another) {
    Post post(database);
    post.put(database, kPasscode);
    constexpr db::Query claim{"test.claim", "UPDATE outbox_message SET due_at = $1, tries = 1"};
    testing::write(database, [&](db::WriteTx& tx) -> base::Task<> {
        co_await tx.run(claim, post.clock.now() + WorkerOptions{}.claim);
    });
    EXPECT_EQ(testing::run(post.worker.run_once()), 0);
    post.clock.advance(WorkerOptions{}.claim);
    EXPECT_EQ(testing::run(post.worker.run_once()), 1);
}

TEST_ON_BOTH(Outbox, messages_of_one_order_are_delivered_one_after_the_other) {
    Post post(database);
    post.mailer.failures.push_back(base::error(base::ErrorKind::Unavailable, "mail.unreachable"));
    for (const char* name : {"first", "second"}) {
        Mail mail = kPasscode;
        mail.template_name = name;
        mail.key = name;
        mail.order = "person:1";
        post.put(database, mail);
        post.clock.advance(std::chrono::milliseconds(1));
    }
    Mail other = kPasscode;
    other.template_name = "other";
    other.key = "other";
    other.order = "person:2";
    post.put(database, other);
    EXPECT_EQ(testing::run(post.worker.run_once()), 2) << "the second waits for the first, the other for nobody";
    post.clock.advance(std::chrono::seconds(5));
    while (testing::run(post.worker.run_once()) > 0) {
    }
    ASSERT_EQ(post.mailer.sent.size(), 3u);
    EXPECT_EQ(post.mailer.sent[0].template_name, "other");
    EXPECT_EQ(post.mailer.sent[1].template_name, "first");
    EXPECT_EQ(post.mailer.sent[2].template_name, "second");
}

TEST_ON_BOTH(Outbox, a_dead_letter_is_seen_sent_again_or_laid_to_rest) {
    Post post(database);
    for (const char* key : {"a", "b"}) {
        post.mailer.failures.push_back(base::invalid("mail.address-refused"));
        Mail mail = kPasscode;
        mail.key = key;
        post.put(database, mail);
    }
    testing::run(post.worker.run_once());
    const auto dead = testing::read(database, [](db::ReadTx& tx) { return dead_letters(tx, std::nullopt); });
    ASSERT_EQ(dead.size(), 2u);
    EXPECT_EQ(dead[0].last_failure, "mail.address-refused");
    const auto again = [&](const MessageId& id) {
        return testing::write(database, [&](db::WriteTx& tx) { return resend(tx, id, post.clock.now()); });
    };
    EXPECT_TRUE(again(dead[0].id));
    EXPECT_FALSE(again(dead[0].id)) << "it waits already";
    EXPECT_EQ(testing::run(post.worker.run_once()), 1);
    EXPECT_EQ(post.mailer.sent.size(), 1u);
    EXPECT_TRUE(testing::write(database, [&](db::WriteTx& tx) { return discard(tx, dead[1].id, post.clock.now()); }));
    EXPECT_EQ(backlog_of(database).dead, 0);
    EXPECT_FALSE(again(dead[1].id));
}

TEST_ON_BOTH(Outbox, hands_events_to_their_consumer) {
    Post post(database);
    FakeConsumer consumer;
    post.worker.subscribe("identity.person-erased", consumer);
    testing::write(database, [&](db::WriteTx& tx) -> base::Task<> {
        Event event{"identity.person-erased", R"({"person":"x"})", "x"};
        co_await post.outbox.event(tx, event, post.clock.now());
        Event unknown{"nobody.listens", "{}", ""};
        co_await post.outbox.event(tx, unknown, post.clock.now());
    });
    testing::run(post.worker.run_once());
    ASSERT_EQ(consumer.payloads.size(), 1u);
    EXPECT_EQ(consumer.payloads[0], R"({"person":"x"})");
    EXPECT_EQ(backlog_of(database).dead, 1) << "an event nobody takes is a mistake to be seen";
}

} // namespace
} // namespace musubi::outbox
