// The one list of what this installation consists of: migrations, routes and mail texts of every core module and
// municipal service. `./dev new-service NAME` adds to it.
#pragma once

#include "apps/city/settings.h"
#include "base/i18n.h"
#include "core/audit/audit.h"
#include "core/audit/log.h"
#include "core/certification/client.h"
#include "core/identity/code.h"
#include "core/jobs/jobs.h"
#include "core/outbox/worker.h"
#include "lib/db/migration.h"
#include "lib/event_loop/event_loop.h"
#include "lib/http/router.h"
#include "lib/pki/verifier.h"

#include <memory>
#include <span>
#include <vector>

namespace musubi::city {

/// In the order in which they are applied.
std::vector<db::Migrations> all_migrations();

/// What services are given. All of it outlives the router.
struct Parts {
    const Settings& settings;
    db::Database& database;
    base::Random& random;
    event_loop::BlockingPool& pool;
    outbox::Outbox& outbox;
    audit::Sink& audit;
    const audit::Log& log;
    const identity::CodeKey& codes;
    pki::Verifier& verifier;
    certification::Client& certification;
};
void install_services(http::Router& router, const Parts& parts);

/// Texts of all mails, by module.
std::vector<std::span<const base::Message>> mail_texts();

/// Who reacts to events of the outbox; kept by the caller as long as the worker lives.
std::vector<std::unique_ptr<outbox::Consumer>> subscribe_services(outbox::Worker& worker, db::Database& database);

/// Periodic work of services; the core's own is in core/housekeeping.
std::vector<jobs::Job> service_jobs(const Parts& parts);

} // namespace musubi::city
