#include "core/identity/person.h"
#include "core/identity/session.h"

namespace musubi::identity {
namespace {

constexpr db::Query kClose{"identity.close", "UPDATE identity_person SET closed_at = $2, erase_at = $3"
                                             " WHERE id = $1 AND closed_at IS NULL AND erased_at IS NULL"};
constexpr db::Query kReopen{"identity.reopen", "UPDATE identity_person SET closed_at = NULL, erase_at = NULL"
                                               " WHERE id = $1 AND closed_at IS NOT NULL AND erased_at IS NULL"};
constexpr db::Query kDue{"identity.due_for_erasure", "SELECT id FROM identity_person WHERE erase_at <= $1"
                                                     " AND erased_at IS NULL ORDER BY erase_at, id LIMIT $2"};
constexpr db::Query kErase{
    "identity.erase",
    "UPDATE identity_person SET name = '', name_has_substitutes = 0, kana = NULL, birth_date = '0001-01-01',"
    " sex = 'unknown', address = '', resident_id = NULL, email = NULL, email_normal = NULL, telephone = NULL,"
    " password_hash = NULL, name_normal = '', name_head = '', kana_normal = '', kana_head = '',"
    " address_normal = '', closed_at = COALESCE(closed_at, $2), erased_at = $2 WHERE id = $1 AND erased_at IS NULL"};
constexpr db::Query kCertificates{"identity.erase_certificates",
                                  "DELETE FROM identity_certificate WHERE person_id = $1"};
constexpr db::Query kGuardianships{"identity.erase_guardianships",
                                   "DELETE FROM identity_guardianship WHERE guardian_id = $1 OR child_id = $1"};
constexpr db::Query kSessions{"identity.erase_sessions", "DELETE FROM identity_session WHERE subject = $1"};
constexpr db::Query kPasskeys{"identity.erase_passkeys", "DELETE FROM identity_passkey WHERE owner = $1"};
constexpr db::Query kCodes{"identity.erase_codes", "DELETE FROM identity_code WHERE subject = $1"};

} // namespace

base::Task<> close_person(db::WriteTx& tx, const base::PersonId& id, base::Instant now, base::Instant erase_at) {
    co_await tx.run(kClose, id, now, erase_at);
}

base::Task<bool> reopen_person(db::WriteTx& tx, const base::PersonId& id) {
    co_return co_await tx.run(kReopen, id) > 0;
}

base::Task<std::vector<base::PersonId>> due_for_erasure(db::ReadTx& tx, base::Instant now, int limit) {
    return tx.all<base::PersonId>(kDue, now, limit);
}

base::Task<> erase_person(db::WriteTx& tx, const base::PersonId& id, base::Instant now) {
    co_await tx.run(kErase, id, now);
    co_await tx.run(kCertificates, id);
    co_await tx.run(kGuardianships, id);
    co_await tx.run(kSessions, id);
    co_await tx.run(kPasskeys, id);
    co_await tx.run(kCodes, id);
}

} // namespace musubi::identity
