#include "core/identity/session.h"

#include "base/encoding.h"
#include "lib/crypto/digest.h"
#include "lib/db/enum_column.h"

#include <algorithm>

namespace musubi::identity {
namespace {

constexpr db::Query kInsert{"identity.start_session",
                            "INSERT INTO identity_session (subject, id, token_hash, kind, assurance, device,"
                            " signed_in_at, last_seen_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8)"};

#define MUSUBI_SESSION_COLUMNS                                                                                         \
    "SELECT id, kind, subject, assurance, device, signed_in_at, last_seen_at, expires_at FROM identity_session"

constexpr db::Query kByToken{"identity.session_by_token",
                             MUSUBI_SESSION_COLUMNS " WHERE token_hash = $1 AND expires_at > $2"};
constexpr db::Query kById{"identity.session_by_id", MUSUBI_SESSION_COLUMNS " WHERE id = $1"};
constexpr db::Query kOfSubject{"identity.sessions_of", MUSUBI_SESSION_COLUMNS " WHERE subject = $1 AND expires_at > $2"
                                                                              " ORDER BY last_seen_at DESC, id"};
constexpr db::Query kEnd{"identity.end_session", "DELETE FROM identity_session WHERE subject = $1 AND id = $2"};
constexpr db::Query kEndOthers{"identity.end_sessions", "DELETE FROM identity_session WHERE subject = $1 AND id <> $2"};
constexpr db::Query kClean{"identity.clean_sessions",
                           "DELETE FROM identity_session WHERE expires_at <= $1"
                           " OR (kind = 'citizen' AND last_seen_at <= $2) OR (kind = 'staff' AND last_seen_at <= $3)"};

std::string kind_name(http::PrincipalKind kind) { return kind == http::PrincipalKind::Staff ? "staff" : "citizen"; }

bool idle_too_long(const SessionRules& rules, const Session& session, base::Instant now) {
    const auto idle = session.kind == http::PrincipalKind::Staff ? rules.staff_idle : rules.citizen_idle;
    return session.last_seen_at + idle <= now;
}

base::Task<NewSession> start(db::WriteTx& tx, base::Random& random, http::PrincipalKind kind, std::string subject,
                             http::Assurance assurance, std::string device, base::Instant now, base::Instant expires) {
    const auto id = SessionId::make(now, random);
    base::Secret token(random.token(32));
    const std::string hash = base::hex_encode(crypto::sha256(token.reveal()));
    co_await tx.run(kInsert, subject, id, hash, kind_name(kind), db::enum_name(assurance), device, now, expires);
    co_return NewSession{id, std::move(token), expires};
}

std::string_view browser_of(std::string_view agent) {
    const auto has = [agent](std::string_view part) { return agent.find(part) != std::string_view::npos; };
    if (has("Edg/") || has("EdgA/") || has("EdgiOS/")) return "Edge";
    if (has("SamsungBrowser/")) return "Samsung Internet";
    if (has("Firefox/") || has("FxiOS/")) return "Firefox";
    if (has("Chrome/") || has("CriOS/")) return "Chrome";
    if (has("Safari/")) return "Safari";
    return {};
}

std::string_view system_of(std::string_view agent) {
    const auto has = [agent](std::string_view part) { return agent.find(part) != std::string_view::npos; };
    if (has("iPhone")) return "iPhone";
    if (has("iPad")) return "iPad";
    if (has("Android")) return "Android";
    if (has("Windows")) return "Windows";
    if (has("Mac OS X")) return "Mac";
    if (has("CrOS")) return "ChromeOS";
    if (has("Linux")) return "Linux";
    return {};
}

} // namespace

Session Session::from(db::Reader& row) {
    return {.id = row,
            .kind = row.get<std::string>() == "staff" ? http::PrincipalKind::Staff : http::PrincipalKind::Citizen,
            .subject = row.get<std::string>(),
            .assurance = db::enum_value<http::Assurance>(row.get<std::string>()),
            .device = row.get<std::string>(),
            .signed_in_at = row.get<base::Instant>(),
            .last_seen_at = row.get<base::Instant>(),
            .expires_at = row.get<base::Instant>()};
}

base::Task<NewSession> start_session(db::WriteTx& tx, base::Random& random, const SessionRules& rules,
                                     const base::PersonId& person, http::Assurance assurance, std::string_view device,
                                     base::Instant now) {
    return start(tx, random, http::PrincipalKind::Citizen, person.to_string(), assurance, std::string(device), now,
                 now + rules.citizen_lifetime);
}

base::Task<NewSession> start_staff_session(db::WriteTx& tx, base::Random& random, const SessionRules& rules,
                                           const base::StaffId& staff, http::Assurance assurance,
                                           std::string_view device, base::Instant now) {
    return start(tx, random, http::PrincipalKind::Staff, staff.to_string(), assurance, std::string(device), now,
                 now + rules.staff_lifetime);
}

void set_session_cookie(http::Call& call, const NewSession& session) {
    http::CookieOptions options;
    options.lifetime = session.expires_at - call.now;
    call.set_cookie(std::string(kSessionCookie), std::string(session.token.reveal()), options);
}

void clear_session_cookie(http::Call& call) {
    http::CookieOptions options;
    options.lifetime = base::Duration(-1);
    call.set_cookie(std::string(kSessionCookie), "", options);
}

base::Task<std::optional<Session>> find_session(db::ReadTx& tx, const SessionRules& rules, std::string_view token,
                                                base::Instant now) {
    const std::string hash = base::hex_encode(crypto::sha256(token));
    auto session = co_await tx.one<Session>(kByToken, hash, now);
    if (session && idle_too_long(rules, *session, now)) session.reset();
    co_return session;
}

base::Task<std::optional<Session>> find_session(db::ReadTx& tx, const SessionId& id) {
    return tx.one<Session>(kById, id);
}

base::Task<std::vector<Session>> sessions_of(db::ReadTx& tx, const SessionRules& rules, std::string_view subject,
                                             base::Instant now) {
    auto sessions = co_await tx.all<Session>(kOfSubject, std::string(subject), now);
    std::erase_if(sessions, [&](const Session& session) { return idle_too_long(rules, session, now); });
    co_return sessions;
}

base::Task<bool> end_session(db::WriteTx& tx, std::string_view subject, const SessionId& id) {
    co_return co_await tx.run(kEnd, std::string(subject), id) > 0;
}

base::Task<int64_t> end_sessions(db::WriteTx& tx, std::string_view subject, std::optional<SessionId> except) {
    return tx.run(kEndOthers, std::string(subject), except ? except->to_string() : std::string());
}

base::Task<int64_t> clean_sessions(db::WriteTx& tx, const SessionRules& rules, base::Instant now) {
    return tx.run(kClean, now, now - rules.citizen_idle, now - rules.staff_idle);
}

std::string describe_device(std::string_view user_agent) {
    const std::string_view browser = browser_of(user_agent);
    const std::string_view system = system_of(user_agent);
    if (browser.empty()) return std::string(system);
    if (system.empty()) return std::string(browser);
    return std::string(browser) + ", " + std::string(system);
}

} // namespace musubi::identity
