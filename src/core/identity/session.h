// Sessions: a random 256-bit token in the cookie, only its SHA-256 in the database.
#pragma once

#include "base/ids.h"
#include "base/random.h"
#include "base/secret.h"
#include "base/time.h"
#include "lib/db/database.h"
#include "lib/http/call.h"
#include "lib/http/principal.h"

#include <optional>
#include <string>
#include <vector>

namespace musubi::identity {

using SessionId = base::Id<struct SessionTag>;
inline constexpr std::string_view kSessionCookie = "musubi_session";

struct SessionRules {
    base::Duration citizen_idle = std::chrono::hours(24 * 14);
    base::Duration citizen_lifetime = std::chrono::hours(24 * 90);
    base::Duration staff_idle = std::chrono::minutes(30);
    base::Duration staff_lifetime = std::chrono::hours(12);
    base::Duration touch = std::chrono::minutes(1); // how exact last_seen_at is
};

struct NewSession {
    SessionId id;
    base::Secret token; // for the cookie, shown once
    base::Instant expires_at;
};
base::Task<NewSession> start_session(db::WriteTx& tx, base::Random& random, const SessionRules& rules,
                                     const base::PersonId& person, http::Assurance assurance, std::string_view device,
                                     base::Instant now);
base::Task<NewSession> start_staff_session(db::WriteTx& tx, base::Random& random, const SessionRules& rules,
                                           const base::StaffId& staff, http::Assurance assurance,
                                           std::string_view device, base::Instant now);
/// Puts the token into the answer's cookie.
void set_session_cookie(http::Call& call, const NewSession& session);
void clear_session_cookie(http::Call& call);

struct Session {
    SessionId id;
    http::PrincipalKind kind = http::PrincipalKind::Citizen;
    std::string subject;
    http::Assurance assurance = http::Assurance::None;
    std::string device;
    base::Instant signed_in_at;
    base::Instant last_seen_at;
    base::Instant expires_at;

    static Session from(db::Reader&);
};
/// The living session of this token, or nothing: unknown, idle too long, too old, ended.
base::Task<std::optional<Session>> find_session(db::ReadTx& tx, const SessionRules& rules, std::string_view token,
                                                base::Instant now);
base::Task<std::optional<Session>> find_session(db::ReadTx& tx, const SessionId& id);
base::Task<std::vector<Session>> sessions_of(db::ReadTx& tx, const SessionRules& rules, std::string_view subject,
                                             base::Instant now);
/// False when it is not a session of `subject`.
base::Task<bool> end_session(db::WriteTx& tx, std::string_view subject, const SessionId& id);
/// All but `except`; how many.
base::Task<int64_t> end_sessions(db::WriteTx& tx, std::string_view subject, std::optional<SessionId> except = {});
base::Task<int64_t> clean_sessions(db::WriteTx& tx, const SessionRules& rules, base::Instant now);

/// "Chrome, Android": browser and system, from User-Agent, coarse on purpose.
std::string describe_device(std::string_view user_agent);

} // namespace musubi::identity
