#include "lib/fhir/patch.h"

#include "lib/fhir/bundle.h"
#include "lib/fhir/path.h"
#include "lib/fhir/projection.h"

#include <gtest/gtest.h>

namespace musubi::fhir {
namespace {

std::string patched(std::string target, std::string patch) {
    const auto from = Tree::parse(std::move(target));
    const auto by = Tree::parse(std::move(patch));
    if (!from || !by) return "not JSON";
    const auto result = apply_json_patch(*from, *by);
    return result ? *result : result.error().code;
}

// The examples of RFC 6902, appendix A.
TEST(JsonPatch, DoesWhatTheExamplesOfItsRfcSay) {
    EXPECT_EQ(patched(R"({"foo":"bar"})", R"([{"op":"add","path":"/baz","value":"qux"}])"),
              R"({"foo":"bar","baz":"qux"})");
    EXPECT_EQ(patched(R"({"foo":["bar","baz"]})", R"([{"op":"add","path":"/foo/1","value":"qux"}])"),
              R"({"foo":["bar","qux","baz"]})");
    EXPECT_EQ(patched(R"({"baz":"qux","foo":"bar"})", R"([{"op":"remove","path":"/baz"}])"), R"({"foo":"bar"})");
    EXPECT_EQ(patched(R"({"foo":["bar","qux","baz"]})", R"([{"op":"remove","path":"/foo/1"}])"),
              R"({"foo":["bar","baz"]})");
    EXPECT_EQ(patched(R"({"baz":"qux","foo":"bar"})", R"([{"op":"replace","path":"/baz","value":"boo"}])"),
              R"({"baz":"boo","foo":"bar"})");
    EXPECT_EQ(patched(R"({"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}})",
                      R"([{"op":"move","from":"/foo/waldo","path":"/qux/thud"}])"),
              R"({"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}})");
    EXPECT_EQ(patched(R"({"foo":["all","grass","cows","eat"]})", R"([{"op":"move","from":"/foo/1","path":"/foo/3"}])"),
              R"({"foo":["all","cows","eat","grass"]})");
    EXPECT_EQ(patched(R"({"baz":"qux","foo":["a",2,"c"]})",
                      R"([{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2}])"),
              R"({"baz":"qux","foo":["a",2,"c"]})");
    EXPECT_EQ(patched(R"({"baz":"qux"})", R"([{"op":"test","path":"/baz","value":"bar"}])"), "fhir.patch-test-failed");
    EXPECT_EQ(patched(R"({"foo":"bar"})", R"([{"op":"add","path":"/child","value":{"grandchild":{}}}])"),
              R"({"foo":"bar","child":{"grandchild":{}}})");
    EXPECT_EQ(patched(R"({"foo":"bar"})", R"([{"op":"add","path":"/baz","value":"qux","xyz":123}])"),
              R"({"foo":"bar","baz":"qux"})");
    EXPECT_EQ(patched(R"({"foo":"bar"})", R"([{"op":"add","path":"/baz/bat","value":"qux"}])"),
              "fhir.patch-not-applicable");
    EXPECT_EQ(patched(R"({"/":9,"~1":10})", R"([{"op":"test","path":"/~01","value":10}])"), R"({"/":9,"~1":10})");
    EXPECT_EQ(patched(R"({"/":9,"~1":10})", R"([{"op":"test","path":"/~01","value":"10"}])"), "fhir.patch-test-failed");
    EXPECT_EQ(patched(R"({"foo":["bar"]})", R"([{"op":"add","path":"/foo/-","value":["abc","def"]}])"),
              R"({"foo":["bar",["abc","def"]]})");
}

