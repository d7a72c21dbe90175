#include "apps/admin/commands.h"

#include "base/random.h"
#include "core/identity/staff.h"
#include "lib/crypto/password.h"
#include "lib/event_loop/event_loop.h"

#include <iostream>

namespace musubi::admin {
namespace {

base::Status check_roles(const std::vector<std::string>& roles) {
    for (const auto& role : roles) {
        if (identity::find_role(role)) continue;
        std::string known;
        for (const auto& each : identity::roles()) known += " " + std::string(each.name);
        return base::invalid("staff.role-unknown").because("there is no role \"" + role + "\"; the roles are:" + known);
    }
    return base::success();
}

} // namespace

base::Status add_staff(const city::Settings& settings, const NewStaff& staff) {
    MUSUBI_CHECK(check_roles(staff.roles));
    const std::string password = staff.password.empty() ? base::system_random().token(12) : staff.password;
    const std::string hash = crypto::hash_password(base::Secret(password));
    const base::Instant now = base::system_clock().now();
    auto database = city::open_database(settings);
    auto add = [&](db::WriteTx& tx) {
        return identity::create_staff(tx, base::system_random(), staff.account, staff.name, staff.organization,
                                      staff.roles, hash, now);
    };
    MUSUBI_TRY(const auto made, event_loop::run(database->write(add)));
    std::cout << "Account " << made.account << " is made.";
    if (staff.password.empty()) std::cout << " First password: " << password;
    std::cout << "\nAt the first sign-in a passkey is set up.\n";
    return base::success();
}

base::Status reset_staff(const city::Settings& settings, const std::string& account) {
    const std::string password = base::system_random().token(12);
    const std::string hash = crypto::hash_password(base::Secret(password));
    auto database = city::open_database(settings);
    auto reset = [&](db::WriteTx& tx) -> base::Task<base::Status> {
        const auto staff = co_await identity::find_staff_by_account(tx, account);
        if (!staff) co_return base::not_found("staff.not-found").because("there is no account \"" + account + "\"");
        co_return co_await identity::reset_staff(tx, staff->id, hash);
    };
    MUSUBI_CHECK(event_loop::run(database->write(reset)));
    std::cout << "Passkeys of " << account << " are removed, its sessions ended. New password: " << password << "\n";
    return base::success();
}

base::Status list_staff(const city::Settings& settings) {
    auto database = city::open_database(settings);
    auto all = [](db::ReadTx& tx) { return identity::all_staff(tx); };
    for (const auto& staff : event_loop::run(database->read(all))) {
        std::cout << staff.account << "\t" << staff.name << "\t" << staff.organization << "\t"
                  << (staff.active ? "active" : "closed");
        for (const auto& role : staff.roles) std::cout << " " << role;
        std::cout << "\n";
    }
    return base::success();
}

} // namespace musubi::admin
