#include "services/health_record/seen.h"

#include "core/identity/person.h"

namespace musubi::health_record {
namespace {

constexpr int kPage = 50;

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

base::Task<base::Result<SeenList>> seen_of(db::ReadTx& tx, base::PersonId person, std::optional<std::string> before) {
    std::optional<audit::EntryId> start;
    if (before) {
        auto id = audit::EntryId::parse(*before);
        if (!id) {
            auto error = base::invalid("request.fields-invalid");
            error.fields.push_back({"before", "malformed"});
            co_return error;
        }
        start = *id;
    }
    const auto entries = co_await audit::list_for_person(tx, person, start, kPage);
    SeenList list;
    for (const audit::Entry& entry : entries) {
        SeenView view;
        view.at = entry.at;
        view.actor = actor_of(entry, person);
        view.who = entry.actor_name;
        if (view.actor == "guardian") {
            const auto id = base::PersonId::parse(entry.actor);
            if (id) {
                const auto guardian = co_await identity::find_person(tx, *id);
                if (guardian) view.who = guardian->name;
            }
        }
        view.organization = entry.organization;
        view.role = entry.role;
        view.purpose = entry.purpose;
        view.what = entry.object;
        view.operation = entry.operation;
        list.items.push_back(std::move(view));
    }
    if (entries.size() == static_cast<size_t>(kPage)) list.next = entries.back().id.to_string();
    co_return list;
}

} // namespace musubi::health_record
