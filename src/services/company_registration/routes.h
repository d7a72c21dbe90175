// Registration of people who work for a company that has a contract with the city (requirements A3, A4): against the
// company's roster, and never at once, because staff confirm each.
#pragma once

#include "base/i18n.h"
#include "core/enrolment/enrolment.h"
#include "core/outbox/outbox.h"
#include "lib/http/router.h"

#include <span>
#include <string>

namespace musubi::company_registration {

struct Dependencies {
    base::Random& random;
    outbox::Outbox& outbox;
    enrolment::EnrolmentRules enrolment;
    std::string public_url;
    std::string city;
    std::string city_english;
    std::string telephone;
};

/// What the dependencies refer to must outlive the router.
void install(http::Router& router, Dependencies dependencies);

/// Requests that wait for staff.
base::Task<int64_t> waiting(db::ReadTx& tx);

/// For the outbox's mail texts.
std::span<const base::Message> mail_texts();

db::Migrations migrations();

} // namespace musubi::company_registration
