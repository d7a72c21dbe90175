#include "lib/pki/revocation_choice.h"

#include "lib/pki/testing.h"

#include <gtest/gtest.h>

namespace musubi::pki {
namespace {

using State = RevocationStatus::State;
using testing::SampleAuthority;

const base::Instant kNow = *base::Instant::parse("2026-11-22T09:00:00Z");

const Authority& issuer() {
    static const SampleAuthority instance(CertificateKind::UserAuthentication, Realm::Test, kNow, 0);
    return instance.authority();
}

/// Says what a test tells it and counts how often it is asked.
struct Counted final : RevocationSource {
    State state = State::Good;
    RevocationStatus::Method method = RevocationStatus::Method::List;
    base::Duration lasts = std::chrono::minutes(15);
    int asked = 0;
    base::Task<RevocationStatus> status(CertificateIdentity, base::Instant now) override {
        ++asked;
        RevocationStatus out;
        out.state = state;
        out.method = method;
        out.source_time = now;
        out.valid_until = now + lasts;
        co_return out;
    }
};

RevocationStatus ask(RevocationSource& source, uint64_t serial, base::Instant now = kNow) {
    const auto number = SerialNumber::of(serial);
    return base::sync_wait(source.status({issuer(), number, "x"}, now));
}

TEST(RevocationChoice, decides_by_its_rule_and_never_more_lightly) {
    struct Row {
        RevocationRule rule;
        State list;
        State ocsp;
        State expected;
        bool asks_responder;
    };
    using Rule = RevocationRule;
    const std::vector<Row> rows = {
        {Rule::ListOnly, State::Good, State::Revoked, State::Good, false},
        {Rule::ListOnly, State::Unknown, State::Good, State::Unknown, false},
        {Rule::OcspOnly, State::Revoked, State::Good, State::Good, true},
        {Rule::OcspOnly, State::Good, State::Unknown, State::Unknown, true},
        {Rule::ListThenOcsp, State::Good, State::Revoked, State::Good, false},
        {Rule::ListThenOcsp, State::Revoked, State::Good, State::Revoked, false},
        {Rule::ListThenOcsp, State::Unknown, State::Good, State::Good, true},
        {Rule::Both, State::Good, State::Good, State::Good, true},
        {Rule::Both, State::Good, State::Revoked, State::Revoked, true},
        {Rule::Both, State::Revoked, State::Good, State::Revoked, false},
        {Rule::Both, State::Good, State::Unknown, State::Unknown, true},
        {Rule::Both, State::Unknown, State::Good, State::Unknown, true},
        {Rule::Both, State::Unknown, State::Revoked, State::Revoked, true},
    };
    for (size_t i = 0; i < rows.size(); ++i) {
        Counted list;
        Counted ocsp;
        list.state = rows[i].list;
        ocsp.state = rows[i].ocsp;
        ocsp.method = RevocationStatus::Method::Ocsp;
        list.lasts = std::chrono::minutes(5);
        RevocationChoice choice(list, ocsp, rows[i].rule);
        const auto outcome = ask(choice, 5);
        EXPECT_EQ(outcome.state, rows[i].expected) << i;
        EXPECT_EQ(ocsp.asked == 1, rows[i].asks_responder) << i;
        if (rows[i].rule == Rule::Both && outcome.state == State::Good) {
            EXPECT_EQ(outcome.valid_until, kNow + std::chrono::minutes(5)) << "the shorter of the two";
        }
    }
}

TEST(RevocationCache, keeps_an_answer_with_its_own_time_and_never_past_its_end) {
    Counted source;
    RevocationCache cache(source, std::chrono::minutes(10));
    EXPECT_EQ(ask(cache, 5).source_time, kNow);
    EXPECT_EQ(ask(cache, 5, kNow + std::chrono::minutes(9)).source_time, kNow)
        << "the time of the answer, not of the asking";
    EXPECT_EQ(source.asked, 1);
    (void)ask(cache, 6);
    EXPECT_EQ(source.asked, 2) << "another certificate";
    (void)ask(cache, 5, kNow + std::chrono::minutes(11));
    EXPECT_EQ(source.asked, 3) << "longer than allowed";
    source.lasts = std::chrono::minutes(1);
    (void)ask(cache, 7);
    (void)ask(cache, 7, kNow + std::chrono::minutes(2));
    EXPECT_EQ(source.asked, 5) << "past nextUpdate";
    (void)ask(cache, 7, kNow - std::chrono::minutes(1));
    EXPECT_EQ(source.asked, 6) << "not before it was said";
}

TEST(RevocationCache, does_not_keep_what_is_unknown_and_stays_within_its_bound) {
    Counted source;
    source.state = State::Unknown;
    RevocationCache cache(source, std::chrono::minutes(10), 3);
    (void)ask(cache, 5);
    (void)ask(cache, 5);
    EXPECT_EQ(source.asked, 2);
    source.state = State::Revoked;
    for (uint64_t serial = 1; serial <= 50; ++serial) {
        EXPECT_EQ(ask(cache, serial).state, State::Revoked);
        EXPECT_LE(cache.size(), 3U);
    }
}

} // namespace
} // namespace musubi::pki
