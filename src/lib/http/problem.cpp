#include "lib/http/problem.h"

#include "lib/http/text.h"
#include "lib/json/json.h"

namespace musubi::http {

int status_of(base::ErrorKind kind) {
    switch (kind) {
    case base::ErrorKind::Invalid:
        return 400;
    case base::ErrorKind::Unauthenticated:
        return 401;
    case base::ErrorKind::Forbidden:
        return 403;
    case base::ErrorKind::StepUpRequired:
        return 403;
    case base::ErrorKind::NotFound:
        return 404;
    case base::ErrorKind::Conflict:
        return 409;
    case base::ErrorKind::Gone:
        return 410;
    case base::ErrorKind::Locked:
        return 423;
    case base::ErrorKind::TooLarge:
        return 413;
    case base::ErrorKind::TooMany:
        return 429;
    case base::ErrorKind::Unavailable:
        return 503;
    case base::ErrorKind::Internal:
        return 500;
    }
    return 500;
}

Response problem(const base::Error& error, std::string_view request_id, int status) {
    const bool internal = error.kind == base::ErrorKind::Internal;
    Response response;
    response.status = status != 0 ? status : status_of(error.kind);
    response.content_type = "application/problem+json";
    std::string_view code = error.code;
    if (internal || code.empty()) code = "internal";
    if (error.kind == base::ErrorKind::StepUpRequired) code = "auth.step-up-required"; // clients act on this one code

    std::string& out = response.body;
    out = "{\"type\":";
    json::append_string(out, "/problems/" + std::string(code));
    out += ",\"title\":";
    json::append_string(out, reason_phrase(response.status));
    out += ",\"status\":" + std::to_string(response.status) + ",\"code\":";
    json::append_string(out, code);
    out += ",\"params\":{";
    bool first = true;
    for (const auto& [name, value] : error.parameters) {
        if (internal) break;
        if (!std::exchange(first, false)) out += ',';
        json::append_string(out, name);
        out += ':';
        json::append_string(out, value);
        if (name == "retryAfterSeconds") response.headers.push_back({"Retry-After", value});
    }
    out += "},\"fields\":[";
    first = true;
    for (const auto& field : error.fields) {
        if (internal) break;
        out += std::exchange(first, false) ? "{\"path\":" : ",{\"path\":";
        json::append_string(out, field.path);
        out += ",\"code\":";
        json::append_string(out, field.code);
        out += '}';
    }
    out += "],\"requestId\":";
    json::append_string(out, request_id);
    out += '}';
    return response;
}

} // namespace musubi::http
