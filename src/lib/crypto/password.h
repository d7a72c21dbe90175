// Passwords of people. Costs about 30 ms of CPU on purpose: call it from the pool for blocking work and behind a rate
// limit, never on an event loop.
#pragma once

#include "base/secret.h"

#include <string>
#include <string_view>

namespace musubi::crypto {

/// argon2id (RFC 9106), 19 MiB and two passes; the text form "$argon2id$v=19$m=…" carries salt and parameters.
std::string hash_password(const base::Secret& password);

/// False also for a text that is not such a hash.
bool verify_password(std::string_view hash, const base::Secret& password);

/// True when the hash was made with other parameters than hash_password uses today: hash again at the next sign-in.
bool password_hash_outdated(std::string_view hash);

} // namespace musubi::crypto
