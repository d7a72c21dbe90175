#include "core/certification/http_wire.h"

namespace musubi::certification {
namespace {

// A nation's list is some 400 megabytes: three megabytes a second are enough.
constexpr base::Duration kDownloadTime = std::chrono::minutes(2);

} // namespace

base::Task<base::Result<Answer>> HttpWire::send(http_client::Request request) {
    if (!m_key.empty()) request.bearer_token = m_key;
    auto answer = co_await m_client.send(std::move(request));
    if (!answer)
        co_return base::error(base::ErrorKind::Unavailable, "certification.unreachable").because(answer.error().code);
    Answer out;
    out.status = answer->status;
    out.body = std::move(answer->body);
    co_return out;
}

base::Task<base::Result<Answer>> HttpWire::get(std::string path) {
    http_client::Request request;
    request.url = m_url + path;
    return send(std::move(request));
}

base::Task<base::Result<Answer>> HttpWire::post(std::string path, std::string content_type, std::string body) {
    http_client::Request request;
    request.method = "POST";
    request.url = m_url + path;
    request.content_type = std::move(content_type);
    request.body = std::move(body);
    return send(std::move(request));
}

base::Task<base::Result<int>> HttpWire::download(std::string path, Download into) {
    http_client::Request request;
    request.url = m_url + path;
    request.timeout = kDownloadTime;
    base::Status taken = base::success();
    request.take_body = [&taken, &into](std::string_view piece) {
        taken = into.feed(piece);
        return taken.ok();
    };
    request.body_complete = [&into] { into.finish(); };
    const auto answer = co_await send(std::move(request));
    if (!taken) co_return std::move(taken).error();
    if (!answer) co_return answer.error();
    co_return answer->status;
}

} // namespace musubi::certification
