#include "services/fhir_api/request.h"

#include "lib/http/text.h"

#include <algorithm>
#include <iterator>

namespace musubi::fhir_api {
namespace {

bool is_json(std::string_view type) {
    static constexpr std::string_view kTypes[] = {"application/fhir+json", "application/json", "text/json", "json",
                                                  "application/json+fhir"};
    return std::any_of(std::begin(kTypes), std::end(kTypes),
                       [&](std::string_view one) { return http::equal_ignoring_case(one, type); });
}

std::string_view media_type(std::string_view field) { return http::trimmed(field.substr(0, field.find(';'))); }

void append_escaped(std::string& out, std::string_view text) {
    static constexpr std::string_view kHex = "0123456789ABCDEF";
    for (const char c : text) {
        const auto byte = static_cast<uint8_t>(c);
        const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                           std::string_view("-._~:|$,/*").find(c) != std::string_view::npos;
        if (plain) {
            out.push_back(c);
        } else {
            out.push_back('%');
            out.push_back(kHex[byte >> 4]);
            out.push_back(kHex[byte & 15]);
        }
    }
}

} // namespace

Terms terms_of(const http::Request& request) {
    Terms terms;
    terms.if_match = request.header("If-Match");
    terms.if_none_match = request.header("If-None-Match");
    terms.if_none_exist = request.header("If-None-Exist");
    terms.if_modified_since = request.header("If-Modified-Since");
    // RFC 7240; R4 section 3.1.0.1.7 and 3.1.1.1.
    for (std::string_view part : http::split(request.header("Prefer"), ',')) {
        for (std::string_view one : http::split(part, ';')) {
            one = http::trimmed(one);
            if (one == "return=minimal") terms.wanted = Return::Minimal;
            if (one == "return=representation") terms.wanted = Return::Representation;
            if (one == "return=OperationOutcome") terms.wanted = Return::Outcome;
            if (one == "handling=strict") terms.handling = r4::Handling::Strict;
        }
    }
    return terms;
}

base::Result<r4::QueryPairs> pairs_of(std::string_view query) {
    r4::QueryPairs pairs;
    for (const std::string_view pair : http::split(query, '&')) {
        if (pair.empty()) continue;
        const size_t equals = pair.find('=');
        auto name = http::percent_decode(pair.substr(0, equals), http::Plus::IsSpace);
        auto value = http::percent_decode(
            equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1), http::Plus::IsSpace);
        if (!name || !value) return base::invalid("fhir.query-malformed");
        pairs.emplace_back(std::move(*name), std::move(*value));
    }
    return pairs;
}

std::string query_of(const r4::QueryPairs& pairs) {
    std::string out;
    for (const auto& [name, value] : pairs) {
        if (!out.empty()) out.push_back('&');
        append_escaped(out, name);
        out.push_back('=');
        append_escaped(out, value);
    }
    return out;
}

base::Result<std::string> take_own(r4::QueryPairs& pairs) {
    std::string page;
    bool acceptable = true;
    std::erase_if(pairs, [&](const auto& pair) {
        if (pair.first == "_page") page = pair.second;
        if (pair.first == "_format" && !is_json(media_type(pair.second))) acceptable = false;
        return pair.first == "_page" || pair.first == "_format" || pair.first == "_pretty";
    });
    if (!acceptable) return base::invalid("fhir.not-acceptable");
    return page;
}

base::Result<r4::ResourceType> type_of(std::string_view name) {
    const auto type = r4::type_named(name);
    if (!type) return base::not_found("fhir.type-unknown");
    return *type;
}

base::Status check_accept(const http::Request& request) {
    const std::string_view accept = request.header("Accept");
    if (accept.empty() || request.query_value("_format")) return base::success();
    for (const std::string_view one : http::split(accept, ',')) {
        const std::string_view type = media_type(one);
        if (type == "*/*" || type == "application/*" || is_json(type)) return base::success();
    }
    return base::invalid("fhir.not-acceptable");
}

base::Status check_content(const http::Request& request) {
    if (is_json(media_type(request.header("Content-Type")))) return base::success();
    return base::invalid("request.content-type-unsupported").with("expected", std::string(kFhirJson));
}

} // namespace musubi::fhir_api
