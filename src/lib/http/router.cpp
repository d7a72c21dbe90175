#include "lib/http/router.h"

#include "base/encoding.h"
#include "base/log.h"
#include "base/time_bound.h"
#include "lib/event_loop/event_loop.h"
#include "lib/http/metrics.h"
#include "lib/http/openapi.h"
#include "lib/http/policy.h"
#include "lib/http/problem.h"
#include "lib/http/rate_limit.h"
#include "lib/http/route_table.h"
#include "lib/http/text.h"

#include <algorithm>
#include <atomic>
#include <cassert>
#include <cstring>

namespace musubi::http {

namespace {

constexpr size_t kLongestPath = 2048;
constexpr size_t kLongestQuery = 8192;

struct Route {
    RouteInfo info;
    std::unique_ptr<detail::Operation> operation;
    size_t metric = 0;
};

bool is_unsafe(Method method) { return method != Method::Get && method != Method::Head && method != Method::Options; }

std::string_view kind_name(PrincipalKind kind) {
    switch (kind) {
    case PrincipalKind::Anonymous:
        return "anonymous";
    case PrincipalKind::Citizen:
        return "citizen";
    case PrincipalKind::Staff:
        return "staff";
    case PrincipalKind::Machine:
        return "machine";
    }
    return "";
}

std::string_view assurance_name(Assurance assurance) {
    switch (assurance) {
    case Assurance::None:
        return "none";
    case Assurance::Letter:
        return "letter";
    case Assurance::Passkey:
        return "passkey";
    case Assurance::UserCertificate:
        return "user-certificate";
    case Assurance::SignatureCertificate:
        return "signature-certificate";
    }
    return "";
}

/// Accepted from a trusted proxy as it came; anything odd is replaced, since it goes into logs and headers.
bool is_request_id(std::string_view text) {
    return text.size() >= 8 && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
           });
}

} // namespace

Access Access::anyone(Limit limit) {
    return {{PrincipalKind::Anonymous, PrincipalKind::Citizen, PrincipalKind::Staff, PrincipalKind::Machine},
            Assurance::None,
            {},
            limit};
}
Access Access::citizen(Assurance minimum, Limit limit) { return {{PrincipalKind::Citizen}, minimum, {}, limit}; }
Access Access::staff(std::string permission, Limit limit) {
    return {{PrincipalKind::Staff}, Assurance::None, std::move(permission), limit};
}
Access Access::machine(std::string permission, Limit limit) {
    return {{PrincipalKind::Machine}, Assurance::None, std::move(permission), limit};
}

namespace {

/// Names requests for the log: unlike any other of this router and, by the random beginning, of any other. Nothing is
/// protected by them, so they need no system call each.
class RequestNames {
  public:
    explicit RequestNames(base::Random& random) {
        random.fill({reinterpret_cast<uint8_t*>(&m_series), sizeof m_series});
        random.fill({reinterpret_cast<uint8_t*>(&m_first), sizeof m_first});
    }
    std::string next() {
        uint64_t number = m_first + m_given.fetch_add(1, std::memory_order_relaxed);
        number = (number ^ (number >> 32)) * 0xD6E8FEB86659FD93; // each step has an inverse: no two become one
        number = (number ^ (number >> 32)) * 0xD6E8FEB86659FD93;
        number ^= number >> 32;
        char bytes[12];
        std::memcpy(bytes, &m_series, 4);
        std::memcpy(bytes + 4, &number, 8);
        return base::hex_encode({bytes, sizeof bytes});
    }

  private:
    uint32_t m_series = 0;
    uint64_t m_first = 0;
    std::atomic<uint64_t> m_given = 0;
};

/// One request on its way.
struct Exchange {
    Request request;
    Call call;
    const Route* route = nullptr;
    std::shared_ptr<const void> body;
    detail::Answer answer;
    std::optional<Response> early; // an answer that is not an error and needs no handler
    int status = 0;                // of an error whose kind does not say it (405, 415)
    std::string cross_origin;      // the origin to which this answer is opened

    explicit Exchange(Request from) : request(std::move(from)), call(request) {}
};

} // namespace

