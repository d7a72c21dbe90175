#include "core/certification/http_wire.h"

namespace musubi::certification {

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

} // namespace musubi::certification
