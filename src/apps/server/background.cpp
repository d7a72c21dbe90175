#include "apps/server/background.h"

#include "base/log.h"
#include "core/housekeeping/housekeeping.h"

#include <thread>

namespace musubi::server {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration kLookForMail = 300ms;
constexpr base::Duration kLookForEntries = 200ms; // the log is to hold an entry within a second
constexpr base::Duration kLookForJobs = 5s;
constexpr base::Duration kLookForLists = 30s;
/// How finely a pause is cut, so that a stop does not wait for a long one.
constexpr base::Duration kTick = 100ms;

mail::SmtpOptions smtp_options(const city::Settings& settings) {
    mail::SmtpOptions options;
    options.host = settings.mail.host;
    options.port = settings.mail.port;
    options.security = settings.mail.security;
    options.user = settings.mail.user;
    options.password = settings.mail.password;
    options.greeting_name = settings.public_host();
    options.timeout = settings.mail.timeout;
    return options;
}

/// A mail that a crash interrupted is tried again when its claim has run out, so claims are as short as deliveries
/// allow.
outbox::WorkerOptions worker_options(const city::Settings& settings) {
    outbox::WorkerOptions options;
    options.batch = 4;
    options.claim = settings.mail.timeout * options.batch + 5s;
    return options;
}

mail::Mailbox from_of(const city::Mail& mail) { return {mail.from_address, mail.from_name}; }

} // namespace

Background::Background(Installation& installation)
    : m_installation(installation), m_sender(installation.pool(), smtp_options(installation.settings())),
      m_mailer(m_sender, base::system_clock(), city::mail_texts(), from_of(installation.settings().mail),
               installation.settings().mail.reply_to),
      m_worker(installation.database(), base::system_clock(), installation.outbox(), m_mailer,
               worker_options(installation.settings())),
      m_consumers(city::subscribe_services(m_worker, installation.database())),
      m_witnesses(installation.database(), installation.witness_client(),
                  installation.settings().transparency.witnesses),
      m_runner(installation.database(), base::system_clock(), base::system_random()) {
    for (auto& job : housekeeping::jobs(installation.database(), installation.settings().sessions))
        m_runner.add(std::move(job));
    for (auto& job : city::service_jobs(installation.parts())) m_runner.add(std::move(job));
    jobs::Job lists;
    lists.name = "certification.lists";
    lists.every = 10s; // asks only for what is due
    lists.run = [&installation](base::Instant now) { return installation.lists().refresh(now); };
    m_runner.add(std::move(lists));
    add_log_jobs();
    m_runner.on_failure = [](const std::string& job, const std::string& why) {
        log::warning("job-failed", {log::field("job", job), log::field("why", why)});
    };
}

void Background::add_log_jobs() {
    const auto add = [this](std::string name, base::Duration every,
                            std::function<base::Task<base::Status>(base::Instant)> run) {
        jobs::Job job;
        job.name = std::move(name);
        job.every = every;
        job.run = std::move(run);
        m_runner.add(std::move(job));
    };
    add("audit.index", 1min, [this](base::Instant) { return index_log(); });
    add("audit.seals", 1min, [this](base::Instant now) -> base::Task<base::Status> {
        co_await m_installation.log().open_seals(now);
        co_return base::success();
    });
    if (!m_installation.settings().transparency.witnesses.empty())
        add("audit.witnesses", 1min, [this](base::Instant) { return m_witnesses.submit(); });
}

base::Task<base::Status> Background::index_log() {
    // It reads every series and hashes them all: half a million take about a second.
    co_await m_installation.pool().run(
        [this] { return base::sync_wait(m_installation.log().make_index(base::system_clock().now())); });
    co_return base::success();
}

base::Task<> Background::integrate_log() {
    for (int some = 1; some > 0 && !m_stopping;)
        some = co_await m_installation.log().sequence(base::system_clock().now());
}

void Background::start() {
    m_running = 4;
    event_loop::spawn(repeat("log", kLookForEntries, [this] { return integrate_log(); }));
    event_loop::spawn(repeat("outbox", kLookForMail, [this] { return deliver_mail(); }));
    event_loop::spawn(repeat("jobs", kLookForJobs, [this] { return run_jobs(); }));
    event_loop::spawn(repeat("lists", kLookForLists, [this] { return load_lists(); }));
}

void Background::stop(base::Duration deadline) {
    m_stopping = true;
    const auto until = std::chrono::steady_clock::now() + deadline;
    while (m_running > 0 && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(10ms);
}

base::Task<> Background::repeat(std::string name, base::Duration pause, std::function<base::Task<>()> once) {
    const int64_t ticks = pause / kTick;
    while (!m_stopping) {
        try {
            co_await once();
        } catch (const std::exception& problem) {
            // The database is away, for example: the next round tries again.
            log::error("background-failed",
                       {log::field("what", name), log::field("why", std::string_view(problem.what()))});
        }
        for (int64_t tick = 0; tick < ticks; ++tick) {
            if (m_stopping) break;
            co_await event_loop::sleep_for(kTick);
        }
    }
    --m_running;
}

base::Task<> Background::deliver_mail() {
    for (int delivered = 1; delivered > 0 && !m_stopping;) delivered = co_await m_worker.run_once();
}

base::Task<> Background::run_jobs() { co_await m_runner.run_due(); }

base::Task<> Background::load_lists() { co_await m_installation.lists().load(); }

} // namespace musubi::server