struct Router::Impl {
    db::Database* database;
    base::Clock& clock;
    RouterOptions options;
    Authenticator* authenticator = nullptr;
    AuditSink* audit = nullptr;
    Fallback fallback;
    std::vector<std::pair<std::string, RefusalWriter>> refusal_writers;
    json::SchemaSet schemas;
    std::vector<RouteInfo> infos;
    std::vector<std::unique_ptr<Route>> routes;
    RouteTable table;
    std::map<std::string, WebSocketRoute, std::less<>> websockets;
    Metrics metrics;
    std::unique_ptr<RateLimiter> limiter;
    std::unique_ptr<RequestNames> names;
    Policies policies;

    Impl(db::Database* with, base::Clock& with_clock) : database(with), clock(with_clock) { configure({}); }

    void configure(RouterOptions wished) {
        options = std::move(wished);
        if (!options.random) options.random = &base::system_random();
        limiter = std::make_unique<RateLimiter>(*options.random);
        names = std::make_unique<RequestNames>(*options.random);
        policies = make_policies(options.public_origin, options.connect_to);
    }

    // The steps of a request. Each either lets it pass, sets `early`, or refuses.
    base::Status name_request(Exchange& exchange);
    base::Status find_route(Exchange& exchange);
    base::Status check_form(Exchange& exchange);
    base::Status check_same_site(Exchange& exchange);
    base::Task<base::Status> authenticate(Exchange& exchange);
    base::Status authorise(Exchange& exchange);
    base::Status limit_rate(Exchange& exchange);
    base::Status read_body(Exchange& exchange);
    base::Task<base::Status> run(Exchange& exchange);

    base::Task<base::Status> run_steps(Exchange& exchange);
    base::Task<Response> run_guarded(Exchange& exchange);
    Response success(Exchange& exchange) const;
    void finish(Exchange& exchange, Response& response);
    bool own_origin(std::string_view origin, const Request& request) const;
    void preflight(Exchange& exchange, std::string_view allow) const;
    base::Task<base::Result<detail::Answer>> write_once(Exchange& exchange, db::WriteTx& tx, const Call& before);
    base::Task<> record(Exchange& exchange, db::WriteTx& tx);
};

// What happens to every request, in this order. An operation cannot choose another.
base::Task<base::Status> Router::Impl::run_steps(Exchange& exchange) {
    struct Step {
        base::Status (Impl::*check)(Exchange&) = nullptr;
        base::Task<base::Status> (Impl::*wait)(Exchange&) = nullptr;
    };
    static constexpr Step kSteps[] = {
        {&Impl::name_request},          // first, so that every later refusal can be found in the log
        {&Impl::find_route},            // what follows depends on the route
        {&Impl::check_form},            // size and type: cheapest, bounds the rest
        {&Impl::check_same_site},       // before the session is looked at: another site's page must not use it
        {nullptr, &Impl::authenticate}, // who asks
        {&Impl::authorise},             // may they; nothing of the body has been looked at yet
        {&Impl::limit_rate},            // counted per principal or address, so after both are known
        {&Impl::read_body},             // once, outside the transaction: a unit of work may be run again
        {nullptr, &Impl::run},          // transaction, handler, audit entry in the same transaction
    };
    for (const Step& step : kSteps) {
        if (step.check) {
            if (auto status = (this->*step.check)(exchange); !status) co_return status;
        } else if (step.wait != &Impl::authenticate || authenticator) {
            auto status = co_await (this->*step.wait)(exchange);
            if (!status) co_return status;
        }
        if (exchange.early) break;
    }
    co_return base::success();
}

base::Status Router::Impl::name_request(Exchange& exchange) {
    Call& call = exchange.call;
    call.now = clock.now();
    call.language = language_of(exchange.request);
    const auto given = exchange.request.header("X-Request-Id");
    if (is_request_id(given)) {
        call.request_id = given;
    } else {
        call.request_id = names->next();
    }
    return base::success();
}

