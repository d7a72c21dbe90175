#include "lib/http/call.h"

#include "lib/http/text.h"

#include <stdexcept>

namespace musubi::http {

namespace {

std::string_view find_header(const std::vector<Header>& headers, std::string_view name) {
    for (const Header& header : headers)
        if (equal_ignoring_case(header.name, name)) return header.value;
    return {};
}

template <class Id> Id subject_as(const Principal& principal, PrincipalKind kind) {
    if (principal.kind == kind)
        if (auto id = Id::parse(principal.subject)) return *id;
    throw std::logic_error("the route's Access does not admit the kind of principal its handler asks for");
}

} // namespace

std::string_view Request::header(std::string_view name) const { return find_header(headers, name); }

std::optional<std::string> Request::cookie(std::string_view name) const {
    for (const Header& field : headers) {
        if (!equal_ignoring_case(field.name, "Cookie")) continue;
        for (const auto pair : split(field.value, ';')) {
            const auto text = trimmed(pair);
            const size_t equals = text.find('=');
            if (equals == std::string_view::npos || text.substr(0, equals) != name) continue;
            auto value = text.substr(equals + 1);
            if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
                value = value.substr(1, value.size() - 2);
            return std::string(value);
        }
    }
    return std::nullopt;
}

std::optional<std::string> Request::query_value(std::string_view name) const {
    for (const auto pair : split(query, '&')) {
        const size_t equals = pair.find('=');
        if (percent_decode(pair.substr(0, equals), Plus::IsSpace) != name) continue;
        return percent_decode(equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1),
                              Plus::IsSpace);
    }
    return std::nullopt;
}

std::string_view Response::header(std::string_view name) const {
    if (equal_ignoring_case(name, "Content-Type")) return content_type;
    if (const auto own = find_header(headers, name); !own.empty()) return own;
    for (auto line : split(policy, '\n')) {
        const size_t colon = line.find(':');
        if (colon == std::string_view::npos || !equal_ignoring_case(line.substr(0, colon), name)) continue;
        line.remove_prefix(colon + 1);
        if (line.ends_with('\r')) line.remove_suffix(1);
        return trimmed(line);
    }
    return {};
}

std::string_view Call::path_text(std::string_view name) const { return path_parameters.find(name); }

base::PersonId Call::person() const { return subject_as<base::PersonId>(principal, PrincipalKind::Citizen); }
base::StaffId Call::staff() const { return subject_as<base::StaffId>(principal, PrincipalKind::Staff); }

void Call::set_cookie(std::string name, std::string value, CookieOptions options) {
    std::string text = std::move(name) + "=" + std::move(value) + "; Path=/; HttpOnly; SameSite=Lax";
    if (request.secure) text += "; Secure";
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(options.lifetime).count();
    if (options.lifetime.count() != 0) text += "; Max-Age=" + std::to_string(seconds < 0 ? 0 : seconds);
    response_headers.push_back({"Set-Cookie", std::move(text)});
}

void Call::set_header(std::string name, std::string value) {
    response_headers.push_back({std::move(name), std::move(value)});
}

} // namespace musubi::http
