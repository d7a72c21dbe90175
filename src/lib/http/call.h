// What a handler sees of a request, and what it may answer besides its JSON value.
#pragma once

#include "base/i18n.h"
#include "base/ids.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "lib/http/principal.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace musubi::http {

enum class Method { Get, Post, Put, Patch, Delete, Head, Options };
using Language = base::Language; // X-Musubi-Language, else Accept-Language: ja, ja-easy, en

struct Header {
    std::string name;
    std::string value;
};

/// One request, already checked for form and size.
struct Request {
    Method method = Method::Get;
    std::string path;  // decoded, normalised, begins with "/"
    std::string query; // as sent, without "?"
    std::vector<Header> headers;
    std::string body;
    std::string client_address;
    bool secure = false; // the client used https, to us or to a trusted proxy

    std::string_view header(std::string_view name) const;           // case-insensitive; first value or ""
    std::optional<std::string> cookie(std::string_view name) const; // RFC 6265
    std::optional<std::string> query_value(std::string_view name) const;
};

/// An answer that is not described JSON: a PDF, a CSV file, a redirect, FHIR. `status` 200 unless said.
struct Raw {
    int status = 200;
    std::string content_type;
    std::string body;
    std::vector<Header> headers;
};

/// What goes back to the client, as the router made it. The server adds Date, Content-Length and Connection.
struct Response {
    int status = 200;
    std::string content_type; // empty: none
    std::vector<Header> headers;
    std::string body;
    std::string_view lasting_body = {}; // sent instead of `body`; lives as long as the program
    std::string_view policy = {};       // header lines common to all answers of a kind, ready to send
    bool without_body = false;          // the answer to HEAD: length, but no content

    std::string_view content() const { return lasting_body.empty() ? std::string_view(body) : lasting_body; }
    std::string_view header(std::string_view name) const; // also looks into `policy`; "" when absent
};

struct CookieOptions {
    base::Duration lifetime = base::Duration(0); // 0 = until the browser closes; negative = delete now
};

/// What stands where a route's path has {name}. Points into the request's path and the router's table, both of which
/// outlive the call.
class PathParameters {
  public:
    static constexpr size_t kMost = 6;
    bool push(std::string_view value) {
        if (m_count == kMost) return false;
        m_values[m_count++] = value;
        return true;
    }
    void pop() { --m_count; }
    void name(const std::vector<std::string>& names) { m_names = &names; }
    std::string_view find(std::string_view name) const {
        for (size_t i = 0; m_names && i < m_count && i < m_names->size(); ++i)
            if ((*m_names)[i] == name) return m_values[i];
        return {};
    }

  private:
    const std::vector<std::string>* m_names = nullptr;
    std::array<std::string_view, kMost> m_values;
    size_t m_count = 0;
};

/// Everything one call needs; `now`, `request_id` and `language` are fixed at its start.
class Call {
  public:
    const Request& request;
    base::Instant now;
    std::string request_id;
    Language language = Language::Japanese;
    Principal principal;

    explicit Call(const Request& from) : request(from) {}

    /// A path parameter as an id type: `call.path<NoticeId>("id")`. Malformed = not found.
    template <class IdType> base::Result<IdType> path(std::string_view name) const {
        auto id = IdType::parse(path_text(name));
        if (!id) return base::not_found("request.not-found");
        return id;
    }
    std::string_view path_text(std::string_view name) const;

    /// The signed-in citizen; only in routes whose Access admits citizens.
    base::PersonId person() const;
    base::StaffId staff() const;

    /// For the audit entry the router writes with this call: whose data, why, and what exactly.
    struct AuditNote {
        std::optional<base::PersonId> person;
        std::string purpose;
        std::string object;
    } audit;

    /// HttpOnly, SameSite=Lax, Path=/, Secure when the public address is https.
    void set_cookie(std::string name, std::string value, CookieOptions options = {});
    void set_header(std::string name, std::string value);
    void set_status(int status) { m_status = status; } // 201, 202, 204

    // The router's side.
    PathParameters path_parameters;
    std::vector<Header> response_headers;
    int status() const { return m_status; }

  private:
    int m_status = 200;
};

} // namespace musubi::http
