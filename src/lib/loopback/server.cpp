#include "lib/loopback/server.h"

#include <algorithm>
#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/strand.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <deque>
#include <thread>

namespace musubi::loopback {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using tcp = asio::ip::tcp;

namespace {

constexpr size_t kWaitingMessages = 256;
constexpr int kRequestsPerConnection = 1000;
constexpr size_t kLongestTarget = 2048;

// Pages of these programs never need more than their own files. A page that opens them loses its hold on the window.
constexpr std::pair<const char*, const char*> kHeadersOfEveryAnswer[] = {
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
     "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "same-origin"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Permissions-Policy", "camera=(), geolocation=(), microphone=()"},
    {"Cache-Control", "no-store"},
};

bool same_ignoring_case(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

std::optional<unsigned> hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return std::nullopt;
}

enum class PlusMeans { Plus, Space };

std::optional<std::string> percent_decode(std::string_view text, PlusMeans plus) {
    std::string out;
    for (size_t at = 0; at < text.size(); ++at) {
        char c = text[at];
        if (c == '+' && plus == PlusMeans::Space) c = ' ';
        if (c == '%') {
            if (text.size() - at < 3) return std::nullopt;
            const auto high = hex_value(text[at + 1]);
            const auto low = hex_value(text[at + 2]);
            if (!high || !low) return std::nullopt;
            c = static_cast<char>(*high * 16 + *low);
            at += 2;
        }
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return std::nullopt;
        out += c;
    }
    return out;
}

bool read_target(std::string_view target, Request& request) {
    if (target.empty() || target[0] != '/' || target.size() > kLongestTarget) return false;
    const auto mark = target.find('?');
    auto path = percent_decode(target.substr(0, mark), PlusMeans::Plus);
    if (!path) return false;
    request.path = std::move(*path);
    if (mark == std::string_view::npos) return true;
    auto rest = target.substr(mark + 1);
    while (!rest.empty()) {
        const auto pair = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
        const auto equals = std::min(pair.find('='), pair.size());
        const auto name = percent_decode(pair.substr(0, equals), PlusMeans::Space);
        const auto value = percent_decode(pair.substr(std::min(equals + 1, pair.size())), PlusMeans::Space);
        if (!name || !value) return false;
        request.query[*name] = *value;
    }
    return true;
}

struct Shared {
    Options options;
    Handler* handler = nullptr;
    uint16_t port = 0;
    std::atomic<size_t> connections = 0;
    std::atomic<bool> stopping = false;
};

// A page of another name that resolves to 127.0.0.1 (DNS rebinding) still sends its own name here.
bool host_allowed(std::string_view host, uint16_t port) {
    const auto suffix = ":" + std::to_string(port);
    for (const auto* name : {"127.0.0.1", "localhost", "[::1]"}) {
        if (same_ignoring_case(host, name + suffix)) return true;
    }
    return false;
}

struct Counted {
    explicit Counted(std::shared_ptr<Shared> with) : shared(std::move(with)) { ++shared->connections; }
    ~Counted() { --shared->connections; }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;
    std::shared_ptr<Shared> shared;
};

class WebSocketPeer final : public Peer, public std::enable_shared_from_this<WebSocketPeer> {
  public:
    WebSocketPeer(beast::tcp_stream stream, std::shared_ptr<Counted> counted, std::string origin)
        : m_stream(std::move(stream)), m_counted(std::move(counted)), m_origin(std::move(origin)) {}

    void begin(http::request<http::string_body> request) {
        beast::get_lowest_layer(m_stream).expires_never();
        m_stream.set_option(websocket::stream_base::timeout::suggested(beast::role_type::server));
        m_stream.read_message_max(m_counted->shared->options.maximum_message);
        m_stream.text(true);
        m_stream.async_accept(request, [self = shared_from_this()](beast::error_code problem) {
            if (problem) return;
            self->m_open = true;
            self->handler().opened(self);
            self->read();
        });
    }

    const std::string& origin() const override { return m_origin; }

