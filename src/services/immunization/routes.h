// Vaccinations of a person: status, next dates with reasons, plan of visits, appointments.
#pragma once

#include "base/random.h"
#include "core/outbox/worker.h"
#include "lib/db/migration.h"
#include "lib/http/router.h"
#include "services/immunization/rules.h"

namespace musubi::immunization {

struct Dependencies {
    db::Database& database;
    base::Random& random;
    http::AuditSink& audit;
};

/// What the dependencies refer to must outlive the router.
void install(http::Router& router, Dependencies dependencies);

db::Migrations migrations();

/// Erases appointments when a person was erased: subscribe it to the topic identity.person-erased.
class Eraser final : public outbox::Consumer {
  public:
    explicit Eraser(db::Database& database) : m_database(database) {}
    base::Task<base::Status> deliver(const outbox::MessageId& id, const outbox::Event& event) override;

  private:
    db::Database& m_database;
};

} // namespace musubi::immunization
