#include "core/population/demo_people.h"
#include "core/population/population.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace musubi::population {
namespace {

const base::CivilDate kToday = *base::CivilDate::of(2026, 11, 22);

std::string fingerprint(const std::vector<residents::Resident>& people) {
    std::string all;
    for (const auto& each : people)
        all += each.id.to_string() + each.household.to_string() + each.name + each.kana + each.birth_date.to_string() +
               each.postal_code + each.address + each.relation;
    return all;
}

TEST(Population, the_same_seed_gives_the_same_city_byte_for_byte) {
    const Setting setting{.today = kToday, .residents = 800};
    EXPECT_EQ(fingerprint(generate(setting)), fingerprint(generate(setting)));
    EXPECT_NE(fingerprint(generate(setting)), fingerprint(generate({.seed = 2, .today = kToday, .residents = 800})));
}

TEST(Population, has_the_asked_size_and_believable_ages) {
    const auto people = generate({.today = kToday});
    EXPECT_GE(people.size(), 5000U);
    EXPECT_LT(people.size(), 5008U);
    std::map<int, int> bands;
    for (const auto& each : people) {
        const int age = base::age_on(each.birth_date, kToday);
        ASSERT_GE(age, 0) << each.birth_date.to_string();
        ASSERT_LE(age, 100);
        ++bands[age < 15 ? 0 : age < 65 ? 1 : 2];
    }
    EXPECT_GT(bands[0], 400);
    EXPECT_GT(bands[1], 2000);
    EXPECT_GT(bands[2], 900);
}

TEST(Population, every_household_has_one_head_one_address_and_no_child_alone) {
    std::map<std::string, std::vector<residents::Resident>> households;
    for (const auto& each : generate({.today = kToday, .residents = 2000}))
        households[each.household.to_string()].push_back(each);
    for (const auto& [id, members] : households) {
        EXPECT_EQ(members.front().relation, "世帯主");
        EXPECT_GE(base::age_on(members.front().birth_date, kToday), 18);
        for (const auto& each : members) {
            EXPECT_EQ(each.address, members.front().address);
            if (&each != &members.front()) {
                EXPECT_NE(each.relation, "世帯主");
            }
        }
    }
}

TEST(Population, holds_the_rare_characters_that_break_other_systems) {
    std::string all;
    for (const auto& each : generate({.today = kToday})) all += each.name;
    for (const auto* rare : {"𠮷", "髙", "﨑", "辻\U000E0100"}) EXPECT_NE(all.find(rare), std::string::npos) << rare;
}

TEST(DemoPeople, keep_their_ids_and_ages_on_any_day) {
    const auto now = demo_people(kToday);
    const auto later = demo_people(*base::CivilDate::of(2028, 2, 29));
    ASSERT_EQ(now.size(), later.size());
    for (size_t i = 0; i < now.size(); ++i) {
        EXPECT_EQ(now[i].resident.id, later[i].resident.id);
        EXPECT_EQ(base::age_on(now[i].resident.birth_date, kToday),
                  base::age_on(later[i].resident.birth_date, *base::CivilDate::of(2028, 2, 29)));
    }
}

TEST(DemoPeople, have_one_card_for_each_situation_and_fit_the_register) {
    std::set<std::string> cards;
    std::set<Situation> situations;
    for (const auto& each : demo_people(kToday)) {
        if (!each.card.empty()) {
            EXPECT_TRUE(cards.insert(each.card).second) << each.card;
        }
        situations.insert(each.situation);
        EXPECT_EQ(each.in_register, each.municipality == kMunicipalityCode);
        if (each.situation == Situation::Child) {
            EXPECT_LT(base::age_on(each.resident.birth_date, kToday), 15);
        }
    }
    EXPECT_EQ(situations.size(), 13U);
}

} // namespace
} // namespace musubi::population
