// The OCSP responder of both authorities.
#pragma once

#include "jlis/ca/authorities.h"
#include "jlis/ocsp/cache.h"
#include "lib/db/database.h"
#include "lib/http/router.h"

#include <array>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace musubi::ocsp {

struct Settings {
    base::Duration validity = std::chrono::minutes(15); // nextUpdate of an answer
    /// A ready answer is given out this long and is then made anew, in the background while people ask for it.
    /// Questions with a nonce are always answered from the record.
    base::Duration refresh = std::chrono::minutes(1);
    size_t ready_answers = 65536; // about a kilobyte each
};

/// An OCSPResponse and, when it may be given to others too, until when.
struct Response {
    std::string der;
    base::Instant this_update;
    std::optional<base::Instant> shared_until; // absent: answers a nonce, or is a failure
};

class Responder {
  public:
    Responder(db::Database& database, const ca::Authorities& authorities, base::Random& random, Settings settings = {})
        : m_database(database), m_authorities(authorities), m_random(random), m_settings(settings),
          m_ready(settings.ready_answers) {}

    /// A response for any bytes: failures are responses too (malformedRequest, unauthorized, tryLater, internalError).
    /// While the record cannot be read, ready answers are given out until their nextUpdate and everything else is
    /// tryLater: never "good" from anything but the record.
    base::Task<Response> answer(pki::CertificateKind kind, std::string request, base::Instant now);

    /// Signs ready answers anew that are growing old and are asked for; how many.
    base::Task<int64_t> keep_fresh(base::Instant now);
    size_t ready() const { return m_ready.size(); }
    const Settings& settings() const { return m_settings; }

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
    base::Task<base::Result<Response>> try_answer(pki::CertificateKind kind, pki::OcspRequest request,
                                                  base::Instant now);
    base::Task<base::Result<std::shared_ptr<const ReadyAnswer>>> make_ready(Question question, base::Instant now);

    db::Database& m_database;
    const ca::Authorities& m_authorities;
    base::Random& m_random;
    Settings m_settings;
    AnswerCache m_ready;
    std::mutex m_mutex;
    std::array<std::shared_ptr<const Delegate>, 2> m_delegates; // by kind
};

/// `responder` must outlive the router.
void add_routes(http::Router& router, Responder& responder);

} // namespace musubi::ocsp
