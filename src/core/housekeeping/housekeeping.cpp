#include "core/housekeeping/housekeeping.h"

#include "core/enrolment/enrolment.h"
#include "core/identity/challenge.h"
#include "core/identity/code.h"
#include "core/identity/tries.h"
#include "core/outbox/outbox.h"

namespace musubi::housekeeping {
namespace {

constexpr base::Duration kDeliveredMailKept = std::chrono::hours(24 * 30);

base::Task<base::Status> clean_identity(db::Database& database, identity::SessionRules rules, base::Instant now) {
    co_await database.write([&](db::WriteTx& tx) -> base::Task<> {
        co_await identity::clean_sessions(tx, rules, now);
        co_await identity::clean_challenges(tx, now);
        co_await identity::clean_codes(tx, now);
        co_await identity::clean_tries(tx, now);
    });
    co_return base::success();
}

base::Task<base::Status> clean_enrolment(db::Database& database, base::Instant now) {
    co_await database.write([&](db::WriteTx& tx) -> base::Task<> { co_await enrolment::clean(tx, now); });
    co_return base::success();
}

base::Task<base::Status> clean_outbox(db::Database& database, base::Instant now) {
    co_await database.write(
        [&](db::WriteTx& tx) -> base::Task<> { co_await outbox::clean(tx, now - kDeliveredMailKept); });
    co_return base::success();
}

jobs::Job job(std::string name, base::Duration every, std::function<base::Task<base::Status>(base::Instant)> run) {
    jobs::Job out;
    out.name = std::move(name);
    out.every = every;
    out.run = std::move(run);
    return out;
}

} // namespace

std::vector<jobs::Job> jobs(db::Database& database, const identity::SessionRules& rules) {
    return {
        job("identity.clean", std::chrono::minutes(10),
            [&database, rules](base::Instant now) { return clean_identity(database, rules, now); }),
        job("enrolment.clean", std::chrono::hours(1),
            [&database](base::Instant now) { return clean_enrolment(database, now); }),
        job("outbox.clean", std::chrono::hours(6),
            [&database](base::Instant now) { return clean_outbox(database, now); }),
    };
}

} // namespace musubi::housekeeping
