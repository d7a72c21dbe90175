#include "core/certification/follow_up.h"

#include "core/certification/list_source.h"
#include "lib/pki/testing.h"
#include "testing/databases.h"

#include <gtest/gtest.h>

namespace musubi::certification {
namespace {

using pki::CertificateKind;
using pki::RevocationReason;

std::vector<db::Migrations> test_migrations() { return {certification::migrations()}; }

/// Answers each question for the latest attributes with what the test says.
struct AttributeSide final : Wire {
    std::map<std::string, Answer> answers; // by serial
    std::vector<std::string> asked;
    bool down = false;
    base::Task<base::Result<Answer>> get(std::string) override { co_return Answer{}; }
    base::Task<base::Result<Answer>> post(std::string path, std::string, std::string body) override {
        EXPECT_EQ(path, "/v1/attributes/latest");
        if (down) co_return base::error(base::ErrorKind::Unavailable, "certification.unreachable");
        const std::string serial = body.substr(11, body.size() - 13);
        asked.push_back(serial);
        co_return answers[serial];
    }
};

struct Town {
    base::FixedClock clock = testing::clock_at();
    pki::testing::SampleAuthority authority{CertificateKind::Signature, pki::Realm::Test, clock.now(), 0};
    std::shared_ptr<const pki::RevocationSet> list = make({});
    std::vector<RegisteredCertificate> registered;
    AttributeSide side;
    Client client{side};

