#include "lib/http/openapi.h"

#include "lib/http/text.h"

#include <algorithm>
#include <map>

namespace musubi::http {

namespace {

std::string quoted(std::string_view text) {
    std::string out;
    json::append_string(out, text);
    return out;
}

constexpr std::string_view kProblemSchema =
    R"({"type":"object","description":"RFC 9457.","properties":{"type":{"type":"string","format":"uri-reference"},)"
    R"("title":{"type":"string"},"status":{"type":"integer","format":"int32"},"code":{"type":"string",)"
    R"("description":"Stable name of what happened."},"params":{"type":"object","additionalProperties":)"
    R"({"type":"string"}},"fields":{"type":"array","items":{"type":"object","properties":{"path":{"type":"string",)"
    R"("description":"JSON Pointer into the body."},"code":{"type":"string"}},"required":["path","code"]}},)"
    R"("requestId":{"type":"string"}},"required":["type","title","status","code","params","fields","requestId"]})";

constexpr std::string_view kSecuritySchemes =
    R"({"session":{"type":"apiKey","in":"cookie","name":"musubi_session","description":"Set by signing in."},)"
    R"("bearer":{"type":"http","scheme":"bearer"}})";

std::string parameters_of(const RouteInfo& route) {
    std::string out;
    const auto add = [&out](std::string_view name, std::string_view in, bool required, std::string_view meaning) {
        if (!out.empty()) out += ',';
        out += "{\"name\":" + quoted(name) + ",\"in\":\"" + std::string(in) + "\"";
        if (required) out += ",\"required\":true";
        if (!meaning.empty()) out += ",\"description\":" + quoted(meaning);
        out += R"(,"schema":{"type":"string"}})";
    };
    for (auto segment : split(route.path, '/')) {
        if (!segment.starts_with('{')) continue;
        segment = segment.substr(1, segment.size() - 2);
        if (segment.ends_with("...")) segment.remove_suffix(3);
        add(segment, "path", true, "");
    }
    for (const auto& parameter : route.query) add(parameter.name, "query", false, parameter.meaning);
    return out;
}

std::string security_of(const Access& access) {
    const auto admits = [&access](PrincipalKind kind) {
        return std::find(access.kinds.begin(), access.kinds.end(), kind) != access.kinds.end();
    };
    if (admits(PrincipalKind::Anonymous)) return "[]";
    std::string out;
    if (admits(PrincipalKind::Citizen) || admits(PrincipalKind::Staff)) out = "{\"session\":[]}";
    if (admits(PrincipalKind::Machine)) out += out.empty() ? "{\"bearer\":[]}" : ",{\"bearer\":[]}";
    return "[" + out + "]";
}

std::string content(std::string_view type, std::string_view schema) {
    return "{" + quoted(type) + ":{\"schema\":" + std::string(schema) + "}}";
}

std::string responses_of(const RouteInfo& route) {
    std::string out = "{";
    switch (route.answer) {
    case RouteInfo::Answer::Json:
        out += R"("200":{"description":"OK","content":)" + content("application/json", route.response_schema) + "}";
        break;
    case RouteInfo::Answer::Nothing:
        out += R"("204":{"description":"Done"})";
        break;
    case RouteInfo::Answer::Raw:
        out += R"("200":{"description":"OK","content":)" + content("*/*", "{}") + "}";
        break;
    }
    return out + R"(,"default":{"description":"Refused","content":)" +
           content("application/problem+json", R"({"$ref":"#/components/schemas/Problem"})") + "}}";
}

std::string operation_of(const RouteInfo& route) {
    std::string out = "{\"operationId\":" + quoted(route.operation) + ",\"security\":" + security_of(route.access);
    if (const std::string parameters = parameters_of(route); !parameters.empty())
        out += ",\"parameters\":[" + parameters + "]";
    const bool has_body = route.method != Method::Get && route.method != Method::Delete;
    if (!route.request_schema.empty()) {
        out += R"(,"requestBody":{"required":true,"content":)" +
               content(route.body_limit.content_type, route.request_schema) + "}";
    } else if (has_body && route.body_limit.content_type != "application/json") {
        out += R"(,"requestBody":{"required":true,"content":)" + content(route.body_limit.content_type, "{}") + "}";
    }
    return out + ",\"responses\":" + responses_of(route) + "}";
}

} // namespace

std::string openapi_document(std::string_view title, std::string_view version, const std::vector<RouteInfo>& routes,
                             const json::SchemaSet& schemas) {
    std::map<std::string, std::map<std::string, std::string>> paths;
    for (const RouteInfo& route : routes) {
        std::string method(method_name(route.method));
        for (char& c : method) c = static_cast<char>(c | 0x20);
        std::string path = route.path;
        if (const size_t dots = path.find("...}"); dots != std::string::npos) path.erase(dots, 3);
        paths[path][method] = operation_of(route);
    }
    std::string out = "{\"openapi\":\"3.1.0\",\"info\":{\"title\":" + quoted(title) +
                      ",\"version\":" + quoted(version) + "},\"paths\":{";
    bool first_path = true;
    for (const auto& [path, methods] : paths) {
        if (!std::exchange(first_path, false)) out += ',';
        out += quoted(path) + ":{";
        bool first_method = true;
        for (const auto& [method, operation] : methods) {
            if (!std::exchange(first_method, false)) out += ',';
            out += quoted(method) + ":" + operation;
        }
        out += '}';
    }
    out += "},\"components\":{\"schemas\":{\"Problem\":" + std::string(kProblemSchema);
    for (const auto& [name, schema] : schemas.schemas()) out += "," + quoted(name) + ":" + schema;
    return out + "},\"securitySchemes\":" + std::string(kSecuritySchemes) + "}}";
}

} // namespace musubi::http
