// Bytes of a connection → requests, strictly (RFC 9110, RFC 9112). Beast's parser reads the grammar; what it lets pass
// and this server does not stands in request_parser.cpp: line folding, bare line ends, missing or repeated Host,
// repeated lengths, transfer codings other than chunked, targets that hide structure.
#pragma once

#include "lib/http/call.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace musubi::http {

struct ParserLimits {
    size_t head_bytes = 16 * 1024;
    size_t fields = 100;
};

/// How large a body may be, asked once its head is known. Nothing: no route; the body is not read.
using BodyLimitOf = std::function<std::optional<size_t>(Method method, std::string_view path)>;

class RequestParser {
  public:
    RequestParser(const ParserLimits& limits, BodyLimitOf body_limit);
    ~RequestParser();
    RequestParser(const RequestParser&) = delete;
    RequestParser& operator=(const RequestParser&) = delete;

    enum class State { Head, Body, Done, Refused };

    /// Ready for the next request.
    void reset();
    /// Takes bytes from the front of `input`; returns how many are used up.
    size_t advance(std::string_view input);

    State state() const { return m_state; }
    struct Refusal {
        int status = 400;
        std::string_view code;
    };
    const Refusal& refusal() const { return m_refusal; } // when Refused

    // When Body or Done.
    bool keep_alive() const { return m_keep_alive; }
    int version() const { return m_version; } // 10 or 11
    bool expects_continue() const { return m_expects_continue; }
    bool body_skipped() const { return m_body_skipped; } // the connection cannot go on after the answer
    bool wants_websocket() const;

    Request take() { return std::move(m_request); } // when Done

  private:
    struct Native;
    /// The length of the head at the front of `input`, once it is all there.
    std::optional<size_t> find_head(std::string_view input);
    size_t advance_head(std::string_view input);
    size_t advance_body(std::string_view input);
    bool accept_head();
    bool accept_target();
    bool accept_framing();
    bool accept_connection();
    bool refuse(int status, std::string_view code);

    ParserLimits m_limits;
    BodyLimitOf m_body_limit;
    std::unique_ptr<Native> m_native;
    Request m_request;
    std::string m_target;
    State m_state = State::Head;
    Refusal m_refusal;
    size_t m_scanned = 0; // bytes of the head already looked at
    size_t m_line = 0;    // where the line being looked at begins
    int m_version = 11;
    bool m_keep_alive = true;
    bool m_expects_continue = false;
    bool m_body_skipped = false;
};

} // namespace musubi::http
