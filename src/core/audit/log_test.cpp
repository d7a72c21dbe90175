#include "core/audit/log_routes.h"
#include "core/audit/log_verify.h"

#include "base/encoding.h"
#include "lib/http/testing.h"
#include "lib/tlog/tile.h"
#include "testing/databases.h"

#include <gmock/gmock.h>

namespace musubi::audit {
namespace {

using testing::HasSubstr;
using testing::Not;

std::vector<db::Migrations> test_migrations() { return {audit::migrations()}; }

tlog::Signer signer(std::string name, tlog::KeyType type, char seed) {
    return {std::move(name), type, *crypto::Ed25519PrivateKey::from_seed(base::Secret(std::string(32, seed)))};
}

struct City {
    explicit City(db::Database& to) : database(to) {}

    db::Database& database;
    base::SeededRandom random{11};
    base::Instant now = testing::at("2026-11-22T09:00:00+09:00");
    Log log{database, random, signer("city.example/log", tlog::KeyType::Note, 'l')};
    base::PersonId hanako = base::PersonId::make(now, random);
    base::PersonId taro = base::PersonId::make(now, random);

    EntryId look(base::PersonId person, std::string purpose, NewEntry entry = {}) {
        now = now + std::chrono::milliseconds(10);
        entry.person = person;
        entry.actor_kind = ActorKind::Staff;
        entry.actor = "staff-1";
        entry.operation = "viewPerson";
        entry.purpose = std::move(purpose);
        return testing::write(database, [&](db::WriteTx& tx) { return record(tx, random, entry, now); });
    }
    /// Looks at several people, in one transaction.
    void looks(int count, const std::vector<base::PersonId>& people) {
        testing::write(database, [&](db::WriteTx& tx) -> base::Task<> {
            for (int i = 0; i < count; ++i) {
                now = now + std::chrono::milliseconds(1);
                NewEntry entry;
                entry.person =
                    people.empty() ? base::PersonId::make(now, random) : people[static_cast<size_t>(i) % people.size()];
                entry.operation = "viewPerson";
                entry.purpose = "look " + std::to_string(i);
                co_await record(tx, random, entry, now);
            }
        });
    }
    int integrate() {
        int total = 0;
        while (const int some = testing::run(log.sequence(now))) total += some;
        return total;
    }
    bool index() { return testing::run(log.make_index(now)); }
    LogReport verify(std::optional<tlog::Note> kept = {}) {
        return testing::read(database, [&](db::ReadTx& tx) { return verify_log(tx, log.key(), kept); });
    }
    std::string note() {
        return *testing::read(database, [](db::ReadTx& tx) { return checkpoint(tx); });
    }
    base::Result<std::string> proof(base::PersonId person, EntryId id) {
        return testing::read(database, [&](db::ReadTx& tx) { return entry_proof(tx, person, id); });
    }
    History history(base::PersonId person) {
        auto made = testing::read(database, [&](db::ReadTx& tx) { return history_of_person(tx, person); });
        EXPECT_TRUE(made.ok()) << made.error().code;
        return *made;
    }
    History receipts(std::string series) {
        auto made = testing::write(database, [&](db::WriteTx& tx) { return history_of_series(tx, random, series); });
        EXPECT_TRUE(made.ok()) << made.error().code;
        return *made;
    }
    void change(std::string_view sql) {
        const db::Query query{"test.change", sql};
        const auto changed = testing::write(database, [&](db::WriteTx& tx) { return tx.run(query); });
        EXPECT_GE(changed, 1) << sql;
    }
};

TEST_ON_BOTH(Log, what_was_committed_is_integrated_and_proven_by_less_than_two_kilobytes) {
    City city(database);
    const EntryId first = city.look(city.hanako, "健診結果の確認のため");
    EXPECT_EQ(city.proof(city.hanako, first).error().code, "log.entry-not-integrated");
    EXPECT_EQ(city.integrate(), 1);
    city.looks(600, {city.taro});
    EXPECT_EQ(city.integrate(), 600);
    EXPECT_EQ(city.integrate(), 0);

    const auto note = tlog::parse_note(city.note());
    ASSERT_TRUE(note.ok());
    EXPECT_TRUE(tlog::verify_note(*note, city.log.key()));
    EXPECT_EQ(tlog::parse_checkpoint(note->text)->size, 601u);

    const auto proof = city.proof(city.hanako, first);
    ASSERT_TRUE(proof.ok());
    EXPECT_LT(proof->size(), 2048u);
    const auto verified = verify_entry_proof(*proof, city.log.key());
    ASSERT_TRUE(verified.ok()) << verified.error().code;
    EXPECT_THAT(verified->text, HasSubstr("健診結果の確認のため"));
    EXPECT_EQ(verified->index, 0u);
    EXPECT_EQ(verified->size, 601u);
    EXPECT_EQ(city.proof(city.taro, first).error().code, "log.entry-not-found") << "another person's";
    const auto stranger = signer("city.example/log", tlog::KeyType::Note, 'x');
    EXPECT_EQ(verify_entry_proof(*proof, stranger.verifier()).error().code, "tlog.signature-wrong");
    const auto report = city.verify();
    EXPECT_THAT(report.problems, testing::IsEmpty());
    EXPECT_EQ(report.entries, 601u);
    EXPECT_EQ(report.series, 2u);
}

TEST_ON_BOTH(Log, what_was_rolled_back_is_never_in_it) {
    City city(database);
    const auto refused = testing::write(database, [&](db::WriteTx& tx) -> base::Task<base::Status> {
        NewEntry entry;
        entry.operation = "test";
        co_await record(tx, city.random, entry, city.now);
        co_return base::conflict("test.refused");
    });
    EXPECT_FALSE(refused.ok());
    EXPECT_EQ(city.integrate(), 0);
}

TEST_ON_BOTH(Log, a_history_names_every_entry_and_none_can_be_left_out_added_or_changed) {
    City city(database);
    city.looks(300, {});
    for (int i = 0; i < 3; ++i) city.look(city.hanako, "look " + std::to_string(i));
    city.integrate();
    EXPECT_EQ(testing::read(database, [&](db::ReadTx& tx) { return history_of_person(tx, city.hanako); }).error().code,
              "log.not-indexed");
    EXPECT_TRUE(city.index());
    EXPECT_FALSE(city.index()) << "nothing was added since";

    const History whole = city.history(city.hanako);
    const std::string text = json::write(whole);
    const auto verified = verify_history(text, city.log.key());
    ASSERT_TRUE(verified.ok()) << verified.error().code;
    EXPECT_EQ(verified->entries.size(), 3u);
    EXPECT_EQ(verified->covered, 303u);

    History shorter = whole;
    shorter.entries.pop_back();
    EXPECT_EQ(verify_history(shorter, city.log.key()).error().code, "log.history-incomplete");
    History longer = whole;
    longer.entries.push_back(longer.entries[0]);
    EXPECT_EQ(verify_history(longer, city.log.key()).error().code, "log.history-incomplete");
    History swapped = whole;
    std::swap(swapped.entries[0], swapped.entries[1]);
    EXPECT_EQ(verify_history(swapped, city.log.key()).error().code, "log.history-incomplete");
    History reworded = whole;
    reworded.entries[1].entry->replace(reworded.entries[1].entry->find("look 1"), 6, "look 9");
    EXPECT_EQ(verify_history(reworded, city.log.key()).error().code, "log.history-incomplete");
    History denied = whole;
    denied.entries.clear();
    denied.own.reset();
    EXPECT_EQ(verify_history(denied, city.log.key()).error().code, "log.history-not-absent");
}

TEST_ON_BOTH(Log, that_nothing_happened_up_to_a_checkpoint_is_proven_by_the_neighbours) {
    City city(database);
    city.looks(600, {});
    city.integrate();
    city.index();
    // Ten notices nobody opened, wherever their blinded names fall.
    for (int i = 0; i < 10; ++i) {
        const History nothing = city.receipts("receipt:" + std::to_string(i));
        const auto verified = verify_history(nothing, city.log.key());
        ASSERT_TRUE(verified.ok()) << verified.error().code;
        EXPECT_TRUE(verified->entries.empty());
        EXPECT_EQ(verified->covered, 600u);
        History wider = nothing;
        wider.after.reset();
        EXPECT_FALSE(verify_history(wider, city.log.key()).ok());
    }
    NewEntry opened;
    opened.series = "receipt:3";
    city.look(city.hanako, "opened", opened);
    city.integrate();
    city.index();
    const auto verified = verify_history(city.receipts("receipt:3"), city.log.key());
    ASSERT_TRUE(verified.ok()) << verified.error().code;
    EXPECT_EQ(verified->entries.size(), 1u);
    EXPECT_TRUE(verify_history(city.receipts("receipt:4"), city.log.key()).ok());
    EXPECT_THAT(city.verify().problems, testing::IsEmpty());
}

TEST_ON_BOTH(Log, an_erased_entry_says_nothing_more_and_the_log_still_verifies) {
    City city(database);
    const EntryId id = city.look(city.hanako, "秘密の目的");
    city.look(city.hanako, "もう一度");
    city.integrate();
    const auto erased =
        testing::write(database, [&](db::WriteTx& tx) { return erase_entries(tx, city.hanako, city.now); });
    EXPECT_EQ(erased, 1);
    city.index();
    const auto report = city.verify();
    EXPECT_THAT(report.problems, testing::IsEmpty());
    EXPECT_EQ(report.erased, 1u);
    EXPECT_EQ(city.proof(city.hanako, id).error().code, "log.entry-not-found");
    const History history = city.history(city.hanako);
    EXPECT_TRUE(verify_history(history, city.log.key()).ok());
    EXPECT_THAT(json::write(history), Not(HasSubstr("秘密")));
}

TEST_ON_BOTH(Log, a_sealed_entry_is_logged_at_once_and_seen_when_its_time_has_come) {
    City city(database);
    city.look(city.hanako, "usual");
    NewEntry investigation;
    investigation.seal = "investigation";
    investigation.sealed_until = city.now + std::chrono::hours(24);
    const EntryId sealed = city.look(city.hanako, "捜査関係事項照会", investigation);
    city.look(city.hanako, "usual again");
    city.integrate();
    city.index();
    const auto seen = [&] {
        return testing::read(database,
                             [&](db::ReadTx& tx) { return list_for_person(tx, city.hanako, std::nullopt, 50); });
    };
    EXPECT_EQ(seen().size(), 2u);
    EXPECT_EQ(verify_history(city.history(city.hanako), city.log.key())->entries.size(), 2u) << "no gap betrays it";
    EXPECT_FALSE(city.proof(city.hanako, sealed).ok());
    EXPECT_EQ(testing::run(city.log.open_seals(city.now)), 0);

    city.now = city.now + std::chrono::hours(25);
    EXPECT_EQ(testing::run(city.log.open_seals(city.now)), 1);
    EXPECT_EQ(testing::run(city.log.open_seals(city.now)), 0);
    city.integrate();
    ASSERT_EQ(seen().size(), 4u);
    EXPECT_EQ(seen()[0].operation, "audit.seal-opened");
    EXPECT_EQ(seen()[0].object, "leaf 1");
    const auto proof = city.proof(city.hanako, sealed);
    ASSERT_TRUE(proof.ok());
    const auto verified = verify_entry_proof(*proof, city.log.key());
    ASSERT_TRUE(verified.ok());
    EXPECT_EQ(verified->index, 1u) << "it was there from the beginning";
    EXPECT_THAT(city.verify().problems, testing::IsEmpty());
}

TEST_ON_BOTH(Log, every_kind_of_tampering_with_the_stored_log_is_found) {
    const std::vector<std::pair<std::string_view, std::string_view>> attempts = {
        {"UPDATE audit_entry SET purpose = 'harmless' WHERE leaf = 5", "leaf 5: the entry is not"},
        {"UPDATE audit_entry SET at = at - 86400000 WHERE leaf = 6", "leaf 6"},
        {"UPDATE audit_entry SET actor_name = 'x' WHERE leaf = 7", "leaf 7: the entry is not"},
        {"UPDATE audit_entry SET salt = 'AAAAAAAAAAAAAAAAAAAAAA==' WHERE leaf = 8", "leaf 8"},
        {"UPDATE audit_entry SET number = number + 1 WHERE leaf = 9", "leaf 9: is not the next"},
        {"UPDATE audit_entry SET logged_at = logged_at + 1 WHERE leaf = 10", "leaf 10: the time"},
        {"UPDATE audit_entry SET leaf = CASE leaf WHEN 11 THEN 5000 ELSE leaf END WHERE leaf = 11",
         "leaf 11: its entry is missing"},
        {"DELETE FROM audit_entry WHERE leaf = 12", "leaf 12: its entry is missing"},
        {"UPDATE audit_series SET count = count - 1 WHERE name LIKE 'person:%' AND count > 1", "series person:"},
        {"DELETE FROM audit_tile WHERE level = 0 AND place = 0", "tile/0/000"},
        {"DELETE FROM audit_tile WHERE level = -1 AND place = 1", "tile/entries/001"},
        {"UPDATE audit_tile SET bytes = (SELECT bytes FROM audit_tile WHERE level = -1 AND place = 1)"
         " WHERE level = -1 AND place = 0",
         ""},
    };
    for (const auto& [sql, found] : attempts) {
        testing::TestDatabase fresh(engine, test_migrations());
        City city(fresh.database());
        city.looks(256, {city.hanako, city.taro});
        city.integrate();
        city.looks(256, {city.hanako, city.taro});
        city.integrate();
        city.index();
        ASSERT_THAT(city.verify().problems, testing::IsEmpty());
        city.change(sql);
        const auto report = city.verify();
        EXPECT_THAT(report.problems, testing::Contains(HasSubstr(std::string(found)))) << sql;
    }
}

TEST_ON_BOTH(Log, any_changed_byte_of_any_tile_is_found) {
    City city(database);
    for (int i = 0; i < 5; ++i) city.look(city.hanako, "look");
    city.integrate();
    constexpr db::Query set{"test.set", "UPDATE audit_tile SET bytes = $3 WHERE level = $1 AND place = $2"};
    for (const tlog::TileId id : {tlog::TileId{tlog::kEntries, 0}, tlog::TileId{0, 0}}) {
        constexpr db::Query get{"test.get", "SELECT bytes FROM audit_tile WHERE level = $1 AND place = $2"};
        const auto whole =
            *testing::read(database, [&](db::ReadTx& tx) { return tx.one<db::Blob>(get, id.level, id.place); });
        for (size_t at = 0; at < whole.bytes.size(); at += 3) {
            db::Blob bent = whole;
            bent.bytes[at] = static_cast<char>(bent.bytes[at] ^ 0x20);
            testing::write(database, [&](db::WriteTx& tx) { return tx.run(set, id.level, id.place, bent); });
            EXPECT_THAT(city.verify().problems, Not(testing::IsEmpty())) << id.level << " " << at;
        }
        testing::write(database, [&](db::WriteTx& tx) { return tx.run(set, id.level, id.place, whole); });
    }
    EXPECT_THAT(city.verify().problems, testing::IsEmpty());
}

TEST_ON_BOTH(Log, an_entry_written_under_an_old_date_is_found) {
    City city(database);
    city.look(city.hanako, "today");
    city.integrate();
    const base::Instant today = city.now;
    city.now = today - std::chrono::hours(24 * 30);
    city.look(city.hanako, "allegedly a month ago");
    city.now = today + std::chrono::seconds(1);
    city.integrate();
    EXPECT_THAT(city.verify().problems, testing::ElementsAre(HasSubstr("leaf 1: back-dated")));
}

TEST_ON_BOTH(Log, a_log_written_anew_does_not_fit_a_checkpoint_somebody_kept) {
    City city(database);
    for (int i = 0; i < 5; ++i) city.look(city.hanako, "look " + std::to_string(i));
    city.integrate();
    const auto kept = *tlog::parse_note(city.note());
    city.look(city.hanako, "later");
    city.integrate();
    EXPECT_THAT(city.verify(kept).problems, testing::IsEmpty());

    testing::TestDatabase other(engine, test_migrations());
    City forged(other.database());
    for (int i = 0; i < 6; ++i) forged.look(forged.hanako, "nothing happened");
    forged.integrate();
    EXPECT_THAT(forged.verify().problems, testing::IsEmpty()) << "it is consistent in itself";
    EXPECT_THAT(forged.verify(kept).problems, testing::Contains(HasSubstr("kept elsewhere")));
}

TEST_ON_BOTH(Log, two_nodes_integrate_each_entry_once) {
    City city(database);
    city.looks(200, {city.hanako});
    std::vector<base::Task<>> nodes;
    const auto node = [&]() -> base::Task<> {
        for (int i = 0; i < 20; ++i) co_await city.log.sequence(city.now, 30);
    };
    nodes.push_back(node());
    nodes.push_back(node());
    for (const auto& failure : testing::run_all(std::move(nodes))) EXPECT_FALSE(failure);
    city.integrate();
    const auto report = city.verify();
    EXPECT_THAT(report.problems, testing::IsEmpty());
    EXPECT_EQ(report.entries, 200u);
}

TEST_ON_BOTH(Witness, cosigns_only_what_has_grown_out_of_what_it_signed_before) {
    City city(database);
    const Cosigning witness{signer("witness.example", tlog::KeyType::Cosignature, 'w'), {city.log.key()}};
    const auto ask = [&](uint64_t old_size, std::string note_text) {
        tlog::AddCheckpoint request;
        request.old_size = old_size;
        request.checkpoint = *tlog::parse_note(note_text);
        const uint64_t size = tlog::parse_checkpoint(request.checkpoint.text)->size;
        if (old_size <= size)
            request.consistency =
                testing::read(database, [&](db::ReadTx& tx) { return consistency(tx, old_size, size); });
        const std::string body = request.to_string();
        return testing::write(database, [&](db::WriteTx& tx) { return add_checkpoint(tx, witness, body, city.now); });
    };
    for (int i = 0; i < 3; ++i) city.look(city.hanako, "look");
    city.integrate();
    const std::string third = city.note();
    const auto first = ask(0, third);
    ASSERT_EQ(first.status, 200);
    for (int i = 0; i < 4; ++i) city.look(city.hanako, "look");
    city.integrate();
    const std::string seventh = city.note();
    EXPECT_EQ(ask(0, seventh).status, 409);
    EXPECT_EQ(ask(0, seventh).body, "3\n");
    const auto second = ask(3, seventh);
    EXPECT_EQ(second.status, 200);
    EXPECT_EQ(ask(7, seventh).status, 200) << "asked again, it signs again";
    EXPECT_EQ(ask(3, third).status, 409) << "it never goes back";

    // A log that was written anew, signed with the right key.
    tlog::AddCheckpoint forged;
    forged.old_size = 7;
    tlog::Checkpoint claim{"city.example/log", 8, {}, {}};
    forged.checkpoint.text = claim.text();
    const auto thief = signer("city.example/log", tlog::KeyType::Note, 'l');
    forged.checkpoint.signatures.push_back(thief.sign(forged.checkpoint.text));
    const auto send = [&](const std::string& body) {
        return testing::write(database, [&](db::WriteTx& tx) { return add_checkpoint(tx, witness, body, city.now); });
    };
    EXPECT_EQ(send(forged.to_string()).status, 422);
    forged.checkpoint.signatures[0].bytes[0] ^= 1;
    EXPECT_EQ(send(forged.to_string()).status, 403);
    EXPECT_EQ(send("nonsense").status, 400);

    // What it signed stands under proofs from then on.
    const auto lines = tlog::parse_signatures(second.body);
    const auto parsed = *tlog::parse_checkpoint(tlog::parse_note(seventh)->text);
    EXPECT_TRUE(testing::write(database, [&](db::WriteTx& tx) { return add_cosignature(tx, parsed, (*lines)[0]); }));
    const EntryId last = city.look(city.hanako, "look");
    city.integrate();
    const auto entry = testing::read(
        database, [&](db::ReadTx& tx) { return list_for_person(tx, city.hanako, std::optional(last), 1); });
    const auto proof = tlog::parse_proof(*city.proof(city.hanako, entry.at(0).id));
    ASSERT_TRUE(proof.ok());
    EXPECT_EQ(tlog::cosigned_at(proof->checkpoint, witness.signer.verifier())->seconds(), city.now.seconds());
}

TEST_ON_BOTH(LogRoutes, everybody_reads_checkpoint_tiles_and_key) {
    City city(database);
    base::FixedClock clock = testing::clock_at();
    http::Router router(database, clock);
    Cosigning cosigning{signer("city.example/witness", tlog::KeyType::Cosignature, 'w'), {}};
    install_log(router, city.log, std::move(cosigning));
    http::testing::Client client(router);
    EXPECT_EQ(client.get("/log/checkpoint").status, 404);
    city.looks(300, {city.hanako});
    city.integrate();
    EXPECT_EQ(std::string(client.get("/log/checkpoint").content()), city.note());
    EXPECT_EQ(std::string(client.get("/log/key").content()), city.log.key().to_string() + "\n");
    EXPECT_EQ(client.get("/log/tile/0/000").content().size(), 256u * 32);
    EXPECT_EQ(client.get("/log/tile/0/001.p/44").content().size(), 44u * 32);
    EXPECT_EQ(client.get("/log/tile/0/001.p/10").content().size(), 10u * 32);
    EXPECT_EQ(client.get("/log/tile/1/000.p/1").content().size(), 32u);
    EXPECT_EQ(client.get("/log/tile/entries/001.p/44").content().size(), 44u * 75);
    for (const char* missing : {"/log/tile/0/001", "/log/tile/0/001.p/45", "/log/tile/0/2", "/log/tile/x",
                                "/log/tile/9/000", "/log/tile/0/x000/000"})
        EXPECT_EQ(client.get(missing).status, 404) << missing;
    EXPECT_EQ(client.post("/log/witness/add-checkpoint", "old 0\n").status, 400);

    // A reader that knows only the specification: root from the tiles, signed by the key.
    const auto key = tlog::parse_verifier_key(city.log.key().to_string());
    const auto note = tlog::parse_note(client.get("/log/checkpoint").content());
    ASSERT_TRUE(tlog::verify_note(*note, *key));
    tlog::Edge edge;
    for (const char* bundle : {"/log/tile/entries/000", "/log/tile/entries/001.p/44"}) {
        const auto answer = client.get(bundle);
        const std::string bytes(answer.content());
        const auto entries = tlog::entries_of(bytes);
        for (const auto leaf : *entries) edge.append(tlog::leaf_hash(leaf));
    }
    EXPECT_EQ(edge.root(), tlog::parse_checkpoint(note->text)->root);
}

} // namespace
} // namespace musubi::audit
