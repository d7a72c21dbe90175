#include "lib/fhir/query.h"

#include <gtest/gtest.h>

namespace musubi::fhir {
namespace {

QueryOptions options() {
    QueryOptions out;
    out.now = *base::Instant::parse("2026-11-22T00:00:00Z");
    out.own_base = "https://kenko.city.example/fhir";
    return out;
}

std::string index_of(std::string text) {
    auto document = Document::parse(std::move(text));
    EXPECT_TRUE(document.ok());
    return extract_index(*document, {"https://kenko.city.example/fhir"});
}

bool finds(const std::string& index, ResourceType type, std::string name, std::string value) {
    const auto query = parse_query(type, {{name, value}}, options());
    EXPECT_TRUE(query.ok()) << name << '=' << value;
    if (!query || query->filters.size() != 1 || !query->filters[0].criterion) {
        ADD_FAILURE() << name << '=' << value;
        return false;
    }
    return matches(*query->filters[0].criterion, IndexView(index));
}

std::string refusal(ResourceType type, std::string name, std::string value, Handling handling = Handling::Strict) {
    auto asked = options();
    asked.handling = handling;
    const auto query = parse_query(type, {{name, value}}, asked);
    if (query) return "";
    for (const auto& [key, text] : query.error().parameters)
        if (key == "reason") return text;
    return query.error().code;
}

const std::string& patient() {
    static const std::string index = index_of(R"({"resourceType":"Patient","id":"p1",
        "name":[{"use":"official","family":"山田","given":["太郎"]},{"family":"ヤマダ","given":["ガクト"]},{"text":"O'Brien-Smith"}],
        "gender":"male","birthDate":"1980-02-29","identifier":[{"type":{"coding":[{"system":
        "http://terminology.hl7.org/CodeSystem/v2-0203","code":"MR"}],"text":"カルテ番号"},"system":"urn:oid:1.2.3","value":"Ａｂ12"}],
        "address":[{"state":"見本県","city":"見本市","line":["本町1-2"],"postalCode":"100-0001"}],
        "managingOrganization":{"reference":"https://kenko.city.example/fhir/Organization/o1"},
        "generalPractitioner":[{"identifier":{"system":"http://doctors.example","value":"D7"}},
                               {"reference":"https://elsewhere.example/fhir/Practitioner/x9"}]})");
    return index;
}

constexpr auto kPatient = ResourceType::Patient;

TEST(StringSearch, FoldsAsJapaneseReadersExpect) {
    EXPECT_TRUE(finds(patient(), kPatient, "name", "山田太郎"));
    EXPECT_TRUE(finds(patient(), kPatient, "name", "山田　太郎"));
    EXPECT_TRUE(finds(patient(), kPatient, "name", "やまだ"));
    EXPECT_TRUE(finds(patient(), kPatient, "given", "がくと"));
    EXPECT_TRUE(finds(patient(), kPatient, "given", "ｶｸﾄ")) << "voicing marks are folded away";
    EXPECT_TRUE(finds(patient(), kPatient, "name", "OBRIEN"));
    EXPECT_TRUE(finds(patient(), kPatient, "address", "見本市本町"));
    EXPECT_FALSE(finds(patient(), kPatient, "name", "田"));
    EXPECT_TRUE(finds(patient(), kPatient, "name:contains", "田"));
    EXPECT_TRUE(finds(patient(), kPatient, "family:exact", "山田"));
    EXPECT_FALSE(finds(patient(), kPatient, "family:exact", "やまだ"));
    EXPECT_TRUE(finds(patient(), kPatient, "family", "佐藤,山"));
}

TEST(TokenSearch, KnowsSystemsTypesAndTheirAbsence) {
    EXPECT_TRUE(finds(patient(), kPatient, "identifier", "ab12"));
    EXPECT_TRUE(finds(patient(), kPatient, "identifier", "urn:oid:1.2.3|AB12"));
    EXPECT_TRUE(finds(patient(), kPatient, "identifier", "urn:oid:1.2.3|"));
    EXPECT_FALSE(finds(patient(), kPatient, "identifier", "|AB12"));
    EXPECT_TRUE(
        finds(patient(), kPatient, "identifier:of-type", "http://terminology.hl7.org/CodeSystem/v2-0203|MR|ab12"));
    EXPECT_FALSE(
        finds(patient(), kPatient, "identifier:of-type", "http://terminology.hl7.org/CodeSystem/v2-0203|SS|ab12"));
    EXPECT_TRUE(finds(patient(), kPatient, "identifier:text", "カルテ"));
    EXPECT_TRUE(finds(patient(), kPatient, "gender", "male"));
    EXPECT_TRUE(finds(patient(), kPatient, "gender", "http://hl7.org/fhir/administrative-gender|male"));
    EXPECT_FALSE(finds(patient(), kPatient, "gender", "http://other|male"));
    EXPECT_FALSE(finds(patient(), kPatient, "gender:not", "male"));
    EXPECT_TRUE(finds(patient(), kPatient, "gender:not", "female"));
    EXPECT_TRUE(finds(patient(), kPatient, "language:not", "ja")) << "no value is not that value";
    EXPECT_TRUE(finds(patient(), kPatient, "gender:in", "http://hl7.org/fhir/ValueSet/administrative-gender"));
    EXPECT_TRUE(finds(patient(), kPatient, "deceased", "false"));
    EXPECT_TRUE(finds(patient(), kPatient, "_id", "p1"));
    EXPECT_TRUE(finds(patient(), kPatient, "active:missing", "true"));
    EXPECT_FALSE(finds(patient(), kPatient, "gender:missing", "true"));
    const auto condition =
        index_of(R"({"resourceType":"Condition","code":{"coding":[{"system":"http://hl7.org/fhir/sid/icd-10",
        "code":"E11.9"}]},"subject":{"reference":"Patient/p1"}})");
    EXPECT_TRUE(finds(condition, ResourceType::Condition, "code:below", "http://hl7.org/fhir/sid/icd-10|E11"));
    EXPECT_FALSE(finds(condition, ResourceType::Condition, "code:above", "http://hl7.org/fhir/sid/icd-10|E11"));
}

