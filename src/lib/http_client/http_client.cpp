#include "lib/http_client/http_client.h"

#include <algorithm>
#include <curl/curl.h>
#include <mutex>

namespace musubi::http_client {

namespace {

struct Transfer {
    Answer answer;
    size_t max_answer;
    const Request& request;
    CURL* handle;
    size_t taken = 0;
    bool too_large = false;

    long status() const {
        long code = 0;
        curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &code);
        return code;
    }
};

size_t take_body(char* data, size_t, size_t size, void* context) {
    auto& transfer = *static_cast<Transfer*>(context);
    transfer.taken += size;
    if (transfer.taken > transfer.max_answer) {
        transfer.too_large = true;
        return 0;
    }
    if (transfer.request.take_body && transfer.status() == 200)
        return transfer.request.take_body(std::string_view(data, size)) ? size : 0;
    transfer.answer.body.append(data, size);
    return size;
}

size_t take_header(char* data, size_t, size_t size, void* context) {
    auto& transfer = *static_cast<Transfer*>(context);
    std::string_view line(data, size);
    if (line.starts_with("HTTP/")) { // of the final answer only, not of 100 Continue
        transfer.answer.headers.clear();
        return size;
    }
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos || transfer.answer.headers.size() > 100) return size;
    std::string name(line.substr(0, colon));
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
    line.remove_prefix(colon + 1);
    while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
    while (!line.empty() && (line.back() == '\r' || line.back() == '\n' || line.back() == ' ')) line.remove_suffix(1);
    transfer.answer.headers.emplace_back(std::move(name), std::string(line));
    return size;
}

class HeaderList {
  public:
    ~HeaderList() { curl_slist_free_all(m_list); }
    HeaderList() = default;
    HeaderList(const HeaderList&) = delete;
    HeaderList& operator=(const HeaderList&) = delete;
    void add(const std::string& line) { m_list = curl_slist_append(m_list, line.c_str()); }
    curl_slist* get() const { return m_list; }

  private:
    curl_slist* m_list = nullptr;
};

bool one_line(std::string_view text) { return text.find_first_of(std::string_view("\r\n\0", 3)) == text.npos; }

base::Error no_answer(CURLcode code, const char* detail, bool too_large) {
    std::string_view name = "http-client.failed";
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_PARTIAL_FILE:
        name = "http-client.unreachable";
        break;
    case CURLE_OPERATION_TIMEDOUT:
        name = "http-client.too-slow";
        break;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
        name = "http-client.tls-untrusted";
        break;
    default:
        break;
    }
    if (too_large || code == CURLE_FILESIZE_EXCEEDED) name = "http-client.answer-too-large";
    return base::error(base::ErrorKind::Unavailable, std::string(name))
        .because(std::string(curl_easy_strerror(code)) + ": " + detail);
}

} // namespace

std::string_view Answer::header(std::string_view lower_case_name) const {
    for (const auto& [name, value] : headers)
        if (name == lower_case_name) return value;
    return {};
}

struct Client::Impl {
    event_loop::BlockingPool& pool;
    Options options;
    std::mutex mutex;
    std::vector<CURL*> idle; // each keeps its connection

    Impl(event_loop::BlockingPool& with, Options given) : pool(with), options(std::move(given)) {
        static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
        static_cast<void>(initialised);
    }
    ~Impl() {
        for (CURL* handle : idle) curl_easy_cleanup(handle);
    }
    CURL* take() {
        const std::lock_guard lock(mutex);
        if (!idle.empty()) {
            CURL* handle = idle.back();
            idle.pop_back();
            return handle;
        }
        CURL* handle = curl_easy_init();
        if (!handle) throw std::bad_alloc();
        return handle;
    }
    void give_back(CURL* handle) {
        curl_easy_reset(handle); // keeps connections and TLS sessions
        const std::lock_guard lock(mutex);
        idle.push_back(handle);
    }

    base::Result<Answer> perform(const Request& request) {
        if (!one_line(request.url) || !one_line(request.content_type) || !one_line(request.method))
            return base::invalid("http-client.request-malformed");
        HeaderList headers;
        for (const auto& [name, value] : request.headers) {
            if (!one_line(name) || !one_line(value)) return base::invalid("http-client.request-malformed");
            headers.add(name + ": " + value);
        }
        headers.add("Content-Type:" + (request.content_type.empty() ? "" : " " + request.content_type));
        headers.add("Expect:");
        CURL* handle = take();
        Transfer transfer{{}, options.max_answer, request, handle};
        char detail[CURL_ERROR_SIZE] = "";
        prepare(handle, request, headers.get(), transfer, detail);
        const CURLcode code = curl_easy_perform(handle);
        long status = 0;
        curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
        give_back(handle);
        if (code != CURLE_OK) return no_answer(code, detail, transfer.too_large);
        transfer.answer.status = static_cast<int>(status);
        transfer.answer.content_type = transfer.answer.header("content-type");
        if (status == 200 && request.body_complete) request.body_complete();
        return std::move(transfer.answer);
    }

    void prepare(CURL* handle, const Request& request, curl_slist* headers, Transfer& transfer, char* detail) const {
        const auto set = [handle](CURLoption option, auto value) { curl_easy_setopt(handle, option, value); };
        set(CURLOPT_URL, request.url.c_str());
        set(CURLOPT_PROTOCOLS_STR, "http,https");
        set(CURLOPT_FOLLOWLOCATION, 0L);
        set(CURLOPT_PROXY, "");
        set(CURLOPT_NOSIGNAL, 1L);
        set(CURLOPT_ERRORBUFFER, detail);
        set(CURLOPT_USERAGENT, "Musubi");
        set(CURLOPT_HTTPHEADER, headers);
        set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_timeout.count()));
        set(CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.value_or(options.timeout).count()));
        set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
        if (!options.ca_file.empty()) set(CURLOPT_CAINFO, options.ca_file.c_str());
        if (!options.certificate_file.empty()) set(CURLOPT_SSLCERT, options.certificate_file.c_str());
        if (!options.key_file.empty()) set(CURLOPT_SSLKEY, options.key_file.c_str());
        set(CURLOPT_WRITEFUNCTION, take_body);
        set(CURLOPT_WRITEDATA, &transfer);
        set(CURLOPT_HEADERFUNCTION, take_header);
        set(CURLOPT_HEADERDATA, &transfer);
        set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(options.max_answer));
        if (request.bearer_token) {
            set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BEARER));
            set(CURLOPT_XOAUTH2_BEARER, std::string(request.bearer_token->reveal()).c_str());
        }
        if (request.method != "GET") {
            set(CURLOPT_POST, 1L);
            set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
            set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
            set(CURLOPT_POSTFIELDS, request.body.data());
        }
    }
};

Client::Client(event_loop::BlockingPool& pool, Options options)
    : m_impl(std::make_unique<Impl>(pool, std::move(options))) {}
Client::~Client() = default;

base::Result<Answer> Client::send_now(const Request& request) { return m_impl->perform(request); }

base::Task<base::Result<Answer>> Client::send(Request request) {
    const auto work = [this, &request] { return m_impl->perform(request); };
    co_return co_await m_impl->pool.run(work);
}

base::Task<base::Result<Answer>> Client::get(std::string url) {
    Request request;
    request.url = std::move(url);
    co_return co_await send(std::move(request));
}

base::Task<base::Result<Answer>> Client::post(std::string url, std::string content_type, std::string body) {
    Request request;
    request.method = "POST";
    request.url = std::move(url);
    request.content_type = std::move(content_type);
    request.body = std::move(body);
    co_return co_await send(std::move(request));
}

} // namespace musubi::http_client
