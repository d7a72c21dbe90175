// A municipality's server, put together but not listening.
#pragma once

#include "apps/city/services.h"
#include "apps/city/settings.h"
#include "core/certification/http_wire.h"
#include "core/certification/list_source.h"
#include "core/identity/authenticator.h"
#include "lib/http/web_pages.h"

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace musubi::server {

/// The authorities the settings name. Outside a demo, test authorities are refused.
base::Result<pki::TrustStore> load_trust(const city::Settings& settings);

class Installation {
  public:
    /// Opens the database and applies or checks its migrations. Errors of those, "web.unreadable".
    static base::Result<std::unique_ptr<Installation>> create(city::Settings settings, pki::TrustStore trust,
                                                              std::string version);
    ~Installation();

    http::Router& router() { return *m_router; }
    const city::Settings& settings() const { return m_settings; }
    db::Database& database() { return *m_database; }
    event_loop::BlockingPool& pool() { return *m_pool; }
    outbox::Outbox& outbox() { return *m_outbox; }
    city::Parts parts();
    certification::ListSource& lists() { return *m_lists; }
    audit::Log& log() { return *m_log; }
    http_client::Client& witness_client() { return *m_witness_http; }
    /// The description of the HTTP interface, as doc/api/openapi.json holds it.
    std::string openapi() const;
    /// From now on /readyz refuses, so that a load balancer sends nobody any more.
    void announce_stop() { m_accepting = false; }

  private:
    Installation(city::Settings settings, std::string version);
    base::Status open(pki::TrustStore trust);
    base::Status build_router();
    base::Status serve_pages();

    city::Settings m_settings;
    std::string m_version;
    std::atomic<bool> m_accepting = true;
    std::unique_ptr<db::Database> m_database;
    std::unique_ptr<event_loop::BlockingPool> m_pool;
    std::unique_ptr<outbox::Outbox> m_outbox;
    std::unique_ptr<identity::CodeKey> m_codes;
    identity::StaffDirectory m_directory;
    std::unique_ptr<audit::Sink> m_audit;
    std::unique_ptr<audit::Log> m_log;
    std::unique_ptr<identity::SessionAuthenticator> m_authenticator;
    std::unique_ptr<http_client::Client> m_http;
    std::unique_ptr<http_client::Client> m_witness_http;
    std::unique_ptr<certification::Wire> m_wire;
    std::unique_ptr<certification::Client> m_certification;
    std::unique_ptr<certification::ListSource> m_lists;
    std::unique_ptr<pki::RevocationSource> m_ocsp;
    std::unique_ptr<pki::RevocationChain> m_revocation;
    std::unique_ptr<pki::Verifier> m_verifier;
    std::unique_ptr<http::WebPages> m_pages;
    std::unique_ptr<http::Router> m_router;
};

/// A server that has nothing but an empty folder to work in and reaches nobody: for looking at its routes.
base::Result<std::unique_ptr<Installation>> describing_installation(const std::string& folder,
                                                                    const std::string& version);
base::Result<std::string> describe_interface(const std::string& folder, const std::string& version);

} // namespace musubi::server
