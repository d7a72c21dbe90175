#include "lib/db/test_entries.h"

#include <thread>

namespace musubi::db {
namespace {

const MigrationFile kFirst{"0001_create_letter.sql", "CREATE TABLE letter (id TEXT NOT NULL PRIMARY KEY, body TEXT)"};
const MigrationFile kSecond{"0002_add_sent_at.sql", "ALTER TABLE letter ADD COLUMN sent_at BIGINT;\n"
                                                    "UPDATE letter SET sent_at = 0;\n"};
const MigrationFile kThirdSqlite{"0003_index.sqlite.sql", "CREATE INDEX letter_by_time ON letter (sent_at)"};
const MigrationFile kThirdPostgres{"0003_index.postgres.sql",
                                   "CREATE INDEX letter_by_time ON letter USING btree (sent_at)"};

std::vector<Migrations> letters(std::vector<MigrationFile> files) { return {{"services/letters", std::move(files)}}; }

constexpr Query kWrite{"letters.write", "INSERT INTO letter (id, body) VALUES ($1, $2)"};
constexpr Query kSentAt{"letters.sent_at", "SELECT sent_at FROM letter WHERE id = $1"};
constexpr Query kApplied{"migrations.applied", "SELECT name FROM db_migration WHERE module = $1 ORDER BY name"};

std::vector<std::string> applied(Database& database, std::string module) {
    return testing::read(database, [module](ReadTx& tx) { return tx.all<std::string>(kApplied, module); });
}

TEST_ON_BOTH(Migrate, an_older_database_is_brought_up_and_keeps_its_rows) {
    ASSERT_TRUE(database.migrate(letters({kFirst})));
    testing::write(database, [](WriteTx& tx) -> base::Task<> { co_await tx.run(kWrite, "a", "本文"); });
    const auto newer = letters({kThirdPostgres, kSecond, kFirst, kThirdSqlite}); // in any order
    ASSERT_TRUE(database.migrate(newer));
    const auto sent = testing::read(database, [](ReadTx& tx) { return tx.one<int64_t>(kSentAt, "a"); });
    EXPECT_EQ(sent, 0);
    EXPECT_EQ(applied(database, "services/letters"),
              (std::vector<std::string>{"0001_create_letter", "0002_add_sent_at", "0003_index"}));
    EXPECT_TRUE(database.migrate(newer)) << "again changes nothing";
    EXPECT_TRUE(database.check_migrations(newer));
}

TEST_ON_BOTH(Migrate, statements_prepared_before_an_upgrade_go_on_working) {
    static constexpr Query kAllColumns{"letters.all", "SELECT * FROM letter"};
    struct Width {
        size_t columns = 0;
        static Width from(Reader& row) {
            row.get<std::string>();
            row.get<std::string>();
            return {2};
        }
    };
    ASSERT_TRUE(database.migrate(letters({kFirst})));
    testing::write(database, [](WriteTx& tx) -> base::Task<> { co_await tx.run(kWrite, "a", "本文"); });
    const auto all = [](ReadTx& tx) { return tx.all<Width>(kAllColumns); };
    EXPECT_EQ(testing::read(database, all).size(), 1u);
    ASSERT_TRUE(database.migrate(letters({kFirst, kSecond})));
    EXPECT_EQ(testing::read(database, all).size(), 1u);
    const auto in_a_write = [](WriteTx& tx) { return tx.all<Width>(kAllColumns); };
    EXPECT_EQ(testing::write(database, in_a_write).size(), 1u);
}

TEST_ON_BOTH(Migrate, a_file_that_changed_after_it_was_applied_is_refused) {
    ASSERT_TRUE(database.migrate(letters({kFirst})));
    auto changed = kFirst;
    changed.sql += " -- harmless";
    const auto refused = database.migrate(letters({changed, kSecond}));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "db.migration-changed");
    EXPECT_EQ(refused.error().parameters[1].second, "0001_create_letter");
    EXPECT_EQ(applied(database, "services/letters").size(), 1u);
}

TEST_ON_BOTH(Migrate, a_database_newer_than_the_program_is_refused) {
    ASSERT_TRUE(database.migrate(letters({kFirst, kSecond})));
    EXPECT_EQ(database.migrate(letters({kFirst})).error().code, "db.migration-unknown");
    EXPECT_EQ(database.check_migrations(letters({kFirst})).error().code, "db.migration-unknown");
}

TEST_ON_BOTH(Migrate, a_step_slipped_in_before_an_applied_one_is_refused) {
    const MigrationFile later{"0004_create_other.sql", "CREATE TABLE other (id TEXT)"};
    ASSERT_TRUE(database.migrate(letters({kFirst, later})));
    EXPECT_EQ(database.migrate(letters({kFirst, kSecond, later})).error().code, "db.migration-out-of-order");
    EXPECT_EQ(database.migrate(letters({kFirst, {"0001_twice.sql", ""}})).error().code, "db.migration-out-of-order");
}

TEST_ON_BOTH(Migrate, both_engines_must_have_their_variant) {
    EXPECT_EQ(database.migrate(letters({kFirst, kThirdSqlite})).error().code, "db.migration-incomplete");
    EXPECT_EQ(database.migrate(letters({kFirst, kThirdPostgres})).error().code, "db.migration-incomplete");
}

TEST_ON_BOTH(Migrate, a_step_that_fails_leaves_everything_as_it_was) {
    const MigrationFile bad{"0002_bad.sql", "CREATE TABLE half (id TEXT); INSERT INTO nowhere VALUES (1)"};
    EXPECT_THROW((void)database.migrate(letters({kFirst, bad})), DatabaseError);
    EXPECT_TRUE(applied(database, "services/letters").empty());
    EXPECT_TRUE(database.migrate(letters({kFirst, kSecond})));
}

TEST_ON_BOTH(Migrate, checking_names_what_is_missing_and_changes_nothing) {
    const auto missing = database.check_migrations(letters({kFirst}));
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, "db.migration-missing");
    EXPECT_EQ(missing.error().detail, "services/letters/migrations/0001_create_letter");
    EXPECT_TRUE(applied(database, "services/letters").empty());
}

TEST_ON_BOTH(Migrate, programs_that_start_together_apply_each_step_once) {
    std::vector<std::thread> programs;
    for (int i = 0; i < 4; ++i) {
        programs.emplace_back([this] {
            const auto own = test().open_another();
            EXPECT_TRUE(own->migrate(letters({kFirst, kSecond})));
        });
    }
    for (auto& program : programs) program.join();
    EXPECT_EQ(applied(database, "services/letters").size(), 2u);
}

} // namespace
} // namespace musubi::db
