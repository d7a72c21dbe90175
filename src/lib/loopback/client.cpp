#include "lib/loopback/client.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

namespace musubi::loopback {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;

namespace {
constexpr size_t kLongestAnswer = 4 << 20;

base::Error unreachable(const beast::error_code& why) {
    return base::error(base::ErrorKind::Unavailable, "loopback.unreachable").because(why.message());
}
} // namespace

base::Result<Answer> fetch(const Call& call) {
    asio::io_context context(1);
    beast::tcp_stream stream(context);
    beast::error_code problem;
    const auto address = asio::ip::make_address(call.host == "localhost" ? "127.0.0.1" : call.host, problem);
    if (problem) return unreachable(problem);
    http::request<http::string_body> request(http::string_to_verb(call.method), call.target, 11);
    request.set(http::field::host, call.host + ":" + std::to_string(call.port));
    for (const auto& [name, value] : call.headers) request.insert(name, value);
    request.body() = call.body;
    request.prepare_payload();
    request.keep_alive(false);
    http::response_parser<http::string_body> parser;
    parser.body_limit(kLongestAnswer);
    beast::flat_buffer buffer;
    bool done = false;
    // Timeouts of a tcp_stream work with asynchronous operations only.
    stream.expires_after(call.timeout);
    stream.async_connect(asio::ip::tcp::endpoint(address, call.port), [&](beast::error_code connected) {
        problem = connected;
        if (problem) return;
        http::async_write(stream, request, [&](beast::error_code written, size_t) {
            problem = written;
            if (problem) return;
            http::async_read(stream, buffer, parser, [&](beast::error_code read, size_t) {
                problem = read;
                done = !read;
            });
        });
    });
    context.run();
    if (!done) return unreachable(problem);
    auto& message = parser.get();
    return Answer{static_cast<int>(message.result_int()), std::string(message[http::field::content_type]),
                  std::move(message.body())};
}

} // namespace musubi::loopback
