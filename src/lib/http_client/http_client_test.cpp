#include "lib/http_client/http_client.h"

#include "lib/http/server.h"

#include <cstdlib>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace musubi::http_client {
namespace {

using base::Result;
using base::Task;
using namespace std::chrono_literals;

class HttpClientTest : public ::testing::Test {
  protected:
    HttpClientTest() {
        router.configure({.access_log = http::AccessLog::Off});
        router.acts(
            "POST", "/echo", "echo", http::Access::anyone(),
            [](http::Call& call) -> Task<Result<http::Raw>> {
                http::Raw raw;
                raw.status = 202;
                raw.content_type = std::string(call.request.header("Content-Type"));
                raw.body = call.request.body;
                raw.headers.push_back({"X-Authorization", std::string(call.request.header("Authorization"))});
                raw.headers.push_back({"X-Header", std::string(call.request.header("X-Sent"))});
                co_return raw;
            },
            http::BodyLimit{.bytes = 1 << 20, .content_type = "*/*"});
        router.acts("GET", "/missing-half", "redirect", http::Access::anyone(),
                    [](http::Call&) -> Task<Result<http::Raw>> {
                        http::Raw raw;
                        raw.status = 302;
                        raw.headers.push_back({"Location", "/echo"});
                        co_return raw;
                    });
        router.acts("GET", "/never", "never", http::Access::anyone(), [](http::Call&) -> Task<base::Status> {
            co_await event_loop::sleep_for(60s);
            co_return base::success();
        });
        router.acts("GET", "/large", "large", http::Access::anyone(), [](http::Call&) -> Task<Result<http::Raw>> {
            http::Raw raw;
            raw.body = std::string(3000, 'x');
            co_return raw;
        });
    }
    void start(std::optional<http::TlsFiles> tls = {}) {
        http::ServerOptions options;
        options.loops = 1;
        options.tls = std::move(tls);
        server.emplace(router, std::move(options));
        ASSERT_TRUE(server->start().ok());
    }
    std::string url(const std::string& path, const std::string& scheme = "http") const {
        return scheme + "://localhost:" + std::to_string(server->port()) + path;
    }
    static std::string code(const Result<Answer>& answer) { return answer ? "answered" : answer.error().code; }

    base::FixedClock clock{base::Instant::from_milliseconds(0)};
    http::Router router{clock};
    std::optional<http::Server> server;
    event_loop::BlockingPool pool{2};
};

TEST_F(HttpClientTest, CarriesBytesBothWaysAndGivesAnyStatus) {
    start();
    Client client(pool);
    const std::string body("\0bytes\xFF\r\n", 9);
    Request request;
    request.method = "POST";
    request.url = url("/echo");
    request.headers = {{"X-Sent", "value"}};
    request.bearer_token = base::Secret("the-token");
    request.content_type = "application/ocsp-request";
    request.body = body;
    auto answer = event_loop::run(client.send(request));
    ASSERT_TRUE(answer.ok()) << answer.error().detail;
    EXPECT_EQ(answer->status, 202);
    EXPECT_EQ(answer->content_type, "application/ocsp-request");
    EXPECT_EQ(answer->body, body);
    EXPECT_EQ(answer->header("x-authorization"), "Bearer the-token");
    EXPECT_EQ(answer->header("x-header"), "value");
    EXPECT_EQ(event_loop::run(client.get(url("/nothing")))->status, 404);
    EXPECT_EQ(event_loop::run(client.post(url("/echo"), "text/plain", ""))->body, "");
}

TEST_F(HttpClientTest, DoesNotFollowRedirects) {
    start();
    Client client(pool);
    auto answer = event_loop::run(client.get(url("/missing-half")));
    ASSERT_TRUE(answer.ok());
    EXPECT_EQ(answer->status, 302);
    EXPECT_EQ(answer->header("location"), "/echo");
}

TEST_F(HttpClientTest, BoundsTimeAndSize) {
    start();
    Client client(pool, {.timeout = 100ms, .max_answer = 2000});
    EXPECT_EQ(code(event_loop::run(client.get(url("/never")))), "http-client.too-slow");
    EXPECT_EQ(code(event_loop::run(client.get(url("/large")))), "http-client.answer-too-large");
}

TEST_F(HttpClientTest, SaysWhenThereIsNobody) {
    start();
    const std::string address = url("/echo");
    server->stop(0ms);
    server.reset();
    Client client(pool);
    EXPECT_EQ(code(event_loop::run(client.get(address))), "http-client.unreachable");
    EXPECT_EQ(code(event_loop::run(client.get("http://host.invalid/"))), "http-client.unreachable");
    EXPECT_EQ(code(event_loop::run(client.get("file:///etc/hostname"))), "http-client.failed");
    EXPECT_EQ(code(event_loop::run(client.get("http://a/\r\nHost: b"))), "http-client.request-malformed");
}

TEST_F(HttpClientTest, TrustsOnlyTheAuthorityItWasGiven) {
    const auto folder = std::filesystem::temp_directory_path() / ("musubi-http-client-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
    const std::string certificate = (folder / "cert.pem").string();
    const std::string key = (folder / "key.pem").string();
    const std::string command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "
                                "/CN=localhost -addext subjectAltName=DNS:localhost -keyout " +
                                key + " -out " + certificate + " 2>/dev/null";
    ASSERT_EQ(std::system(command.c_str()), 0);
    start(http::TlsFiles{certificate, key});
    Client trusting(pool, {.ca_file = certificate});
    Client other(pool);
    EXPECT_EQ(code(event_loop::run(trusting.get(url("/echo", "https")))), "answered");
    EXPECT_EQ(code(event_loop::run(other.get(url("/echo", "https")))), "http-client.tls-untrusted");
    const std::string wrong_name = "https://127.0.0.1:" + std::to_string(server->port()) + "/";
    EXPECT_EQ(code(event_loop::run(trusting.get(wrong_name))), "http-client.tls-untrusted");
    std::filesystem::remove_all(folder);
}

} // namespace
} // namespace musubi::http_client