// From the json-patch-tests collection: what must be refused, and corners.
TEST(JsonPatch, RefusesWhatItsTestCollectionRefuses) {
    for (const char* patch :
         {R"([{"op":"add","path":"/bar/8","value":"5"}])", R"([{"op":"add","path":"/bar/-1","value":"5"}])",
          R"([{"op":"remove","path":"/baz/1e0/qux"}])", R"([{"op":"remove","path":"/nothing"}])",
          R"([{"op":"replace","path":"/bar/01","value":1}])", R"([{"op":"test","path":"/bar/00","value":1}])",
          R"([{"op":"copy","from":"/nothing","path":"/a"}])", R"([{"op":"move","from":"/bar","path":"/bar/0"}])",
          R"([{"op":"replace","path":"/a/b","value":1}])"})
        EXPECT_EQ(patched(R"({"bar":[1,2],"baz":[{"qux":1}]})", patch), "fhir.patch-not-applicable") << patch;
    for (const char* patch :
         {R"([{"op":"spam","path":""}])", R"([{"path":"/a","value":1}])", R"([{"op":"add","value":1}])",
          R"([{"op":"add","path":"/a"}])", R"([{"op":"add","path":"bar","value":1}])", R"({})", R"([1])",
          R"([{"op":"copy","path":"/a"}])", R"([{"op":"test","path":"/~2","value":1}])",
          R"([{"op":"add","path":null,"value":1}])"})
        EXPECT_EQ(patched(R"({"bar":[1,2]})", patch), "fhir.patch-malformed") << patch;
    EXPECT_EQ(patched(R"({"foo":1})", R"([{"op":"replace","path":"","value":[1]}])"), "[1]");
    EXPECT_EQ(patched(R"([1,2])", R"([{"op":"add","path":"/2","value":3}])"), "[1,2,3]");
    EXPECT_EQ(patched(R"({"foo":1})", R"([{"op":"test","path":"/foo","value":1.0}])"), R"({"foo":1})");
    EXPECT_EQ(patched(R"({"":1})", R"([{"op":"replace","path":"/","value":2}])"), R"({"":2})");
    EXPECT_EQ(patched(R"({"a":{"b":[1, 2]}})", R"([{"op":"test","path":"","value":{"a":{"b":[1,2]}}}])"),
              R"({"a":{"b":[1, 2]}})");
}

TEST(JsonPatch, KeepsTheTextOfWhatItDoesNotTouch) {
    EXPECT_EQ(patched(R"({"resourceType":"Observation","valueQuantity":{"value": 0.010 },"status":"final"})",
                      R"([{"op":"replace","path":"/status","value":"amended"}])"),
              R"({"resourceType":"Observation","valueQuantity":{"value": 0.010 },"status":"amended"})");
}

std::string path_patched(const std::string& target, const std::string& operations) {
    const auto document = Document::parse(target);
    std::string text = R"({"resourceType":"Parameters","parameter":[)" + operations + "]}";
    const auto parameters = Document::parse(text);
    if (!document || !parameters) return "not a resource";
    const auto result = apply_fhirpath_patch(*document, *parameters);
    return result ? *result : result.error().code;
}

std::string operation(std::string_view type, std::string_view path, std::string_view more = "") {
    return R"({"name":"operation","part":[{"name":"type","valueCode":")" + std::string(type) +
           R"("},{"name":"path","valueString":")" + std::string(path) + "\"}" + std::string(more) + "]}";
}