TEST(DateSearch, ComparesIntervals) {
    for (const auto& [value, expected] : std::vector<std::pair<std::string, bool>>{{"1980-02-29", true},
                                                                                   {"1980-02", true},
                                                                                   {"1980", true},
                                                                                   {"ne1980", false},
                                                                                   {"gt1980-02-28", true},
                                                                                   {"gt1980-02", false},
                                                                                   {"ge1980-02-29", true},
                                                                                   {"lt1980-03", true},
                                                                                   {"le1980-02-29", true},
                                                                                   {"lt1980-02-29", false},
                                                                                   {"sa1980-01", true},
                                                                                   {"eb1980-03-01", true},
                                                                                   {"eb1980-02-29", false},
                                                                                   {"ap1981", true},
                                                                                   {"ap2010", false},
                                                                                   {"1980-02-29T00:00:00", false}})
        EXPECT_EQ(finds(patient(), kPatient, "birthdate", value), expected) << value;
}

TEST(ReferenceSearch, MeetsEveryWayOfWritingIt) {
    EXPECT_TRUE(finds(patient(), kPatient, "organization", "Organization/o1"));
    EXPECT_TRUE(finds(patient(), kPatient, "organization", "o1"));
    EXPECT_TRUE(finds(patient(), kPatient, "organization:Organization", "o1"));
    EXPECT_TRUE(finds(patient(), kPatient, "organization", "https://kenko.city.example/fhir/Organization/o1"));
    EXPECT_FALSE(finds(patient(), kPatient, "organization", "https://elsewhere.example/fhir/Organization/o1"));
    EXPECT_TRUE(finds(patient(), kPatient, "general-practitioner", "https://elsewhere.example/fhir/Practitioner/x9"));
    EXPECT_FALSE(finds(patient(), kPatient, "general-practitioner", "Practitioner/x9"));
    EXPECT_TRUE(finds(patient(), kPatient, "general-practitioner:identifier", "http://doctors.example|d7"));
}

TEST(QuantitySearch, ConvertsUnits) {
    const auto weight =
        index_of(R"({"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org",
        "code":"29463-7"}]},"valueQuantity":{"value":3.25,"unit":"kg","system":"http://unitsofmeasure.org","code":"kg"},
        "component":[{"code":{"coding":[{"code":"a"}]},"valueQuantity":{"value":1}},{"code":{"coding":[{"code":"b"}]},
        "valueQuantity":{"value":2,"comparator":">"}}]})");
    const auto type = ResourceType::Observation;
    EXPECT_TRUE(finds(weight, type, "value-quantity", "3.25"));
    EXPECT_FALSE(finds(weight, type, "value-quantity", "3.2||kg")) << "3.15 to 3.25 leaves 3.25 out";
    EXPECT_TRUE(finds(weight, type, "value-quantity", "3250|http://unitsofmeasure.org|g"));
    EXPECT_TRUE(finds(weight, type, "value-quantity", "gt3200|http://unitsofmeasure.org|g"));
    EXPECT_FALSE(finds(weight, type, "value-quantity", "gt3300|http://unitsofmeasure.org|g"));
    EXPECT_FALSE(finds(weight, type, "value-quantity", "3.25|http://unitsofmeasure.org|cm"));
    EXPECT_TRUE(finds(weight, type, "code-value-quantity", "http://loinc.org|29463-7$gt3||kg"));
    EXPECT_TRUE(finds(weight, type, "component-code-value-quantity", "a$1"));
    EXPECT_FALSE(finds(weight, type, "component-code-value-quantity", "a$2"));
    EXPECT_TRUE(finds(weight, type, "component-code-value-quantity", "b$gt100"));
}

