#include "lib/fhir/validation.h"

#include <gtest/gtest.h>

#include <set>

namespace musubi::fhir {
namespace {

using Found = std::set<std::string>;

Found issues(std::string text, const ValidationOptions& options = {}) {
    const auto document = Document::parse(std::move(text));
    if (!document) return {document.error().code};
    Found out;
    for (const auto& issue : validate(*document, options)) out.insert(issue.rule + '@' + issue.expression);
    return out;
}
Found rule(std::string text) { return {std::move(text)}; }

TEST(Parsing, RefusesWhatAStoreMustNotKeep) {
    const auto reason = [](std::string text, const Limits& limits = {}) {
        const auto document = Document::parse(std::move(text), limits);
        if (document) return std::string("accepted");
        for (const auto& [name, value] : document.error().parameters)
            if (name == "reason") return value;
        return document.error().code;
    };
    EXPECT_EQ(reason(R"({"resourceType":"Patient","id":"a","id":"b"})"), "duplicate-name");
    EXPECT_EQ(reason(R"({"resourceType":"Patient","xyz":1,"xyz":2})"), "duplicate-name");
    EXPECT_EQ(reason(R"({"resourceType":"Patient","birthDate":"1980","_birthDate":{"id":"a"}})"), "accepted");
    EXPECT_EQ(reason("{\"resourceType\":\"Patient\",\"id\":\"\xff\"}"), "bad-utf8");
    EXPECT_EQ(reason("{\"resourceType\":\"Patient\",\"id\":\"\xed\xa0\x80\"}"), "bad-utf8");
    EXPECT_EQ(reason("{\"resourceType\":\"Patient\",\"id\":\"\xc0\x80\"}"), "bad-utf8");
    EXPECT_EQ(reason(R"({"resourceType":"Patient","id":"\ud800"})"), "lone-surrogate");
    EXPECT_EQ(reason(R"({"resourceType":"Patient","id":"\udc00"})"), "lone-surrogate");
    EXPECT_EQ(reason(R"({"resourceType":"Patient","language":"\ud842\udfb7"})"), "accepted");
    EXPECT_EQ(reason(R"({"resourceType":"Patient","a":"\u0000"})"), "control-character");
    EXPECT_EQ(reason("{\"resourceType\":\"Patient\",\"a\":\"\n\"}"), "control-character");
    EXPECT_EQ(reason(R"({"resourceType":"Patient"} x)"), "text-after-value");
    EXPECT_EQ(reason(R"({"resourceType":"Patient","multipleBirthInteger":01})"), "leading-zero");
    EXPECT_EQ(reason(R"({"resourceType":"Patient","a":1.})"), "number-incomplete");
    EXPECT_EQ(reason(R"({"resourceType":"Patient","\u0061":1})"), "escape-in-name");
    EXPECT_EQ(reason(R"({"resourceType":"Patient",})"), "name-missing");
    EXPECT_EQ(reason(R"({"resourceType":"Patient")"), "unexpected-end");
    EXPECT_EQ(reason(""), "empty");
    EXPECT_EQ(reason("[]"), "not-an-object");
    EXPECT_EQ(reason(R"({"resourceType":"Nobody"})"), "resource-type-unknown");
    EXPECT_EQ(reason(R"({"resourceType":"Patient","id":"a b"})"), "id-malformed");
    EXPECT_EQ(reason(R"({"resourceType":"Patient","a":)" + std::string(100, '[') + std::string(100, ']') + "}"),
              "too-deep");
    Limits small;
    small.max_items = 3;
    small.max_bytes = 60;
    EXPECT_EQ(reason(R"({"resourceType":"Patient","a":[1,2,3,4]})", small), "too-many-items");
    EXPECT_EQ(reason(std::string(61, ' '), small), "too-many-bytes");
}

TEST(Validation, SeesStructureCardinalityAndTypes) {
    EXPECT_EQ(issues(R"({"resourceType":"Patient","nme":[]})"), rule("unknown-element@Patient"));
    EXPECT_EQ(issues(R"({"resourceType":"Patient","name":{"family":"a"}})"), rule("list@Patient.name"));
    EXPECT_EQ(issues(R"({"resourceType":"Patient","gender":["male"]})"), rule("list@Patient.gender"));
    EXPECT_EQ(issues(R"({"resourceType":"Patient","name":[]})"), rule("list@Patient.name"));
    EXPECT_EQ(issues(R"({"resourceType":"Patient","name":[{}]})"), rule("ele-1@Patient.name[0]"));
    EXPECT_EQ(issues(R"({"resourceType":"Patient","active":"true"})"), rule("format@Patient.active"));
    EXPECT_EQ(issues(R"({"resourceType":"Patient","birthDate":"1980-1-1"})"), rule("format@Patient.birthDate"));
    EXPECT_EQ(issues(R"({"resourceType":"Patient","deceasedBoolean":true,"deceasedDateTime":"2020"})"),
              rule("choice@Patient.deceased[x]"));
    EXPECT_EQ(issues(R"({"resourceType":"Patient","gender":"man"})"), rule("binding@Patient.gender"));
    EXPECT_EQ(issues(R"({"resourceType":"Patient","communication":[{"preferred":true}]})"),
              rule("cardinality@Patient.communication[0].language"));
    EXPECT_EQ(issues(R"({"resourceType":"Patient","name":[{"given":["a",null]}]})"),
              rule("null@Patient.name[0].given[1]"));
    EXPECT_EQ(issues(R"({"resourceType":"Patient","name":[{"given":["a",null],"_given":[null,{"id":"x"}]}]})"),
              Found());
    EXPECT_EQ(issues(R"({"resourceType":"Patient","managingOrganization":{"reference":"Patient/1"}})"),
              rule("reference-target@Patient.managingOrganization"));
    EXPECT_EQ(issues(R"({"resourceType":"Patient","managingOrganization":{"reference":"#x"}})"),
              rule("ref-1@Patient.managingOrganization"));
    EXPECT_EQ(
        issues(R"({"resourceType":"Patient","text":{"status":"generated","div":"<div><script>x</script></div>"}})"),
        rule("txt-1@Patient.text.div"));
    EXPECT_EQ(issues(R"({"resourceType":"Patient","text":{"status":"generated","div":"<div onclick=\"x\">a</div>"}})"),
              rule("txt-1@Patient.text.div"));
    EXPECT_EQ(
        issues(
            R"({"resourceType":"Patient","text":{"status":"generated","div":"<div><a href=\"javascript:x\">a</a></div>"}})"),
        rule("txt-1@Patient.text.div"));
    EXPECT_EQ(
        issues(
            R"({"resourceType":"Bundle","type":"collection","entry":[{"resource":{"resourceType":"Patient","active":1}}]})"),
        rule("format@Bundle.entry[0].resource.active"));
    EXPECT_EQ(issues(R"({"resourceType":"Observation","status":"final"})"), rule("cardinality@Observation.code"));
}

