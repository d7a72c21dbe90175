#include "lib/http/request_parser.h"

#include "lib/http/text.h"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>

namespace musubi::http {

namespace beast = boost::beast;
using beast::error_code;

namespace {

/// Beast calls these while it reads.
class Grammar final : public beast::http::basic_parser<true> {
  public:
    Grammar(Request& request, std::string& target, int& version, size_t most_fields)
        : m_request(request), m_target(target), m_version(version), m_most_fields(most_fields) {}
    bool too_many_fields() const { return m_too_many_fields; }
    std::string_view method() const { return m_method; }

  private:
    void on_request_impl(beast::http::verb, beast::string_view method, beast::string_view target, int version,
                         error_code&) override {
        m_method.assign(method.data(), method.size());
        m_target.assign(target.data(), target.size());
        m_version = version;
    }
    void on_response_impl(int, beast::string_view, int, error_code&) override {}
    void on_field_impl(beast::http::field, beast::string_view name, beast::string_view value,
                       error_code& error) override {
        if (m_head_done) return; // trailers are not headers (RFC 9110 section 6.5.1)
        if (m_request.headers.size() == m_most_fields) {
            m_too_many_fields = true;
            error = beast::http::error::header_limit;
            return;
        }
        m_request.headers.push_back({std::string(name), std::string(value)});
    }
    void on_header_impl(error_code&) override { m_head_done = true; }
    void on_body_init_impl(const boost::optional<uint64_t>& length, error_code&) override {
        if (length) m_request.body.reserve(std::min<size_t>(*length, 64 * 1024)); // as it comes, not as it says
    }
    size_t on_body_impl(beast::string_view body, error_code&) override {
        m_request.body.append(body.data(), body.size());
        return body.size();
    }
    void on_chunk_header_impl(uint64_t, beast::string_view, error_code&) override {}
    size_t on_chunk_body_impl(uint64_t, beast::string_view body, error_code&) override {
        m_request.body.append(body.data(), body.size());
        return body.size();
    }
    void on_finish_impl(error_code&) override {}

    Request& m_request;
    std::string& m_target;
    int& m_version;
    size_t m_most_fields;
    std::string m_method;
    bool m_head_done = false;
    bool m_too_many_fields = false;
};

bool is_host(std::string_view text) {
    return !text.empty() && text.size() <= 260 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               std::string_view("-._:[]").find(c) != std::string_view::npos;
    });
}

bool has_token(std::string_view list, std::string_view token) {
    for (const auto element : split(list, ','))
        if (equal_ignoring_case(trimmed(element), token)) return true;
    return false;
}

} // namespace

struct RequestParser::Native {
    std::optional<Grammar> grammar;
};

RequestParser::RequestParser(const ParserLimits& limits, BodyLimitOf body_limit)
    : m_limits(limits), m_body_limit(std::move(body_limit)), m_native(std::make_unique<Native>()) {
    reset();
}
RequestParser::~RequestParser() = default;

void RequestParser::reset() {
    m_request = {};
    m_target.clear();
    m_native->grammar.emplace(m_request, m_target, m_version, m_limits.fields);
    m_native->grammar->header_limit(static_cast<uint32_t>(m_limits.head_bytes + 4));
    m_native->grammar->body_limit(boost::none);
    m_state = State::Head;
    m_scanned = m_line = 0;
    m_keep_alive = true;
    m_expects_continue = m_body_skipped = false;
}

bool RequestParser::refuse(int status, std::string_view code) {
    m_state = State::Refused;
    m_refusal = {status, code};
    return false;
}

size_t RequestParser::advance(std::string_view input) {
    size_t used = 0;
    if (m_state == State::Head) used = advance_head(input);
    if (m_state == State::Body) used += advance_body(input.substr(used));
    return used;
}

std::optional<size_t> RequestParser::find_head(std::string_view input) {
    for (;;) {
        const size_t end = input.find('\n', m_scanned);
        if (end == std::string_view::npos || end >= m_limits.head_bytes) {
            m_scanned = input.size();
            if (input.size() > m_limits.head_bytes) refuse(431, "request.head-too-large");
            return std::nullopt;
        }
        if (end == m_line || input[end - 1] != '\r') {
            refuse(400, "request.line-end-malformed");
            return std::nullopt;
        }
        const bool folded = m_line > 0 && (input[m_line] == ' ' || input[m_line] == '\t');
        if (folded) { // RFC 9112 section 5.2
            refuse(400, "request.line-folded");
            return std::nullopt;
        }
        if (end == m_line + 1) return end + 1;
        m_line = m_scanned = end + 1;
    }
}

