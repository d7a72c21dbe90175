#include "core/identity/staff.h"

#include "core/identity/passkey.h"
#include "core/identity/session.h"
#include "lib/japanese/normalize.h"

#include <algorithm>

namespace musubi::identity {
namespace {

#define MUSUBI_STAFF_FIELDS "id, account, name, organization, active, password_change_due, created_at"

constexpr db::Query kInsert{"identity.create_staff",
                            "INSERT INTO identity_staff (" MUSUBI_STAFF_FIELDS ", password_hash)"
                            " VALUES ($1, $2, $3, $4, 1, 1, $5, $6) ON CONFLICT DO NOTHING"};
constexpr db::Query kFind{"identity.find_staff", "SELECT " MUSUBI_STAFF_FIELDS " FROM identity_staff WHERE id = $1"};
constexpr db::Query kByAccount{"identity.staff_by_account",
                               "SELECT " MUSUBI_STAFF_FIELDS " FROM identity_staff WHERE account = $1"};
constexpr db::Query kSecret{"identity.staff_secret",
                            "SELECT password_hash FROM identity_staff WHERE account = $1 AND active = 1"};
constexpr db::Query kAll{"identity.all_staff", "SELECT " MUSUBI_STAFF_FIELDS " FROM identity_staff ORDER BY account"};
constexpr db::Query kRolesOf{"identity.staff_roles", "SELECT role FROM identity_staff_role"
                                                     " WHERE staff_id = $1 ORDER BY role"};
constexpr db::Query kAddRole{"identity.add_staff_role", "INSERT INTO identity_staff_role (staff_id, role)"
                                                        " VALUES ($1, $2) ON CONFLICT DO NOTHING"};
constexpr db::Query kDropRoles{"identity.drop_staff_roles", "DELETE FROM identity_staff_role WHERE staff_id = $1"};
constexpr db::Query kSetActive{"identity.set_staff_active", "UPDATE identity_staff SET active = $2 WHERE id = $1"};
constexpr db::Query kAdministrators{"identity.count_administrators",
                                    "SELECT COUNT(*) FROM identity_staff WHERE active = 1 AND id IN"
                                    " (SELECT staff_id FROM identity_staff_role WHERE role = 'administrator')"};
constexpr db::Query kPassword{"identity.set_staff_password",
                              "UPDATE identity_staff SET password_hash = $2, password_change_due = $3 WHERE id = $1"};

std::string normal_account(std::string_view account) { return japanese::normal_email(account); }

base::Task<> set_roles(db::WriteTx& tx, base::StaffId id, std::vector<std::string> names) {
    co_await tx.run(kDropRoles, id);
    for (const std::string& name : names) co_await tx.run(kAddRole, id, name);
}

} // namespace

const std::vector<Role>& roles() {
    static const std::vector<Role> all = {
        {"administrator", "管理者", {"staff.manage", "audit.read", "outbox.manage"}},
        {"registrar",
         "住民記録",
         {"letters.manage", "family.confirm", "people.read", "notices.write", "notices.approve"}},
        {"company-contracts", "企業契約", {"companies.manage"}},
        {"health-centre",
         "保健センター",
         {"people.read", "records.read", "records.write", "notices.write", "notices.approve"}},
        {"auditor", "監査", {"audit.read"}},
    };
    return all;
}

const Role* find_role(std::string_view name) {
    for (const Role& role : roles())
        if (role.name == name) return &role;
    return nullptr;
}

std::vector<std::string> permissions_of(const std::vector<std::string>& names) {
    std::vector<std::string> out;
    for (const std::string& name : names)
        if (const Role* role = find_role(name))
            for (const std::string_view permission : role->permissions) out.emplace_back(permission);
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

Staff Staff::from(db::Reader& row) {
    return {.id = row,
            .account = row,
            .name = row,
            .organization = row,
            .active = row.get<bool>(),
            .password_change_due = row.get<bool>(),
            .created_at = row.get<base::Instant>(),
            .roles = {}};
}

base::Task<base::Result<Staff>> create_staff(db::WriteTx& tx, base::Random& random, std::string account,
                                             std::string name, std::string organization,
                                             std::vector<std::string> role_names, std::string password_hash,
                                             base::Instant now) {
    for (const std::string& role : role_names)
        if (!find_role(role)) co_return base::invalid("staff.role-unknown").with("role", role);
    const auto id = base::StaffId::make(now, random);
    const int64_t added = co_await tx.run(kInsert, id, normal_account(account), name, organization, now, password_hash);
    if (added == 0) co_return base::conflict("staff.account-taken");
    co_await set_roles(tx, id, role_names);
    auto created = co_await find_staff(tx, id);
    co_return std::move(*created);
}

base::Task<std::optional<Staff>> find_staff(db::ReadTx& tx, const base::StaffId& id) {
    auto staff = co_await tx.one<Staff>(kFind, id);
    if (staff) staff->roles = co_await tx.all<std::string>(kRolesOf, staff->id);
    co_return staff;
}

base::Task<std::optional<Staff>> find_staff_by_account(db::ReadTx& tx, std::string_view account) {
    auto staff = co_await tx.one<Staff>(kByAccount, normal_account(account));
    if (staff) staff->roles = co_await tx.all<std::string>(kRolesOf, staff->id);
    co_return staff;
}

base::Task<std::vector<Staff>> all_staff(db::ReadTx& tx) {
    auto staff = co_await tx.all<Staff>(kAll);
    for (Staff& member : staff) member.roles = co_await tx.all<std::string>(kRolesOf, member.id);
    co_return staff;
}

base::Task<base::Status> change_staff(db::WriteTx& tx, const base::StaffId& id,
                                      std::optional<std::vector<std::string>> role_names, std::optional<bool> active) {
    const auto staff = co_await find_staff(tx, id);
    if (!staff) co_return base::not_found("staff.not-found");
    if (role_names) {
        for (const std::string& role : *role_names)
            if (!find_role(role)) co_return base::invalid("staff.role-unknown").with("role", role);
        co_await set_roles(tx, id, *role_names);
    }
    if (active) co_await tx.run(kSetActive, id, *active);
    const auto administrators = co_await tx.one<int64_t>(kAdministrators);
    if (!administrators || *administrators == 0) co_return base::conflict("staff.last-administrator");
    const bool closed = active && !*active;
    if (closed || role_names) co_await end_sessions(tx, staff->id.to_string());
    co_return base::success();
}

base::Task<base::Status> reset_staff(db::WriteTx& tx, const base::StaffId& id, std::string password_hash) {
    const int64_t changed = co_await tx.run(kPassword, id, password_hash, true);
    if (changed == 0) co_return base::not_found("staff.not-found");
    co_await remove_passkeys(tx, id.to_string());
    co_await end_sessions(tx, id.to_string());
    co_return base::success();
}

base::Task<std::optional<StaffSecret>> find_staff_secret(db::ReadTx& tx, std::string_view account) {
    auto hash = co_await tx.one<std::string>(kSecret, normal_account(account));
    std::optional<StaffSecret> out;
    if (!hash) co_return out;
    auto staff = co_await find_staff_by_account(tx, account);
    if (staff) out.emplace(StaffSecret{std::move(*staff), std::move(*hash)});
    co_return out;
}

base::Task<> change_staff_password(db::WriteTx& tx, const base::StaffId& id, std::string password_hash) {
    co_await tx.run(kPassword, id, password_hash, false);
}

} // namespace musubi::identity
