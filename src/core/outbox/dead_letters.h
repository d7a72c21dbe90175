// Dead letters, for staff: seen without what they say, sent again or laid to rest.
#pragma once

#include "core/outbox/outbox.h"
#include "lib/http/router.h"

#include <optional>

namespace musubi::outbox {

/// The permission its routes need.
inline constexpr std::string_view kDeadLetterPermission = "outbox.manage";

struct DeadLetter {
    MessageId id;
    std::string topic;
    base::Instant created_at;
    base::Instant settled_at;
    int64_t tries = 0;
    std::string last_failure; // an error code
    static DeadLetter from(db::Reader&);
};
/// Oldest first, after `after`.
base::Task<std::vector<DeadLetter>> dead_letters(db::ReadTx& tx, std::optional<MessageId> after, int limit = 50);
/// Due now and with all its tries again. False when it is not dead (any more).
base::Task<bool> resend(db::WriteTx& tx, const MessageId& id, base::Instant now);
/// Every dead letter of a topic; how many.
base::Task<int64_t> resend_all(db::WriteTx& tx, std::string topic, base::Instant now);
/// Empties it for good. False when it is not dead.
base::Task<bool> discard(db::WriteTx& tx, const MessageId& id, base::Instant now);

/// GET /api/v1/staff/outbox, POST …/{id}/resend, …/{id}/discard, …/resend.
void install_dead_letters(http::Router& router);
/// For the staff's list of waiting work.
base::Task<int64_t> dead_count(db::ReadTx& tx);

} // namespace musubi::outbox