TEST(Validation, KnowsTheInvariantsThatMatter) {
    const std::string start = R"({"resourceType":"Observation","status":"final","code":{"text":"a"},)";
    EXPECT_EQ(issues(start + R"("valueString":"x","dataAbsentReason":{"text":"y"}})"), rule("obs-6@Observation"));
    EXPECT_EQ(issues(start + R"("effectivePeriod":{"start":"2026-02-01","end":"2026-01-01"}})"),
              rule("per-1@Observation.effectivePeriod"));
    EXPECT_EQ(issues(start + R"("effectivePeriod":{"start":"2026-02","end":"2026-02-01"}})"), Found());
    EXPECT_EQ(issues(start + R"("referenceRange":[{"appliesTo":[{"text":"x"}]}]})"),
              rule("obs-3@Observation.referenceRange[0]"));
    EXPECT_EQ(issues(start + R"("valueQuantity":{"value":1,"code":"kg"}})"), rule("qty-3@Observation.valueQuantity"));
    EXPECT_EQ(issues(start + R"("extension":[{"url":"http://x"}]})"), rule("ext-1@Observation.extension[0]"));
    EXPECT_EQ(issues(start + R"("contained":[{"resourceType":"Patient","meta":{"versionId":"1"}}]})"),
              rule("dom-4@Observation"));
    EXPECT_EQ(issues(R"({"resourceType":"Patient","telecom":[{"value":"1"}]})"), rule("cpt-2@Patient.telecom[0]"));
    EXPECT_EQ(issues(R"({"resourceType":"Organization","active":true})"), rule("org-1@Organization"));
    EXPECT_EQ(
        issues(
            R"({"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"Basic","code":{"text":"a"}}}]})"),
        rule("bdl-3@Bundle"));
    EXPECT_EQ(issues(R"({"resourceType":"AllergyIntolerance","patient":{"reference":"Patient/1"}})"),
              rule("ait-1@AllergyIntolerance"));
}