base::Status Router::Impl::find_route(Exchange& exchange) {
    const Request& request = exchange.request;
    if (request.path.size() > kLongestPath || request.query.size() > kLongestQuery) {
        exchange.status = 414;
        return base::error(base::ErrorKind::TooLarge, "request.path-too-long");
    }
    auto match = table.find(request.path);
    if (!match.routes) {
        if (fallback && (request.method == Method::Get || request.method == Method::Head))
            exchange.early = fallback(request);
        if (exchange.early) return base::success();
        return base::not_found("request.not-found");
    }
    const Method wanted = request.method == Method::Head ? Method::Get : request.method;
    for (const auto& [method, index] : *match.routes)
        if (method == wanted) exchange.route = routes[index].get();
    if (!exchange.route) {
        std::string allow;
        for (const auto& route : *match.routes) {
            if (!allow.empty()) allow += ", ";
            allow += method_name(route.first);
            if (route.first == Method::Get) allow += ", HEAD";
        }
        if (request.method == Method::Options) {
            preflight(exchange, allow);
            return base::success();
        }
        exchange.status = 405;
        exchange.call.set_header("Allow", allow);
        return base::invalid("request.method-not-allowed");
    }
    exchange.call.path_parameters = match.parameters;
    return base::success();
}

/// Answers to other origins' pages carry no credentials (Fetch standard, CORS protocol). Private network access is what
/// browsers ask for before a page of the internet reaches a loopback address.
void Router::Impl::preflight(Exchange& exchange, std::string_view allow) const {
    Response& response = exchange.early.emplace();
    response.status = 204;
    response.headers.push_back({"Allow", std::string(allow)});
    const auto origin = exchange.request.header("Origin");
    if (origin.empty() || !options.cross_origin || !options.cross_origin(origin)) return;
    exchange.cross_origin = origin;
    response.headers.push_back({"Access-Control-Allow-Methods", std::string(allow)});
    response.headers.push_back({"Access-Control-Allow-Headers", "Content-Type, X-Musubi-Language, Authorization"});
    response.headers.push_back({"Access-Control-Max-Age", "600"});
    if (exchange.request.header("Access-Control-Request-Private-Network") == "true")
        response.headers.push_back({"Access-Control-Allow-Private-Network", "true"});
}

base::Status Router::Impl::check_form(Exchange& exchange) {
    const Request& request = exchange.request;
    const BodyLimit& limit = exchange.route->info.body_limit;
    if (request.body.size() > limit.bytes) return base::error(base::ErrorKind::TooLarge, "request.body-too-large");
    if (!is_unsafe(request.method) || limit.content_type == "*/*") return base::success();
    if (request.body.empty() && exchange.route->info.request_schema.empty()) return base::success();
    const auto field = request.header("Content-Type");
    if (equal_ignoring_case(trimmed(field.substr(0, field.find(';'))), limit.content_type)) return base::success();
    exchange.status = 415;
    return base::invalid("request.content-type-unsupported").with("expected", limit.content_type);
}

bool Router::Impl::own_origin(std::string_view origin, const Request& request) const {
    if (!options.public_origin.empty() && origin == options.public_origin) return true;
    if (!options.public_origin.empty()) return false;
    const size_t scheme = origin.find("://");
    return scheme != std::string_view::npos && origin.substr(scheme + 3) == request.header("Host");
}

/// Cookies are SameSite=Lax already; this holds also where a browser does not keep to that, and stops foreign pages
/// from signing a visitor in as somebody else. Programs send neither Sec-Fetch-Site nor Origin, and no cookies.
base::Status Router::Impl::check_same_site(Exchange& exchange) {
    const Request& request = exchange.request;
    const auto origin = request.header("Origin");
    if (!origin.empty() && options.cross_origin && !own_origin(origin, request) && options.cross_origin(origin)) {
        exchange.cross_origin = origin;
        if (request.header("Cookie").empty()) return base::success();
    }
    if (!is_unsafe(request.method)) return base::success();
    const auto site = request.header("Sec-Fetch-Site");
    bool allowed = false;
    if (!site.empty()) {
        allowed = site == "same-origin" || site == "none";
    } else if (!origin.empty()) {
        allowed = own_origin(origin, request);
    } else {
        allowed = request.header("Cookie").empty();
    }
    if (allowed) return base::success();
    return base::forbidden("request.cross-site");
}

