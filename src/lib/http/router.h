// Routes. One statement each: method, path, operation name, who may call it, handler. The kind of route decides what
// the handler is given, and with it what it can do:
//
//     router.reads ("GET",  "/api/v1/notices", "listNotices", Access::citizen(), [](Call& call, db::ReadTx& tx) -> Task<Result<NoticeList>> {…});
//     router.writes("POST", "/api/v1/notices/{id}/read", "markNoticeRead", Access::citizen(), [](Call&, db::WriteTx&, Body) -> Task<Result<Notice>> {…});
//     router.acts  ("POST", "/api/v1/login/card", "loginWithCard", Access::anyone(Limit::per_address(20, 1min)), [](Call&, Body) -> Task<Result<Session>> {…});
//
// `writes`: the handler runs inside one write transaction; an error rolls it back; the router writes the audit entry in
// the same transaction. `acts`: for handlers that must also do something slow or outgoing (password hashing, OCSP) and
// open their own transactions; they call `audit` themselves. A handler with a third (second) parameter takes a JSON
// body of that described type (lib/json/describe.h); a return type `http::Raw` sends any bytes.
#pragma once

#include "lib/db/database.h"
#include "lib/http/call.h"
#include "lib/json/json.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
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

/// Limits of one route's body, larger than the default where files come in.
struct BodyLimit {
    size_t bytes = 256 * 1024;
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
    std::string response_schema; // JSON; empty for Raw
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

class Router {
  public:
    Router(db::Database& database, base::Clock& clock);
    ~Router();

    void use(Authenticator& authenticator);
    void use(AuditSink& sink);

    template <class Handler>
    void reads(std::string_view method, std::string_view path, std::string_view operation, Access access,
               Handler handler);
    template <class Handler>
    void writes(std::string_view method, std::string_view path, std::string_view operation, Access access,
                Handler handler, BodyLimit limit = {});
    template <class Handler>
    void acts(std::string_view method, std::string_view path, std::string_view operation, Access access,
              Handler handler, BodyLimit limit = {});

    const std::vector<RouteInfo>& routes() const;
    /// The OpenAPI 3.1 description of all routes, stable in order.
    std::string openapi(std::string_view title, std::string_view version) const;

    db::Database& database();

  private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace musubi::http