    void send(std::string text) override {
        asio::post(m_stream.get_executor(), [self = shared_from_this(), text = std::move(text)]() mutable {
            if (!self->m_open) return;
            if (self->m_waiting.size() >= kWaitingMessages) return self->drop();
            self->m_waiting.push_back(std::move(text));
            if (self->m_waiting.size() == 1) self->write();
        });
    }

    void close() override {
        asio::post(m_stream.get_executor(), [self = shared_from_this()] {
            if (!self->m_open) return;
            self->m_stream.async_close(websocket::close_code::normal, [self](beast::error_code) {});
        });
    }

    void drop() { beast::get_lowest_layer(m_stream).close(); }

  private:
    Handler& handler() { return *m_counted->shared->handler; }

    void read() {
        m_stream.async_read(m_buffer, [self = shared_from_this()](beast::error_code problem, size_t) {
            if (problem || self->m_counted->shared->stopping) return self->end();
            if (!self->m_stream.got_text()) {
                self->drop();
                return self->end();
            }
            const auto message = beast::buffers_to_string(self->m_buffer.data());
            self->m_buffer.clear();
            self->handler().received(self, message);
            self->read();
        });
    }

    void write() {
        m_stream.async_write(asio::buffer(m_waiting.front()),
                             [self = shared_from_this()](beast::error_code problem, size_t) {
                                 if (problem) return self->m_waiting.clear();
                                 self->m_waiting.pop_front();
                                 if (!self->m_waiting.empty()) self->write();
                             });
    }

    void end() {
        if (!std::exchange(m_open, false)) return;
        handler().closed(shared_from_this());
    }

    websocket::stream<beast::tcp_stream> m_stream;
    std::shared_ptr<Counted> m_counted;
    std::string m_origin;
    beast::flat_buffer m_buffer;
    std::deque<std::string> m_waiting;
    bool m_open = false;
};

class HttpConnection final : public std::enable_shared_from_this<HttpConnection> {
  public:
    HttpConnection(tcp::socket socket, std::shared_ptr<Shared> shared)
        : m_stream(std::move(socket)), m_counted(std::make_shared<Counted>(std::move(shared))) {}

    void begin() {
        asio::dispatch(m_stream.get_executor(), [self = shared_from_this()] { self->read(); });
    }

  private:
    const Options& options() const { return m_counted->shared->options; }

    void read() {
        m_parser.emplace();
        m_parser->header_limit(static_cast<uint32_t>(options().maximum_header));
        m_parser->body_limit(options().maximum_body);
        m_stream.expires_after(options().read_timeout);
        http::async_read(m_stream, m_buffer, *m_parser,
                         [self = shared_from_this()](beast::error_code problem, size_t) { self->answer(problem); });
    }

    void answer(beast::error_code problem) {
        if (problem == http::error::end_of_stream || m_counted->shared->stopping) return shut();
        if (problem == http::error::body_limit) return write({413}, CloseAfter::Yes);
        if (problem == http::error::header_limit) return write({431}, CloseAfter::Yes);
        if (problem.category() == http::make_error_code(http::error::bad_method).category())
            return write({400}, CloseAfter::Yes);
        if (problem) return shut();
        Request request;
        if (auto refusal = check(request)) return write(std::move(*refusal), CloseAfter::Yes);
        if (websocket::is_upgrade(m_parser->get())) return upgrade(request);
        const bool close = ++m_requests >= kRequestsPerConnection || !m_parser->get().keep_alive();
        write(m_counted->shared->handler->handle(request), close ? CloseAfter::Yes : CloseAfter::No);
    }

    std::optional<Response> check(Request& request) {
        auto& message = m_parser->get();
        if (message.version() != 11) return Response{505};
        switch (message.method()) {
        case http::verb::get:
        case http::verb::head:
            request.method = "GET";
            break;
        case http::verb::post:
            request.method = "POST";
            break;
        default:
            return Response{405};
        }
        m_head_only = message.method() == http::verb::head;
        if (message.count(http::field::host) != 1) return Response{400};
        if (!host_allowed(message[http::field::host], m_counted->shared->port)) return Response{421};
        if (message.count(http::field::origin) > 1) return Response{400};
        if (!read_target(message.target(), request)) return Response{400};
        for (const auto& field : message) request.headers.emplace_back(field.name_string(), field.value());
        request.body = std::move(message.body());
        return std::nullopt;
    }

