#include "core/outbox/worker.h"

#include "base/encoding.h"
#include "core/outbox/mail_body.h"

#include <algorithm>

namespace musubi::outbox {
namespace {

constexpr db::Query kAnyDue{"outbox.any_due", "SELECT 1 FROM outbox_message"
                                              " WHERE state = 'waiting' AND due_at <= $1 LIMIT 1"};
constexpr db::Query kClaim{
    "outbox.claim", "UPDATE outbox_message SET due_at = $2, tries = tries + 1"
                    " WHERE id IN (SELECT id FROM outbox_message m WHERE state = 'waiting' AND due_at <= $1"
                    " AND (order_key = '' OR NOT EXISTS (SELECT 1 FROM outbox_message earlier"
                    " WHERE earlier.order_key = m.order_key AND earlier.state = 'waiting'"
                    " AND earlier.id < m.id)) ORDER BY due_at, id LIMIT $3) AND state = 'waiting' AND due_at <= $1"
                    " RETURNING id, topic, body, tries"};
constexpr db::Query kDelivered{"outbox.delivered",
                               "UPDATE outbox_message SET state = 'delivered', body = '', settled_at = $2,"
                               " last_failure = NULL WHERE id = $1"};
constexpr db::Query kDead{"outbox.dead", "UPDATE outbox_message SET state = 'dead', settled_at = $2, last_failure = $3"
                                         " WHERE id = $1"};
constexpr db::Query kLater{"outbox.later", "UPDATE outbox_message SET due_at = $2, last_failure = $3 WHERE id = $1"};
constexpr db::Query kClean{"outbox.clean", "DELETE FROM outbox_message WHERE state = 'delivered' AND settled_at < $1"};

bool worth_another_try(const base::Error& error) {
    return error.kind == base::ErrorKind::Unavailable || error.kind == base::ErrorKind::TooMany ||
           error.kind == base::ErrorKind::Internal;
}

} // namespace

struct Worker::Claimed {
    MessageId id;
    std::string topic;
    std::string body;
    int64_t tries;
    static Claimed from(db::Reader& row) { return {.id = row, .topic = row, .body = row, .tries = row}; }
};

void Worker::subscribe(std::string topic, Consumer& consumer) { m_consumers[std::move(topic)] = &consumer; }

base::Task<int> Worker::run_once() {
    const base::Instant now = m_clock.now();
    const auto any = co_await m_database.read(
        [now](db::ReadTx& tx) -> base::Task<std::optional<int64_t>> { return tx.one<int64_t>(kAnyDue, now); });
    if (!any) co_return 0;
    const base::Instant until = now + m_options.claim;
    const int batch = m_options.batch;
    const auto claimed =
        co_await m_database.write([now, until, batch](db::WriteTx& tx) -> base::Task<std::vector<Claimed>> {
            return tx.all<Claimed>(kClaim, now, until, batch);
        });
    for (const Claimed& message : claimed) {
        base::Status status = base::success();
        try {
            status = co_await deliver(message);
        } catch (const std::exception& failure) {
            status = base::internal(failure.what());
        }
        co_await settle(message, status);
    }
    co_return static_cast<int>(claimed.size());
}

base::Task<base::Status> Worker::deliver(const Claimed& claimed) {
    const auto sealed = base::base64_decode(claimed.body);
    if (!sealed) co_return base::invalid("outbox.body-malformed");
    MUSUBI_CO_TRY(const std::string text, m_outbox.m_key.open(*sealed, sealed_for(claimed.id, claimed.topic)));
    if (claimed.topic == kMailTopic) {
        MUSUBI_CO_TRY(MailBody body, json::parse<MailBody>(text));
        Mail mail;
        mail.to = std::move(body.to);
        mail.template_name = std::move(body.template_name);
        mail.language = std::move(body.language);
        for (auto& parameter : body.parameters)
            mail.parameters.emplace_back(std::move(parameter.name), std::move(parameter.value));
        co_return co_await m_mailer.send(claimed.id, mail);
    }
    const auto consumer = m_consumers.find(claimed.topic);
    if (consumer == m_consumers.end()) co_return base::invalid("outbox.topic-unknown");
    Event event;
    event.topic = claimed.topic;
    event.payload = text;
    co_return co_await consumer->second->deliver(claimed.id, event);
}

base::Task<> Worker::settle(const Claimed& claimed, const base::Status& status) {
    const base::Instant now = m_clock.now();
    const MessageId id = claimed.id;
    if (status) {
        co_await m_database.write([id, now](db::WriteTx& tx) -> base::Task<> { co_await tx.run(kDelivered, id, now); });
        co_return;
    }
    const std::string why = status.error().code;
    if (!worth_another_try(status.error()) || claimed.tries >= m_options.tries) {
        co_await m_database.write([&](db::WriteTx& tx) -> base::Task<> { co_await tx.run(kDead, id, now, why); });
        co_return;
    }
    const int doublings = static_cast<int>(std::min<int64_t>(claimed.tries - 1, 20));
    const base::Instant due =
        now + std::min(base::Duration(m_options.first_pause * (1LL << doublings)), m_options.longest_pause);
    co_await m_database.write([&](db::WriteTx& tx) -> base::Task<> { co_await tx.run(kLater, id, due, why); });
}

base::Task<int64_t> clean(db::WriteTx& tx, base::Instant before) { return tx.run(kClean, before); }

} // namespace musubi::outbox
