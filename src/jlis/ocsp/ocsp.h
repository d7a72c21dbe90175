// The OCSP responder of both authorities.
#pragma once

#include "jlis/ca/authorities.h"
#include "lib/db/database.h"
#include "lib/http/router.h"

#include <array>
#include <memory>
#include <mutex>
#include <string>

namespace musubi::ocsp {

struct Settings {
    base::Duration validity = std::chrono::minutes(15); // nextUpdate of an answer
};

class Responder {
  public:
    Responder(db::Database& database, const ca::Authorities& authorities, base::Random& random, Settings settings = {})
        : m_database(database), m_authorities(authorities), m_random(random), m_settings(settings) {}

    /// An OCSPResponse for any bytes: failures are responses too (malformedRequest, unauthorized, internalError).
    base::Task<std::string> answer(pki::CertificateKind kind, std::string request, base::Instant now);

  private:
    /// The delegated key and its certificate, which is recorded like every other.
    struct Delegate {
        crypto::PrivateKey key;
        std::string certificate;
        std::string key_hash;
        base::Instant renew_after;
    };
    base::Task<base::Result<std::shared_ptr<const Delegate>>> delegate(pki::CertificateKind kind, base::Instant now);
    base::Task<base::Result<std::shared_ptr<const Delegate>>> make_delegate(db::WriteTx& tx, pki::CertificateKind kind,
                                                                            base::Instant now);
    base::Task<base::Result<std::string>> try_answer(pki::CertificateKind kind, std::string request, base::Instant now);

    db::Database& m_database;
    const ca::Authorities& m_authorities;
    base::Random& m_random;
    Settings m_settings;
    std::mutex m_mutex;
    std::array<std::shared_ptr<const Delegate>, 2> m_delegates; // by kind
};

/// `responder` must outlive the router.
void add_routes(http::Router& router, Responder& responder);

} // namespace musubi::ocsp