base::Task<base::Status> Router::Impl::authenticate(Exchange& exchange) {
    auto principal = co_await authenticator->authenticate(exchange.request, exchange.call.now);
    if (principal) {
        exchange.call.principal = std::move(*principal);
        co_return base::success();
    }
    // An expired session must not keep anyone from signing in again.
    const auto& kinds = exchange.route->info.access.kinds;
    const bool for_anyone = std::find(kinds.begin(), kinds.end(), PrincipalKind::Anonymous) != kinds.end();
    if (for_anyone && principal.error().kind == base::ErrorKind::Unauthenticated) co_return base::success();
    co_return std::move(principal).error();
}

base::Status Router::Impl::authorise(Exchange& exchange) {
    const Access& access = exchange.route->info.access;
    const Principal& principal = exchange.call.principal;
    const bool admitted = std::find(access.kinds.begin(), access.kinds.end(), principal.kind) != access.kinds.end();
    if (!admitted && principal.kind == PrincipalKind::Anonymous)
        return base::error(base::ErrorKind::Unauthenticated, "auth.sign-in-required");
    if (!admitted) return base::forbidden("auth.not-allowed");
    if (!access.permission.empty() && !principal.may(access.permission))
        return base::forbidden("auth.permission-missing").with("permission", access.permission);
    if (principal.assurance < access.minimum)
        return base::error(base::ErrorKind::StepUpRequired, "auth.step-up-required")
            .with("minimum", std::string(assurance_name(access.minimum)));
    return base::success();
}

base::Status Router::Impl::limit_rate(Exchange& exchange) {
    const Limit& limit = exchange.route->info.access.limit;
    if (limit.key == Limit::Key::None || limit.count <= 0) return base::success();
    const Principal& principal = exchange.call.principal;
    const bool by_principal = limit.key == Limit::Key::Principal && principal.kind != PrincipalKind::Anonymous;
    const std::string key = by_principal ? std::string(kind_name(principal.kind)) + ":" + principal.subject
                                         : network_of(exchange.request.client_address);
    const auto wait = limiter->take(exchange.route->info.operation, key, limit.count, limit.window, exchange.call.now);
    if (!wait) return base::success();
    return base::error(base::ErrorKind::TooMany, "request.too-many")
        .with("retryAfterSeconds", std::to_string((wait->count() + 999) / 1000));
}

base::Status Router::Impl::read_body(Exchange& exchange) {
    auto body = exchange.route->operation->read_body(exchange.request.body, exchange.route->info.body_limit.bytes);
    if (!body) return std::move(body).error();
    exchange.body = std::move(*body);
    return base::success();
}

base::Task<> Router::Impl::record(Exchange& exchange, db::WriteTx& tx) {
    if (audit) co_await audit->record(tx, exchange.call, exchange.route->info.operation);
}

base::Task<base::Result<detail::Answer>> Router::Impl::write_once(Exchange& exchange, db::WriteTx& tx,
                                                                  const Call& before) {
    Call& call = exchange.call;
    call.response_headers = before.response_headers;
    call.audit = before.audit;
    call.set_status(before.status());
    auto answer = co_await exchange.route->operation->run(call, &tx, exchange.body.get());
    if (answer) co_await record(exchange, tx);
    co_return answer;
}

base::Task<base::Status> Router::Impl::run(Exchange& exchange) {
    base::Result<detail::Answer> answer = detail::Answer();
    switch (exchange.route->info.kind) {
    case RouteKind::Reads:
        answer = co_await database->read([&exchange](db::ReadTx& tx) {
            return exchange.route->operation->run(exchange.call, &tx, exchange.body.get());
        });
        // Looking at somebody's data is recorded before it is shown.
        if (answer && exchange.call.audit.person && audit)
            co_await database->write([this, &exchange](db::WriteTx& tx) { return record(exchange, tx); });
        break;
    case RouteKind::Writes: {
        const Call before = exchange.call;
        answer = co_await database->write(
            [this, &exchange, &before](db::WriteTx& tx) { return write_once(exchange, tx, before); });
        break;
    }
    case RouteKind::Acts:
        answer = co_await exchange.route->operation->run(exchange.call, nullptr, exchange.body.get());
        break;
    }
    if (!answer) co_return std::move(answer).error();
    exchange.answer = std::move(*answer);
    co_return base::success();
}

