// The health record for the person it is about, and for those who act for a child.
#pragma once

#include "base/random.h"
#include "base/time.h"
#include "core/outbox/worker.h"
#include "lib/http/router.h"

#include <string>

namespace musubi::health_record {

struct Dependencies {
    db::Database& database;
    base::Random& random;
    http::AuditSink& audit;
    std::string public_url; // "https://musubi.city.example.jp", for full URLs in FHIR bundles
};

/// What the dependencies refer to must outlive the router.
void install(http::Router& router, Dependencies dependencies);

/// Erases the record when a person was erased: subscribe it to the topic identity.person-erased
/// ({"person": "…"}).
class Eraser final : public outbox::Consumer {
  public:
    explicit Eraser(db::Database& database) : m_database(database) {}
    base::Task<base::Status> deliver(const outbox::MessageId& id, const outbox::Event& event) override;

  private:
    db::Database& m_database;
};

} // namespace musubi::health_record
