// Bringing a sending to its people: each once, however often the work is interrupted.
#pragma once

#include "services/notices/routes.h"
#include "services/notices/store.h"

namespace musubi::notices {

/// The next batch of one sending that is due; false when none is. One transaction: notices, log entries, mails and the
/// place reached are there together or not at all.
base::Task<bool> send_batch(const Dependencies& to, base::Instant now);

/// The values a person's notice is filled with.
Values values_for(const SendingBody& body, const identity::Person& person, base::CivilDate today);

/// The log's series of a notice's receipts.
std::string receipt_series(const NoticeId& id);
/// What a receipt says was read: the notice and the digest of its words.
std::string receipt_object(const NoticeId& id, const std::string& digest);

} // namespace musubi::notices