size_t RequestParser::advance_head(std::string_view input) {
    // One empty line before a request is left from a client that ends its body with one (RFC 9112 section 2.2).
    if (m_scanned == 0 && input.starts_with("\r\n")) return 2 + advance_head(input.substr(2));
    if (input.empty() || input == "\r") return 0;
    // Not HTTP at all, such as TLS to the plain port: no need to wait for more.
    if (input[0] < 'A' || input[0] > 'Z') return refuse(400, "request.malformed"), 0;
    const auto length = find_head(input);
    if (!length) return 0;
    error_code error;
    m_native->grammar->put(boost::asio::const_buffer(input.data(), *length), error);
    if (error) {
        if (m_native->grammar->too_many_fields()) {
            refuse(431, "request.head-too-large");
        } else if (error == beast::http::error::bad_version) {
            refuse(505, "request.version-unsupported");
        } else {
            refuse(400, "request.malformed");
        }
        return 0;
    }
    if (accept_head()) m_state = m_native->grammar->is_done() || m_body_skipped ? State::Done : State::Body;
    return *length;
}

size_t RequestParser::advance_body(std::string_view input) {
    auto& grammar = *m_native->grammar;
    size_t used = 0;
    while (!grammar.is_done() && used < input.size()) {
        // The shortest end of a chunked body is "0\r\n\r\n". Beast asserts that it sees that much when it is asked a
        // second time; whoever sends a body byte by byte must not be able to end the process with it.
        if (grammar.chunked() && input[used] == '0' && input.size() - used < 5) return used;
        error_code error;
        const size_t taken = grammar.put(boost::asio::const_buffer(input.data() + used, input.size() - used), error);
        used += taken;
        if (error == beast::http::error::need_more) return used;
        if (error == beast::http::error::body_limit) {
            refuse(413, "request.body-too-large");
        } else if (error) {
            refuse(400, "request.body-malformed");
        }
        if (error) return used;
    }
    if (grammar.is_done()) m_state = State::Done;
    return used;
}

bool RequestParser::accept_head() {
    const auto method = parse_method(m_native->grammar->method());
    if (!method) return refuse(501, "request.method-unknown");
    m_request.method = *method;
    return accept_target() && accept_connection() && accept_framing();
}

bool RequestParser::accept_target() {
    std::string_view host;
    size_t hosts = 0;
    for (const Header& field : m_request.headers) {
        if (!equal_ignoring_case(field.name, "Host")) continue;
        host = field.value;
        ++hosts;
    }
    if (hosts != 1 || !is_host(host)) return refuse(400, "request.host-malformed"); // RFC 9112 section 3.2
    std::string_view target = m_target;
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (!target.starts_with(scheme)) continue; // absolute form: must name the host it is sent to
        target.remove_prefix(scheme.size());
        if (!target.starts_with(host)) return refuse(400, "request.host-malformed");
        target.remove_prefix(host.size());
        if (target.empty()) target = "/";
    }
    const size_t question = target.find('?');
    auto path = decode_path(target.substr(0, question));
    if (!path || target.find('#') != std::string_view::npos) return refuse(400, "request.target-malformed");
    m_request.path = std::move(*path);
    if (question != std::string_view::npos) m_request.query = target.substr(question + 1);
    return true;
}

bool RequestParser::accept_connection() {
    m_keep_alive = m_version >= 11;
    for (const Header& field : m_request.headers) {
        if (equal_ignoring_case(field.name, "Connection")) {
            if (has_token(field.value, "close")) m_keep_alive = false;
            if (m_version == 10 && has_token(field.value, "keep-alive")) m_keep_alive = true;
        } else if (equal_ignoring_case(field.name, "Expect")) {
            if (!equal_ignoring_case(field.value, "100-continue")) return refuse(417, "request.expectation-unknown");
            m_expects_continue = m_version >= 11;
        }
    }
    return true;
}

/// Where a body ends is where the next request begins: whatever two programs could read differently is refused
/// (RFC 9112 section 11.2, request smuggling).
bool RequestParser::accept_framing() {
    size_t lengths = 0;
    size_t codings = 0;
    std::string_view length;
    for (const Header& field : m_request.headers) {
        if (equal_ignoring_case(field.name, "Content-Length")) {
            ++lengths;
            length = field.value;
        } else if (equal_ignoring_case(field.name, "Transfer-Encoding")) {
            ++codings;
            if (!equal_ignoring_case(field.value, "chunked")) return refuse(501, "request.coding-unknown");
        }
    }
    const bool digits = std::all_of(length.begin(), length.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (lengths > 1 || codings > 1 || (lengths > 0 && codings > 0) || (codings > 0 && m_version == 10) ||
        (lengths > 0 && (length.empty() || length.size() > 18 || !digits)))
        return refuse(400, "request.length-malformed");
    if (m_native->grammar->is_done()) return true;
    const auto limit = m_body_limit(m_request.method, m_request.path);
    if (!limit) {
        m_body_skipped = true;
        m_keep_alive = false;
        return true;
    }
    if (lengths > 0 && std::stoull(std::string(length)) > *limit) return refuse(413, "request.body-too-large");
    m_native->grammar->body_limit(static_cast<uint64_t>(*limit));
    return true;
}

bool RequestParser::wants_websocket() const {
    return m_request.method == Method::Get && has_token(m_request.header("Connection"), "upgrade") &&
           has_token(m_request.header("Upgrade"), "websocket");
}

} // namespace musubi::http