Response Router::Impl::success(Exchange& exchange) const {
    if (exchange.early) return std::move(*exchange.early);
    Response response;
    response.status = exchange.answer.status != 0 ? exchange.answer.status : exchange.call.status();
    response.content_type = std::move(exchange.answer.content_type);
    response.headers = std::move(exchange.answer.headers);
    response.headers.reserve(response.headers.size() + 4);
    response.body = std::move(exchange.answer.body);
    const bool cacheable = exchange.request.method == Method::Get || exchange.request.method == Method::Head;
    if (!cacheable || response.status != 200 || exchange.route->info.answer != RouteInfo::Answer::Json) return response;
    const auto& given = exchange.call.response_headers;
    const auto own = std::find_if(given.begin(), given.end(),
                                  [](const Header& header) { return equal_ignoring_case(header.name, "ETag"); });
    if (own == given.end()) response.headers.push_back({"ETag", make_etag(response.body)});
    const std::string_view etag = own != given.end() ? own->value : response.headers.back().value;
    if (!etag_matches(exchange.request.header("If-None-Match"), etag)) return response;
    response.status = 304;
    response.content_type.clear();
    response.body.clear();
    return response;
}

base::Task<Response> Router::Impl::run_guarded(Exchange& exchange) {
    base::Status status = base::success();
    try {
        status = co_await run_steps(exchange);
        if (status) co_return success(exchange);
    } catch (const base::TookTooLong&) {
        status = base::error(base::ErrorKind::Unavailable, "request.took-too-long");
    } catch (const event_loop::Overloaded& overloaded) {
        status = base::error(base::ErrorKind::Unavailable, "server.overloaded").because(overloaded.what());
    } catch (const std::exception& exception) {
        status = base::internal(exception.what());
    }
    const base::Error& error = status.error();
    if (error.kind == base::ErrorKind::Internal) {
        log::error("request-failed", {log::field("request_id", exchange.call.request_id),
                                      log::field("operation", exchange.route ? exchange.route->info.operation : "none"),
                                      log::field("error", error)});
    } else if (!error.detail.empty()) {
        log::info("request-refused", {log::field("request_id", exchange.call.request_id), log::field("error", error)});
    }
    // What a failed call wanted to set (a session cookie) is not set; only the refusals' own headers are.
    if (exchange.status != 405) exchange.call.response_headers.clear();
    Response response = problem(error, exchange.call.request_id, exchange.status);
    const std::string_view path = exchange.request.path;
    for (const auto& [below, writer] : refusal_writers)
        if (path.starts_with(below) && (path.size() == below.size() || path[below.size()] == '/'))
            writer(error, response);
    co_return response;
}

void Router::Impl::finish(Exchange& exchange, Response& response) {
    auto& headers = response.headers;
    headers.insert(headers.end(), std::make_move_iterator(exchange.call.response_headers.begin()),
                   std::make_move_iterator(exchange.call.response_headers.end()));
    if (response.status == 401) headers.push_back({"WWW-Authenticate", "Bearer"});
    if (options.cross_origin) {
        headers.push_back({"Vary", "Origin"});
        if (!exchange.cross_origin.empty()) headers.push_back({"Access-Control-Allow-Origin", exchange.cross_origin});
    }
    const auto has = [&headers](std::string_view name) {
        return std::any_of(headers.begin(), headers.end(),
                           [name](const Header& header) { return equal_ignoring_case(header.name, name); });
    };
    response.policy = policies.choose({.page = response.content_type.starts_with("text/html"),
                                       .secure = exchange.request.secure,
                                       .has_cache_control = has("Cache-Control"),
                                       .has_content_policy = has("Content-Security-Policy")});
    response.without_body = exchange.request.method == Method::Head;
}

