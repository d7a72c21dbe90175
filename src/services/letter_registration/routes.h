// Registration without the card: identity and address are confirmed by a passcode that comes by post (requirement A3).
#pragma once

#include "base/i18n.h"
#include "core/enrolment/enrolment.h"
#include "core/identity/code.h"
#include "core/outbox/outbox.h"
#include "lib/event_loop/event_loop.h"
#include "lib/http/router.h"
#include "services/letter_registration/letters.h"

#include <span>
#include <string>

namespace musubi::letter_registration {

struct Dependencies {
    db::Database& database;
    base::Random& random;
    http::AuditSink& audit;
    outbox::Outbox& outbox;
    event_loop::BlockingPool& pool;
    identity::CodeKey code_key;
    identity::SessionRules sessions;
    enrolment::EnrolmentRules enrolment;
    std::string public_url;
    Sender sender;
    print::EnvelopeWindow envelope = {};
    base::Duration code_lifetime = std::chrono::hours(24 * 30);
    int code_tries = 5;
};

/// What the dependencies refer to must outlive the router.
void install(http::Router& router, Dependencies dependencies);

/// Requests that wait for staff: to be decided, and to be printed.
base::Task<int64_t> waiting(db::ReadTx& tx);
/// For the daily cleaning; how many requests were removed.
base::Task<int64_t> clean_requests(db::WriteTx& tx, base::Instant now);

/// For the outbox's mail texts.
std::span<const base::Message> mail_texts();

db::Migrations migrations();

} // namespace musubi::letter_registration
