#include "core/identity/passkey.h"

namespace musubi::identity {
namespace {

constexpr int64_t kMostPasskeys = 20;

#define MUSUBI_PASSKEY_FIELDS                                                                                          \
    "id, owner, credential_id, public_key, algorithm, sign_count, backed_up, name, created_at, last_used_at"

constexpr db::Query kAdd{"identity.add_passkey",
                         "INSERT INTO identity_passkey (" MUSUBI_PASSKEY_FIELDS ")"
                         " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, NULL) ON CONFLICT DO NOTHING"};
constexpr db::Query kCount{"identity.count_passkeys", "SELECT COUNT(*) FROM identity_passkey WHERE owner = $1"};
constexpr db::Query kOfOwner{"identity.passkeys_of", "SELECT " MUSUBI_PASSKEY_FIELDS " FROM identity_passkey"
                                                     " WHERE owner = $1 ORDER BY created_at, id"};
constexpr db::Query kFind{"identity.find_passkey",
                          "SELECT " MUSUBI_PASSKEY_FIELDS " FROM identity_passkey WHERE credential_id = $1"};
constexpr db::Query kUsed{"identity.passkey_used",
                          "UPDATE identity_passkey SET sign_count = $3, backed_up = $4, last_used_at = $5"
                          " WHERE owner = $1 AND id = $2"};
constexpr db::Query kRemove{"identity.remove_passkey", "DELETE FROM identity_passkey WHERE owner = $1 AND id = $2"};
constexpr db::Query kRemoveAll{"identity.remove_passkeys", "DELETE FROM identity_passkey WHERE owner = $1"};

} // namespace

Passkey Passkey::from(db::Reader& row) {
    return {.id = row,
            .owner = row,
            .credential_id = row,
            .public_key = row,
            .algorithm = row.get<int32_t>(),
            .sign_count = row.get<int64_t>(),
            .backed_up = row.get<bool>(),
            .name = row.get<std::string>(),
            .created_at = row.get<base::Instant>(),
            .last_used_at = row.get<std::optional<base::Instant>>()};
}

base::Task<bool> add_passkey(db::WriteTx& tx, const Passkey& passkey) {
    const auto held = co_await tx.one<int64_t>(kCount, passkey.owner);
    if (held && *held >= kMostPasskeys) co_return false;
    co_return co_await tx.run(kAdd, passkey.id, passkey.owner, passkey.credential_id, passkey.public_key,
                              passkey.algorithm, passkey.sign_count, passkey.backed_up, passkey.name,
                              passkey.created_at) > 0;
}

base::Task<std::vector<Passkey>> passkeys_of(db::ReadTx& tx, std::string_view owner) {
    return tx.all<Passkey>(kOfOwner, std::string(owner));
}

base::Task<std::optional<Passkey>> find_passkey(db::ReadTx& tx, std::string_view credential_id) {
    return tx.one<Passkey>(kFind, std::string(credential_id));
}

base::Task<> passkey_used(db::WriteTx& tx, const Passkey& passkey, int64_t sign_count, bool backed_up,
                          base::Instant now) {
    co_await tx.run(kUsed, passkey.owner, passkey.id, sign_count, backed_up, now);
}

base::Task<bool> remove_passkey(db::WriteTx& tx, std::string_view owner, const PasskeyId& id) {
    co_return co_await tx.run(kRemove, std::string(owner), id) > 0;
}

base::Task<int64_t> remove_passkeys(db::WriteTx& tx, std::string_view owner) {
    return tx.run(kRemoveAll, std::string(owner));
}

} // namespace musubi::identity
