#include "core/outbox/dead_letters.h"

#include "lib/json/json.h"

namespace musubi::outbox {

struct DeadLetterView {
    std::string id;
    std::string topic;
    base::Instant created_at;
    base::Instant failed_at;
    int64_t tries = 0;
    std::string failure;
};
struct OutboxView {
    int64_t waiting = 0;
    int64_t dead = 0;
    std::vector<DeadLetterView> items;
    std::optional<std::string> next;
};
struct ResendAllBody {
    std::string topic;
};
struct ResentView {
    int64_t count = 0;
};
template <class Fields> void describe(Fields& fields, DeadLetterView& view) {
    fields("id", view.id);
    fields("topic", view.topic, json::Rule{.meaning = "mail, or the event's name"});
    fields("createdAt", view.created_at);
    fields("failedAt", view.failed_at);
    fields("tries", view.tries);
    fields("failure", view.failure, json::Rule{.meaning = "the error code of the last try"});
}
template <class Fields> void describe(Fields& fields, OutboxView& view) {
    fields("waiting", view.waiting);
    fields("dead", view.dead);
    fields("items", view.items);
    fields("next", view.next);
}
template <class Fields> void describe(Fields& fields, ResendAllBody& body) {
    fields("topic", body.topic, json::Rule{.max_length = 100, .min_length = 1});
}
template <class Fields> void describe(Fields& fields, ResentView& view) { fields("count", view.count); }

namespace {

using http::Access;
using http::Call;
template <class T> using Answer = base::Task<base::Result<T>>;

constexpr int kPage = 50;

constexpr db::Query kList{"outbox.dead_letters", "SELECT id, topic, created_at, settled_at, tries, last_failure"
                                                 " FROM outbox_message WHERE state = 'dead' AND id > $1"
                                                 " ORDER BY id LIMIT $2"};
constexpr db::Query kResend{"outbox.resend", "UPDATE outbox_message SET state = 'waiting', due_at = $2, tries = 0,"
                                             " settled_at = NULL WHERE id = $1 AND state = 'dead'"};
constexpr db::Query kResendAll{"outbox.resend_all", "UPDATE outbox_message SET state = 'waiting', due_at = $2,"
                                                    " tries = 0, settled_at = NULL"
                                                    " WHERE topic = $1 AND state = 'dead'"};
// Like a delivered one, it is forgotten with its key after the usual time.
constexpr db::Query kDiscard{"outbox.discard", "UPDATE outbox_message SET state = 'delivered', body = '',"
                                               " settled_at = $2 WHERE id = $1 AND state = 'dead'"};

Answer<OutboxView> list(Call& call, db::ReadTx& tx) {
    std::optional<MessageId> after;
    if (const auto text = call.request.query_value("after")) {
        const auto id = MessageId::parse(*text);
        if (!id) co_return base::not_found("outbox.message-not-found");
        after = *id;
    }
    OutboxView view;
    const Backlog counts = co_await backlog(tx);
    view.waiting = counts.waiting;
    view.dead = counts.dead;
    const auto letters = co_await dead_letters(tx, after, kPage);
    for (const DeadLetter& one : letters)
        view.items.push_back(
            {one.id.to_string(), one.topic, one.created_at, one.settled_at, one.tries, one.last_failure});
    if (letters.size() == kPage) view.next = letters.back().id.to_string();
    co_return view;
}

Answer<MessageId> id_in_path(Call& call) {
    const auto id = MessageId::parse(call.path_text("id"));
    if (!id) co_return base::not_found("outbox.message-not-found");
    call.audit.object = "message " + id->to_string();
    co_return *id;
}

Answer<base::Unit> resend_one(Call& call, db::WriteTx& tx) {
    MUSUBI_CO_TRY(const MessageId id, co_await id_in_path(call));
    const bool done = co_await resend(tx, id, call.now);
    if (!done) co_return base::not_found("outbox.message-not-found");
    co_return base::success();
}

Answer<base::Unit> discard_one(Call& call, db::WriteTx& tx) {
    MUSUBI_CO_TRY(const MessageId id, co_await id_in_path(call));
    const bool done = co_await discard(tx, id, call.now);
    if (!done) co_return base::not_found("outbox.message-not-found");
    co_return base::success();
}

Answer<ResentView> resend_topic(Call& call, db::WriteTx& tx, ResendAllBody body) {
    call.audit.object = "topic " + body.topic;
    ResentView view;
    view.count = co_await resend_all(tx, body.topic, call.now);
    co_return view;
}

} // namespace

DeadLetter DeadLetter::from(db::Reader& row) {
    return {.id = row,
            .topic = row,
            .created_at = row,
            .settled_at = row.get<std::optional<base::Instant>>().value_or(base::Instant()),
            .tries = row,
            .last_failure = row.get<std::optional<std::string>>().value_or("")};
}

base::Task<std::vector<DeadLetter>> dead_letters(db::ReadTx& tx, std::optional<MessageId> after, int limit) {
    return tx.all<DeadLetter>(kList, after ? after->to_string() : std::string(), limit);
}

base::Task<bool> resend(db::WriteTx& tx, const MessageId& id, base::Instant now) {
    const int64_t changed = co_await tx.run(kResend, id, now);
    co_return changed == 1;
}

base::Task<int64_t> resend_all(db::WriteTx& tx, std::string topic, base::Instant now) {
    return tx.run(kResendAll, topic, now);
}

base::Task<bool> discard(db::WriteTx& tx, const MessageId& id, base::Instant now) {
    const int64_t changed = co_await tx.run(kDiscard, id, now);
    co_return changed == 1;
}

base::Task<int64_t> dead_count(db::ReadTx& tx) {
    const Backlog counts = co_await backlog(tx);
    co_return counts.dead;
}

void install_dead_letters(http::Router& router) {
    const auto staff = Access::staff(std::string(kDeadLetterPermission));
    router.reads("GET", "/api/v1/staff/outbox", "listDeadLetters", staff,
                 [](Call& call, db::ReadTx& tx) { return list(call, tx); },
                 {{"after", "`next` of the page seen before"}});
    router.writes("POST", "/api/v1/staff/outbox/{id}/resend", "resendDeadLetter", staff,
                  [](Call& call, db::WriteTx& tx) { return resend_one(call, tx); });
    router.writes("POST", "/api/v1/staff/outbox/{id}/discard", "discardDeadLetter", staff,
                  [](Call& call, db::WriteTx& tx) { return discard_one(call, tx); });
    router.writes("POST", "/api/v1/staff/outbox/resend", "resendDeadLetters", staff,
                  [](Call& call, db::WriteTx& tx, ResendAllBody body) { return resend_topic(call, tx, body); });
}

} // namespace musubi::outbox
