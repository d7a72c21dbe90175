// What goes on beside requests, on the server's first loop: revocation lists, periodic jobs, the outbox.
#pragma once

#include "apps/server/installation.h"
#include "core/audit/witness.h"
#include "core/jobs/jobs.h"
#include "core/outbox/smtp_mailer.h"
#include "core/outbox/worker.h"

#include <atomic>
#include <memory>
#include <vector>

namespace musubi::server {

class Background {
  public:
    explicit Background(Installation& installation);

    /// Begins on the loop it is called on.
    void start();
    /// Lets what runs come to its end and waits for that at most `deadline`; from another thread than the loop's.
    void stop(base::Duration deadline);

  private:
    /// Calls `once` again and again with `pause` between, until stop.
    base::Task<> repeat(std::string name, base::Duration pause, std::function<base::Task<>()> once);
    base::Task<> deliver_mail();
    base::Task<> run_jobs();
    base::Task<> load_lists();
    base::Task<> integrate_log();
    base::Task<base::Status> index_log();
    void add_log_jobs();

    Installation& m_installation;
    mail::SmtpSender m_sender;
    outbox::SmtpMailer m_mailer;
    outbox::Worker m_worker;
    std::vector<std::unique_ptr<outbox::Consumer>> m_consumers;
    audit::WitnessClient m_witnesses;
    jobs::Runner m_runner;
    std::atomic<bool> m_stopping = false;
    std::atomic<int> m_running = 0;
};

} // namespace musubi::server
