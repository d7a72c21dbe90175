// Routes. One statement each: method, path, operation name, who may call it, handler. The kind of route decides what
// the handler is given, and with it what it can do:
//
//     router.reads ("GET",  "/api/v1/notices", "listNotices", Access::citizen(), [](Call& call, db::ReadTx& tx) ->
//     Task<Result<NoticeList>> {…}); router.writes("POST", "/api/v1/notices/{id}/read", "markNoticeRead",
//     Access::citizen(), [](Call&, db::WriteTx&, Body) -> Task<Result<Notice>> {…}); router.acts  ("POST",
//     "/api/v1/login/card", "loginWithCard", Access::anyone(Limit::per_address(20, 1min)), [](Call&, Body) ->
//     Task<Result<Session>> {…});
//
// `writes`: the handler runs inside one write transaction; an error rolls it back; the router writes the audit entry in
// the same transaction. `acts`: for handlers that must also do something slow or outgoing (password hashing, OCSP) and
// open their own transactions; they call `audit` themselves. A handler with a third (second) parameter takes a JSON
// body of that described type (lib/json/describe.h); a return type `http::Raw` sends any bytes, `base::Unit` is 204.
//
// Handlers are kept for the router's life, so a coroutine lambda may capture. A transaction may run a handler again
// from the start: it then finds the Call as it was. The order of everything around a handler is one list in router.cpp.
#pragma once

#include "lib/db/database.h"
#include "lib/http/call.h"
#include "lib/json/json.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace musubi::http {

/// Requests per window and key, per node; exceeding it answers 429 with Retry-After.
struct Limit {
    enum class Key { None, Address, Principal } key = Key::None;
    int count = 0;
    base::Duration window{};
    static Limit per_address(int count, base::Duration window) { return {Key::Address, count, window}; }
    static Limit per_principal(int count, base::Duration window) { return {Key::Principal, count, window}; }
};

/// Who may call a route.
struct Access {
    std::vector<PrincipalKind> kinds;
    Assurance minimum = Assurance::None;
    std::string permission; // staff only
    Limit limit;

    /// On the short public list that a test compares with the routes.
    static Access anyone(Limit limit = {});
    static Access citizen(Assurance minimum = Assurance::Letter, Limit limit = {});
    static Access staff(std::string permission, Limit limit = {});
    static Access machine(std::string permission, Limit limit = {});
};

/// Limits of one route's body, larger than the default where files come in. Other types than JSON are declared here
/// ("text/csv", "application/x-www-form-urlencoded"; "*/*" for any) and read from `call.request.body`.
struct BodyLimit {
    size_t bytes = 256 * 1024;
    std::string content_type = "application/json";
};

/// A query parameter, for the API description; handlers read it with `call.request.query_value(name)`.
struct QueryParameter {
    std::string name;
    std::string meaning;
};

enum class RouteKind { Reads, Writes, Acts };

/// The description of a route, for the OpenAPI file, the tests that walk all routes, and the metrics.
struct RouteInfo {
    RouteKind kind;
    Method method;
    std::string path;
    std::string operation;
    Access access;
    BodyLimit body_limit;
    std::string request_schema;  // JSON; empty when there is no body
    std::string response_schema; // JSON; empty for Raw and Unit
    std::vector<QueryParameter> query;
    enum class Answer { Json, Nothing, Raw } answer = Answer::Json;
};

/// How the router learns who asks, and where it records what was done. core/identity and core/audit implement these.
class Authenticator {
  public:
    virtual ~Authenticator() = default;
    /// Anonymous when nothing was presented; an error when something invalid was.
    virtual base::Task<base::Result<Principal>> authenticate(const Request& request, base::Instant now) = 0;
};
class AuditSink {
  public:
    virtual ~AuditSink() = default;
    virtual base::Task<> record(db::WriteTx& tx, const Call& call, std::string_view operation) = 0;
};

