#include "core/certification/client.h"
#include "core/certification/decision.h"
#include "core/certification/list_source.h"
#include "core/certification/ocsp.h"
#include "core/certification/simulated_side.h"

#include "testing/databases.h"

#include <filesystem>
#include <gtest/gtest.h>

namespace musubi::certification {
namespace {

std::vector<db::Migrations> test_migrations() { return {certification::migrations()}; }

struct City {
    base::SeededRandom random{11};
    base::FixedClock clock = testing::clock_at();
    simulated::FakeSide side{clock};
    Client client{side};
    simulated::Card card = side.issue(77, pki::testing::sample_attributes());

    base::Result<pki::VerifiedCertificate>
    verify(pki::RevocationSource& source, pki::CertificateKind kind = pki::CertificateKind::UserAuthentication) {
        pki::Verifier verifier(side.store(), source);
        const std::string& der =
            kind == pki::CertificateKind::Signature ? card.signature_certificate : card.user_certificate;
        return testing::run(verifier.verify(der, kind, clock.now())).result();
    }
};

std::string code_of(const auto& result) { return result.ok() ? "ok" : result.error().code; }

TEST_ON_BOTH(Certification, a_list_is_fetched_on_demand_checked_and_kept) {
    City city;
    ListSource source(database, city.side, city.side.store(), {});
    EXPECT_EQ(code_of(city.verify(source)), "ok");
    EXPECT_EQ(code_of(city.verify(source)), "ok");
    EXPECT_EQ(city.side.list_requests, 1);

    // A server that starts while the other side is down goes on with what is in the database.
    city.side.down = true;
    ListSource restarted(database, city.side, city.side.store(), {});
    testing::run(restarted.load());
    EXPECT_EQ(code_of(city.verify(restarted)), "ok");
}

TEST_ON_BOTH(Certification, without_a_current_list_every_certificate_is_refused) {
    City city;
    city.side.down = true;
    ListSource source(database, city.side, city.side.store(), {});
    EXPECT_EQ(code_of(city.verify(source)), "certificate.status-unknown");
    city.side.down = false;
    EXPECT_EQ(code_of(city.verify(source)), "certificate.status-unknown") << "no second request within the pause";
    city.clock.advance(std::chrono::seconds(30));
    EXPECT_EQ(code_of(city.verify(source)), "ok");
    city.side.down = true;
    city.clock.advance(std::chrono::hours(49));
    EXPECT_EQ(code_of(city.verify(source)), "certificate.status-unknown") << "past nextUpdate";
}

TEST_ON_BOTH(Certification, a_revocation_arrives_with_the_next_refresh) {
    City city;
    ListSource source(database, city.side, city.side.store(), {});
    EXPECT_EQ(code_of(city.verify(source)), "ok");
    city.side.revoked_user[77] = pki::RevocationReason::Superseded;
    city.clock.advance(std::chrono::minutes(30));
    EXPECT_TRUE(testing::run(source.refresh(city.clock.now())).ok());
    EXPECT_EQ(code_of(city.verify(source)), "ok") << "not due yet";
    city.clock.advance(std::chrono::minutes(31));
    EXPECT_TRUE(testing::run(source.refresh(city.clock.now())).ok());
    const auto refused = city.verify(source);
    ASSERT_EQ(code_of(refused), "certificate.revoked");

    // Another node learns of it from the database.
    ListSource other(database, city.side, city.side.store(), {});
    city.side.down = true;
    testing::run(other.load());
    EXPECT_EQ(code_of(city.verify(other)), "certificate.revoked");
}

TEST_ON_BOTH(Certification, lists_named_in_the_configuration_are_fetched_before_anybody_asks) {
    City city;
    ListOptions options;
    options.partitions = {"99001"};
    ListSource source(database, city.side, city.side.store(), options);
    EXPECT_TRUE(testing::run(source.refresh(city.clock.now())).ok());
    EXPECT_EQ(city.side.list_requests, 2);
    city.side.down = true;
    EXPECT_EQ(code_of(city.verify(source, pki::CertificateKind::Signature)), "ok");
    city.clock.advance(std::chrono::hours(2));
    EXPECT_EQ(testing::run(source.refresh(city.clock.now())).error().code, "certification.unreachable");
}

TEST_ON_BOTH(Certification, lists_in_a_folder_serve_from_the_first_moment_after_a_restart) {
    City city;
    testing::TemporaryFolder folder;
    ListOptions options;
    options.folder = folder.path() + "/lists";
    options.largest_shared = 10; // as if it were the whole nation's: too large for the database
    city.side.revoked_user[5] = pki::RevocationReason::Superseded;
    {
        ListSource source(database, city.side, city.side.store(), options);
        ASSERT_TRUE(source.open_folder().ok());
        EXPECT_EQ(code_of(city.verify(source)), "ok");
    }
    city.side.down = true;
    ListSource restarted(database, city.side, city.side.store(), options);
    ASSERT_TRUE(restarted.open_folder().ok());
    EXPECT_EQ(code_of(city.verify(restarted)), "ok") << "before anything was loaded or fetched";

    // Another node finds no bytes in the database and fetches for itself, once.
    city.side.down = false;
    testing::TemporaryFolder elsewhere;
    options.folder = elsewhere.path();
    ListSource other(database, city.side, city.side.store(), options);
    ASSERT_TRUE(other.open_folder().ok());
    const int before = city.side.list_requests;
    testing::run(other.load());
    testing::run(other.load());
    EXPECT_EQ(city.side.list_requests, before + 1);
    city.side.down = true;
    EXPECT_EQ(code_of(city.verify(other)), "ok");

    // The folder's copy is damaged: nothing is believed, the certificate is of unknown status.
    for (const auto& entry : std::filesystem::directory_iterator(folder.path() + "/lists"))
        std::filesystem::resize_file(entry.path(), 5000);
    ListSource damaged(database, city.side, city.side.store(), {.folder = folder.path() + "/lists"});
    ASSERT_TRUE(damaged.open_folder().ok());
    EXPECT_EQ(code_of(city.verify(damaged)), "certificate.status-unknown");
}

TEST_ON_BOTH(Certification, a_list_past_its_end_answers_within_the_grace_and_the_decision_says_so) {
    City city;
    ListOptions options;
    options.grace = std::chrono::hours(3);
    ListSource source(database, city.side, city.side.store(), options);
    EXPECT_EQ(code_of(city.verify(source)), "ok");
    city.side.down = true;
    city.clock.advance(std::chrono::hours(50));
    const auto late = city.verify(source);
    ASSERT_EQ(code_of(late), "ok");
    EXPECT_TRUE(decision_for(*late, "", "login").overdue);
    city.clock.advance(std::chrono::hours(2));
    EXPECT_EQ(code_of(city.verify(source)), "certificate.status-unknown");
}

TEST_ON_BOTH(Certification, a_list_signed_by_somebody_else_is_not_taken) {
    City city;
    // Other authorities of the same names: the store of the server does not know their keys.
    struct Swapped final : Wire {
        Wire& inner;
        explicit Swapped(Wire& to) : inner(to) {}
        base::Task<base::Result<Answer>> get(std::string path) override {
            const bool user = path.find("/user/") != std::string::npos;
            return inner.get(user ? "/v1/crl/signature/99001.crl" : "/v1/crl/user/99001.crl");
        }
        base::Task<base::Result<Answer>> post(std::string path, std::string type, std::string body) override {
            return inner.post(path, type, body);
        }
    } swapped(city.side);
    ListSource source(database, swapped, city.side.store(), {});
    EXPECT_EQ(code_of(city.verify(source)), "certificate.status-unknown");
}

TEST_ON_BOTH(Certification, the_responder_says_good_revoked_or_nothing) {
    City city;
    auto source = ocsp_source(city.side, city.random);
    const auto good = city.verify(source);
    ASSERT_EQ(code_of(good), "ok");
    EXPECT_EQ(good->revocation().method, pki::RevocationStatus::Method::Ocsp);
    city.side.revoked_user[77] = pki::RevocationReason::CertificateHold;
    EXPECT_EQ(code_of(city.verify(source)), "certificate.revoked");
    city.side.down = true;
    EXPECT_EQ(code_of(city.verify(source)), "certificate.status-unknown");
}

TEST_ON_BOTH(Certification, holders_and_renewals_are_asked_for_over_the_wire) {
    City city;
    const auto seven = pki::SerialNumber::of(77);
    EXPECT_TRUE(*testing::run(city.client.same_holder(seven, seven)));
    city.side.strangers.insert(77);
    EXPECT_FALSE(*testing::run(city.client.same_holder(seven, seven)));
    const auto kind = pki::CertificateKind::UserAuthentication;
    EXPECT_FALSE(testing::run(city.client.predecessor(kind, seven))->has_value());
    city.side.user_predecessor[77] = 42;
    EXPECT_EQ(**testing::run(city.client.predecessor(kind, seven)), pki::SerialNumber::of(42));
    city.side.down = true;
    EXPECT_EQ(code_of(testing::run(city.client.same_holder(seven, seven))), "certification.unreachable");
    EXPECT_EQ(code_of(testing::run(city.client.predecessor(kind, seven))), "certification.unreachable");
}

TEST_ON_BOTH(Certification, answers_that_make_no_sense_decide_nothing) {
    struct Odd final : Wire {
        Answer answer;
        base::Task<base::Result<Answer>> get(std::string) override { co_return answer; }
        base::Task<base::Result<Answer>> post(std::string, std::string, std::string) override { co_return answer; }
    } odd;
    Client client(odd);
    const auto serial = pki::SerialNumber::of(1);
    for (const char* body :
         {"", "{", "[]", "{}", R"({"same":"yes"})", R"({"predecessor":7})", R"({"predecessor":"zz"})"}) {
        odd.answer = {200, body};
        EXPECT_EQ(code_of(testing::run(client.same_holder(serial, serial))), "certification.answer-malformed") << body;
    }
    odd.answer = {200, R"({"predecessor":"zz"})"};
    EXPECT_EQ(code_of(testing::run(client.predecessor(pki::CertificateKind::UserAuthentication, serial))),
              "certification.answer-malformed");
    odd.answer = {500, R"({"same":true})"};
    EXPECT_EQ(code_of(testing::run(client.same_holder(serial, serial))), "certification.answer-malformed");
}

TEST_ON_BOTH(Certification, every_decision_is_kept_with_its_source) {
    City city;
    auto source = ocsp_source(city.side, city.random);
    const auto verified = city.verify(source);
    testing::write(database, [&](db::WriteTx& tx) -> base::Task<> {
        auto decision = decision_for(*verified, "someone", "login");
        co_await record_decision(tx, city.random, std::move(decision), city.clock.now());
    });
    const auto decisions = testing::read(database, [](db::ReadTx& tx) -> base::Task<std::vector<Decision>> {
        co_return co_await decisions_of(tx, "someone");
    });
    ASSERT_EQ(decisions.size(), 1u);
    EXPECT_EQ(decisions[0].serial, pki::SerialNumber::of(77).hex());
    EXPECT_EQ(decisions[0].kind, "user");
    EXPECT_EQ(decisions[0].outcome, "good");
    EXPECT_EQ(decisions[0].method, "ocsp");
    EXPECT_EQ(decisions[0].valid_until, city.clock.now() + std::chrono::minutes(15));
    EXPECT_FALSE(decisions[0].overdue);
    EXPECT_EQ(decisions[0].check_purpose, CheckPurpose::SignatureVerification);
    EXPECT_EQ(decisions[0].source_time, city.clock.now());
}

} // namespace
} // namespace musubi::certification
