// A child's growth beside the national curves.
#pragma once

#include "core/outbox/worker.h"
#include "lib/db/migration.h"
#include "lib/http/router.h"

namespace musubi::growth {

struct Dependencies {
    db::Database& database;
    http::AuditSink& audit;
};

/// What the dependencies refer to must outlive the router.
void install(http::Router& router, Dependencies dependencies);

db::Migrations migrations();

/// Erases what this service keeps when a person was erased (topic identity.person-erased).
class Eraser final : public outbox::Consumer {
  public:
    explicit Eraser(db::Database& database) : m_database(database) {}
    base::Task<base::Status> deliver(const outbox::MessageId& id, const outbox::Event& event) override;

  private:
    db::Database& m_database;
};

} // namespace musubi::growth
