#include "lib/http/server.h"

#include "lib/http/metrics.h"
#include "lib/http/testing.h"
#include "lib/http/websocket.h"
#include "lib/http/websocket_frame.h"

#include <arpa/inet.h>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <latch>
#include <netinet/in.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace musubi::http {
namespace {

using base::Result;
using base::Task;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using namespace std::chrono_literals;

/// Sends exactly the bytes it is told, as a client of any quality would.
class RawClient {
  public:
    explicit RawClient(uint16_t port) : m_socket(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        ::connect(m_socket, reinterpret_cast<sockaddr*>(&address), sizeof address);
        const timeval limit{10, 0};
        ::setsockopt(m_socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    }
    ~RawClient() { ::close(m_socket); }
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;

    RawClient& send(std::string_view bytes) {
        ::send(m_socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        return *this;
    }
    void end() { ::shutdown(m_socket, SHUT_WR); }
    /// One answer with Content-Length, or what came before the end.
    std::string answer() {
        for (;;) {
            const size_t head = m_in.find("\r\n\r\n");
            if (head != std::string::npos) {
                size_t length = 0;
                const size_t field = m_in.find("Content-Length: ");
                if (field < head) length = std::stoul(m_in.substr(field + 16));
                if (m_in.size() >= head + 4 + length) {
                    std::string out = m_in.substr(0, head + 4 + length);
                    m_in.erase(0, out.size());
                    return out;
                }
            }
            if (!more()) return std::exchange(m_in, {});
        }
    }
    std::string until_closed() {
        while (more()) {
        }
        return std::exchange(m_in, {});
    }
    std::string bytes(size_t count) {
        while (m_in.size() < count && more()) {
        }
        std::string out = m_in.substr(0, count);
        m_in.erase(0, out.size());
        return out;
    }
    bool closed_by_server() {
        char byte = 0;
        return ::recv(m_socket, &byte, 1, 0) == 0;
    }

  private:
    bool more() {
        char buffer[65536];
        const ssize_t got = ::recv(m_socket, buffer, sizeof buffer, 0);
        if (got <= 0) return false;
        m_in.append(buffer, static_cast<size_t>(got));
        return true;
    }
    int m_socket;
    std::string m_in;
};

struct Text {
    std::string text;
};
template <class Fields> void describe(Fields& fields, Text& text) { fields("text", text.text); }

std::string status_of_answer(const std::string& answer) {
    return answer.substr(0, std::min<size_t>(12, answer.size()));
}

class ServerTest : public ::testing::Test {
  protected:
    ServerTest() {
        router.configure({.access_log = AccessLog::Off});
        router.acts("GET", "/hello", "hello", Access::anyone(), [](Call& call) -> Task<Result<Text>> {
            co_return Text{"hello " + call.request.query_value("name").value_or("")};
        });
        router.acts(
            "POST", "/echo", "echo", Access::anyone(), [](Call&, Text body) -> Task<Result<Text>> { co_return body; },
            BodyLimit{.bytes = 1000});
        router.acts(
            "POST", "/bytes", "bytes", Access::anyone(),
            [](Call& call) -> Task<Result<Raw>> {
                co_return Raw{.content_type = "application/octet-stream", .body = call.request.body};
            },
            BodyLimit{.bytes = 3 << 20, .content_type = "*/*"});
        router.acts("GET", "/who", "who", Access::anyone(), [](Call& call) -> Task<Result<Text>> {
            co_return Text{call.request.client_address + (call.request.secure ? " secure" : "")};
        });
        router.acts("GET", "/slow", "slow", Access::anyone(), [this](Call&) -> Task<Result<Text>> {
            entered.count_down();
            while (!released) co_await event_loop::sleep_for(5ms);
            co_return Text{"finished"};
        });
    }

    uint16_t start(ServerOptions options = {}) {
        if (options.loops == 0) options.loops = 2;
        server.emplace(router, std::move(options));
        const auto started = server->start();
        EXPECT_TRUE(started.ok()) << (started ? "" : started.error().detail);
        return server->port();
    }
    std::string ask(uint16_t port, std::string_view request) {
        RawClient client(port);
        return client.send(request).answer();
    }

    base::FixedClock clock{base::Instant::from_milliseconds(1'800'000'000'000)};
    Router router{clock};
    std::latch entered{1};
    std::atomic<bool> released = false;
    std::optional<Server> server;
};

constexpr std::string_view kHello = "GET /hello?name=hanako HTTP/1.1\r\nHost: h\r\n\r\n";

TEST_F(ServerTest, AnswersWithDateLengthAndSecurityHeaders) {
    const auto answer = ask(start(), kHello);
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\nDate: "));
    EXPECT_THAT(answer, HasSubstr("\r\nContent-Type: application/json\r\nContent-Length: 23\r\n"));
    EXPECT_THAT(answer, HasSubstr("\r\nX-Content-Type-Options: nosniff\r\n"));
    EXPECT_THAT(answer, HasSubstr("\r\nX-Request-Id: "));
    EXPECT_THAT(answer, ::testing::EndsWith("\r\n\r\n{\"text\":\"hello hanako\"}"));
}

TEST_F(ServerTest, GivesUpAHandlerThatTakesTooLongAndWaitsForItWhenStopping) {
    RawClient client(start({.request_timeout = 40ms}));
    const auto answer = client.send("GET /slow HTTP/1.1\r\nHost: h\r\n\r\n").answer();
    EXPECT_EQ(status_of_answer(answer), "HTTP/1.1 503");
    EXPECT_THAT(answer, HasSubstr("\"code\":\"request.took-too-long\""));
    EXPECT_THAT(answer, HasSubstr("\r\nConnection: close\r\n"));
    client.end();
    EXPECT_TRUE(client.closed_by_server());
    EXPECT_EQ(status_of_answer(ask(server->port(), kHello)), "HTTP/1.1 200");
    std::thread releasing([this] {
        std::this_thread::sleep_for(50ms);
        released = true;
    });
    EXPECT_EQ(server->stop(30s), 0u) << "the handler came to its end";
    EXPECT_TRUE(released);
    releasing.join();
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
    RawClient client(start());
    std::string requests;
    for (int i = 0; i < 100; ++i) requests += "GET /hello?name=" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\n\r\n";
    client.send(requests);
    for (int i = 0; i < 100; ++i) EXPECT_THAT(client.answer(), HasSubstr("\"hello " + std::to_string(i) + "\""));
}

TEST_F(ServerTest, KeepsConnectionsAsTheVersionAndTheClientWish) {
    const uint16_t port = start();
    EXPECT_THAT(RawClient(port).send("GET /hello HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").until_closed(),
                HasSubstr("\r\nConnection: close\r\n"));
    EXPECT_THAT(RawClient(port).send("GET /hello HTTP/1.0\r\nHost: h\r\n\r\n").until_closed(),
                HasSubstr("\r\nConnection: close\r\n"));
    RawClient old(port);
    EXPECT_THAT(old.send("GET /hello HTTP/1.0\r\nHost: h\r\nConnection: Keep-Alive\r\n\r\n").answer(),
                HasSubstr("\r\nConnection: keep-alive\r\n"));
    EXPECT_THAT(old.send(kHello).answer(), StartsWith("HTTP/1.1 200"));
}

TEST_F(ServerTest, RefusesWhatTwoProgramsCouldReadDifferently) {
    const uint16_t port = start();
    const std::pair<std::string_view, std::string_view> probes[] = {
        {"GET /hello HTTP/1.1\r\n\r\n", "400"},
        {"GET /hello HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "400"},
        {"GET /hello HTTP/1.1\r\nHost:\r\n\r\n", "400"},
        {"GET /hello HTTP/1.1\r\nHost: a b\r\n\r\n", "400"},
        {"GET /hello HTTP/1.1\r\nHost : a\r\n\r\n", "400"},
        {"GET /hello HTTP/1.1\r\nHost: a\r\nX-A: b\r\n folded\r\n\r\n", "400"},
        {"GET /hello HTTP/1.1\nHost: a\n\n", "400"},
        {"GET /hello HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", "400"},
        {"GET /hello HTTP/1.1\r\nHost: a\r\nX: \x01\r\n\r\n", "400"},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n{}", "400"},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}", "400"},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2, 2\r\n\r\n{}", "400"},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: +2\r\n\r\n{}", "400"},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n{}", "400"},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"},
        {"POST /echo HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400"},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "501"},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "400"},
        {"POST /echo HTTP/1.1\r\nHost: a\r\nExpect: miracles\r\nContent-Length: 2\r\n\r\n{}", "417"},
        {"GET http://b/hello HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
        {"GET hello HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
        {"GET /a/../hello HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
        {"GET /a%2fhello HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
        {"GET /a%00 HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
        {"GET /%ff HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
        {"GET /%2 HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
        {"GET /hello#x HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
        {"TRACE /hello HTTP/1.1\r\nHost: a\r\n\r\n", "501"},
        {"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", "501"},
        {"GET /hello HTTP/2.0\r\nHost: a\r\n\r\n", "505"},
        {"\x16\x03\x01\x02", "400"},
        {"get /hello HTTP/1.1\r\nHost: a\r\n\r\n", "400"},
        {"GET  /hello HTTP/1.1\r\nHost: a\r\n\r\n", "400"}};
    for (const auto& [request, status] : probes) {
        RawClient client(port);
        client.send(request).end();
        const std::string answer = client.until_closed();
        EXPECT_EQ(status_of_answer(answer), "HTTP/1.1 " + std::string(status)) << request;
        EXPECT_THAT(answer, HasSubstr("application/problem+json")) << request;
        EXPECT_THAT(answer, HasSubstr("\r\nConnection: close\r\n")) << request;
    }
}

TEST_F(ServerTest, AcceptsWhatIsUnusualButClear) {
    const uint16_t port = start();
    EXPECT_THAT(ask(port, "\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n"), StartsWith("HTTP/1.1 200"));
    EXPECT_THAT(ask(port, "GET http://a:80/hello HTTP/1.1\r\nHost: a:80\r\n\r\n"), StartsWith("HTTP/1.1 200"));
    EXPECT_THAT(ask(port, "GET /%68ello HTTP/1.1\r\nhost: a\r\n\r\n"), StartsWith("HTTP/1.1 200"));
    EXPECT_THAT(ask(port, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: "
                          "chunked\r\n\r\n7;x=y\r\n{\"text\"\r\n5\r\n:\"a\"}\r\n0\r\nHost: trailer\r\n\r\n"),
                HasSubstr("{\"text\":\"a\"}"));
    const std::string head = ask(port, "HEAD /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    EXPECT_THAT(head, HasSubstr("Content-Length: 17\r\n"));
    EXPECT_THAT(head, ::testing::EndsWith("\r\n\r\n"));
}

TEST_F(ServerTest, BoundsTheHead) {
    const uint16_t port = start();
    EXPECT_EQ(status_of_answer(ask(port, "GET /hello HTTP/1.1\r\nHost: a\r\nX: " + std::string(20000, 'x'))),
              "HTTP/1.1 431");
    EXPECT_EQ(status_of_answer(ask(port, "GET /" + std::string(20000, 'x'))), "HTTP/1.1 431");
    std::string many = "GET /hello HTTP/1.1\r\nHost: a\r\n";
    for (int i = 0; i < 150; ++i) many += "X: y\r\n";
    EXPECT_EQ(status_of_answer(ask(port, many + "\r\n")), "HTTP/1.1 431");
    EXPECT_EQ(
        status_of_answer(ask(port, "GET /hello HTTP/1.1\r\nHost: a\r\nX: " + std::string(15000, 'x') + "\r\n\r\n")),
        "HTTP/1.1 200");
}

TEST_F(ServerTest, BoundsTheBodyByItsRouteAndLetsTheClientReadWhy) {
    const uint16_t port = start();
    EXPECT_EQ(status_of_answer(ask(port, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n")),
              "HTTP/1.1 413");
    EXPECT_EQ(status_of_answer(ask(port, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                                         "Transfer-Encoding: chunked\r\n\r\n400\r\n" +
                                             std::string(1024, ' ') + "\r\n")),
              "HTTP/1.1 413");
    // A client that sends on regardless still gets the answer instead of a reset.
    EXPECT_EQ(status_of_answer(ask(port, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 500000\r\n\r\n" +
                                             std::string(500000, 'x'))),
              "HTTP/1.1 413");
    EXPECT_EQ(status_of_answer(ask(port, "POST /nowhere HTTP/1.1\r\nHost: a\r\nContent-Length: 500000\r\n\r\n" +
                                             std::string(500000, 'x'))),
              "HTTP/1.1 404");
}

TEST_F(ServerTest, CarriesLargeBodiesBothWays) {
    std::string body(2'500'000, '\0');
    for (size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>(i * 7 % 251);
    RawClient client(start());
    std::thread sender([&] {
        client.send("POST /bytes HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n");
        client.send(body);
    });
    sender.join();
    const std::string answer = client.answer();
    EXPECT_TRUE(answer.ends_with(body)) << answer.substr(0, 200);
}

TEST_F(ServerTest, SaysContinueToAClientThatWaitsForIt) {
    RawClient client(start());
    client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 12\r\n"
                "Expect: 100-continue\r\n\r\n");
    EXPECT_EQ(client.answer(), "HTTP/1.1 100 Continue\r\n\r\n");
    EXPECT_THAT(client.send("{\"text\":\"a\"}").answer(), StartsWith("HTTP/1.1 200"));
}

TEST_F(ServerTest, ClosesSlowClientsAndSaysSoWhenTheyHadBegun) {
    const uint16_t port = start({.head_timeout = 150ms, .body_timeout = 150ms, .idle_timeout = 150ms});
    RawClient silent(port);
    RawClient slow_head(port);
    RawClient slow_body(port);
    slow_head.send("GET /hello HT");
    slow_body.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n\r\n{");
    EXPECT_EQ(silent.until_closed(), "");
    EXPECT_EQ(status_of_answer(slow_head.until_closed()), "HTTP/1.1 408");
    EXPECT_EQ(status_of_answer(slow_body.until_closed()), "HTTP/1.1 408");
    // A byte now and then does not help: the deadline is for the whole head.
    RawClient dripping(port);
    std::atomic<bool> stop = false;
    std::thread drip([&] {
        const std::string request = "GET /hello HTTP/1.1\r\nHost: a\r\nX: " + std::string(200, 'x');
        for (size_t i = 0; i < request.size() && !stop; ++i) {
            dripping.send(request.substr(i, 1));
            std::this_thread::sleep_for(20ms);
        }
    });
    EXPECT_EQ(status_of_answer(dripping.answer()), "HTTP/1.1 408");
    stop = true;
    drip.join();
}

TEST_F(ServerTest, FinishesWhatIsInFlightWhenItStops) {
    const uint16_t port = start();
    RawClient idle(port);
    EXPECT_THAT(idle.send(kHello).answer(), StartsWith("HTTP/1.1 200"));
    RawClient busy(port);
    busy.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
    entered.wait();
    std::thread stopper([this] { EXPECT_EQ(server->stop(10s), 0u); });
    EXPECT_TRUE(idle.closed_by_server());
    released = true;
    const std::string answer = busy.until_closed();
    EXPECT_THAT(answer, HasSubstr("finished"));
    EXPECT_THAT(answer, HasSubstr("\r\nConnection: close\r\n"));
    stopper.join();
    EXPECT_THAT(ask(port, kHello), ::testing::Not(StartsWith("HTTP/1.1")));
}

TEST_F(ServerTest, CutsWhatDoesNotFinishInTime) {
    const uint16_t port = start({.loops = 1}); // so that the first client has been heard when the second is answered
    RawClient stuck(port);
    stuck.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n\r\n{");
    RawClient other(port);
    EXPECT_THAT(other.send(kHello).answer(), StartsWith("HTTP/1.1 200"));
    EXPECT_GE(server->stop(50ms), 1u);
    EXPECT_THAT(stuck.until_closed(), ::testing::Not(HasSubstr("200")));
}

TEST_F(ServerTest, LimitsConnectionsPerAddress) {
    const uint16_t port = start({.max_connections_per_address = 3});
    std::vector<std::unique_ptr<RawClient>> clients;
    for (int i = 0; i < 3; ++i) {
        clients.push_back(std::make_unique<RawClient>(port));
        EXPECT_THAT(clients.back()->send(kHello).answer(), StartsWith("HTTP/1.1 200"));
    }
    EXPECT_EQ(ask(port, kHello), "");
    EXPECT_THAT(clients[0]->send(kHello).answer(), StartsWith("HTTP/1.1 200"));
}

TEST_F(ServerTest, BelievesOnlyTrustedProxiesAboutTheClient) {
    constexpr std::string_view request = "GET /who HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 203.0.113.9, 192.0.2.7, "
                                         "10.1.1.1\r\nX-Forwarded-Proto: https\r\nX-Request-Id: from-the-proxy\r\n\r\n";
    std::string answer = ask(start(), request);
    EXPECT_THAT(answer, HasSubstr("\"127.0.0.1\""));
    EXPECT_THAT(answer, ::testing::Not(HasSubstr("from-the-proxy")));
    ServerOptions options;
    options.trusted_proxies = {*AddressRange::parse("127.0.0.0/8"), *AddressRange::parse("10.0.0.0/8")};
    answer = ask(start(options), request);
    EXPECT_THAT(answer, HasSubstr("\"192.0.2.7 secure\""));
    EXPECT_THAT(answer, HasSubstr("X-Request-Id: from-the-proxy\r\n"));
    EXPECT_THAT(answer, HasSubstr("Strict-Transport-Security"));
}

TEST_F(ServerTest, AnswersOnlyToItsOwnNames) {
    const uint16_t port = start({.hosts = {"127.0.0.1:27180"}});
    EXPECT_EQ(status_of_answer(ask(port, "GET /hello HTTP/1.1\r\nHost: 127.0.0.1:27180\r\n\r\n")), "HTTP/1.1 200");
    EXPECT_EQ(status_of_answer(ask(port, "GET /hello HTTP/1.1\r\nHost: evil.example\r\n\r\n")), "HTTP/1.1 421");
}

TEST_F(ServerTest, NeverLetsAHeaderValueBeginAnotherLine) {
    router.acts("GET", "/split", "split", Access::anyone(), [](Call& call) -> Task<Result<Text>> {
        call.set_header("Location", *call.request.query_value("to"));
        co_return Text{"x"};
    });
    const auto answer = ask(start(), "GET /split?to=a%0d%0aSet-Cookie:%20x=y HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200"));
    EXPECT_THAT(answer, ::testing::Not(HasSubstr("Set-Cookie")));
}

TEST_F(ServerTest, SurvivesClientsThatLeaveAtAnyPoint) {
    const uint16_t port = start();
    constexpr std::string_view request = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Type: "
                                         "application/json\r\nContent-Length: 12\r\n\r\n{\"text\":\"a\"}";
    for (size_t length = 0; length <= request.size(); ++length) RawClient(port).send(request.substr(0, length));
    EXPECT_THAT(ask(port, request), HasSubstr("{\"text\":\"a\"}"));
}

TEST_F(ServerTest, RefusesAPortThatIsTaken) {
    const uint16_t port = start();
    Server second(router, {.port = port, .loops = 2});
    const auto started = second.start();
    ASSERT_FALSE(started.ok());
    EXPECT_EQ(started.error().code, "server.cannot-listen");
}

// ---- TLS, by the openssl and curl commands

class TlsServerTest : public ServerTest {
  protected:
    TlsServerTest() {
        folder = std::filesystem::temp_directory_path() / ("musubi-http-tls-" + std::to_string(::getpid()));
        std::filesystem::create_directories(folder);
        make_certificate("first");
    }
    ~TlsServerTest() override { std::filesystem::remove_all(folder); }

    void make_certificate(const std::string& name) const {
        const std::string command =
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=" + name +
            " -addext subjectAltName=DNS:localhost -keyout " + path("key.pem") + " -out " + path("cert.pem") +
            " 2>/dev/null";
        ASSERT_EQ(std::system(command.c_str()), 0);
    }
    std::string path(const std::string& name) const { return (folder / name).string(); }
    static std::string output(const std::string& command) {
        FILE* pipe = ::popen(command.c_str(), "r");
        std::string out;
        char buffer[4096];
        for (size_t got; (got = fread(buffer, 1, sizeof buffer, pipe)) > 0;) out.append(buffer, got);
        ::pclose(pipe);
        return out;
    }
    std::string curl(uint16_t port, const std::string& arguments) const {
        return output("curl -sS --max-time 10 --cacert " + path("cert.pem") +
                      " --resolve localhost:" + std::to_string(port) + ":127.0.0.1 " + arguments +
                      " https://localhost:" + std::to_string(port) + "/hello 2>&1");
    }
    ServerOptions options() const { return {.tls = TlsFiles{path("cert.pem"), path("key.pem")}}; }
    std::filesystem::path folder;
};

TEST_F(TlsServerTest, SpeaksTls13Only) {
    const uint16_t port = start(options());
    EXPECT_THAT(curl(port, "-i"), HasSubstr("{\"text\":\"hello \"}"));
    EXPECT_THAT(curl(port, "-i"), HasSubstr("Strict-Transport-Security: max-age="));
    EXPECT_THAT(curl(port, "--tls-max 1.2"), ::testing::Not(HasSubstr("hello")));
    // A client that speaks plain HTTP to the port is let go, and so is one that says nothing.
    EXPECT_THAT(ask(port, kHello), ::testing::Not(HasSubstr("hello")));
}

TEST_F(TlsServerTest, ResumesSessions) {
    const uint16_t port = start(options());
    const std::string connect =
        "(printf 'GET /hello HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n'; "
        "sleep 0.5) | openssl s_client -connect 127.0.0.1:" +
        std::to_string(port) + " -CAfile " + path("cert.pem");
    const std::string first = output(connect + " -sess_out " + path("session") + " -ign_eof 2>&1");
    EXPECT_THAT(first, HasSubstr("New, TLSv1.3"));
    EXPECT_THAT(first, HasSubstr("{\"text\":\"hello \"}"));
    const std::string second = output(connect + " -sess_in " + path("session") + " -ign_eof 2>&1");
    EXPECT_THAT(second, HasSubstr("Reused, TLSv1.3"));
    EXPECT_THAT(second, HasSubstr("{\"text\":\"hello \"}"));
}

TEST_F(TlsServerTest, CarriesLargeBodiesBothWays) {
    const uint16_t port = start(options());
    std::string body(2'000'000, '\0');
    for (size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>(i % 253);
    std::ofstream(path("body"), std::ios::binary) << body;
    output("curl -sS --max-time 20 --cacert " + path("cert.pem") + " --resolve localhost:" + std::to_string(port) +
           ":127.0.0.1 --data-binary @" + path("body") + " -H 'Content-Type: application/octet-stream' -o " +
           path("back") + " https://localhost:" + std::to_string(port) + "/bytes");
    std::ifstream back(path("back"), std::ios::binary);
    EXPECT_TRUE(std::string(std::istreambuf_iterator<char>(back), {}) == body);
}

TEST_F(TlsServerTest, TakesANewCertificateWithoutARestartAndKeepsTheOldOneOnError) {
    const uint16_t port = start(options());
    const std::string subject = "openssl s_client -connect 127.0.0.1:" + std::to_string(port) +
                                " </dev/null 2>/dev/null | openssl x509 -noout -subject";
    EXPECT_THAT(output(subject), HasSubstr("first"));
    make_certificate("second");
    EXPECT_TRUE(server->reload_tls().ok());
    EXPECT_THAT(output(subject), HasSubstr("second"));
    std::ofstream(path("key.pem")) << "not a key";
    const auto failed = server->reload_tls();
    ASSERT_FALSE(failed.ok());
    EXPECT_EQ(failed.error().code, "server.tls-unusable");
    EXPECT_THAT(output(subject), HasSubstr("second"));
}

TEST_F(TlsServerTest, DoesNotStartWithoutUsableFiles) {
    Server broken(router, {.tls = TlsFiles{path("none.pem"), path("key.pem")}});
    const auto started = broken.start();
    ASSERT_FALSE(started.ok());
    EXPECT_THAT(started.error().detail, HasSubstr("none.pem"));
}

// ---- WebSocket

std::string masked(uint8_t first, std::string_view payload) {
    std::string out(1, static_cast<char>(first));
    if (payload.size() < 126) {
        out += static_cast<char>(0x80 | payload.size());
    } else {
        out += static_cast<char>(0x80 | 126);
        out += static_cast<char>(payload.size() >> 8);
        out += static_cast<char>(payload.size() & 0xFF);
    }
    constexpr std::string_view mask = "\x11\x22\x33\x44";
    out += mask;
    for (size_t i = 0; i < payload.size(); ++i) out += static_cast<char>(payload[i] ^ mask[i % 4]);
    return out;
}

class WebSocketTest : public ServerTest {
  protected:
    WebSocketTest() {
        router.websocket(
            "/ws", "talk", [](std::string_view origin) { return origin == "https://city.example"; },
            [](WebSocket& socket, const Request&) -> Task<> {
                while (auto message = co_await socket.receive()) co_await socket.send("got " + *message);
            },
            1000);
    }
    static std::string handshake(std::string_view origin = "https://city.example") {
        return "GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
               "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nOrigin: " +
               std::string(origin) + "\r\n\r\n";
    }
};

TEST_F(WebSocketTest, TalksInTextMessages) {
    RawClient client(start());
    // The example of RFC 6455 section 1.3; the first message comes together with the handshake.
    client.send(handshake() + masked(0x81, "eins"));
    EXPECT_THAT(client.answer(), HasSubstr("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
    EXPECT_EQ(client.bytes(10), "\x81\x08got eins");
    client.send(masked(0x01, "zw")).send(masked(0x89, "?")).send(masked(0x80, "ei"));
    EXPECT_EQ(client.bytes(3), "\x8A\x01?");
    EXPECT_EQ(client.bytes(10), "\x81\x08got zwei");
    client.send(masked(0x81, std::string(300, 'x')));
    EXPECT_EQ(client.bytes(308), std::string("\x81\x7E\x01\x30", 4) + "got " + std::string(300, 'x'));
    client.send(masked(0x88, "\x03\xE8"));
    EXPECT_EQ(client.until_closed(), "\x88\x02\x03\xE8");
}

TEST_F(WebSocketTest, RefusesForeignOriginsAndBadHandshakes) {
    const uint16_t port = start();
    EXPECT_EQ(status_of_answer(ask(port, handshake("https://evil.example"))), "HTTP/1.1 403");
    auto bad = handshake();
    bad.replace(bad.find("dGhl"), 4, "????");
    EXPECT_EQ(status_of_answer(ask(port, bad)), "HTTP/1.1 426");
    bad = handshake();
    bad.replace(bad.find("Version: 13"), 11, "Version: 08");
    EXPECT_EQ(status_of_answer(ask(port, bad)), "HTTP/1.1 426");
}

TEST_F(WebSocketTest, ClosesWithTheReasonWhenFramesBreakTheRules) {
    const uint16_t port = start();
    const std::pair<std::string, uint16_t> probes[] = {
        {"\x81\x02hi", 1002},                          // not masked
        {masked(0xC1, "x"), 1002},                     // reserved bit
        {masked(0x83, "x"), 1002},                     // reserved opcode
        {masked(0x80, "x"), 1002},                     // continues nothing
        {masked(0x01, "x") + masked(0x81, "y"), 1002}, // begins inside a message
        {masked(0x09, "x"), 1002},                     // split ping
        {masked(0x82, "x"), 1003},                     // binary
        {masked(0x81, "\xFF"), 1007},                  // not UTF-8
        {masked(0x81, std::string(1001, 'x')), 1009},  // too long
        {masked(0x01, std::string(900, 'x')) + masked(0x80, std::string(900, 'x')), 1009},
        {std::string("\x81\xFF\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 10), 1009},
        {std::string("\x81\xFE\x00\x05", 4), 1002}}; // length not in its shortest form
    for (const auto& [bytes, code] : probes) {
        RawClient client(port);
        client.send(handshake());
        client.answer();
        client.send(bytes);
        const std::string closing = client.until_closed();
        ASSERT_GE(closing.size(), 4u);
        EXPECT_EQ(closing[0], '\x88');
        EXPECT_EQ(static_cast<uint8_t>(closing[2]) * 256 + static_cast<uint8_t>(closing[3]), code);
    }
}

TEST_F(WebSocketTest, EndsWithTheServer) {
    RawClient client(start());
    client.send(handshake());
    client.answer();
    EXPECT_EQ(server->stop(5s), 0u);
    client.until_closed();
}

} // namespace
} // namespace musubi::http
