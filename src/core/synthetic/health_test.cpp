#include "core/synthetic/health.h"

#include "core/records/deliveries.h"
#include "core/records/fhir.h"
#include "lib/db/database.h"
#include "lib/json/json.h"
#include "testing/databases.h"

#include <gmock/gmock.h>

#include <set>

namespace musubi::synthetic {
namespace {

using testing::date;

std::vector<db::Migrations> test_migrations() { return {records::migrations()}; }

const Setting kSetting{.today = *base::CivilDate::parse("2026-11-22"), .attendance = Attendance::Always};
const std::string kResident = "01930000-0000-7000-8000-00000000aaaa";

size_t count(const std::vector<records::Draft>& drafts, std::string_view type) {
    return static_cast<size_t>(
        std::count_if(drafts.begin(), drafts.end(), [&](const auto& draft) { return draft.type == type; }));
}

TEST(Synthetic, TheSameSeedGivesTheSameRecordAndAnotherDoesNot) {
    const Subject subject{kResident, date("1971-03-04"), residents::Sex::Female};
    const auto first = records::collection(city_record(1, subject, kSetting));
    EXPECT_EQ(first, records::collection(city_record(1, subject, kSetting)));
    EXPECT_NE(first, records::collection(city_record(2, subject, kSetting)));
}

TEST(Synthetic, AnAdultHasFiveYearsOfCheckupsWithTheirResults) {
    const auto drafts = city_record(7, {kResident, date("1971-03-04"), residents::Sex::Male}, kSetting);
    EXPECT_GE(count(drafts, "DiagnosticReport"), 4U); // this year's may still lie ahead
    EXPECT_EQ(count(drafts, "Observation"), 20 * count(drafts, "DiagnosticReport"));
    std::set<std::string> ids;
    for (const auto& draft : drafts) ids.insert(*draft.id);
    EXPECT_EQ(ids.size(), drafts.size());
}

TEST(Synthetic, AChildHasInfantCheckupsAndItsVaccinationsAndNothingOfTheFuture) {
    const auto drafts = city_record(7, {kResident, date("2022-02-03"), residents::Sex::Female}, kSetting);
    EXPECT_EQ(count(drafts, "DiagnosticReport"), 3U);
    EXPECT_GE(count(drafts, "Immunization"), 15U);
    for (const auto& draft : drafts) {
        const auto document = json::Document::parse(draft.body);
        ASSERT_TRUE(document.ok());
        for (const std::string_view member : {"effectiveDateTime", "occurrenceDateTime"}) {
            const auto day = document->root().find(member);
            if (!day) continue;
            EXPECT_LE(date(day->string()), kSetting.today);
        }
    }
}

TEST(Synthetic, HalfOfThoseBetween40And74GoToACheckupInAYear) {
    Setting believable = kSetting;
    believable.attendance = Attendance::Believable;
    size_t checkups = 0;
    for (int i = 0; i < 400; ++i) {
        const auto drafts =
            city_record(3, {"resident-" + std::to_string(i), date("1968-06-15").plus_days(i * 9), residents::Sex::Male},
                        believable);
        checkups += count(drafts, "DiagnosticReport");
    }
    EXPECT_GT(checkups, 400 * 5 * 0.40);
    EXPECT_LT(checkups, 400 * 5 * 0.65);
}

double value_of(const records::Draft& draft, std::string_view code) {
    if (draft.body.find(code) == std::string::npos) return 0;
    const auto document = json::Document::parse(draft.body);
    const auto quantity = document->root().find("valueQuantity");
    return quantity ? std::stod(std::string(quantity->find("value")->number_text())) : 0;
}

TEST(Synthetic, ValuesOfOnePersonDriftButDoNotJump) {
    for (int i = 0; i < 50; ++i) {
        const auto drafts =
            city_record(5, {"resident-" + std::to_string(i), date("1960-01-02"), residents::Sex::Female}, kSetting);
        double last = 0;
        for (const auto& draft : drafts) {
            const double weight = value_of(draft, records::fhir::kBodyWeight);
            if (weight == 0) continue;
            EXPECT_GE(weight, 30);
            EXPECT_LE(weight, 160);
            if (last != 0) {
                EXPECT_NEAR(weight, last, 8);
            }
            last = weight;
        }
        EXPECT_NE(last, 0);
    }
}

TEST_ON_BOTH(Synthetic, a_city_record_can_be_delivered_and_adopted) {
    const auto resident = *residents::ResidentId::parse(kResident);
    const auto person = *base::PersonId::parse("01930000-0000-7000-8000-000000000001");
    const auto drafts = city_record(7, {kResident, date("1958-03-04"), residents::Sex::Male}, kSetting);
    base::SeededRandom random(1);
    const auto adopted = testing::write(database, [&](db::WriteTx& tx) -> base::Task<base::Result<int64_t>> {
        MUSUBI_CO_CHECK(co_await records::deliver(tx, resident, "demo", records::collection(drafts), testing::at(5)));
        co_return co_await records::adopt(tx, random, resident, person, testing::at(9));
    });
    ASSERT_TRUE(adopted.ok()) << adopted.error().code << adopted.error().detail;
    EXPECT_EQ(static_cast<size_t>(*adopted), drafts.size());
}

TEST_ON_BOTH(Synthetic, home_entries_are_taken_as_they_are) {
    const auto person = *base::PersonId::parse("01930000-0000-7000-8000-000000000001");
    const auto drafts = home_record(7, {person.to_string(), date("1958-03-04"), residents::Sex::Male}, kSetting);
    EXPECT_GT(drafts.size(), 60U);
    base::SeededRandom random(1);
    for (const auto& draft : drafts) {
        const auto stored = testing::write(
            database, [&](db::WriteTx& tx) { return records::put(tx, random, person, draft, testing::at(9)); });
        ASSERT_TRUE(stored.ok()) << stored.error().detail;
        EXPECT_EQ(stored->origin, records::Origin::Self);
    }
}

} // namespace
} // namespace musubi::synthetic
