// Families: whose records somebody may see, and how a guardian registers a child.
#pragma once

#include "base/i18n.h"
#include "base/random.h"
#include "core/outbox/outbox.h"
#include "lib/http/router.h"
#include "services/family/rules.h"

#include <span>
#include <string>

namespace musubi::family {

struct Dependencies {
    base::Random& random;
    outbox::Outbox& outbox;
    Rules rules; // read_rules()
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

} // namespace musubi::family
