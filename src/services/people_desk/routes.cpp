#include "services/people_desk/routes.h"

#include "services/people_desk/accounts.h"
#include "services/people_desk/people.h"

#include <memory>

namespace musubi::people_desk {
namespace {

using http::Access;
using http::Call;
using Counts = std::map<std::string, int64_t>;

base::Task<base::Result<Counts>> tasks(const Dependencies& dependencies, const Call& call, db::ReadTx& tx) {
    Counts counts;
    for (const Waiting& waiting : dependencies.waiting)
        if (call.principal.may(waiting.permission)) counts[waiting.name] = co_await waiting.count(tx);
    co_return counts;
}

} // namespace

void install(http::Router& router, Dependencies dependencies) {
    const auto to = std::make_shared<const Dependencies>(std::move(dependencies));
    const auto people = Access::staff("people.read", http::Limit::per_principal(120, std::chrono::minutes(10)));
    router.writes(
        "POST", "/api/v1/staff/people/search", "searchPeople", people,
        [to](Call& call, db::WriteTx& tx, SearchBody body) { return search_people(*to, call, tx, std::move(body)); });
    router.writes("POST", "/api/v1/staff/people/{id}/view", "viewPerson", people,
                  [](Call& call, db::WriteTx& tx, PurposeBody body) { return view_person(call, tx, std::move(body)); });
    router.writes(
        "POST", "/api/v1/staff/people/{id}/seen", "viewWhoLooked", people,
        [](Call& call, db::WriteTx& tx, PurposeBody body) { return seen_of_person(call, tx, std::move(body)); });

    const auto manage = Access::staff("staff.manage");
    router.reads("GET", "/api/v1/staff/accounts", "listStaffAccounts", manage,
                 [](Call&, db::ReadTx& tx) { return list_accounts(tx); });
    router.acts("POST", "/api/v1/staff/accounts", "createStaffAccount", manage,
                [to](Call& call, NewAccountBody body) { return create_account(*to, call, std::move(body)); });
    router.writes(
        "PATCH", "/api/v1/staff/accounts/{id}", "changeStaffAccount", manage,
        [](Call& call, db::WriteTx& tx, ChangeAccountBody body) { return change_account(call, tx, std::move(body)); });
    router.acts("POST", "/api/v1/staff/accounts/{id}/reset", "resetStaffAccount", manage,
                [to](Call& call) { return reset_account(*to, call); });
    router.reads("GET", "/api/v1/staff/roles", "listRoles", manage,
                 [](Call&, db::ReadTx& tx) { return list_roles(tx); });

    // Reading the record of who looked is itself a look at what people did.
    router.writes("GET", "/api/v1/staff/audit", "readAuditRecord", Access::staff("audit.read"),
                  [](Call& call, db::WriteTx& tx) { return audit_list(call, tx); });
    router.reads("GET", "/api/v1/staff/tasks", "countWaitingTasks", Access::staff(""),
                 [to](Call& call, db::ReadTx& tx) { return tasks(*to, call, tx); });
}

} // namespace musubi::people_desk
