#include "core/outbox/outbox.h"

#include "base/encoding.h"
#include "core/outbox/mail_body.h"

namespace musubi::outbox {
namespace {

constexpr db::Query kInsert{"outbox.insert",
                            "INSERT INTO outbox_message (id, topic, body, key, order_key, created_at, due_at, state)"
                            " VALUES ($1, $2, $3, $4, $5, $6, $6, 'waiting') ON CONFLICT (key) DO NOTHING"};
constexpr db::Query kBacklog{"outbox.backlog", "SELECT (SELECT COUNT(*) FROM outbox_message WHERE state = 'waiting'),"
                                               " (SELECT COUNT(*) FROM outbox_message WHERE state = 'dead')"};

struct Counts {
    int64_t waiting;
    int64_t dead;
    static Counts from(db::Reader& row) { return {.waiting = row, .dead = row}; }
};

} // namespace

base::Task<> Outbox::put(db::WriteTx& tx, std::string topic, std::string body, std::string key, std::string order,
                         base::Instant now) {
    const auto id = MessageId::make(now, m_random);
    const std::string sealed = base::base64_encode(m_key.seal(body, sealed_for(id, topic), m_random));
    std::optional<std::string> unique;
    if (!key.empty()) unique = topic + ":" + key;
    co_await tx.run(kInsert, id, topic, sealed, unique, order, now);
}

base::Task<> Outbox::mail(db::WriteTx& tx, const Mail& mail, base::Instant now) {
    MailBody body{mail.to, mail.template_name, mail.language, {}};
    for (const auto& [name, value] : mail.parameters) body.parameters.push_back({name, value});
    return put(tx, std::string(kMailTopic), json::write(body), mail.key, mail.order, now);
}

base::Task<> Outbox::event(db::WriteTx& tx, const Event& event, base::Instant now) {
    return put(tx, event.topic, event.payload, event.key, event.order, now);
}

base::Task<Backlog> backlog(db::ReadTx& tx) {
    const auto counts = co_await tx.one<Counts>(kBacklog);
    Backlog out;
    if (counts) {
        out.waiting = counts->waiting;
        out.dead = counts->dead;
    }
    co_return out;
}

} // namespace musubi::outbox
