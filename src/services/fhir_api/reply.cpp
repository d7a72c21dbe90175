#include "services/fhir_api/reply.h"

#include "lib/http/problem.h"
#include "lib/json/json.h"

#include <array>
#include <charconv>
#include <chrono>
#include <fmt/core.h>

namespace musubi::fhir_api {
namespace {

/// How a refusal is told to FHIR clients where its kind does not say it (R4 section 3.1.0, value set issue-type).
struct Told {
    std::string_view code;
    int status;
    std::string_view issue;
};
constexpr Told kTold[] = {
    {"fhir.invalid", 422, "invalid"},
    {"fhir.reference-unknown", 422, "not-found"},
    {"fhir.precondition-failed", 412, "conflict"},
    {"fhir.multiple-matches", 412, "multiple-matches"},
    {"records.version-conflict", 412, "conflict"},
    {"fhir.gone", 410, "deleted"},
    {"fhir.not-acceptable", 406, "not-supported"},
    {"fhir.type-unknown", 404, "not-supported"},
    {"fhir.not-found", 404, "not-found"},
    {"request.not-found", 404, "not-supported"},
    {"request.method-not-allowed", 405, "not-supported"},
    {"request.content-type-unsupported", 415, "not-supported"},
    {"records.too-costly", 403, "too-costly"},
    {"fhir.search-too-complex", 403, "too-costly"},
    {"records.malformed", 400, "structure"},
    {"records.id-malformed", 400, "value"},
    {"fhir.malformed", 400, "structure"},
    {"fhir.not-a-resource", 400, "structure"},
    {"fhir.patch-not-applicable", 422, "processing"},
    {"fhir.patch-test-failed", 422, "processing"},
    {"fhir.id-taken", 409, "duplicate"},
};

std::string_view issue_of(base::ErrorKind kind) {
    switch (kind) {
    case base::ErrorKind::Invalid:
        return "invalid";
    case base::ErrorKind::Unauthenticated:
        return "login";
    case base::ErrorKind::Forbidden:
    case base::ErrorKind::StepUpRequired:
        return "forbidden";
    case base::ErrorKind::NotFound:
        return "not-found";
    case base::ErrorKind::Conflict:
        return "conflict";
    case base::ErrorKind::Gone:
        return "expired";
    case base::ErrorKind::Locked:
        return "suppressed";
    case base::ErrorKind::TooLarge:
        return "too-long";
    case base::ErrorKind::TooMany:
        return "throttled";
    case base::ErrorKind::Unavailable:
        return "transient";
    case base::ErrorKind::Internal:
        return "exception";
    }
    return "processing";
}

const Told* told(const base::Error& error) {
    for (const Told& one : kTold)
        if (one.code == error.code) return &one;
    return nullptr;
}

void append_issue(std::string& out, std::string_view severity, std::string_view issue, std::string_view code,
                  std::string_view diagnostics, std::string_view expression) {
    out += R"({"severity":)";
    json::append_string(out, severity);
    out += R"(,"code":)";
    json::append_string(out, issue);
    if (!code.empty()) {
        out += R"(,"details":{"coding":[{"system":"urn:musubi:error","code":)";
        json::append_string(out, code);
        out += "}]}";
    }
    if (!diagnostics.empty()) {
        out += R"(,"diagnostics":)";
        json::append_string(out, diagnostics);
    }
    if (!expression.empty()) {
        out += R"(,"expression":[)";
        json::append_string(out, expression);
        out += "]";
    }
    out += "}";
}

constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

} // namespace

int status_of(const base::Error& error) {
    const Told* known = told(error);
    return known ? known->status : http::status_of(error.kind);
}

std::string outcome_of(const base::Error& error) {
    const bool internal = error.kind == base::ErrorKind::Internal;
    const Told* known = told(error);
    const std::string_view issue = known ? known->issue : issue_of(error.kind);
    const std::string_view code = internal || error.code.empty() ? std::string_view("internal") : error.code;
    std::string diagnostics;
    if (!internal)
        for (const auto& [name, value] : error.parameters)
            diagnostics += (diagnostics.empty() ? "" : "; ") + name + ": " + value;
    std::string out = R"({"resourceType":"OperationOutcome","issue":[)";
    if (internal || error.fields.empty()) {
        append_issue(out, internal ? "fatal" : "error", issue, code, diagnostics, {});
    } else {
        for (size_t i = 0; i < error.fields.size(); ++i) {
            if (i > 0) out += ",";
            append_issue(out, "error", issue, code, error.fields[i].code, error.fields[i].path);
        }
    }
    return out + "]}";
}

Reply refusal(const base::Error& error) {
    Reply reply;
    reply.status = status_of(error);
    reply.body = outcome_of(error);
    return reply;
}

std::string information(std::string_view text) {
    std::string out = R"({"resourceType":"OperationOutcome","issue":[)";
    append_issue(out, "information", "informational", {}, text, {});
    return out + "]}";
}

http::Raw to_raw(Reply reply) {
    http::Raw raw;
    raw.status = reply.status;
    if (!reply.body.empty()) raw.content_type = std::string(kFhirJson);
    raw.body = std::move(reply.body);
    if (!reply.etag.empty()) raw.headers.push_back({"ETag", std::move(reply.etag)});
    if (reply.last_modified) raw.headers.push_back({"Last-Modified", http_date(*reply.last_modified)});
    if (!reply.location.empty()) raw.headers.push_back({"Location", std::move(reply.location)});
    return raw;
}

std::string etag_of(int64_t version) { return fmt::format("W/\"{}\"", version); }

std::optional<int64_t> version_in_etag(std::string_view text) {
    if (text.starts_with("W/")) text.remove_prefix(2);
    if (text.size() < 3 || text.front() != '"' || text.back() != '"') return std::nullopt;
    text = text.substr(1, text.size() - 2);
    int64_t version = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
    if (error != std::errc() || end != text.data() + text.size() || version < 1) return std::nullopt;
    return version;
}

std::string http_date(base::Instant at) {
    const int64_t seconds = at.seconds();
    int64_t days = seconds / 86400;
    int64_t rest = seconds % 86400;
    if (rest < 0) {
        rest += 86400;
        --days;
    }
    const base::CivilDate date = base::CivilDate::from_days(static_cast<int32_t>(days));
    return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT", kDays[static_cast<size_t>(((days % 7) + 11) % 7)],
                       date.day(), kMonths[date.month() - 1], date.year(), rest / 3600, rest / 60 % 60, rest % 60);
}

std::optional<base::Instant> parse_http_date(std::string_view text) {
    // "Sun, 22 Nov 2026 00:00:00 GMT", the one form that senders may use.
    if (text.size() != 29 || !text.ends_with(" GMT")) return std::nullopt;
    for (size_t month = 0; month < kMonths.size(); ++month) {
        if (text.substr(8, 3) != kMonths[month]) continue;
        return base::Instant::parse(
            fmt::format("{}-{:02}-{}T{}Z", text.substr(12, 4), month + 1, text.substr(5, 2), text.substr(17, 8)));
    }
    return std::nullopt;
}

} // namespace musubi::fhir_api
