#include "lib/http/system_routes.h"

#include "lib/http/testing.h"
#include "testing/databases.h"

#include <gmock/gmock.h>

namespace musubi::http {
namespace {

using ::testing::HasSubstr;

std::vector<db::Migrations> test_migrations() { return {}; }

TEST_ON_BOTH(SystemRoutes, say_how_the_server_is) {
    base::FixedClock clock{base::Instant{}};
    Router router(database, clock);
    router.configure({.access_log = AccessLog::Off});
    bool accepting = true;
    add_system_routes(router,
                      {.version = "1.2.3", .metrics_from = {}, .accepting = [&accepting] { return accepting; }});
    testing::Client client(router);
    EXPECT_EQ(client.get("/healthz").body, R"({"status":"ok"})");
    EXPECT_EQ(client.get("/readyz").body, R"({"status":"ok"})");
    accepting = false;
    EXPECT_EQ(client.get("/readyz").status, 503);
    EXPECT_EQ(client.get("/healthz").status, 200);

    client.address = "203.0.113.1";
    EXPECT_EQ(client.get("/metrics").status, 403);
    client.address = "127.0.0.1";
    const auto metrics = client.get("/metrics");
    EXPECT_EQ(metrics.content_type, "text/plain; version=0.0.4; charset=utf-8");
    EXPECT_THAT(metrics.body, HasSubstr("musubi_http_requests_total{operation=\"getHealth\",status=\"200\"} 2\n"));
    EXPECT_THAT(metrics.body, HasSubstr("musubi_db_queries_total{query=\"http.ready\"} 1\n"));

    auto description = json::Document::parse(client.get("/api/openapi.json").body);
    ASSERT_TRUE(description.ok());
    EXPECT_EQ(description->root().find("info")->find("version")->string(), "1.2.3");
    EXPECT_TRUE(description->root().find("paths")->find("/healthz").has_value());
}

} // namespace
} // namespace musubi::http
