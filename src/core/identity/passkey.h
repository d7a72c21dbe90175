// Passkeys of persons and staff as stored; lib/webauthn checks what browsers send.
#pragma once

#include "base/ids.h"
#include "base/random.h"
#include "base/time.h"
#include "lib/db/database.h"

#include <optional>
#include <string>
#include <vector>

namespace musubi::identity {

using PasskeyId = base::Id<struct PasskeyTag>;

struct Passkey {
    PasskeyId id;
    std::string owner;         // PersonId or StaffId as text
    std::string credential_id; // base64url
    std::string public_key;    // SubjectPublicKeyInfo, base64
    int32_t algorithm = -7;    // COSE: -7 ES256, -257 RS256
    int64_t sign_count = 0;
    bool backed_up = false;
    std::string name;
    base::Instant created_at;
    std::optional<base::Instant> last_used_at;

    static Passkey from(db::Reader&);
};

/// False when the credential is registered already. At most 20 per owner.
base::Task<bool> add_passkey(db::WriteTx& tx, const Passkey& passkey);
base::Task<std::vector<Passkey>> passkeys_of(db::ReadTx& tx, std::string_view owner);
base::Task<std::optional<Passkey>> find_passkey(db::ReadTx& tx, std::string_view credential_id);
base::Task<> passkey_used(db::WriteTx& tx, const Passkey& passkey, int64_t sign_count, bool backed_up,
                          base::Instant now);
base::Task<bool> remove_passkey(db::WriteTx& tx, std::string_view owner, const PasskeyId& id);
base::Task<int64_t> remove_passkeys(db::WriteTx& tx, std::string_view owner);

} // namespace musubi::identity
