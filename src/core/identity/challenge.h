// One-time challenges: what a card or an authenticator signs. Kept by the server, consumed by the first use.
#pragma once

#include "base/ids.h"
#include "base/random.h"
#include "base/time.h"
#include "lib/db/database.h"

#include <optional>
#include <string>

namespace musubi::identity {

using ChallengeId = base::Id<struct ChallengeTag>;

struct Challenge {
    ChallengeId id;
    std::string nonce;   // 32 bytes
    std::string purpose; // "register", "authenticate", "passkey-create", "passkey-get", "staff-passkey-get"
    std::string subject; // registration, person or staff it was made for; empty before sign-in
    base::Instant expires_at;
};

base::Task<Challenge> make_challenge(db::WriteTx& tx, base::Random& random, std::string_view purpose,
                                     std::string_view subject, base::Instant now,
                                     base::Duration lifetime = std::chrono::minutes(5));
/// Removes it and hands it over: once, to one caller, whatever happens afterwards. Run it in a transaction of its own
/// that commits before anything is verified. Nothing for unknown, used, expired, of another purpose or subject.
base::Task<std::optional<Challenge>> consume_challenge(db::WriteTx& tx, std::string_view id, std::string_view purpose,
                                                       std::string_view subject, base::Instant now);
/// The same by nonce, for WebAuthn, which returns the challenge itself.
base::Task<std::optional<Challenge>> consume_challenge_by_nonce(db::WriteTx& tx, std::string_view nonce,
                                                                std::string_view purpose, std::string_view subject,
                                                                base::Instant now);
base::Task<int64_t> clean_challenges(db::WriteTx& tx, base::Instant now);

} // namespace musubi::identity
