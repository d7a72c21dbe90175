// Signing in and out: passkey, card (4 digits), portal password with passcode, staff; and the passkeys of a person.
#pragma once

#include "base/i18n.h"
#include "base/random.h"
#include "core/audit/audit.h"
#include "core/certification/client.h"
#include "core/identity/code.h"
#include "core/identity/session.h"
#include "core/identity/site.h"
#include "core/outbox/outbox.h"
#include "lib/db/database.h"
#include "lib/event_loop/event_loop.h"
#include "lib/http/router.h"
#include "lib/pki/verifier.h"

#include <span>

namespace musubi::sign_in {

struct Settings {
    identity::Site site;
    identity::SessionRules sessions;
    identity::CodeRule passcode;
    http::Limit limit = http::Limit::per_address(120, std::chrono::minutes(1));
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

} // namespace musubi::sign_in
