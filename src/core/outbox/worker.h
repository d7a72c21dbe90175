// Delivers what the outbox holds. Several nodes may run one each: a message is claimed for a while by one of them.
#pragma once

#include "core/outbox/outbox.h"

#include <map>
#include <memory>
#include <vector>

namespace musubi::outbox {

/// What receives the messages of a topic. An Unavailable or TooMany error is tried again later; every other error makes
/// the message a dead letter at once, because trying again cannot help.
class Consumer {
  public:
    virtual ~Consumer() = default;
    virtual base::Task<base::Status> deliver(const MessageId& id, const Event& event) = 0;
};

/// What sends mail: lib/mail behind the catalogues. `id` is the same at every try and belongs into Message-ID, so that
/// a mail that was sent twice can be recognised.
class Mailer {
  public:
    virtual ~Mailer() = default;
    virtual base::Task<base::Status> send(const MessageId& id, const Mail& mail) = 0;
};

struct WorkerOptions {
    int batch = 20;
    base::Duration claim = std::chrono::minutes(2);       // longer than a delivery can take
    base::Duration first_pause = std::chrono::seconds(5); // doubles with each try
    base::Duration longest_pause = std::chrono::hours(1);
    int tries = 20; // then a dead letter: about half a day
};

class Worker {
  public:
    Worker(db::Database& database, base::Clock& clock, Outbox& outbox, Mailer& mailer, WorkerOptions options = {})
        : m_database(database), m_clock(clock), m_outbox(outbox), m_mailer(mailer), m_options(options) {}

    void subscribe(std::string topic, Consumer& consumer);
    /// Delivers what is due now; how many messages were tried. Call it from a periodic job and after commits.
    base::Task<int> run_once();

  private:
    struct Claimed;
    base::Task<base::Status> deliver(const Claimed& claimed);
    base::Task<> settle(const Claimed& claimed, const base::Status& status);

    db::Database& m_database;
    base::Clock& m_clock;
    Outbox& m_outbox;
    Mailer& m_mailer;
    WorkerOptions m_options;
    std::map<std::string, Consumer*, std::less<>> m_consumers;
};

} // namespace musubi::outbox
