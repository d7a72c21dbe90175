#include "lib/loopback/client.h"
#include "lib/loopback/server.h"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace musubi::loopback {
namespace {

class Echo final : public Handler {
  public:
    Response handle(const Request& request) override {
        const auto found = request.query.find("q");
        return {200, "text/plain",
                request.method + " " + request.path + " " + (found == request.query.end() ? "" : found->second) + " " +
                    request.body};
    }
};

class LoopbackTest : public testing::Test {
  protected:
    Answer get(std::string target, std::vector<std::pair<std::string, std::string>> headers = {}) {
        Call call;
        call.port = server->port();
        call.target = std::move(target);
        call.headers = std::move(headers);
        return *fetch(call);
    }
    /// Sends bytes as they are and returns the status line.
    std::string raw(std::string_view bytes) {
        const int s = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(server->port());
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(::connect(s, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
        EXPECT_EQ(::send(s, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
        ::shutdown(s, SHUT_WR);
        std::string answer;
        char buffer[4096];
        for (ssize_t n; (n = ::recv(s, buffer, sizeof buffer, 0)) > 0;) answer.append(buffer, static_cast<size_t>(n));
        ::close(s);
        return answer.substr(0, answer.find("\r\n"));
    }

    Echo echo;
    std::unique_ptr<Server> server = std::move(*Server::start({.port = 0}, echo));
    const std::string host = "Host: 127.0.0.1:" + std::to_string(server->port()) + "\r\n";
};

TEST_F(LoopbackTest, answers_with_decoded_paths_and_queries) {
    EXPECT_EQ(get("/%E3%82%80?q=a+b%26c").body, "GET /む a b&c ");
    Call call;
    call.method = "POST";
    call.port = server->port();
    call.target = "/x";
    call.body = "body";
    EXPECT_EQ(fetch(call)->body, "POST /x  body");
}

TEST_F(LoopbackTest, a_name_that_is_not_this_computer_is_refused) {
    EXPECT_EQ(raw("GET / HTTP/1.1\r\nHost: evil.example:" + std::to_string(server->port()) + "\r\n\r\n"),
              "HTTP/1.1 421 Misdirected Request");
    EXPECT_EQ(raw("GET / HTTP/1.1\r\nHost: 127.0.0.1:1\r\n\r\n"), "HTTP/1.1 421 Misdirected Request");
    EXPECT_EQ(raw("GET / HTTP/1.1\r\nHost: localhost:" + std::to_string(server->port()) + "\r\n\r\n"),
              "HTTP/1.1 200 OK");
    EXPECT_EQ(raw("GET / HTTP/1.1\r\n\r\n"), "HTTP/1.1 400 Bad Request");
    EXPECT_EQ(raw("GET / HTTP/1.1\r\n" + host + host + "\r\n"), "HTTP/1.1 400 Bad Request");
}

TEST_F(LoopbackTest, malformed_and_oversized_requests_are_refused) {
    EXPECT_EQ(raw("GARBAGE\r\n\r\n"), "HTTP/1.1 400 Bad Request");
    EXPECT_EQ(raw("GET /%zz HTTP/1.1\r\n" + host + "\r\n"), "HTTP/1.1 400 Bad Request");
    EXPECT_EQ(raw("GET /%00 HTTP/1.1\r\n" + host + "\r\n"), "HTTP/1.1 400 Bad Request");
    EXPECT_EQ(raw("PUT / HTTP/1.1\r\n" + host + "Content-Length: 0\r\n\r\n"), "HTTP/1.1 405 Method Not Allowed");
    EXPECT_EQ(raw("POST / HTTP/1.1\r\n" + host + "Content-Length: 999999\r\n\r\n"), "HTTP/1.1 413 Payload Too Large");
    EXPECT_EQ(raw("GET / HTTP/1.1\r\n" + host + "X: " + std::string(20000, 'x') + "\r\n\r\n"),
              "HTTP/1.1 431 Request Header Fields Too Large");
}

TEST_F(LoopbackTest, nobody_listening_is_an_error_and_a_taken_port_too) {
    EXPECT_EQ(Server::start({.port = server->port()}, echo).error().code, "loopback.port-in-use");
    Call call;
    call.port = server->port();
    server.reset();
    EXPECT_EQ(fetch(call).error().code, "loopback.unreachable");
}

} // namespace
} // namespace musubi::loopback
