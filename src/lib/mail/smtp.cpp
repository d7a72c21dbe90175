#include "lib/mail/smtp.h"

#include <algorithm>
#include <curl/curl.h>
#include <mutex>
#include <string_view>
#include <vector>

namespace musubi::mail {

namespace {

size_t give_bytes(char* out, size_t, size_t room, void* context) {
    auto& left = *static_cast<std::string_view*>(context);
    const size_t take = std::min(room, left.size());
    std::copy_n(left.data(), take, out);
    left.remove_prefix(take);
    return take;
}

base::Error failure(CURLcode code, long reply, const char* detail) {
    const std::string why = std::string(curl_easy_strerror(code)) + ": " + detail;
    if (reply >= 500 && reply < 600) return base::invalid("mail.refused").because(why);
    std::string_view name = "mail.server-unreachable";
    if (reply >= 400 && reply < 500) name = "mail.deferred";
    if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_USE_SSL_FAILED || code == CURLE_SSL_CONNECT_ERROR ||
        code == CURLE_SSL_CACERT_BADFILE)
        name = "mail.server-untrusted";
    return base::error(base::ErrorKind::Unavailable, std::string(name)).because(why);
}

} // namespace

struct SmtpSender::Impl {
    event_loop::BlockingPool& pool;
    SmtpOptions options;
    std::mutex mutex;
    std::vector<CURL*> idle;

    Impl(event_loop::BlockingPool& with, SmtpOptions given) : pool(with), options(std::move(given)) {
        static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
        static_cast<void>(initialised);
    }
    ~Impl() {
        for (CURL* handle : idle) curl_easy_cleanup(handle);
    }
    CURL* take() {
        const std::lock_guard lock(mutex);
        if (idle.empty()) {
            CURL* handle = curl_easy_init();
            if (!handle) throw std::bad_alloc();
            return handle;
        }
        CURL* handle = idle.back();
        idle.pop_back();
        return handle;
    }

    base::Status perform(const Message& message) {
        MUSUBI_TRY(const std::string bytes, compose(message));
        CURL* handle = take();
        char detail[CURL_ERROR_SIZE] = "";
        std::string_view left = bytes;
        const std::string from = "<" + message.from.address + ">";
        const std::string to = "<" + message.to.address + ">";
        curl_slist* recipients = curl_slist_append(nullptr, to.c_str());
        prepare(handle, from, recipients, left, detail);
        const CURLcode code = curl_easy_perform(handle);
        long reply = 0;
        curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &reply);
        curl_slist_free_all(recipients);
        curl_easy_reset(handle);
        const std::lock_guard lock(mutex);
        idle.push_back(handle);
        if (code != CURLE_OK) return failure(code, reply, detail);
        return base::success();
    }

    void prepare(CURL* handle, const std::string& from, curl_slist* recipients, std::string_view& left,
                 char* detail) const {
        const auto set = [handle](CURLoption option, auto value) { curl_easy_setopt(handle, option, value); };
        const std::string host = options.host.find(':') == std::string::npos ? options.host : "[" + options.host + "]";
        const std::string url = (options.security == Security::Tls ? "smtps://" : "smtp://") + host + ":" +
                                std::to_string(options.port) + "/" + options.greeting_name;
        set(CURLOPT_URL, url.c_str());
        set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
        set(CURLOPT_PROXY, "");
        set(CURLOPT_NOSIGNAL, 1L);
        set(CURLOPT_ERRORBUFFER, detail);
        set(CURLOPT_USE_SSL, static_cast<long>(options.security == Security::None ? CURLUSESSL_NONE : CURLUSESSL_ALL));
        set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
        if (!options.ca_file.empty()) set(CURLOPT_CAINFO, options.ca_file.c_str());
        if (!options.user.empty()) {
            set(CURLOPT_USERNAME, options.user.c_str());
            set(CURLOPT_PASSWORD, std::string(options.password.reveal()).c_str());
        }
        set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_timeout.count()));
        set(CURLOPT_TIMEOUT_MS, static_cast<long>(options.timeout.count()));
        set(CURLOPT_MAIL_FROM, from.c_str());
        set(CURLOPT_MAIL_RCPT, recipients);
        set(CURLOPT_UPLOAD, 1L);
        set(CURLOPT_READFUNCTION, give_bytes);
        set(CURLOPT_READDATA, &left);
        set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(left.size()));
    }
};

SmtpSender::SmtpSender(event_loop::BlockingPool& pool, SmtpOptions options)
    : m_impl(std::make_unique<Impl>(pool, std::move(options))) {}
SmtpSender::~SmtpSender() = default;

base::Task<base::Status> SmtpSender::send(Message message) {
    const auto work = [this, &message] { return m_impl->perform(message); };
    co_return co_await m_impl->pool.run(work);
}

} // namespace musubi::mail