const std::string kCore = "http://jpfhir.jp/fhir/core/StructureDefinition/";

TEST(JpCore, JudgesWhoClaimsIt) {
    const auto patient = [](const std::string& rest) {
        return R"({"resourceType":"Patient","meta":{"profile":[")" + kCore + R"(JP_Patient"]})" + rest + "}";
    };
    EXPECT_EQ(issues(patient("")), rule("JP_Patient.identifier@Patient.identifier"));
    EXPECT_EQ(issues(patient(R"(,"identifier":[{"system":"urn:oid:1.2"}])")),
              rule("JP_Patient.value@Patient.identifier.value"));
    EXPECT_EQ(issues(patient(R"(,"identifier":[{"value":"1"}])")), Found());
    EXPECT_EQ(issues(R"({"resourceType":"Patient"})"), Found()) << "who claims nothing is judged by R4 alone";
    EXPECT_EQ(issues(R"({"resourceType":"Patient"})", {.also = {kCore + "JP_Patient"}}),
              rule("JP_Patient.identifier@Patient.identifier"));
    EXPECT_EQ(issues(patient(""), {.profiles = Profiles::BaseOnly}), Found());
    EXPECT_EQ(
        issues(R"({"resourceType":"Basic","code":{"text":"a"},"meta":{"profile":[")" + kCore + R"(JP_Patient"]}})"),
        rule("profile-type@Basic"));
}

TEST(JpCore, ChecksSlicesOfALaboratoryResult) {
    const auto result = [](const std::string& category, const std::string& rest) {
        return R"({"resourceType":"Observation","status":"final","meta":{"profile":[")" + kCore +
               R"(JP_Observation_LabResult"]},"category":[{"coding":[{"system":"http://jpfhir.jp/fhir/core/CodeSystem/JP_SimpleObservationCategory_CS","code":")" +
               category + R"("}]}],"subject":{"reference":"Patient/1"},"effectiveDateTime":"2026-11-22")" + rest + "}";
    };
    const std::string code =
        R"(,"code":{"coding":[{"system":"http://medis.or.jp/CodeSystem/master-JLAC10-17digits","code":"8A065000002391901"}],"text":"eGFR"})";
    const std::string specimen = R"(,"specimen":{"reference":"Specimen/1"})";
    EXPECT_EQ(issues(result("laboratory", code + specimen + R"(,"valueQuantity":{"value":75})")), Found());
    EXPECT_TRUE(issues(result("laboratory", code)).contains("JP_Observation_LabResult.specimen@Observation.specimen"));
    EXPECT_TRUE(issues(result("vital-signs", code + specimen))
                    .contains("JP_Observation_LabResult.laboratory@Observation.category"));
    EXPECT_TRUE(issues(result("laboratory", R"(,"code":{"text":"eGFR"})" + specimen))
                    .contains("JP_Observation_LabResult.coding@Observation.code.coding"));
    EXPECT_TRUE(issues(result("laboratory", code + specimen + R"(,"valueBoolean":true)"))
                    .contains("JP_Observation_LabResult.value[x]@Observation.value[x]"));
}

TEST(JpCore, ChecksItsExtensionsWhereverTheyStand) {
    const std::string number =
        "http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_Coverage_InsuredPersonNumber";
    const auto coverage = [&](const std::string& value) {
        return R"({"resourceType":"Coverage","status":"active","beneficiary":{"reference":"Patient/1"},"payor":[{"display":"x"}],"extension":[{"url":")" +
               number + R"(",)" + value + "}]}";
    };
    EXPECT_EQ(issues(coverage(R"("valueString":"１８７")")), Found());
    EXPECT_EQ(issues(coverage(R"("valueInteger":187)")).size(), 1u);
}

TEST(Outcomes, AreResourcesThemselves) {
    const auto document = Document::parse(R"({"resourceType":"Patient","gender":"man"})");
    EXPECT_EQ(issues(operation_outcome(validate(*document))), Found());
    EXPECT_EQ(issues(operation_outcome({})), Found());
}

} // namespace
} // namespace musubi::fhir
