// The staff's desk: people, staff accounts, the access record, what waits.
#pragma once

#include "base/random.h"
#include "lib/event_loop/event_loop.h"
#include "lib/http/router.h"

#include <functional>
#include <string>
#include <vector>

namespace musubi::people_desk {

/// Work that waits for staff in another service. `name` is its member in the answer of GET /api/v1/staff/tasks
/// ("letters", "companyRequests", "familyRequests"); it is shown to holders of `permission`.
struct Waiting {
    std::string name;
    std::string permission;
    std::function<base::Task<int64_t>(db::ReadTx&)> count;
};

struct Dependencies {
    db::Database& database;
    base::Random& random;
    http::AuditSink& audit;
    event_loop::BlockingPool& pool;
    std::vector<Waiting> waiting;
};

/// What the dependencies refer to must outlive the router.
void install(http::Router& router, Dependencies dependencies);

} // namespace musubi::people_desk