namespace detail {

struct Answer {
    int status = 0; // 0: what the call says
    std::string content_type;
    std::string body;
    std::vector<Header> headers;
};

/// A handler whose types are forgotten.
class Operation {
  public:
    virtual ~Operation() = default;
    virtual base::Result<std::shared_ptr<const void>> read_body(std::string_view text, size_t limit) const = 0;
    virtual base::Task<base::Result<Answer>> run(Call& call, void* transaction, const void* body) = 0;
};

template <class T> struct Signature : Signature<decltype(&T::operator())> {};
template <class R, class... A> struct Signature<R (*)(A...)> {
    using Task = R;
    using Arguments = std::tuple<A...>;
};
template <class C, class R, class... A> struct Signature<R (C::*)(A...) const> : Signature<R (*)(A...)> {};
template <class C, class R, class... A> struct Signature<R (C::*)(A...)> : Signature<R (*)(A...)> {};

struct NoBody {};
template <class Arguments, size_t Index> struct BodyOf {
    using Type = NoBody;
};
template <class Arguments, size_t Index>
    requires(Index < std::tuple_size_v<Arguments>)
struct BodyOf<Arguments, Index> {
    using Type = std::remove_cvref_t<std::tuple_element_t<Index, Arguments>>;
};

template <class T> RouteInfo::Answer answer_kind() {
    if constexpr (std::is_same_v<T, base::Unit>) {
        return RouteInfo::Answer::Nothing;
    } else if constexpr (std::is_same_v<T, Raw>) {
        return RouteInfo::Answer::Raw;
    } else {
        return RouteInfo::Answer::Json;
    }
}

template <class T> Answer to_answer(T&& value) {
    using Value = std::remove_cvref_t<T>;
    if constexpr (std::is_same_v<Value, base::Unit>) {
        return {204, {}, {}, {}};
    } else if constexpr (std::is_same_v<Value, Raw>) {
        return {value.status, std::move(value.content_type), std::move(value.body), std::move(value.headers)};
    } else {
        return {0, "application/json", json::write(value), {}};
    }
}

/// `Transaction` is void for routes that act.
template <class Handler, class Transaction> class TypedOperation final : public Operation {
    using Arguments = typename Signature<Handler>::Arguments;
    static constexpr size_t kBodyAt = std::is_void_v<Transaction> ? 1 : 2;
    static_assert(std::tuple_size_v<Arguments> == kBodyAt || std::tuple_size_v<Arguments> == kBodyAt + 1,
                  "reads and writes: (Call&, Tx&) or (Call&, Tx&, Body); acts: (Call&) or (Call&, Body)");

  public:
    using Body = typename BodyOf<Arguments, kBodyAt>::Type;
    using Value = typename Signature<Handler>::Task::value_type::value_type;
    static constexpr bool kHasBody = !std::is_same_v<Body, NoBody>;

    explicit TypedOperation(Handler handler) : m_handler(std::move(handler)) {}

    base::Result<std::shared_ptr<const void>> read_body(std::string_view text, size_t limit) const override {
        if constexpr (kHasBody) {
            auto body = json::parse<Body>(text, json::Limits{.max_bytes = limit});
            if (!body) return std::move(body).error();
            return std::shared_ptr<const void>(std::make_shared<Body>(std::move(*body)));
        } else {
            return std::shared_ptr<const void>();
        }
    }

    base::Task<base::Result<Answer>> run(Call& call, void* transaction, const void* body) override {
        auto result = co_await start(call, transaction, body);
        if (!result) co_return std::move(result).error();
        co_return to_answer(std::move(*result));
    }

  private:
    // A body by value is a copy for this run; by const reference it is the one that outlives all runs.
    auto start(Call& call, [[maybe_unused]] void* transaction, [[maybe_unused]] const void* body) {
        if constexpr (std::is_void_v<Transaction> && kHasBody) {
            return m_handler(call, *static_cast<const Body*>(body));
        } else if constexpr (std::is_void_v<Transaction>) {
            return m_handler(call);
        } else if constexpr (kHasBody) {
            return m_handler(call, *static_cast<Transaction*>(transaction), *static_cast<const Body*>(body));
        } else {
            return m_handler(call, *static_cast<Transaction*>(transaction));
        }
    }

    Handler m_handler;
};

} // namespace detail

class Metrics;
class WebSocket;

/// Runs for the life of one WebSocket connection; the connection closes when it returns.
using WebSocketHandler = std::function<base::Task<>(WebSocket&, const Request&)>;
/// Whether pages of this origin ("https://city.example.jp") may do something. Called per request.
using OriginCheck = std::function<bool(std::string_view origin)>;

enum class AccessLog { On, Off };

struct RouterOptions {
    /// Where people reach this server ("https://kenko.city.example.jp"). Empty: whatever Host the request names.
    std::string public_origin;
    /// Further origins whose pages may call: answers preflights (Fetch standard; also for loopback addresses). Null:
    /// none. Cookies are not sent along.
    OriginCheck cross_origin;
    /// Content-Security-Policy of pages; sources of `connect_to` are allowed besides 'self'.
    std::vector<std::string> connect_to;
    AccessLog access_log = AccessLog::On;
    base::Random* random = nullptr; // request ids and the limiter's seed; null: the system's
};

