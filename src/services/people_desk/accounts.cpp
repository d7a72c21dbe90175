#include "services/people_desk/accounts.h"

#include "lib/crypto/password.h"

#include <algorithm>

namespace musubi::people_desk {
namespace {

AccountView view_of(const identity::Staff& staff) {
    return {staff.id.to_string(),     staff.account, staff.name, staff.organization, staff.roles, staff.active,
            staff.password_change_due};
}

/// Sixteen characters without those that are misread on paper: about 78 bits.
base::Secret first_password(base::Random& random) {
    constexpr std::string_view kAlphabet = "abcdefghijkmnpqrstuvwxyz23456789";
    std::string text;
    for (int i = 0; i < 16; ++i) text.push_back(kAlphabet[random.below(kAlphabet.size())]);
    return base::Secret(std::move(text));
}

base::Status check_roles(const std::vector<std::string>& roles) {
    for (const std::string& role : roles)
        if (identity::find_role(role) == nullptr) return base::invalid("staff.role-unknown").with("role", role);
    return base::success();
}

base::Status check_account_name(const std::string& account) {
    const bool plain = std::all_of(account.begin(), account.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
               c == '_';
    });
    if (plain) return base::success();
    base::Error error = base::invalid("request.fields-invalid");
    error.fields.push_back({"/account", "malformed"});
    return error;
}

base::Result<base::StaffId> staff_in_path(const http::Call& call) {
    const auto id = base::StaffId::parse(call.path_text("id"));
    if (!id) return base::not_found("staff.not-found");
    return *id;
}

} // namespace

base::Task<base::Result<AccountList>> list_accounts(db::ReadTx& tx) {
    const auto all = co_await identity::all_staff(tx);
    AccountList list;
    for (const identity::Staff& staff : all) list.items.push_back(view_of(staff));
    co_return list;
}

base::Task<base::Result<RoleList>> list_roles(db::ReadTx&) {
    RoleList list;
    for (const identity::Role& role : identity::roles()) {
        RoleView view{std::string(role.name), std::string(role.title), {}};
        view.permissions.assign(role.permissions.begin(), role.permissions.end());
        list.items.push_back(std::move(view));
    }
    co_return list;
}

base::Task<base::Result<FirstPassword>> create_account(const Dependencies& dependencies, http::Call& call,
                                                       NewAccountBody body) {
    MUSUBI_CO_CHECK(check_account_name(body.account));
    MUSUBI_CO_CHECK(check_roles(body.roles));
    const base::Secret password = first_password(dependencies.random);
    const std::string hash = co_await dependencies.pool.run([&password] { return crypto::hash_password(password); });
    auto created = co_await dependencies.database.write([&](db::WriteTx& tx) -> base::Task<base::Result<AccountView>> {
        auto staff = co_await identity::create_staff(tx, dependencies.random, body.account, body.name, body.department,
                                                     body.roles, hash, call.now);
        if (!staff) co_return std::move(staff).error();
        call.audit.object = "staff " + staff->id.to_string();
        co_await dependencies.audit.record(tx, call, "createStaffAccount");
        co_return view_of(*staff);
    });
    if (!created) co_return std::move(created).error();
    call.set_status(201);
    co_return FirstPassword{std::move(*created), std::string(password.reveal())};
}

base::Task<base::Result<AccountView>> change_account(http::Call& call, db::WriteTx& tx, ChangeAccountBody body) {
    MUSUBI_CO_TRY(const base::StaffId id, staff_in_path(call));
    if (body.roles) MUSUBI_CO_CHECK(check_roles(*body.roles));
    MUSUBI_CO_CHECK(co_await identity::change_staff(tx, id, body.roles, body.active));
    call.audit.object = "staff " + id.to_string();
    const auto staff = co_await identity::find_staff(tx, id);
    if (!staff) co_return base::not_found("staff.not-found");
    co_return view_of(*staff);
}

base::Task<base::Result<FirstPassword>> reset_account(const Dependencies& dependencies, http::Call& call) {
    MUSUBI_CO_TRY(const base::StaffId id, staff_in_path(call));
    const base::Secret password = first_password(dependencies.random);
    const std::string hash = co_await dependencies.pool.run([&password] { return crypto::hash_password(password); });
    auto reset = co_await dependencies.database.write([&](db::WriteTx& tx) -> base::Task<base::Result<AccountView>> {
        MUSUBI_CO_CHECK(co_await identity::reset_staff(tx, id, hash));
        const auto staff = co_await identity::find_staff(tx, id);
        if (!staff) co_return base::not_found("staff.not-found");
        call.audit.object = "staff " + id.to_string();
        co_await dependencies.audit.record(tx, call, "resetStaffAccount");
        co_return view_of(*staff);
    });
    if (!reset) co_return std::move(reset).error();
    co_return FirstPassword{std::move(*reset), std::string(password.reveal())};
}

} // namespace musubi::people_desk
