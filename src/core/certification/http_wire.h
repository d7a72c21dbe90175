// The wire to the certification side over HTTP.
#pragma once

#include "base/secret.h"
#include "core/certification/wire.h"
#include "lib/http_client/http_client.h"

namespace musubi::certification {

class HttpWire final : public Wire {
  public:
    /// `url` without a final slash: "https://jlis.example.jp". `client` must outlive it; its largest answer must hold a
    /// revocation list.
    HttpWire(http_client::Client& client, std::string url, base::Secret key)
        : m_client(client), m_url(std::move(url)), m_key(std::move(key)) {}

    base::Task<base::Result<Answer>> get(std::string path) override;
    base::Task<base::Result<Answer>> post(std::string path, std::string content_type, std::string body) override;

    base::Task<base::Result<int>> download(std::string path, Download into) override;

  private:
    base::Task<base::Result<Answer>> send(http_client::Request request);
    http_client::Client& m_client;
    std::string m_url;
    base::Secret m_key;
};

} // namespace musubi::certification
