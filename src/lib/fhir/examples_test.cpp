// Resources made by others: all instances of the HL7 examples package (installed with the web's development packages),
// JP Core's and the Japanese clinical information sharing service's (testdata/).
#include "lib/fhir/index.h"
#include "lib/fhir/query.h"
#include "lib/fhir/validation.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

namespace musubi::fhir {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return std::move(out).str();
}

std::vector<fs::path> json_files(const fs::path& folder) {
    std::vector<fs::path> out;
    std::error_code missing;
    for (const auto& entry : fs::directory_iterator(folder, missing))
        if (entry.path().extension() == ".json") out.push_back(entry.path());
    std::sort(out.begin(), out.end());
    return out;
}

Limits large() {
    Limits limits;
    limits.max_bytes = 64 << 20;
    limits.max_nodes = 10'000'000;
    return limits;
}

std::string summary(const std::vector<Issue>& issues) {
    std::string out;
    for (const auto& issue : issues)
        if (issue.severity <= Severity::Error)
            out += "\n    " + issue.rule + " at " + issue.expression + ": " + issue.diagnostics;
    return out;
}

const std::set<std::string>& conformance() {
    static const std::set<std::string> names = {"CapabilityStatement",     "CodeSystem",
                                                "CompartmentDefinition",   "ConceptMap",
                                                "GraphDefinition",         "ImplementationGuide",
                                                "MessageDefinition",       "NamingSystem",
                                                "OperationDefinition",     "SearchParameter",
                                                "StructureDefinition",     "StructureMap",
                                                "TerminologyCapabilities", "ValueSet"};
    return names;
}

/// Examples that break a rule of R4 in truth, and the one they break; found by comparing with the specification's text.
const std::map<std::string, std::set<std::string>>& known_wrong() {
    static const std::map<std::string, std::set<std::string>> names = {
        {"ActivityDefinition-blood-tubes-supply", {"txt-1"}},        // the narrative is empty
        {"ActivityDefinition-heart-valve-replacement", {"txt-1"}},   // the narrative is empty
        {"EventDefinition-example", {"txt-1"}},                      // the narrative is empty
        {"Questionnaire-zika-virus-exposure-assessment", {"txt-1"}}, // the narrative is empty
        {"Bundle-dataelements", {"bdl-7"}},                          // the same full url twice
        {"Bundle-v2-valuesets", {"ext-1"}},                          // extensions without a value
        {"DeviceMetric-example", {"reference-target"}},
        {"DeviceUseStatement-example", {"reference-target"}},
        {"MedicationRequest-medrx0301", {"reference-target"}},
        {"Observation-clinical-gender", {"reference-target"}},
        {"Questionnaire-qs1", {"cardinality", "que-2"}}, // items without linkId
    };
    return names;
}

std::set<std::string> broken_rules(const std::vector<Issue>& issues) {
    std::set<std::string> out;
    for (const auto& issue : issues)
        if (issue.severity <= Severity::Error) out.insert(issue.rule);
    return out;
}

TEST(Examples, OfR4AreReadWrittenAndFoundValid) {
    const auto files = json_files("web/node_modules/hl7.fhir.r4.examples");
    ASSERT_GT(files.size(), 5000u) << "hl7.fhir.r4.examples is not installed: run npm ci in web/";
    size_t instances = 0;
    for (const auto& file : files) {
        const std::string name = file.stem().string();
        const std::string type = name.substr(0, name.find('-'));
        if (!type_named(type) || conformance().contains(type)) continue;
        std::string text = read(file);
        if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
        const auto document = Document::parse(text, large());
        ASSERT_TRUE(document.ok()) << name << ' ' << document.error().code << document.error().parameters.back().second;
        ++instances;
        ASSERT_EQ(document->text(), text);
        (void)extract_index(*document);
        const auto issues = validate(*document);
        const auto wrong = known_wrong().find(name);
        EXPECT_EQ(broken_rules(issues), wrong == known_wrong().end() ? std::set<std::string>() : wrong->second)
            << name << summary(issues);
    }
    EXPECT_GE(instances, 700u);
}

std::vector<std::string> lines(const fs::path& path) {
    std::ifstream in(path);
    std::vector<std::string> out;
    for (std::string line; std::getline(in, line);) out.push_back(line);
    return out;
}

TEST(Examples, OfJpCoreAreValidByTheProfilesTheyClaim) {
    const auto all = lines("src/lib/fhir/testdata/jp_core.ndjson");
    ASSERT_EQ(all.size(), 48u);
    for (const auto& line : all) {
        const auto document = Document::parse(line);
        ASSERT_TRUE(document.ok()) << line.substr(0, 100);
        const auto issues = validate(*document);
        EXPECT_TRUE(is_valid(issues)) << name_of(document->type()) << '/' << document->id() << summary(issues);
    }
}

TEST(Examples, OfTheJapaneseInformationSharingServiceAreValid) {
    const auto all = lines("src/lib/fhir/testdata/clins.ndjson");
    ASSERT_EQ(all.size(), 58u);
    for (const auto& line : all) {
        const auto document = Document::parse(line);
        ASSERT_TRUE(document.ok()) << line.substr(0, 100);
        EXPECT_EQ(document->text(), line);
        const auto issues = validate(*document);
        EXPECT_TRUE(is_valid(issues)) << name_of(document->type()) << '/' << document->id() << summary(issues);
    }
}

// Two of the three are wrong in drug codes that only the drug masters know (no standard code at all, one digit of a
// general name's code); the third lacks the local code that the service's profile asks for.
TEST(Examples, ThatAreWrongInStructureAreRefused) {
    const auto all = lines("src/lib/fhir/testdata/clins_wrong.ndjson");
    ASSERT_EQ(all.size(), 3u);
    const auto document = Document::parse(all[2]);
    ASSERT_TRUE(document.ok());
    EXPECT_EQ(broken_rules(validate(*document)), std::set<std::string>{"JP_Observation_LabResult_eCS.localCode"});
}

} // namespace
} // namespace musubi::fhir
