// Counting wrong passwords. Unknown names are counted like known ones, so that a lock tells nobody who exists.
#pragma once

#include "base/result.h"
#include "base/time.h"
#include "lib/db/database.h"

#include <string_view>

namespace musubi::identity {

struct TryRule {
    int tries = 5;
    base::Duration lock = std::chrono::minutes(15);
};

/// Counts a try before the password is looked at, so that a crash cannot give one for free; commit it at once.
/// "login.locked" (Locked, parameter until) while locked. The fifth wrong try in a row locks.
base::Task<base::Status> begin_try(db::WriteTx& tx, std::string_view purpose, std::string_view subject, TryRule rule,
                                   base::Instant now);
/// The password was right.
base::Task<> forget_tries(db::WriteTx& tx, std::string_view purpose, std::string_view subject);
base::Task<int64_t> clean_tries(db::WriteTx& tx, base::Instant now);

} // namespace musubi::identity
