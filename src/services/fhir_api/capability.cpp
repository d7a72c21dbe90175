#include "services/fhir_api/capability.h"

#include "lib/fhir/definitions.h"
#include "lib/fhir/validation.h"
#include "lib/json/json.h"

#include <fmt/core.h>

namespace musubi::fhir_api {
namespace {

namespace r4 = ::musubi::fhir;

std::string_view kind_name(r4::SearchKind kind) {
    switch (kind) {
    case r4::SearchKind::Number:
        return "number";
    case r4::SearchKind::Date:
        return "date";
    case r4::SearchKind::String:
        return "string";
    case r4::SearchKind::Token:
        return "token";
    case r4::SearchKind::Reference:
        return "reference";
    case r4::SearchKind::Composite:
        return "composite";
    case r4::SearchKind::Quantity:
        return "quantity";
    case r4::SearchKind::Uri:
        return "uri";
    case r4::SearchKind::Special:
        return "special";
    }
    return "special";
}

constexpr std::string_view kInteractions =
    R"([{"code":"read"},{"code":"vread"},{"code":"update"},{"code":"patch"},{"code":"delete"},)"
    R"({"code":"history-instance"},{"code":"history-type"},{"code":"create"},{"code":"search-type"}])";

void append_operation(std::string& out, std::string_view name, std::string_view definition) {
    if (out.back() != '[') out.push_back(',');
    out +=
        fmt::format(R"({{"name":"{}","definition":"http://hl7.org/fhir/OperationDefinition/{}"}})", name, definition);
}

void append_type(std::string& out, r4::ResourceType type) {
    const std::string_view name = r4::name_of(type);
    if (out.back() != '[') out.push_back(',');
    out += fmt::format(R"({{"type":"{}","profile":"http://hl7.org/fhir/StructureDefinition/{}",)", name, name);
    std::string profiles;
    for (const std::string_view url : r4::known_profiles()) {
        // JP Core names its profiles after the type: …/StructureDefinition/JP_Patient_…
        const size_t at = url.rfind("/JP_");
        if (at == std::string_view::npos) continue;
        const std::string_view rest = url.substr(at + 4);
        if (!rest.starts_with(name) || (rest.size() > name.size() && rest[name.size()] != '_')) continue;
        if (!profiles.empty()) profiles.push_back(',');
        json::append_string(profiles, url);
    }
    if (!profiles.empty()) out += R"("supportedProfile":[)" + profiles + "],";
    out += fmt::format(R"("interaction":{},)", kInteractions);
    out += R"("versioning":"versioned","readHistory":true,"updateCreate":true,"conditionalCreate":true,)"
           R"("conditionalRead":"full-support","conditionalUpdate":true,"conditionalDelete":"single",)"
           R"("referencePolicy":["literal","logical"],)";
    std::string includes;
    std::string parameters;
    for (const uint16_t id : r4::search_parameters(type)) {
        const r4::SearchParameter& parameter = r4::search_parameter(id);
        if (parameter.kind == r4::SearchKind::Special) continue;
        if (!parameters.empty()) parameters.push_back(',');
        parameters += fmt::format(R"({{"name":"{}","definition":"{}","type":"{}"}})", parameter.code, parameter.url,
                                  kind_name(parameter.kind));
        if (parameter.kind != r4::SearchKind::Reference) continue;
        if (!includes.empty()) includes.push_back(',');
        includes += fmt::format(R"("{}:{}")", name, parameter.code);
    }
    if (!includes.empty()) out += R"("searchInclude":[)" + includes + "],";
    out += R"("searchParam":[)" + parameters + "]";
    std::string operations = R"(,"operation":[)";
    if (type == r4::ResourceType::Patient) append_operation(operations, "everything", "Patient-everything");
    if (type == r4::ResourceType::Observation) append_operation(operations, "lastn", "Observation-lastn");
    append_operation(operations, "validate", "Resource-validate");
    out += operations + "]}";
}

} // namespace

std::string capability_statement(std::string_view base, std::string_view version, std::string_view date) {
    std::string out = R"({"resourceType":"CapabilityStatement","status":"active","date":)";
    json::append_string(out, date);
    out += R"(,"kind":"instance","software":{"name":"Musubi","version":)";
    json::append_string(out, version);
    out += R"(},"implementation":{"description":"Musubi","url":)";
    json::append_string(out, base);
    out += R"(},"fhirVersion":"4.0.1","format":["json","application/fhir+json"],)"
           R"("patchFormat":["application/json-patch+json","application/fhir+json"],)"
           R"("implementationGuide":["http://jpfhir.jp/fhir/core/ImplementationGuide/jp-core"],)"
           R"("rest":[{"mode":"server","security":{"cors":false,"description":)"
           R"("A citizen's session reaches the own compartment and those of the children the citizen acts for. Staff )"
           R"(state a purpose in X-Musubi-Purpose. Every access to another person's data is recorded."},"resource":[)";
    for (const r4::ResourceType type : r4::resource_types())
        if (type != r4::ResourceType::Parameters) append_type(out, type);
    out += R"(],"interaction":[{"code":"transaction"},{"code":"batch"},{"code":"history-system"}]}]})";
    return out;
}

} // namespace musubi::fhir_api