Router::Router(db::Database& database, base::Clock& clock) : m_impl(std::make_unique<Impl>(&database, clock)) {}
Router::Router(base::Clock& clock) : m_impl(std::make_unique<Impl>(nullptr, clock)) {}
Router::~Router() = default;

void Router::configure(RouterOptions options) { m_impl->configure(std::move(options)); }
void Router::use(Authenticator& authenticator) { m_impl->authenticator = &authenticator; }
void Router::use(AuditSink& sink) { m_impl->audit = &sink; }
void Router::set_fallback(Fallback fallback) { m_impl->fallback = std::move(fallback); }
void Router::refuse_below(std::string path, RefusalWriter writer) {
    m_impl->refusal_writers.emplace_back(std::move(path), std::move(writer));
}
const std::vector<RouteInfo>& Router::routes() const { return m_impl->infos; }
json::SchemaSet& Router::schemas() { return m_impl->schemas; }
Metrics& Router::metrics() { return m_impl->metrics; }
db::Database& Router::database() {
    assert(m_impl->database);
    return *m_impl->database;
}

void Router::add_route(RouteInfo info, std::string_view method, std::unique_ptr<detail::Operation> operation) {
    const auto parsed = parse_method(method);
    if (!parsed || *parsed == Method::Head) throw std::logic_error("no such method: " + std::string(method));
    if (info.kind != RouteKind::Acts && !m_impl->database)
        throw std::logic_error("this router has no database: " + info.operation);
    for (const RouteInfo& other : m_impl->infos)
        if (other.operation == info.operation) throw std::logic_error("two operations named " + info.operation);
    info.method = *parsed;
    m_impl->table.add(*parsed, info.path, m_impl->routes.size());
    auto route = std::make_unique<Route>();
    route->metric = m_impl->metrics.add_operation(info.operation);
    route->operation = std::move(operation);
    route->info = info;
    m_impl->routes.push_back(std::move(route));
    m_impl->infos.push_back(std::move(info));
}

void Router::websocket(std::string_view path, std::string_view, OriginCheck check, WebSocketHandler handler,
                       size_t max_message) {
    m_impl->websockets[std::string(path)] = {std::move(check), std::move(handler), max_message};
}

const Router::WebSocketRoute* Router::websocket_at(std::string_view path) const {
    const auto found = m_impl->websockets.find(path);
    return found == m_impl->websockets.end() ? nullptr : &found->second;
}

std::optional<size_t> Router::body_limit(Method method, std::string_view path) const {
    const auto match = m_impl->table.find(path);
    if (!match.routes) return std::nullopt;
    for (const auto& [candidate, index] : *match.routes)
        if (candidate == method) return m_impl->routes[index]->info.body_limit.bytes;
    return std::nullopt;
}

base::Task<Response> Router::handle(Request request) {
    const auto began = std::chrono::steady_clock::now();
    m_impl->metrics.begin();
    Exchange exchange(std::move(request));
    Response response = co_await m_impl->run_guarded(exchange);
    m_impl->finish(exchange, response);
    const auto took = std::chrono::steady_clock::now() - began;
    m_impl->metrics.end(exchange.route ? exchange.route->metric : 0, response.status, took);
    // The operation, never the path: paths name people.
    if (m_impl->options.access_log == AccessLog::On)
        log::info("request", {log::field("request_id", exchange.call.request_id),
                              log::field("operation", exchange.route ? exchange.route->info.operation : "none"),
                              log::field("status", response.status), log::field("took", took),
                              log::field("bytes", response.content().size()),
                              log::field("by", kind_name(exchange.call.principal.kind))});
    response.headers.push_back({"X-Request-Id", std::move(exchange.call.request_id)});
    co_return response;
}

Response Router::refuse(int status, std::string_view code) {
    m_impl->metrics.begin();
    m_impl->metrics.end(0, status, {});
    const std::string id = m_impl->names->next();
    Response response = problem(base::invalid(std::string(code)), id, status);
    response.headers.push_back({"X-Request-Id", id});
    response.policy = m_impl->policies.choose({});
    return response;
}

std::string Router::openapi(std::string_view title, std::string_view version) const {
    return openapi_document(title, version, m_impl->infos, m_impl->schemas);
}

} // namespace musubi::http
