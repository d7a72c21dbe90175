#include "lib/fhir/index.h"

#include <gtest/gtest.h>

namespace musubi::fhir {
namespace {

std::vector<IndexValue> values(const std::string& bytes, ResourceType type, std::string_view code) {
    std::vector<IndexValue> out;
    const auto* parameter = find_search_parameter(type, code);
    EXPECT_NE(parameter, nullptr) << code;
    if (parameter)
        IndexView(bytes).for_each(parameter->id, [&](const IndexValue& value) {
            out.push_back(value);
            return true;
        });
    return out;
}

Document parsed(std::string text) {
    auto document = Document::parse(std::move(text));
    EXPECT_TRUE(document.ok());
    return std::move(*document);
}

TEST(Index, OfAnObservationHoldsEveryKind) {
    const auto document = parsed(R"({"resourceType":"Observation","id":"a","status":"final",
        "code":{"coding":[{"system":"urn:oid:2.16.840.1.113883.6.1","code":"29463-7","display":"体重"}],"text":"体重測定"},
        "subject":{"reference":"Patient/p1"},"effectiveDateTime":"2026-11-22",
        "valueQuantity":{"value":3250.0,"unit":"g","system":"http://unitsofmeasure.org","code":"g"}})");
    const std::string bytes = extract_index(document);
    const auto code = values(bytes, ResourceType::Observation, "code");
    ASSERT_EQ(code.size(), 1u);
    EXPECT_EQ(code[0].system, "http://loinc.org");
    EXPECT_EQ(code[0].code, "29463-7");
    const auto patient = values(bytes, ResourceType::Observation, "patient");
    ASSERT_EQ(patient.size(), 1u);
    EXPECT_EQ(patient[0].target, ResourceType::Patient);
    EXPECT_EQ(patient[0].code, "p1");
    const auto date = values(bytes, ResourceType::Observation, "date");
    ASSERT_EQ(date.size(), 1u);
    EXPECT_EQ(date[0].low, parse_date("2026-11-21T15:00:00Z")->low);
    EXPECT_EQ(date[0].high - date[0].low, 86'400'000'000);
    const auto quantity = values(bytes, ResourceType::Observation, "value-quantity");
    ASSERT_EQ(quantity.size(), 1u);
    EXPECT_EQ(quantity[0].number_low, 3250);
    EXPECT_NE(quantity[0].base_unit, 0);
    const auto both = values(bytes, ResourceType::Observation, "code-value-quantity");
    ASSERT_EQ(both.size(), 2u);
    EXPECT_EQ(both[0].code, "29463-7");
    EXPECT_EQ(both[1].number_low, 3250);
}

TEST(Index, SharesEqualValuesAndStaysSmall) {
    const auto document = parsed(R"({"resourceType":"Observation","status":"final","code":{"coding":[{"system":
        "http://loinc.org","code":"8302-2"}]},"subject":{"reference":"Patient/p1"},"effectiveDateTime":"2026-11-22T09:00:00+09:00",
        "valueQuantity":{"value":170,"unit":"cm","system":"http://unitsofmeasure.org","code":"cm"}})");
    EXPECT_LT(extract_index(document).size(), 200u);
}

TEST(Index, OfAPatientJoinsNamesAndKnowsWhoLives) {
    const auto document = parsed(R"({"resourceType":"Patient","id":"p1","name":[
        {"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation","valueCode":"SYL"}],
         "use":"usual","text":"ヤマダ タロウ","family":"ヤマダ","given":["タロウ"]},{"family":"山田","given":["太郎"]}],
        "telecom":[{"system":"phone","value":"０３-1234-5678"},{"system":"email","value":"a@example.jp"}],
        "identifier":[{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0203","code":"MR"}]},
        "system":"urn:oid:1.2.392.100495.20.3.51.11310000001","value":"00000010"}],"deceasedBoolean":false})");
    const std::string bytes = extract_index(document);
    EXPECT_EQ(values(bytes, ResourceType::Patient, "jp-kana-sort").size(), 1u);
    EXPECT_EQ(values(bytes, ResourceType::Patient, "phone").size(), 1u);
    EXPECT_EQ(values(bytes, ResourceType::Patient, "telecom").size(), 2u);
    EXPECT_EQ(values(bytes, ResourceType::Patient, "deceased")[0].code, "false");
    EXPECT_EQ(values(bytes, ResourceType::Patient, "identifier")[0].extra_code, "MR");
    bool joined = false;
    for (const auto& value : values(bytes, ResourceType::Patient, "name")) joined |= value.text == "山田太郎";
    EXPECT_TRUE(joined);
}

TEST(Dates, OfAnyPrecisionAreIntervalsInJapanUnlessTheySayOtherwise) {
    EXPECT_EQ(parse_date("2026")->low, parse_date("2025-12-31T15:00:00Z")->low);
    EXPECT_EQ(parse_date("2026")->high, parse_date("2027")->low);
    EXPECT_EQ(parse_date("2026-12")->high, parse_date("2027-01-01")->low);
    EXPECT_EQ(parse_date("2026-11-22T09:00:00+09:00")->low, parse_date("2026-11-22T00:00:00Z")->low);
    EXPECT_EQ(parse_date("2026-11-22T09:00:00.5Z")->high - parse_date("2026-11-22T09:00:00.5Z")->low, 100'000);
    for (const char* bad : {"", "26", "2026-13", "2026-02-30", "2026-11-22T", "2026-11-22T25:00:00Z",
                            "2026-11-22T09:00:00+15:00", "2026/11/22", "2026-11-22 09:00", "2026-11-22T09:00:00.Z"})
        EXPECT_FALSE(parse_date(bad)) << bad;
    EXPECT_TRUE(parse_date("9999-12-31"));
}

TEST(Definitions, KnowEveryTypeAndParameter) {
    EXPECT_EQ(resource_types().size(), 146u);
    EXPECT_EQ(name_of(ResourceType::Patient), "Patient");
    EXPECT_EQ(type_named("Observation"), ResourceType::Observation);
    EXPECT_FALSE(type_named("DomainResource"));
    EXPECT_EQ(find_search_parameter(ResourceType::Patient, "birthdate")->kind, SearchKind::Date);
    EXPECT_EQ(find_search_parameter(ResourceType::Slot, "_id")->kind, SearchKind::Token);
    EXPECT_EQ(find_search_parameter(ResourceType::Patient, "code"), nullptr);
    EXPECT_EQ(patient_compartment(ResourceType::Observation).size(), 2u);
    EXPECT_TRUE(patient_compartment(ResourceType::Organization).empty());
    EXPECT_EQ(canonical_system("urn:oid:1.2.392.200119.4.504"), "http://medis.or.jp/CodeSystem/master-JLAC10-17digits");
}

} // namespace
} // namespace musubi::fhir
