#include "core/records/records.h"

#include "core/records/deliveries.h"
#include "core/records/fhir.h"
#include "testing/databases.h"

#include <gmock/gmock.h>

namespace musubi::records {
namespace {

using testing::at;
using testing::HasSubstr;

std::vector<db::Migrations> test_migrations() { return {migrations()}; }

const base::PersonId kHanako = *base::PersonId::parse("01930000-0000-7000-8000-000000000001");
const base::PersonId kTaro = *base::PersonId::parse("01930000-0000-7000-8000-000000000002");
const auto kResident = *residents::ResidentId::parse("01930000-0000-7000-8000-00000000aaaa");

std::string weight(std::string_view kilograms, std::string effective = "2026-11-22",
                   const std::string& subject = kHanako.to_string()) {
    return json::write(fhir::body_weight(subject, std::move(effective), kilograms));
}

base::Result<Resource> put_weight(db::Database& database, std::string body, std::optional<std::string> id = {},
                                  std::optional<int64_t> expected = {}, int64_t now = 1000) {
    base::SeededRandom random(static_cast<uint64_t>(now));
    return testing::write(database, [&](db::WriteTx& tx) {
        return put(tx, random, kHanako, Draft{"Observation", id, Origin::Self, body}, at(now), expected);
    });
}

std::vector<Resource> list_of(db::Database& database, Filter filter = {}) {
    return testing::read(database, [&](db::ReadTx& tx) { return list(tx, kHanako, "Observation", filter); });
}

TEST_ON_BOTH(Records, a_decimal_keeps_its_text_and_unknown_members_are_kept) {
    const std::string body =
        R"({"id":"mine","resourceType":"Observation","meta":{"versionId":"77","profile":["p"]},"status":"final",)"
        R"("valueQuantity":{"value":0.0100,"unit":"mg"},"x-unknown":{"a":[1.50,"é"]},"effectiveDateTime":"2026-11"})";
    const auto stored = put_weight(database, body, "a1");
    ASSERT_TRUE(stored.ok());
    const auto found = testing::read(database, [](db::ReadTx& tx) { return get(tx, kHanako, "Observation", "a1"); });
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(
        found->body,
        R"({"resourceType":"Observation","id":"a1","meta":{"versionId":"1","lastUpdated":"1970-01-01T00:00:01.000Z",)"
        R"("profile":["p"]},"status":"final","valueQuantity":{"value":0.0100,"unit":"mg"},)"
        R"("x-unknown":{"a":[1.50,"é"]},"effectiveDateTime":"2026-11"})");
    EXPECT_EQ(found->effective_at, at("2026-11-01T00:00:00+09:00"));
}

TEST_ON_BOTH(Records, lists_are_by_code_and_date_with_the_newest_first) {
    put_weight(database, weight("60.0", "2026-01-01"), "w1").value();
    put_weight(database, weight("61.0", "2026-03-01T08:00:00+09:00"), "w2").value();
    put_weight(database, json::write(fhir::steps(kHanako.to_string(), "2026-02-01", "8000")), "s1").value();
    Filter filter;
    filter.code = "http://loinc.org|29463-7";
    const auto weights = list_of(database, filter);
    ASSERT_EQ(weights.size(), 2U);
    EXPECT_EQ(weights[0].id, "w2");
    filter.from = at("2026-01-01T00:00:00+09:00");
    filter.before = at("2026-03-01T08:00:00+09:00");
    ASSERT_EQ(list_of(database, filter).size(), 1U);
    EXPECT_EQ(list_of(database, filter)[0].id, "w1");
    Filter activity;
    activity.category = "activity";
    ASSERT_EQ(list_of(database, activity).size(), 1U);
    EXPECT_EQ(list_of(database).size(), 3U);
}

TEST_ON_BOTH(Records, nobody_sees_the_resources_of_another_person) {
    put_weight(database, weight("60.0"), "w1").value();
    const auto of_taro = testing::read(database, [](db::ReadTx& tx) { return list(tx, kTaro, "Observation"); });
    EXPECT_TRUE(of_taro.empty());
    const auto by_id = testing::read(database, [](db::ReadTx& tx) { return get(tx, kTaro, "Observation", "w1"); });
    EXPECT_FALSE(by_id.has_value());
}

TEST_ON_BOTH(Records, a_resource_about_somebody_else_is_refused) {
    const auto refused = put_weight(database, weight("60.0", "2026-01-01", kTaro.to_string()));
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, "records.other-person");
}

TEST_ON_BOTH(Records, what_is_not_fhir_is_refused_and_leaves_nothing) {
    for (const char* body : {"", "[]", "{", R"({"resourceType":"Patient"})", R"({"status":"final"})",
                             R"({"resourceType":"Observation","meta":[]})",
                             R"({"resourceType":"Observation","effectiveDateTime":"2026-02-30"})",
                             R"({"resourceType":"Observation","effectiveDateTime":"2026-02-03T10:00:00"})",
                             R"({"resourceType":"Observation","status":"a","status":"b"})"}) {
        const auto refused = put_weight(database, body);
        ASSERT_FALSE(refused.ok()) << body;
        EXPECT_EQ(refused.error().code, "records.malformed") << body;
    }
    const auto bad_id = put_weight(database, weight("60"), "a b");
    ASSERT_FALSE(bad_id.ok());
    EXPECT_EQ(bad_id.error().code, "records.id-malformed");
    EXPECT_TRUE(list_of(database).empty());
}

TEST_ON_BOTH(Records, every_change_is_a_version_and_saying_the_same_again_is_none) {
    put_weight(database, weight("60.0"), "w1", {}, 1000).value();
    const auto same = put_weight(database, weight("60.0"), "w1", {}, 2000);
    EXPECT_EQ(same->version, 1);
    const auto second = put_weight(database, weight("60.5"), "w1", {}, 3000);
    EXPECT_EQ(second->version, 2);
    const auto versions =
        testing::read(database, [](db::ReadTx& tx) { return history(tx, kHanako, "Observation", "w1"); });
    ASSERT_EQ(versions.size(), 2U);
    EXPECT_THAT(versions[0].body, HasSubstr("60.5"));
    EXPECT_THAT(versions[1].body, HasSubstr("60.0"));
}

TEST_ON_BOTH(Records, a_stale_version_is_a_conflict) {
    put_weight(database, weight("60.0"), "w1", 0).value();
    EXPECT_EQ(put_weight(database, weight("61.0"), "w1", 0).error().code, "records.version-conflict");
    EXPECT_EQ(put_weight(database, weight("61.0"), "w1", 7).error().code, "records.version-conflict");
    EXPECT_TRUE(put_weight(database, weight("61.0"), "w1", 1).ok());
}

TEST_ON_BOTH(Records, removing_hides_and_restoring_brings_back_the_same_text) {
    const auto stored = put_weight(database, weight("60.50"), "w1");
    const auto remove_it = [&](int64_t now) {
        return testing::write(database,
                              [&](db::WriteTx& tx) { return remove(tx, kHanako, "Observation", "w1", at(now)); });
    };
    const auto restore_it = [&](int64_t now) {
        return testing::write(database,
                              [&](db::WriteTx& tx) { return restore(tx, kHanako, "Observation", "w1", at(now)); });
    };
    EXPECT_EQ(restore_it(1500).error().code, "records.not-deleted");
    EXPECT_TRUE(remove_it(2000).ok());
    EXPECT_TRUE(list_of(database).empty());
    EXPECT_EQ(remove_it(2500).error().code, "records.not-found");
    const auto restored = restore_it(3000);
    ASSERT_TRUE(restored.ok());
    EXPECT_EQ(restored->version, 3);
    EXPECT_THAT(list_of(database)[0].body, HasSubstr("60.50"));
    EXPECT_EQ(list_of(database)[0].effective_at, stored->effective_at);
}

TEST_ON_BOTH(Records, erasing_leaves_no_trace) {
    put_weight(database, weight("60.0"), "w1").value();
    put_weight(database, weight("61.0"), "w1").value();
    testing::write(database, [](db::WriteTx& tx) { return erase(tx, kHanako); });
    const auto versions =
        testing::read(database, [](db::ReadTx& tx) { return history(tx, kHanako, "Observation", "w1"); });
    EXPECT_TRUE(versions.empty());
}

Draft delivered(const std::string& id, std::string_view kilograms, const std::string& subject = kResident.to_string()) {
    fhir::Observation observation = fhir::body_weight(subject, "2025-06-01", kilograms);
    observation.id = id;
    return {"Observation", id, Origin::City, json::write(observation)};
}

base::Status deliver_to_resident(db::Database& database, const std::string& id, const std::vector<Draft>& drafts) {
    return testing::write(database,
                          [&](db::WriteTx& tx) { return deliver(tx, kResident, id, collection(drafts), at(1000)); });
}

base::Result<int64_t> adopt_for_hanako(db::Database& database, int64_t now) {
    base::SeededRandom random(1);
    return testing::write(database, [&](db::WriteTx& tx) { return adopt(tx, random, kResident, kHanako, at(now)); });
}

TEST_ON_BOTH(Records, deliveries_become_the_record_of_the_person_once) {
    ASSERT_TRUE(deliver_to_resident(database, "checkups", {delivered("c1", "62.10"), delivered("c2", "63.0")}).ok());
    ASSERT_TRUE(deliver_to_resident(database, "more", {delivered("c3", "64.0")}).ok());
    EXPECT_EQ(*adopt_for_hanako(database, 5000), 3);
    EXPECT_EQ(*adopt_for_hanako(database, 6000), 0);
    const auto weights = list_of(database);
    ASSERT_EQ(weights.size(), 3U);
    for (const auto& one : weights) {
        EXPECT_EQ(one.origin, Origin::City);
        EXPECT_THAT(one.body, HasSubstr("Patient/" + kHanako.to_string()));
        EXPECT_THAT(one.body, testing::Not(HasSubstr(kResident.to_string())));
    }
    ASSERT_TRUE(deliver_to_resident(database, "checkups", {delivered("c1", "62.20"), delivered("c2", "63.0")}).ok());
    EXPECT_EQ(*adopt_for_hanako(database, 7000), 1);
}

TEST_ON_BOTH(Records, a_delivery_that_is_wrong_in_one_entry_is_refused_whole) {
    const auto other = delivered("c2", "60", kHanako.to_string());
    EXPECT_EQ(deliver_to_resident(database, "x", {delivered("c1", "60"), other}).error().code, "records.other-person");
    Draft without_id = delivered("c1", "60");
    without_id.body = weight("60", "2026-01-01", kResident.to_string());
    EXPECT_EQ(deliver_to_resident(database, "x", {without_id}).error().code, "records.id-malformed");
    EXPECT_EQ(*adopt_for_hanako(database, 5000), 0);
}

TEST_ON_BOTH(Records, counts_are_by_type_and_code) {
    put_weight(database, weight("60.0"), "w1").value();
    put_weight(database, weight("61.0"), "w2").value();
    const auto found = testing::read(database, [](db::ReadTx& tx) { return counts(tx, kHanako); });
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].code, "http://loinc.org|29463-7");
    EXPECT_EQ(found[0].count, 2);
}

TEST(RecordsBundle, ASearchsetIsABundleWithTheBodiesAsTheyAre) {
    Resource one;
    one.type = "Observation";
    one.id = "a";
    one.body = R"({"resourceType":"Observation","value":1.50})";
    EXPECT_EQ(searchset({one}, "https://city.example/fhir"),
              R"({"resourceType":"Bundle","type":"searchset","total":1,"entry":[{"fullUrl":)"
              R"("https://city.example/fhir/Observation/a","resource":{"resourceType":"Observation","value":1.50},)"
              R"("search":{"mode":"match"}}]})");
    EXPECT_EQ(searchset({}, "x"), R"({"resourceType":"Bundle","type":"searchset","total":0})");
}

} // namespace
} // namespace musubi::records
