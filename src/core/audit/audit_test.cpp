#include "core/audit/audit.h"

#include "testing/databases.h"

#include <gtest/gtest.h>

namespace musubi::audit {
namespace {

std::vector<db::Migrations> test_migrations() { return {audit::migrations()}; }

struct Directory final : ActorDirectory {
    base::Task<ActorName> name_of(db::ReadTx&, const http::Principal&) override {
        ActorName name{"見本　職員", "保健センター", "保健師"};
        co_return name;
    }
};

struct Book {
    base::SeededRandom random{5};
    base::Instant now = testing::at("2026-11-22T09:00:00+09:00");
    base::PersonId hanako = base::PersonId::make(now, random);
    base::PersonId taro = base::PersonId::make(now, random);
    base::StaffId staff = base::StaffId::make(now, random);
    Directory directory;
    Sink sink{random, directory};
    http::Request request;

    http::Call call(http::PrincipalKind kind, std::string subject) {
        http::Call made(request);
        made.now = now;
        made.request_id = "req-1";
        made.principal.kind = kind;
        made.principal.subject = std::move(subject);
        return made;
    }
    void record(db::Database& database, const http::Call& of, std::string_view operation) {
        testing::write(database, [&](db::WriteTx& tx) -> base::Task<> { co_await sink.record(tx, of, operation); });
    }
    std::vector<Entry> of(db::Database& database, const base::PersonId& person, std::optional<EntryId> before = {},
                          int limit = 50) {
        return testing::read(database, [&](db::ReadTx& tx) -> base::Task<std::vector<Entry>> {
            co_return co_await list_for_person(tx, person, before, limit);
        });
    }
};

TEST_ON_BOTH(Audit, a_look_by_staff_names_who_where_and_why) {
    Book book;
    auto call = book.call(http::PrincipalKind::Staff, book.staff.to_string());
    call.audit.person = book.hanako;
    call.audit.purpose = "問い合わせ対応";
    call.audit.object = "checkups";
    book.record(database, call, "viewPerson");
    const auto entries = book.of(database, book.hanako);
    ASSERT_EQ(entries.size(), 1u);
    EXPECT_EQ(entries[0].actor_kind, ActorKind::Staff);
    EXPECT_EQ(entries[0].actor_name, "見本　職員");
    EXPECT_EQ(entries[0].organization, "保健センター");
    EXPECT_EQ(entries[0].purpose, "問い合わせ対応");
    EXPECT_EQ(entries[0].operation, "viewPerson");
    EXPECT_EQ(entries[0].request_id, "req-1");
    EXPECT_EQ(entries[0].at, book.now);
    EXPECT_TRUE(book.of(database, book.taro).empty());
}

TEST_ON_BOTH(Audit, a_citizens_own_change_stands_under_the_citizen_without_a_name) {
    Book book;
    book.record(database, book.call(http::PrincipalKind::Citizen, book.taro.to_string()), "changeContact");
    const auto entries = book.of(database, book.taro);
    ASSERT_EQ(entries.size(), 1u);
    EXPECT_EQ(entries[0].person, book.taro);
    EXPECT_EQ(entries[0].actor_name, "");
    EXPECT_EQ(entries[0].actor, book.taro.to_string());
}

TEST_ON_BOTH(Audit, pages_go_back_in_time_without_gap_or_repetition) {
    Book book;
    for (int i = 0; i < 7; ++i) {
        book.now = book.now + std::chrono::seconds(1);
        book.record(database, book.call(http::PrincipalKind::Citizen, book.taro.to_string()), "op" + std::to_string(i));
    }
    std::string seen;
    std::optional<EntryId> before;
    for (;;) {
        const auto page = book.of(database, book.taro, before, 3);
        if (page.empty()) break;
        for (const Entry& entry : page) seen += entry.operation + " ";
        before = page.back().id;
    }
    EXPECT_EQ(seen, "op6 op5 op4 op3 op2 op1 op0 ");
}

} // namespace
} // namespace musubi::audit