TEST(FhirPathPatch, AddsInsertsDeletesReplacesAndMoves) {
    const std::string patient =
        R"({"resourceType":"Patient","birthDate":"1980-01-01","_birthDate":{"id":"b"},)"
        R"("identifier":[{"system":"http://a","value":"1"},{"system":"http://b","value":"2"}]})";
    EXPECT_EQ(path_patched(
                  R"({"resourceType":"Patient"})",
                  operation("add", "Patient",
                            R"(,{"name":"name","valueString":"birthDate"},{"name":"value","valueDate":"1930-01-01"})")),
              R"({"resourceType":"Patient","birthDate":"1930-01-01"})");
    EXPECT_EQ(path_patched(patient,
                           operation("replace", "Patient.birthDate", R"(,{"name":"value","valueDate":"1930-01-01"})"))
                      .find("1930-01-01") != std::string::npos,
              true);
    EXPECT_EQ(
        path_patched(patient, operation("delete", "Patient.birthDate")),
        R"({"resourceType":"Patient","identifier":[{"system":"http://a","value":"1"},{"system":"http://b","value":"2"}]})");
    EXPECT_EQ(
        path_patched(R"({"resourceType":"Patient"})",
                     operation("add", "Patient",
                               R"(,{"name":"name","valueString":"deceased"},{"name":"value","valueBoolean":true})")),
        R"({"resourceType":"Patient","deceasedBoolean":true})");
    EXPECT_EQ(
        path_patched(R"({"resourceType":"Patient"})",
                     operation("add", "Patient", R"(,{"name":"name","valueString":"contact"},{"name":"value","part":[
                               {"name":"name","valueHumanName":{"text":"a name"}},{"name":"gender","valueCode":"male"}]})")),
        R"({"resourceType":"Patient","contact":[{"name":{"text":"a name"},"gender":"male"}]})");
    EXPECT_EQ(path_patched(R"({"resourceType":"Patient","identifier":[{"value":"1"},{"value":"2"},{"value":"3"}]})",
                           operation("move", "Patient.identifier",
                                     R"(,{"name":"source","valueInteger":2},{"name":"destination","valueInteger":0})")),
              R"({"resourceType":"Patient","identifier":[{"value":"3"},{"value":"1"},{"value":"2"}]})");
    EXPECT_EQ(path_patched(
                  R"({"resourceType":"Patient","identifier":[{"value":"1"},{"value":"2"}]})",
                  operation("insert", "Patient.identifier",
                            R"(,{"name":"index","valueInteger":1},{"name":"value","valueIdentifier":{"value":"x"}})")),
              R"({"resourceType":"Patient","identifier":[{"value":"1"},{"value":"x"},{"value":"2"}]})");
    EXPECT_EQ(path_patched(R"({"resourceType":"Patient","identifier":[{"system":"http://a","value":"1"}]})",
                           operation("delete", "Patient.identifier.where(system='http://a')")),
              R"({"resourceType":"Patient"})");
    EXPECT_EQ(path_patched(patient, operation("delete", "Patient.gender")), patient);
    EXPECT_EQ(path_patched(patient, operation("delete", "Patient.identifier")), "fhir.patch-not-applicable");
    EXPECT_EQ(path_patched(patient, operation("delete", "Patient.identifier[")), "fhir.path-malformed");
    EXPECT_EQ(path_patched(patient, operation("explode", "Patient.identifier")), "fhir.patch-malformed");
}

TEST(Paths, SelectByTypeConditionAndPlace) {
    const auto document = Document::parse(R"({"resourceType":"Observation","valueQuantity":{"value":1},
        "component":[{"code":{"text":"a"},"valueString":"x"},{"code":{"text":"b"}}],
        "extension":[{"url":"http://e","valueCode":"c"}],"subject":{"reference":"Patient/1"}})");
    ASSERT_TRUE(document.ok());
    const auto count = [&](std::string_view path) {
        const auto found = evaluate_path(*document, path);
        return found ? static_cast<int>(found->size()) : -1;
    };
    EXPECT_EQ(count("Observation.value.ofType(Quantity)"), 1);
    EXPECT_EQ(count("(Observation.value as string)"), 0);
    EXPECT_EQ(count("Observation.component.where(code.text = 'b' or value.exists())"), 2);
    EXPECT_EQ(count("Observation.component[1].code"), 1);
    EXPECT_EQ(count("Observation.extension('http://e').value"), 1);
    EXPECT_EQ(count("Observation.subject.where(resolve() is Patient)"), 1);
    EXPECT_EQ(count("Observation.subject.where(resolve() is Group)"), 0);
    EXPECT_EQ(count("Patient.name | Observation.value"), 1);
    for (const char* bad :
         {"", "Observation.", "Observation.where(", "a b", "'x", "Observation.nothing()", "((((", "Observation[x]"})
        EXPECT_EQ(count(bad), -1) << bad;
    EXPECT_EQ(count(std::string(500, '(')), -1);
}

