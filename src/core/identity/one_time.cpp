#include "base/encoding.h"
#include "core/identity/challenge.h"
#include "core/identity/code.h"
#include "core/identity/tries.h"
#include "lib/crypto/digest.h"

namespace musubi::identity {
namespace {

constexpr db::Query kMakeChallenge{"identity.make_challenge",
                                   "INSERT INTO identity_challenge (id, nonce, purpose, subject, expires_at)"
                                   " VALUES ($1, $2, $3, $4, $5)"};
constexpr db::Query kConsume{"identity.consume_challenge",
                             "DELETE FROM identity_challenge WHERE id = $1 AND purpose = $2 AND subject = $3"
                             " AND expires_at > $4 RETURNING id, nonce, purpose, subject, expires_at"};
constexpr db::Query kConsumeByNonce{"identity.consume_challenge_by_nonce",
                                    "DELETE FROM identity_challenge WHERE nonce = $1 AND purpose = $2"
                                    " AND subject = $3 AND expires_at > $4"
                                    " RETURNING id, nonce, purpose, subject, expires_at"};
constexpr db::Query kCleanChallenges{"identity.clean_challenges",
                                     "DELETE FROM identity_challenge WHERE expires_at <= $1"};

constexpr db::Query kMakeCode{"identity.make_code",
                              "INSERT INTO identity_code (purpose, subject, code_hash, payload, tries_left, made_at,"
                              " expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)"
                              " ON CONFLICT (purpose, subject) DO UPDATE SET code_hash = excluded.code_hash,"
                              " payload = excluded.payload, tries_left = excluded.tries_left,"
                              " made_at = excluded.made_at, expires_at = excluded.expires_at"
                              " WHERE identity_code.made_at <= $8 OR identity_code.payload <> excluded.payload"};
constexpr db::Query kTakeTry{"identity.take_try",
                             "UPDATE identity_code SET tries_left = tries_left - 1 WHERE purpose = $1 AND subject = $2"
                             " AND expires_at > $3 AND tries_left > 0 RETURNING code_hash, payload, tries_left"};
constexpr db::Query kGiveTryBack{"identity.give_try_back", "UPDATE identity_code SET tries_left = tries_left + 1"
                                                           " WHERE purpose = $1 AND subject = $2"};
constexpr db::Query kForgetCode{"identity.forget_code", "DELETE FROM identity_code"
                                                        " WHERE purpose = $1 AND subject = $2"};
constexpr db::Query kCleanCodes{"identity.clean_codes", "DELETE FROM identity_code WHERE expires_at <= $1"};

constexpr db::Query kLockedUntil{"identity.locked_until",
                                 "SELECT locked_until FROM identity_try WHERE purpose = $1 AND subject = $2"
                                 " AND locked_until > $3"};
constexpr db::Query kCountTry{
    "identity.count_try",
    "INSERT INTO identity_try (purpose, subject, failed, locked_until, last_at) VALUES ($1, $2, 1, NULL, $3)"
    " ON CONFLICT (purpose, subject) DO UPDATE SET"
    " failed = CASE WHEN identity_try.locked_until IS NULL THEN identity_try.failed + 1 ELSE 1 END,"
    " locked_until = CASE WHEN identity_try.locked_until IS NULL AND identity_try.failed + 1 >= $4"
    " THEN CAST($5 AS BIGINT) END,"
    " last_at = excluded.last_at"};
constexpr db::Query kForgetTries{"identity.forget_tries", "DELETE FROM identity_try"
                                                          " WHERE purpose = $1 AND subject = $2"};
constexpr db::Query kCleanTries{"identity.clean_tries", "DELETE FROM identity_try WHERE last_at <= $1"
                                                        " AND (locked_until IS NULL OR locked_until <= $2)"};

struct ChallengeRow {
    Challenge challenge;
    static ChallengeRow from(db::Reader& row) {
        const auto id = row.get<ChallengeId>();
        const auto nonce = base::base64url_decode(row.get<std::string>());
        return {.challenge = {.id = id,
                              .nonce = nonce.value_or(""),
                              .purpose = row.get<std::string>(),
                              .subject = row.get<std::string>(),
                              .expires_at = row.get<base::Instant>()}};
    }
};

struct CodeRow {
    std::string code_hash;
    std::string payload;
    int32_t tries_left;
    static CodeRow from(db::Reader& row) { return {.code_hash = row, .payload = row, .tries_left = row}; }
};

std::string subject_hash(std::string_view subject) { return base::hex_encode(crypto::sha256(subject)); }

} // namespace

base::Task<Challenge> make_challenge(db::WriteTx& tx, base::Random& random, std::string_view purpose,
                                     std::string_view subject, base::Instant now, base::Duration lifetime) {
    Challenge challenge{ChallengeId::make(now, random), random.bytes(32), std::string(purpose), std::string(subject),
                        now + lifetime};
    co_await tx.run(kMakeChallenge, challenge.id, base::base64url_encode(challenge.nonce), challenge.purpose,
                    challenge.subject, challenge.expires_at);
    co_return challenge;
}

base::Task<std::optional<Challenge>> consume_challenge(db::WriteTx& tx, std::string_view id, std::string_view purpose,
                                                       std::string_view subject, base::Instant now) {
    auto row =
        co_await tx.change<ChallengeRow>(kConsume, std::string(id), std::string(purpose), std::string(subject), now);
    std::optional<Challenge> out;
    if (row) out = std::move(row->challenge);
    co_return out;
}

base::Task<std::optional<Challenge>> consume_challenge_by_nonce(db::WriteTx& tx, std::string_view nonce,
                                                                std::string_view purpose, std::string_view subject,
                                                                base::Instant now) {
    auto row = co_await tx.change<ChallengeRow>(kConsumeByNonce, base::base64url_encode(nonce), std::string(purpose),
                                                std::string(subject), now);
    std::optional<Challenge> out;
    if (row) out = std::move(row->challenge);
    co_return out;
}

base::Task<int64_t> clean_challenges(db::WriteTx& tx, base::Instant now) { return tx.run(kCleanChallenges, now); }

std::string CodeKey::hash(std::string_view purpose, std::string_view subject, std::string_view code) const {
    std::string message(purpose);
    message.push_back('\0');
    message.append(subject);
    message.push_back('\0');
    message.append(code);
    return base::hex_encode(crypto::hmac_sha256(m_key.reveal(), message));
}

base::Task<std::optional<base::Secret>> make_code(db::WriteTx& tx, const CodeKey& key, base::Random& random,
                                                  std::string_view purpose, std::string_view subject,
                                                  std::string_view payload, const CodeRule& rule, base::Instant now) {
    base::Secret code(random.digits(rule.digits));
    const std::string hash = key.hash(purpose, subject, code.reveal());
    const int64_t made = co_await tx.run(kMakeCode, std::string(purpose), std::string(subject), hash,
                                         std::string(payload), rule.tries, now, now + rule.lifetime, now - rule.pause);
    std::optional<base::Secret> out;
    if (made > 0) out = std::move(code);
    co_return out;
}

base::Task<CodeCheck> check_code(db::WriteTx& tx, const CodeKey& key, std::string_view purpose,
                                 std::string_view subject, std::string_view code, base::Instant now) {
    const std::string purpose_text(purpose);
    const std::string subject_text(subject);
    const std::string hash = key.hash(purpose, subject, code);
    CodeCheck check;
    const auto row = co_await tx.change<CodeRow>(kTakeTry, purpose_text, subject_text, now);
    if (!row) co_return check;
    if (!base::equal_in_constant_time(hash, row->code_hash)) {
        check.outcome = CodeOutcome::Wrong;
        check.tries_left = row->tries_left;
        co_return check;
    }
    co_await tx.run(kGiveTryBack, purpose_text, subject_text);
    check.outcome = CodeOutcome::Right;
    check.tries_left = row->tries_left + 1;
    check.payload = row->payload;
    co_return check;
}

base::Task<> forget_code(db::WriteTx& tx, std::string_view purpose, std::string_view subject) {
    co_await tx.run(kForgetCode, std::string(purpose), std::string(subject));
}

base::Task<int64_t> clean_codes(db::WriteTx& tx, base::Instant now) { return tx.run(kCleanCodes, now); }

base::Task<base::Status> begin_try(db::WriteTx& tx, std::string_view purpose, std::string_view subject, TryRule rule,
                                   base::Instant now) {
    const std::string purpose_text(purpose);
    const std::string hash = subject_hash(subject);
    const auto locked = co_await tx.one<base::Instant>(kLockedUntil, purpose_text, hash, now);
    if (locked) co_return base::error(base::ErrorKind::Locked, "login.locked").with("until", locked->to_string());
    co_await tx.run(kCountTry, purpose_text, hash, now, rule.tries, now + rule.lock);
    co_return base::success();
}

base::Task<> forget_tries(db::WriteTx& tx, std::string_view purpose, std::string_view subject) {
    co_await tx.run(kForgetTries, std::string(purpose), subject_hash(subject));
}

base::Task<int64_t> clean_tries(db::WriteTx& tx, base::Instant now) {
    return tx.run(kCleanTries, now - std::chrono::hours(24), now);
}

} // namespace musubi::identity