/// Answers what no route does (files, pages). Only asked for GET and HEAD.
using Fallback = std::function<std::optional<Response>(const Request&)>;

/// Says a refusal in the form that callers below some path expect: may replace body and type of the problem document.
using RefusalWriter = std::function<void(const base::Error& error, Response& response)>;

class Router {
  public:
    Router(db::Database& database, base::Clock& clock);
    /// For programs without a database: `reads` and `writes` may not be used.
    explicit Router(base::Clock& clock);
    ~Router();

    /// Before the first request.
    void configure(RouterOptions options);
    void use(Authenticator& authenticator);
    void use(AuditSink& sink);
    void set_fallback(Fallback fallback);
    /// For refusals at `path` ("/fhir") and below it.
    void refuse_below(std::string path, RefusalWriter writer);

    template <class Handler>
    void reads(std::string_view method, std::string_view path, std::string_view operation, Access access,
               Handler handler, std::vector<QueryParameter> query = {}) {
        add<Handler, db::ReadTx>(RouteKind::Reads, method, path, operation, std::move(access), std::move(handler), {},
                                 std::move(query));
    }
    template <class Handler>
    void writes(std::string_view method, std::string_view path, std::string_view operation, Access access,
                Handler handler, BodyLimit limit = {}) {
        add<Handler, db::WriteTx>(RouteKind::Writes, method, path, operation, std::move(access), std::move(handler),
                                  std::move(limit), {});
    }
    template <class Handler>
    void acts(std::string_view method, std::string_view path, std::string_view operation, Access access,
              Handler handler, BodyLimit limit = {}, std::vector<QueryParameter> query = {}) {
        add<Handler, void>(RouteKind::Acts, method, path, operation, std::move(access), std::move(handler),
                           std::move(limit), std::move(query));
    }

    /// A path at which WebSocket connections may be opened (RFC 6455) by pages of the origins that `check` admits.
    /// Programs that send no Origin are asked about as "".
    void websocket(std::string_view path, std::string_view operation, OriginCheck check, WebSocketHandler handler,
                   size_t max_message = 64 * 1024);

    const std::vector<RouteInfo>& routes() const;
    /// The OpenAPI 3.1 description of all routes, stable in order.
    std::string openapi(std::string_view title, std::string_view version) const;

    /// One request from its parsed form to the answer. Never throws; what goes wrong inside is a 500.
    base::Task<Response> handle(Request request);

    /// What the server must know before it reads a body. Nothing: no such route, and no body is read.
    std::optional<size_t> body_limit(Method method, std::string_view path) const;
    /// An answer the server gives by itself to what never became a request (408, 413, 431, malformed 400).
    Response refuse(int status, std::string_view code);
    struct WebSocketRoute {
        OriginCheck check;
        WebSocketHandler handler;
        size_t max_message = 64 * 1024;
    };
    const WebSocketRoute* websocket_at(std::string_view path) const;

    /// Only for routers made with a database.
    db::Database& database();
    Metrics& metrics();

  private:
    template <class Handler, class Transaction>
    void add(RouteKind kind, std::string_view method, std::string_view path, std::string_view operation, Access access,
             Handler handler, BodyLimit limit, std::vector<QueryParameter> query) {
        using Typed = detail::TypedOperation<Handler, Transaction>;
        RouteInfo info;
        info.kind = kind;
        info.path = path;
        info.operation = operation;
        info.access = std::move(access);
        info.body_limit = std::move(limit);
        info.query = std::move(query);
        info.answer = detail::answer_kind<typename Typed::Value>();
        if constexpr (Typed::kHasBody) info.request_schema = json::schema_reference<typename Typed::Body>(schemas());
        if constexpr (!std::is_same_v<typename Typed::Value, base::Unit> && !std::is_same_v<typename Typed::Value, Raw>)
            info.response_schema = json::schema_reference<typename Typed::Value>(schemas());
        add_route(std::move(info), method, std::make_unique<Typed>(std::move(handler)));
    }
    void add_route(RouteInfo info, std::string_view method, std::unique_ptr<detail::Operation> operation);
    json::SchemaSet& schemas();

    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace musubi::http
