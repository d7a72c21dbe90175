// Notices: what the city tells its people, sent by staff, read in an inbox, and provable both ways.
#pragma once

#include "base/i18n.h"
#include "base/random.h"
#include "core/jobs/jobs.h"
#include "core/outbox/outbox.h"
#include "lib/event_loop/event_loop.h"
#include "lib/http/router.h"

#include <span>
#include <string>

namespace musubi::notices {

struct Dependencies {
    db::Database& database;
    base::Random& random;
    event_loop::BlockingPool& pool;
    http::AuditSink& audit;
    outbox::Outbox& outbox;
    std::string public_url;
    std::string city;
    std::string city_english;
    std::string department;
    std::string address;
    std::string telephone;
};

/// What the dependencies refer to must outlive the router.
void install(http::Router& router, Dependencies dependencies);

/// Sends what is due, in small transactions, until nothing is or `stop` says so.
jobs::Job sending_job(Dependencies dependencies);

/// Sendings that wait for a second person's approval.
base::Task<int64_t> waiting(db::ReadTx& tx);

/// For the outbox's mail texts.
std::span<const base::Message> mail_texts();

db::Migrations migrations();

} // namespace musubi::notices
