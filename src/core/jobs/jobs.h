// Periodic work that must run on one node at a time, whichever it is: cleaning, refreshing, delivering. A job is held
// by a lease in the database; when its node dies, the lease runs out and another node goes on.
#pragma once

#include "base/random.h"
#include "base/time.h"
#include "lib/db/database.h"

#include <functional>
#include <string>
#include <vector>

namespace musubi::jobs {

struct Job {
    std::string name; // "enrolment.clean"
    base::Duration every;
    base::Duration lease = std::chrono::minutes(5); // longer than one run can take
    std::function<base::Task<base::Status>(base::Instant now)> run;
};

class Runner {
  public:
    Runner(db::Database& database, base::Clock& clock, base::Random& random);

    void add(Job job);
    /// Runs every job that is due and held by nobody; how many ran. A job that fails or throws is due again after its
    /// interval, and `on_failure` hears of it.
    base::Task<int> run_due();
    std::function<void(const std::string& job, const std::string& why)> on_failure = [](auto&, auto&) {};

  private:
    base::Task<bool> run_one(const Job& job);
    db::Database& m_database;
    base::Clock& m_clock;
    std::string m_node;
    std::vector<Job> m_jobs;
};

db::Migrations migrations();

} // namespace musubi::jobs
