#include "core/residents/residents.h"

#include "testing/databases.h"

#include <gtest/gtest.h>

namespace musubi::residents {
namespace {

std::vector<db::Migrations> test_migrations() { return {residents::migrations()}; }

const base::Instant kNow = testing::at("2026-11-22T09:00:00+09:00");

Resident make(base::SeededRandom& random, std::string name, std::string kana, std::string_view birth, Sex sex,
              std::string address, const HouseholdId& household) {
    return {ResidentId::make(kNow, random),
            household,
            std::move(name),
            std::move(kana),
            testing::date(birth),
            sex,
            "9990001",
            std::move(address),
            "世帯主",
            Standing::Resident};
}

struct Town {
    base::SeededRandom random{1};
    HouseholdId yoshida = HouseholdId::make(kNow, random);
    HouseholdId tanaka = HouseholdId::make(kNow, random);
    Resident taro = make(random, "𠮷田　太郎", "ヨシダ　タロウ", "1980-02-17", Sex::Male,
                         "見本県見本市本町２丁目３番４号", yoshida);
    Resident hana =
        make(random, "𠮷田　花", "ヨシダ　ハナ", "2016-05-01", Sex::Female, "見本県見本市本町２丁目３番４号", yoshida);
    Resident twin =
        make(random, "田中　一", "タナカ　ハジメ", "1980-02-17", Sex::Male, "見本県見本市本町２丁目３番４号", tanaka);
    Resident gone = make(random, "佐藤　去", "サトウ　サル", "1970-01-01", Sex::Male, "見本県見本市北１", tanaka);

    void fill(db::Database& database) {
        gone.standing = Standing::MovedOut;
        testing::write(database, [this](db::WriteTx& tx) -> base::Task<> {
            for (const Resident* resident : {&taro, &hana, &twin, &gone}) co_await put(tx, *resident, kNow);
        });
    }
};

std::vector<Resident> by_attributes(db::Database& database, const Attributes& attributes) {
    return testing::read(database, [&](db::ReadTx& tx) -> base::Task<std::vector<Resident>> {
        co_return co_await find_by_attributes(tx, attributes);
    });
}

TEST_ON_BOTH(Residents, are_found_by_the_four_attributes_of_a_certificate) {
    Town town;
    town.fill(database);
    const auto found = by_attributes(
        database, {"吉田　太郎", "", "見本県見本市本町２－３－４", "", testing::date("1980-02-17"), Sex::Male});
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].id, town.taro.id);
    EXPECT_EQ(found[0].name, "𠮷田　太郎");
}

TEST_ON_BOTH(Residents, a_stand_in_character_matches_any_one_character) {
    Town town;
    town.fill(database);
    const Attributes flagged{"〓田　太郎", "10000", "見本市本町2-3-4", "", testing::date("1980-02-17"), Sex::Male};
    ASSERT_EQ(by_attributes(database, flagged).size(), 1u);
    Attributes not_flagged = flagged;
    not_flagged.name_substitutes = "00000";
    EXPECT_TRUE(by_attributes(database, not_flagged).empty());
}

TEST_ON_BOTH(Residents, each_attribute_counts) {
    Town town;
    town.fill(database);
    const Attributes right{"𠮷田　太郎", "", "見本市本町2-3-4", "", testing::date("1980-02-17"), Sex::Male};
    auto wrong = right;
    wrong.birth_date = testing::date("1980-02-18");
    EXPECT_TRUE(by_attributes(database, wrong).empty());
    wrong = right;
    wrong.sex = Sex::Female;
    EXPECT_TRUE(by_attributes(database, wrong).empty());
    wrong = right;
    wrong.address = "見本市本町2-3-5";
    EXPECT_TRUE(by_attributes(database, wrong).empty());
    wrong = right;
    wrong.name = "𠮷田　次郎";
    EXPECT_TRUE(by_attributes(database, wrong).empty());
    EXPECT_EQ(by_attributes(database, right).size(), 1u);
}

TEST_ON_BOTH(Residents, who_moved_away_is_not_a_resident) {
    Town town;
    town.fill(database);
    EXPECT_TRUE(
        by_attributes(database, {"佐藤　去", "", "見本市北1", "", testing::date("1970-01-01"), Sex::Male}).empty());
}

TEST_ON_BOTH(Residents, a_household_is_listed_eldest_first) {
    Town town;
    town.fill(database);
    const auto members = testing::read(database, [&](db::ReadTx& tx) -> base::Task<std::vector<Resident>> {
        co_return co_await household_members(tx, town.yoshida);
    });
    ASSERT_EQ(members.size(), 2u);
    EXPECT_EQ(members[0].id, town.taro.id);
    EXPECT_EQ(members[1].id, town.hana.id);
}

TEST_ON_BOTH(Residents, a_form_matches_surely_doubtfully_or_not) {
    Town town;
    town.fill(database);
    const auto certainty = [&](const Claim& claim) {
        return testing::read(database,
                             [&](db::ReadTx& tx) -> base::Task<Match> { co_return co_await match(tx, claim); });
    };
    const Claim exact{"吉田太郎", "ヨシダタロウ", testing::date("1980-02-17"), Sex::Male, "本町2-3-4"};
    EXPECT_EQ(certainty(exact).certainty, Certainty::Doubtful) << "the address lacks the city";
    Claim full = exact;
    full.address = "見本市本町2-3-4";
    const Match sure = certainty(full);
    EXPECT_EQ(sure.certainty, Certainty::Sure);
    ASSERT_FALSE(sure.candidates.empty());
    EXPECT_EQ(sure.candidates[0].id, town.taro.id);
    Claim other = full;
    other.birth_date = testing::date("1981-02-17");
    EXPECT_EQ(certainty(other).certainty, Certainty::Doubtful);
    EXPECT_EQ(certainty({"山本太郎", "ヤマモトタロウ", testing::date("1999-01-01"), Sex::Male, "見本市南9"}).certainty,
              Certainty::None);
}

TEST_ON_BOTH(Residents, staff_search_by_any_beginning) {
    Town town;
    town.fill(database);
    const auto count = [&](const Search& wanted) {
        return testing::read(
            database, [&](db::ReadTx& tx) -> base::Task<size_t> { co_return (co_await search(tx, wanted)).size(); });
    };
    EXPECT_EQ(count({.name = "吉田"}), 2u);
    EXPECT_EQ(count({.name = "吉"}), 2u);
    EXPECT_EQ(count({.kana = "よしだ"}), 2u);
    EXPECT_EQ(count({.birth_date = testing::date("1980-02-17")}), 2u);
    EXPECT_EQ(count({.name = "田中", .birth_date = testing::date("1980-02-17")}), 1u);
    EXPECT_EQ(count({.address = "本町二丁目"}), 3u);
    EXPECT_EQ(count({.name = "%"}), 0u) << "a percent sign is a character, not a wildcard";
    EXPECT_EQ(count({}), 0u);
}

} // namespace
} // namespace musubi::residents
