#include "core/jobs/jobs.h"

namespace musubi::jobs {
namespace {

constexpr db::Query kWaiting{"jobs.waiting", "SELECT 1 FROM jobs_lease"
                                             " WHERE name = $1 AND (due_at > $2 OR held_until > $2)"};
constexpr db::Query kTake{"jobs.take",
                          "INSERT INTO jobs_lease (name, node, held_until, due_at) VALUES ($1, $2, $3, $4)"
                          " ON CONFLICT (name) DO UPDATE SET node = excluded.node, held_until = excluded.held_until"
                          " WHERE jobs_lease.due_at <= $4 AND jobs_lease.held_until <= $4 RETURNING name"};
constexpr db::Query kGiveBack{"jobs.give_back",
                              "UPDATE jobs_lease SET held_until = 0, due_at = $3, ran_at = $4, failure = $5"
                              " WHERE name = $1 AND node = $2"};

} // namespace

Runner::Runner(db::Database& database, base::Clock& clock, base::Random& random)
    : m_database(database), m_clock(clock), m_node(random.token(12)) {}

void Runner::add(Job job) { m_jobs.push_back(std::move(job)); }

base::Task<int> Runner::run_due() {
    int ran = 0;
    for (const Job& job : m_jobs)
        if (co_await run_one(job)) ++ran;
    co_return ran;
}

base::Task<bool> Runner::run_one(const Job& job) {
    const base::Instant now = m_clock.now();
    const std::string name = job.name;
    const auto waiting = co_await m_database.read([&name, now](db::ReadTx& tx) -> base::Task<std::optional<int64_t>> {
        return tx.one<int64_t>(kWaiting, name, now);
    });
    if (waiting) co_return false;
    const std::string node = m_node;
    const base::Instant until = now + job.lease;
    const auto taken = co_await m_database.write(
        [&name, &node, now, until](db::WriteTx& tx) -> base::Task<std::optional<std::string>> {
            return tx.change<std::string>(kTake, name, node, until, now);
        });
    if (!taken) co_return false;
    std::optional<std::string> failure;
    try {
        const base::Status status = co_await job.run(now);
        if (!status) failure = status.error().detail.empty() ? status.error().code : status.error().detail;
    } catch (const std::exception& thrown) {
        failure = thrown.what();
    }
    const base::Instant due = now + job.every;
    const base::Instant ended = m_clock.now();
    co_await m_database.write(
        [&](db::WriteTx& tx) -> base::Task<> { co_await tx.run(kGiveBack, name, node, due, ended, failure); });
    if (failure) on_failure(name, *failure);
    co_return true;
}

} // namespace musubi::jobs
