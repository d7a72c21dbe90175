// Registration with the card: from the e-mail address to the passcode (POST /api/v1/registrations …
// /registration/passcode).
#pragma once

#include "base/i18n.h"
#include "base/random.h"
#include "core/audit/audit.h"
#include "core/certification/client.h"
#include "core/enrolment/enrolment.h"
#include "core/identity/code.h"
#include "core/identity/session.h"
#include "core/identity/site.h"
#include "core/outbox/outbox.h"
#include "lib/db/database.h"
#include "lib/event_loop/event_loop.h"
#include "lib/http/router.h"
#include "lib/pki/verifier.h"

#include <span>

namespace musubi::card_registration {

struct Settings {
    identity::Site site;
    enrolment::EnrolmentRules enrolment;
    identity::SessionRules sessions;
    identity::CodeRule passcode; // 6 digits, 10 minutes, 5 tries
    int closing_days = 30;       // named in the terms
    http::Limit start_limit = http::Limit::per_address(60, std::chrono::minutes(10));
    http::Limit work_limit = http::Limit::per_address(240, std::chrono::minutes(1));
};

/// All must outlive the router.
struct Parts {
    db::Database& database;
    base::Random& random;
    event_loop::BlockingPool& pool;
    outbox::Outbox& outbox;
    audit::Sink& audit;
    const identity::CodeKey& codes;
    pki::Verifier& verifier;
    certification::Client& certification;
};

void install(http::Router& router, Parts parts, Settings settings);

/// For the outbox's mail texts.
std::span<const base::Message> mail_texts();

} // namespace musubi::card_registration