TEST(Bundles, GiveTheirEntriesAndLetReferencesBeRewritten) {
    const auto bundle = Document::parse(R"({"resourceType":"Bundle","type":"transaction","entry":[
        {"fullUrl":"urn:uuid:0c1","resource":{"resourceType":"Patient","name":[{"text":"urn:uuid:0c1"}],
         "text":{"status":"generated","div":"<div><a href=\"urn:uuid:0c1\">x</a></div>"}},
         "request":{"method":"POST","url":"Patient","ifNoneExist":"identifier=1"}},
        {"resource":{"resourceType":"Observation","subject":{"reference":"urn:uuid:0c1"},"contained":[
         {"resourceType":"Provenance","target":[{"reference":"urn:uuid:0c1#a"}]}],"focus":[{"reference":"#a"}],
         "valueQuantity":{"value":1.50}}}]})");
    ASSERT_TRUE(bundle.ok());
    const auto parts = read_bundle(*bundle);
    ASSERT_TRUE(parts.ok());
    ASSERT_EQ(parts->entries.size(), 2u);
    EXPECT_EQ(parts->entries[0].method, "POST");
    EXPECT_EQ(parts->entries[0].if_none_exist, "identifier=1");
    EXPECT_EQ(references_in(parts->entries[1].resource),
              (std::vector<std::string_view>{"urn:uuid:0c1", "urn:uuid:0c1#a"}));
    const std::map<std::string, std::string, std::less<>> map = {{"urn:uuid:0c1", "Patient/9"}};
    const std::string patient = rewrite_references(parts->entries[0].resource, map);
    EXPECT_NE(patient.find(R"("text":"urn:uuid:0c1")"), std::string::npos) << "a string is not a link";
    EXPECT_NE(patient.find(R"(href=\"Patient/9\")"), std::string::npos);
    const std::string observation = rewrite_references(parts->entries[1].resource, map);
    EXPECT_NE(observation.find(R"("subject":{"reference":"Patient/9"})"), std::string::npos);
    EXPECT_NE(observation.find(R"("Patient/9#a")"), std::string::npos);
    EXPECT_NE(observation.find("1.50"), std::string::npos);
    EXPECT_FALSE(read_bundle(*Document::parse(R"({"resourceType":"Bundle","type":"batch","entry":[1]})")).ok());
}

TEST(Projections, KeepWhatTheyMustAndSayTheyAreShort) {
    const auto document =
        Document::parse(R"({"resourceType":"Observation","id":"o","meta":{"versionId":"1"},"text":{"status":"empty"},
        "status":"final","code":{"text":"c"},"note":[{"text":"n"}],"component":[{"code":{"text":"d"},"interpretation":[{}]}]})");
    ASSERT_TRUE(document.ok());
    const std::string tag =
        R"({"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"SUBSETTED"})";
    const std::string head = R"({"resourceType":"Observation","id":"o","meta":{"versionId":"1","tag":[)" + tag + "]},";
    EXPECT_EQ(project(*document, Summary::None, {}), document->text());
    EXPECT_EQ(project(*document, Summary::True, {}),
              head + R"("status":"final","code":{"text":"c"},"component":[{"code":{"text":"d"}}]})");
    EXPECT_EQ(project(*document, Summary::Text, {}),
              head + R"("text":{"status":"empty"},"status":"final","code":{"text":"c"}})");
    EXPECT_EQ(project(*document, Summary::None, {"note", "Patient.name"}),
              head + R"("status":"final","code":{"text":"c"},"note":[{"text":"n"}]})");
    EXPECT_EQ(project(*document, Summary::Data, {}).find("\"text\":{\"status\""), std::string::npos);
}

TEST(Stamps, ChangeNothingElse) {
    const Stamp stamp{"new", "2", "2026-11-22T09:00:00.000+09:00"};
    const auto stamped = [&](std::string text) { return Document::parse(std::move(text))->with_stamp(stamp); };
    EXPECT_EQ(
        stamped(R"({ "resourceType" : "Patient" , "x":0.010})"),
        R"({ "resourceType" : "Patient","id":"new","meta":{"versionId":"2","lastUpdated":"2026-11-22T09:00:00.000+09:00"} , "x":0.010})");
    EXPECT_EQ(
        stamped(R"({"id":"old","meta":{"versionId":"1","tag":[]},"resourceType":"Patient"})"),
        R"({"id":"new","meta":{"lastUpdated":"2026-11-22T09:00:00.000+09:00","versionId":"2","tag":[]},"resourceType":"Patient"})");
    EXPECT_EQ(
        stamped(R"({"resourceType":"Patient","id":"a","meta":{}})"),
        R"({"resourceType":"Patient","id":"new","meta":{"versionId":"2","lastUpdated":"2026-11-22T09:00:00.000+09:00"}})");
}

} // namespace
} // namespace musubi::fhir
