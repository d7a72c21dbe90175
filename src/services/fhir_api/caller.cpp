#include "services/fhir_api/caller.h"

#include "core/identity/guardianship.h"
#include "lib/http/text.h"

namespace musubi::fhir_api {
namespace {

constexpr size_t kMostNamed = 20; // resources that one entry of the record names

std::string_view permission_for(May may) {
    switch (may) {
    case May::Read:
        return "records.read";
    case May::Write:
        return "records.write";
    case May::Erase:
        return "records.erase";
    }
    return "";
}

} // namespace

bool is_citizen(const Context& context) { return context.call.principal.kind == http::PrincipalKind::Citizen; }

base::Task<base::Status> admit(db::ReadTx& tx, Context& context, May may) {
    context.touched.clear();
    context.scope = {};
    http::Call& call = context.call;
    if (is_citizen(context)) {
        if (may == May::Erase) co_return base::forbidden("auth.permission-missing").with("permission", "records.erase");
        context.scope.owners.emplace_back(call.person());
        const auto children = co_await identity::children_of(tx, call.person(), base::date_in_japan(call.now));
        for (const identity::Person& child : children) context.scope.owners.emplace_back(child.id);
        context.scope.restricted = records::Scope::Restricted::Shown;
        co_return base::success();
    }
    const std::string_view permission = permission_for(may);
    if (!call.principal.may(permission))
        co_return base::forbidden("auth.permission-missing").with("permission", std::string(permission));
    if (call.audit.purpose.empty()) {
        const auto purpose = http::percent_decode(call.request.header("X-Musubi-Purpose"), http::Plus::IsPlus);
        if (!purpose || purpose->empty() || purpose->size() > 200) co_return base::forbidden("fhir.purpose-missing");
        call.audit.purpose = *purpose;
    }
    context.scope.reach = records::Scope::Reach::Everyone;
    context.scope.shared = records::Scope::Shared::All;
    co_return base::success();
}

void touch(Context& context, const records::Resource& resource) {
    context.touched[resource.owner.key()].insert(resource.type + "/" + resource.id);
}

bool has_touched_others(const Context& context) {
    for (const auto& [owner, resources] : context.touched)
        if (!owner.empty() && owner != context.call.principal.subject) return true;
    return false;
}

base::Task<> record_touched(db::WriteTx& tx, Context& context, std::string_view operation, Audited audited) {
    for (const auto& [owner, resources] : context.touched) {
        const bool own = owner == context.call.principal.subject;
        if (audited == Audited::OthersOnly && (own || owner.empty())) continue;
        std::string object;
        size_t named = 0;
        for (const std::string& resource : resources) {
            if (++named > kMostNamed) break;
            object += (object.empty() ? "" : " ") + resource;
        }
        if (resources.size() > kMostNamed) object += " +" + std::to_string(resources.size() - kMostNamed);
        const auto person = records::Owner::from_key(owner).person();
        context.call.audit.person = person;
        context.call.audit.object = object;
        co_await context.to.audit.record(tx, context.call, operation);
    }
}

} // namespace musubi::fhir_api
