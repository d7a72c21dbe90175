#include "lib/http/system_routes.h"

#include "base/log.h"
#include "lib/http/metrics.h"

#include <fmt/format.h>

namespace musubi::http {

namespace {

struct Health {
    std::string status;
};
template <class Fields> void describe(Fields& fields, Health& health) {
    fields("status", health.status, json::Rule{.meaning = "\"ok\"; anything else comes as a problem."});
}

constexpr db::Query kReady{"http.ready", "SELECT 1"};

base::Task<base::Result<int64_t>> ask_database(db::ReadTx& tx) {
    const auto one = co_await tx.one<int64_t>(kReady);
    if (one != 1) co_return base::internal("SELECT 1 did not give 1");
    co_return *one;
}

std::string statistics_text(const db::Database& database) {
    const auto statistics = database.statistics();
    std::string out;
    const auto family = [&](std::string_view name, std::string_view help, auto value) {
        out += fmt::format("# HELP musubi_db_{0} {1}\n# TYPE musubi_db_{0} counter\n", name, help);
        for (const auto& query : statistics)
            out += fmt::format("musubi_db_{}{{query=\"{}\"}} {}\n", name, query.name, value(query));
    };
    family("queries_total", "Statements run, by name.", [](const db::QueryStatistics& q) { return q.count; });
    family("query_errors_total", "Statements that failed.", [](const db::QueryStatistics& q) { return q.errors; });
    family("query_rows_total", "Rows returned or changed.", [](const db::QueryStatistics& q) { return q.rows; });
    family("query_seconds_total", "Time spent in statements.",
           [](const db::QueryStatistics& q) { return static_cast<double>(q.total.count()) / 1e9; });
    return out;
}

} // namespace

void add_system_routes(Router& router, SystemRoutesOptions options) {
    router.acts("GET", "/healthz", "getHealth", Access::anyone(),
                [](Call&) -> base::Task<base::Result<Health>> { co_return Health{"ok"}; });

    auto accepting = options.accepting ? options.accepting : [] { return true; };
    router.acts("GET", "/readyz", "getReadiness", Access::anyone(),
                [&router, accepting](Call&) -> base::Task<base::Result<Health>> {
                    const auto not_ready = base::error(base::ErrorKind::Unavailable, "server.not-ready");
                    if (!accepting()) co_return not_ready;
                    try {
                        const auto answered = co_await router.database().read(&ask_database);
                        if (!answered) co_return not_ready;
                    } catch (const std::exception& exception) {
                        log::warning("not-ready", {log::field("error", std::string_view(exception.what()))});
                        co_return not_ready;
                    }
                    co_return Health{"ok"};
                });

    if (options.metrics_from.empty())
        options.metrics_from = {*AddressRange::parse("127.0.0.0/8"), *AddressRange::parse("::1")};
    router.metrics().add_source([&router] { return statistics_text(router.database()); });
    router.acts("GET", "/metrics", "getMetrics", Access::anyone(),
                [&router, from = std::move(options.metrics_from)](Call& call) -> base::Task<base::Result<Raw>> {
                    if (!any_contains(from, call.request.client_address))
                        co_return base::forbidden("metrics.not-from-here");
                    Raw raw;
                    raw.content_type = "text/plain; version=0.0.4; charset=utf-8";
                    raw.body = router.metrics().text();
                    co_return raw;
                });

    router.acts("GET", "/api/openapi.json", "getApiDescription", Access::anyone(),
                [&router, title = options.title, version = options.version](Call&) -> base::Task<base::Result<Raw>> {
                    Raw raw;
                    raw.content_type = "application/json";
                    raw.body = router.openapi(title, version);
                    co_return raw;
                });
}

} // namespace musubi::http
