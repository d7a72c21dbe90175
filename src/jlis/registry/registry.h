// What the registry's tables share.
#pragma once

#include "base/ids.h"
#include "base/random.h"
#include "lib/db/database.h"
#include "lib/db/migration.h"

#include <string>

namespace musubi::registry {

db::Migrations migrations();

/// Who changes something, and when: kept with every event.
struct Change {
    base::Instant at;
    std::string actor; // name of the calling program
    base::Random& random;
};

/// The next number of a sequence that begins with 1: "serial/user", "list/user/99001". Gaps are possible, repetition is
/// not: the number is spent only when the transaction commits.
base::Task<int64_t> next_number(db::WriteTx& tx, std::string name);

} // namespace musubi::registry