TEST(Queries, AreParsedIntoTrees) {
    const auto query = parse_query(ResourceType::Observation,
                                   {{"subject:Patient.name:contains", "山"},
                                    {"patient._has:Encounter:patient:status", "finished"},
                                    {"_include", "Observation:subject:Patient"},
                                    {"_revinclude:iterate", "Provenance:target"},
                                    {"_sort", "-date,code"},
                                    {"_count", "50"},
                                    {"_summary", "data"},
                                    {"_elements", "code,Patient.name"},
                                    {"_total", "accurate"},
                                    {"nonsense", "x"},
                                    {"code", ""}},
                                   options());
    ASSERT_TRUE(query.ok());
    ASSERT_EQ(query->filters.size(), 2u);
    ASSERT_TRUE(query->filters[0].chain);
    EXPECT_EQ(query->filters[0].chain->targets, std::vector{ResourceType::Patient});
    ASSERT_TRUE(query->filters[0].chain->inner[0]->criterion);
    EXPECT_EQ(query->filters[0].chain->inner[0]->criterion->modifier, Modifier::Contains);
    ASSERT_TRUE(query->filters[1].chain);
    ASSERT_TRUE(query->filters[1].chain->inner[0]->has);
    EXPECT_EQ(query->filters[1].chain->inner[0]->has->type, ResourceType::Encounter);
    EXPECT_EQ(query->includes.size(), 2u);
    EXPECT_TRUE(query->includes[1].iterate);
    EXPECT_TRUE(query->sort[0].descending);
    EXPECT_EQ(query->count, 50u);
    EXPECT_EQ(query->unknown, std::vector<std::string>{"nonsense"});
    EXPECT_EQ(query->used.size(), 9u);
}

TEST(Queries, SayWhatIsWrongWithThem) {
    EXPECT_EQ(refusal(kPatient, "nonsense", "x"), "fhir.search-unknown-parameter");
    EXPECT_EQ(refusal(kPatient, "nonsense", "x", Handling::Lenient), "");
    EXPECT_EQ(refusal(kPatient, "birthdate", "yesterday", Handling::Lenient), "date-malformed");
    EXPECT_EQ(refusal(kPatient, "birthdate:exact", "1980"), "modifier-not-allowed");
    EXPECT_EQ(refusal(kPatient, "name:nearly", "x"), "modifier-unknown");
    EXPECT_EQ(refusal(kPatient, "name.family", "x"), "not-a-reference");
    EXPECT_EQ(refusal(kPatient, "_has:Observation:code:value", "x"), "does-not-refer-to-this-type");
    EXPECT_EQ(refusal(kPatient, "_sort", "near"), "not-sortable");
    EXPECT_EQ(refusal(kPatient, "gender:in", "http://unknown"), "value-set-unknown");
    EXPECT_EQ(refusal(ResourceType::Observation, "code-value-quantity", "x"), "composite-needs-all-parts");
    std::string deep = "name";
    for (int i = 0; i < 6; ++i) deep = "link." + deep;
    EXPECT_EQ(refusal(kPatient, deep, "x"), "fhir.search-too-complex");
}

TEST(SortKeys, OrderRowsAndPutMissingLast) {
    const auto key = [](const std::string& index, std::string rule) {
        const auto query = parse_query(kPatient, {{"_sort", std::move(rule)}}, options());
        return sort_key(query->sort[0], IndexView(index));
    };
    const auto older = index_of(R"({"resourceType":"Patient","birthDate":"1950-01-01","name":[{"family":"あ"}]})");
    const auto none = index_of(R"({"resourceType":"Patient"})");
    EXPECT_LT(key(older, "birthdate"), key(patient(), "birthdate"));
    EXPECT_GT(key(older, "-birthdate"), key(patient(), "-birthdate"));
    for (const auto* rule : {"birthdate", "-birthdate", "family", "-family"})
        EXPECT_LT(key(older, rule), key(none, rule));
}

} // namespace
} // namespace musubi::fhir
