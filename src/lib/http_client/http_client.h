// Requests to other systems. One Client per kind of partner; it may be used from any loop at the same time.
#pragma once

#include "base/result.h"
#include "base/secret.h"
#include "base/task.h"
#include "base/time.h"
#include "lib/event_loop/event_loop.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace musubi::http_client {

struct Options {
    base::Duration connect_timeout = std::chrono::seconds(5);
    base::Duration timeout = std::chrono::seconds(15); // the whole exchange
    size_t max_answer = 1 << 20;                       // bytes of the body
    std::string ca_file;                               // PEM; empty: the system's
    std::string certificate_file;                      // PEM, for partners that want TLS client authentication
    std::string key_file;
};

struct Request {
    std::string method = "GET"; // GET, POST, PUT, DELETE
    std::string url;            // http or https
    std::vector<std::pair<std::string, std::string>> headers;
    std::optional<base::Secret> bearer_token;
    std::string content_type;
    std::string body;
    std::optional<base::Duration> timeout; // instead of the client's
    /// Takes the body of an answer with status 200 as it arrives, on a thread of the pool, instead of Answer::body;
    /// false ends the transfer with "http-client.failed".
    std::function<bool(std::string_view)> take_body;
    /// Called after the last byte of such an answer, on the same thread.
    std::function<void()> body_complete;
};

struct Answer {
    int status = 0;
    std::string content_type;
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers; // names in lower case
    std::string_view header(std::string_view lower_case_name) const;
};

/// Errors, all Unavailable: "http-client.unreachable", "http-client.too-slow", "http-client.tls-untrusted",
/// "http-client.answer-too-large", "http-client.failed". Invalid: "http-client.request-malformed".
class Client {
  public:
    explicit Client(event_loop::BlockingPool& pool, Options options = {});
    ~Client(); // after its last request
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    base::Task<base::Result<Answer>> send(Request request);
    base::Task<base::Result<Answer>> get(std::string url);
    base::Task<base::Result<Answer>> post(std::string url, std::string content_type, std::string body);

    /// The same, waiting on this thread: for command-line tools.
    base::Result<Answer> send_now(const Request& request);

  private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace musubi::http_client