    void upgrade(const Request& request) {
        if (auto refusal = m_counted->shared->handler->refuse(request))
            return write(std::move(*refusal), CloseAfter::Yes);
        std::make_shared<WebSocketPeer>(std::move(m_stream), m_counted, std::string(request.header("Origin")))
            ->begin(m_parser->release());
    }

    enum class CloseAfter { No, Yes };

    void write(Response response, CloseAfter close) {
        m_response = {};
        m_response.version(11);
        m_response.result(static_cast<unsigned>(response.status));
        for (const auto& [name, value] : kHeadersOfEveryAnswer) m_response.set(name, value);
        m_response.set(http::field::content_type, response.content_type);
        for (const auto& [name, value] : response.headers) m_response.set(name, value);
        m_response.keep_alive(close == CloseAfter::No);
        m_response.content_length(response.body.size());
        if (!m_head_only) m_response.body() = std::move(response.body);
        m_stream.expires_after(options().read_timeout);
        http::async_write(m_stream, m_response, [self = shared_from_this(), close](beast::error_code problem, size_t) {
            if (problem || close == CloseAfter::Yes) return self->shut();
            self->read();
        });
    }

    void shut() {
        beast::error_code ignored;
        m_stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
    }

    beast::tcp_stream m_stream;
    std::shared_ptr<Counted> m_counted;
    beast::flat_buffer m_buffer;
    std::optional<http::request_parser<http::string_body>> m_parser;
    http::response<http::string_body> m_response;
    int m_requests = 0;
    bool m_head_only = false;
};

} // namespace

std::string_view Request::header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
        if (same_ignoring_case(key, name)) return value;
    }
    return {};
}

struct Server::State {
    explicit State(int thread_count) : context(thread_count) {}
    asio::io_context context;
    tcp::acceptor acceptor{context};
    std::shared_ptr<Shared> shared = std::make_shared<Shared>();
    std::vector<std::thread> threads;

    void accept() {
        acceptor.async_accept(asio::make_strand(context), [this](beast::error_code problem, tcp::socket socket) {
            if (problem == asio::error::operation_aborted) return;
            if (!problem && shared->connections < shared->options.maximum_connections) {
                beast::error_code ignored;
                socket.set_option(tcp::no_delay(true), ignored);
                std::make_shared<HttpConnection>(std::move(socket), shared)->begin();
            }
            accept();
        });
    }
};

Server::Server(std::unique_ptr<State> state) : m_state(std::move(state)) {}

base::Result<std::unique_ptr<Server>> Server::start(const Options& options, Handler& handler) {
    auto state = std::make_unique<State>(options.threads);
    state->shared->options = options;
    state->shared->handler = &handler;
    beast::error_code problem;
    const tcp::endpoint endpoint(asio::ip::address_v4::loopback(), options.port);
    state->acceptor.open(endpoint.protocol(), problem);
    if (!problem) state->acceptor.set_option(asio::socket_base::reuse_address(true), problem);
    if (!problem) state->acceptor.bind(endpoint, problem);
    if (!problem) state->acceptor.listen(asio::socket_base::max_listen_connections, problem);
    if (problem) return base::error(base::ErrorKind::Unavailable, "loopback.port-in-use").because(problem.message());
    state->shared->port = state->acceptor.local_endpoint().port();
    state->accept();
    for (int i = 0; i < options.threads; ++i)
        state->threads.emplace_back([context = &state->context] { context->run(); });
    return std::unique_ptr<Server>(new Server(std::move(state)));
}

Server::~Server() {
    m_state->shared->stopping = true;
    m_state->context.stop();
    for (auto& thread : m_state->threads) thread.join();
}

uint16_t Server::port() const { return m_state->shared->port; }

} // namespace musubi::loopback
