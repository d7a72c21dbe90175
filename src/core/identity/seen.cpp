#include "core/identity/seen.h"

#include "core/audit/audit.h"
#include "core/identity/person.h"

#include <algorithm>

namespace musubi::identity {
namespace {

std::string_view actor_of(const audit::Entry& entry, const base::PersonId& person) {
    switch (entry.actor_kind) {
    case audit::ActorKind::Citizen:
        return entry.actor == person.to_string() ? "self" : "guardian";
    case audit::ActorKind::Staff:
        return "staff";
    case audit::ActorKind::Machine:
        return "machine";
    case audit::ActorKind::System:
    case audit::ActorKind::Anonymous:
        break;
    }
    return "system";
}

} // namespace

base::Task<base::Result<SeenList>> seen_of(db::ReadTx& tx, base::PersonId person, std::optional<std::string> before,
                                           int limit) {
    limit = std::clamp(limit, 1, 200);
    std::optional<audit::EntryId> start;
    if (before) {
        auto id = audit::EntryId::parse(*before);
        if (!id) {
            auto refused = base::invalid("request.fields-invalid");
            refused.fields.push_back({"before", "malformed"});
            co_return refused;
        }
        start = *id;
    }
    const auto entries = co_await audit::list_for_person(tx, person, start, limit);
    SeenList list;
    for (const audit::Entry& entry : entries) {
        SeenView view{entry.id.to_string(), entry.at,   entry.actor_name, std::string(actor_of(entry, person)),
                      entry.organization,   entry.role, entry.purpose,    entry.object,
                      entry.operation};
        if (view.actor == "guardian")
            if (auto id = base::PersonId::parse(entry.actor))
                if (const auto guardian = co_await find_person(tx, *id)) view.who = guardian->name;
        list.items.push_back(std::move(view));
    }
    if (entries.size() == static_cast<size_t>(limit)) list.next = entries.back().id.to_string();
    co_return list;
}

} // namespace musubi::identity
