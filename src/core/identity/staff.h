// Members of staff, their roles, and what each role may do.
#pragma once

#include "base/ids.h"
#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"
#include "lib/db/database.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace musubi::identity {

struct Role {
    std::string_view name;  // "registrar"
    std::string_view title; // 住民記録
    std::vector<std::string_view> permissions;
};
/// administrator, registrar, company-contracts, health-centre, auditor. Permissions so far: letters.manage,
/// companies.manage, family.confirm, people.read, records.read, records.write, staff.manage, audit.read, outbox.manage,
/// notices.write, notices.approve. Nobody holds records.erase: erasing follows from closing an account.
const std::vector<Role>& roles();
const Role* find_role(std::string_view name);
std::vector<std::string> permissions_of(const std::vector<std::string>& roles);

struct Staff {
    base::StaffId id;
    std::string account; // what is typed at sign-in; unique, lower case
    std::string name;
    std::string organization; // department
    bool active = true;
    bool password_change_due = false;
    base::Instant created_at;
    std::vector<std::string> roles;

    static Staff from(db::Reader&); // without roles
};

/// "staff.account-taken".
base::Task<base::Result<Staff>> create_staff(db::WriteTx& tx, base::Random& random, std::string account,
                                             std::string name, std::string organization, std::vector<std::string> roles,
                                             std::string password_hash, base::Instant now);
base::Task<std::optional<Staff>> find_staff(db::ReadTx& tx, const base::StaffId& id);
base::Task<std::optional<Staff>> find_staff_by_account(db::ReadTx& tx, std::string_view account);
base::Task<std::vector<Staff>> all_staff(db::ReadTx& tx);

/// Ends the sessions when the account is closed or its roles change. "staff.not-found"; "staff.last-administrator" when
/// nobody could manage staff afterwards.
base::Task<base::Status> change_staff(db::WriteTx& tx, const base::StaffId& id,
                                      std::optional<std::vector<std::string>> roles, std::optional<bool> active);
/// New password, passkeys removed, sessions ended, unlocked: the person sets up anew.
base::Task<base::Status> reset_staff(db::WriteTx& tx, const base::StaffId& id, std::string password_hash);

/// For sign-in: verify the hash on the pool, outside the transaction, and count the try first (tries.h). Inactive
/// accounts are not found.
struct StaffSecret {
    Staff staff;
    std::string password_hash;
};
base::Task<std::optional<StaffSecret>> find_staff_secret(db::ReadTx& tx, std::string_view account);
/// The member of staff chose a password of their own.
base::Task<> change_staff_password(db::WriteTx& tx, const base::StaffId& id, std::string password_hash);

} // namespace musubi::identity