    std::shared_ptr<const pki::RevocationSet> make(const std::map<uint64_t, RevocationReason>& revoked) {
        std::vector<pki::RevokedCertificate> entries;
        for (const auto& [serial, reason] : revoked)
            entries.push_back({pki::SerialNumber::of(serial), clock.now() - std::chrono::hours(1), reason});
        return *pki::RevocationList::load(authority.list(clock.now(), entries), authority.authority());
    }
    void add(const std::string& subject, uint64_t serial, CertificateKind kind = CertificateKind::Signature) {
        registered.push_back({subject, kind, authority.authority().key_identifier,
                              pki::testing::sample_partition(CertificateKind::Signature),
                              pki::SerialNumber::of(serial)});
    }
    int64_t note(db::Database& database) {
        const HeldList lists = [this](std::string_view, std::string_view) { return list; };
        return testing::run(note_differences(database, lists, registered, clock.now()));
    }
    std::vector<FollowUp> of(db::Database& database, const std::string& subject) {
        return testing::read(database, [&](db::ReadTx& tx) { return follow_ups_of(tx, subject); });
    }
};

TEST_ON_BOTH(FollowUp, classifies_each_registered_certificate_on_the_list_once) {
    Town town;
    town.add("moved", 1);
    town.add("renewed", 2);
    town.add("died", 3);
    town.add("lost", 4, CertificateKind::UserAuthentication);
    town.add("stolen", 5);
    town.add("settled", 6);
    EXPECT_EQ(town.note(database), 0);
    town.list = town.make({{1, RevocationReason::AffiliationChanged},
                           {2, RevocationReason::Superseded},
                           {3, RevocationReason::CessationOfOperation},
                           {4, RevocationReason::CertificateHold},
                           {5, RevocationReason::KeyCompromise},
                           {99, RevocationReason::Superseded}});
    EXPECT_EQ(town.note(database), 5);
    EXPECT_EQ(town.note(database), 0) << "the next run notes nothing again";
    const auto expect = [&](const char* subject, Event event, Stage stage) {
        const auto all = town.of(database, subject);
        ASSERT_EQ(all.size(), 1U) << subject;
        EXPECT_EQ(all[0].event, event) << subject;
        EXPECT_EQ(all[0].stage, stage) << subject;
        EXPECT_EQ(all[0].revoked_at, town.clock.now() - std::chrono::hours(1));
    };
    expect("moved", Event::AttributesChanged, Stage::Waiting);
    expect("renewed", Event::Renewed, Stage::Waiting);
    expect("died", Event::Ended, Stage::Noticed);
    expect("lost", Event::Held, Stage::Noticed);
    expect("stolen", Event::Compromised, Stage::Noticed);
    EXPECT_TRUE(town.of(database, "settled").empty());
}

TEST_ON_BOTH(FollowUp, closes_a_hold_that_was_lifted_and_notes_one_that_became_final) {
    Town town;
    town.add("found", 1);
    town.add("gone", 2);
    town.list = town.make({{1, RevocationReason::CertificateHold}, {2, RevocationReason::CertificateHold}});
    EXPECT_EQ(town.note(database), 2);
    town.list = town.make({{2, RevocationReason::CessationOfOperation}});
    EXPECT_EQ(town.note(database), 2);
    EXPECT_EQ(town.of(database, "found").at(0).stage, Stage::Closed);
    EXPECT_EQ(town.of(database, "gone").at(0).event, Event::Ended);
    town.list = town.make({{1, RevocationReason::CertificateHold}, {2, RevocationReason::CessationOfOperation}});
    EXPECT_EQ(town.note(database), 1) << "lost a second time";
    EXPECT_EQ(town.of(database, "found").at(0).stage, Stage::Noticed);
    town.list = nullptr;
    EXPECT_EQ(town.note(database), 0) << "without a list nothing is concluded";
    EXPECT_EQ(town.of(database, "found").at(0).stage, Stage::Noticed);
}

TEST_ON_BOTH(FollowUp, asks_those_who_consented_until_the_new_certificate_exists) {
    Town town;
    for (uint64_t serial = 1; serial <= 4; ++serial) town.add("p" + std::to_string(serial), serial);
    town.list = town.make({{1, RevocationReason::AffiliationChanged},
                           {2, RevocationReason::AffiliationChanged},
                           {3, RevocationReason::AffiliationChanged},
                           {4, RevocationReason::Superseded}});
    EXPECT_EQ(town.note(database), 4);
    const auto problem = [](const char* code) { return std::string(R"({"code":")") + code + "\"}"; };
    town.side.answers["01"] = {200, R"({"changed":true,"serial":"0a","address":"大阪府見本市北区４－５－６"})"};
    town.side.answers["02"] = {403, problem("attributes.no-consent")};
    town.side.answers["03"] = {409, problem("attributes.no-new-certificate")};
    town.side.answers["04"] = {200, R"({"changed":false,"serial":"04"})"};
    std::vector<std::string> taken;
    const TakeAttributes take = [&](db::WriteTx&, const FollowUp& about,
                                    const Client::LatestAttributes& attributes) -> base::Task<> {
        taken.push_back(about.subject + " " + attributes.address.value_or("") + attributes.name.value_or(""));
        co_return;
    };
    const auto round = [&] { return testing::run(ask_latest(database, town.client, take, town.clock.now())); };
    EXPECT_EQ(*round(), 1);
    EXPECT_EQ(taken, (std::vector<std::string>{"p1 大阪府見本市北区４－５－６"}));
    EXPECT_EQ(town.of(database, "p1").at(0).stage, Stage::Received);
    EXPECT_EQ(town.of(database, "p1").at(0).new_serial, "0a");
    EXPECT_EQ(town.of(database, "p2").at(0).stage, Stage::Refused);
    EXPECT_EQ(town.of(database, "p3").at(0).stage, Stage::Waiting);
    EXPECT_EQ(town.of(database, "p4").at(0).stage, Stage::Closed);
    town.side.asked.clear();
    EXPECT_EQ(*round(), 0);
    EXPECT_TRUE(town.side.asked.empty()) << "not again on the same day";
    town.clock.advance(std::chrono::hours(24));
    EXPECT_EQ(*round(), 0);
    EXPECT_EQ(town.side.asked, std::vector<std::string>{"03"}) << "who has not consented is not asked about again";

    testing::write(database, [&](db::WriteTx& tx) { return set_stage(tx, "p2", "signature", "02", Stage::Waiting); });
    town.side.down = true;
    town.clock.advance(std::chrono::hours(24));
    EXPECT_EQ(round().error().code, "certification.unreachable");
    EXPECT_EQ(town.of(database, "p2").at(0).stage, Stage::Waiting) << "nothing is lost while the other side is down";
    town.side.down = false;
    town.side.answers["02"] = {500, "oops"};
    EXPECT_EQ(round().error().code, "certification.answer-malformed");
    testing::write(database, [](db::WriteTx& tx) { return erase_follow_ups(tx, "p2"); });
    EXPECT_TRUE(town.of(database, "p2").empty());
}

} // namespace
} // namespace musubi::certification
