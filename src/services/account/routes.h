// Own details: contact, password, e-mail address, devices, download of everything, closing the account.
#pragma once

#include "base/i18n.h"
#include "base/random.h"
#include "core/audit/audit.h"
#include "core/exporting/exporting.h"
#include "core/identity/code.h"
#include "core/identity/session.h"
#include "core/identity/site.h"
#include "core/jobs/jobs.h"
#include "core/outbox/outbox.h"
#include "lib/db/database.h"
#include "lib/event_loop/event_loop.h"
#include "lib/http/router.h"

#include <span>
#include <vector>

namespace musubi::account {

struct Settings {
    identity::Site site;
    identity::SessionRules sessions;
    identity::CodeRule code;
    base::Duration closing_grace = std::chrono::hours(24 * 30);
};

/// All must outlive the router and the jobs.
struct Parts {
    db::Database& database;
    base::Random& random;
    event_loop::BlockingPool& pool;
    outbox::Outbox& outbox;
    audit::Sink& audit;
    const identity::CodeKey& codes;
    std::vector<exporting::ExportContributor*> contributors; // of other services; own details come first by themselves
    std::vector<exporting::Eraser> erasers; // of modules beyond core/identity, enrolment, certification
};

void install(http::Router& router, Parts parts, Settings settings);

/// Erases accounts whose grace has ended.
std::vector<jobs::Job> periodic_jobs(Parts parts, Settings settings);

/// For the outbox's mail texts.
std::span<const base::Message> mail_texts();

} // namespace musubi::account
