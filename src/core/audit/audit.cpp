#include "core/audit/audit.h"

#include "lib/db/enum_column.h"

#include <algorithm>

namespace musubi::audit {
namespace {

constexpr db::Query kInsert{"audit.insert",
                            "INSERT INTO audit_entry (person_id, id, at, actor_kind, actor, actor_name, organization,"
                            " role, operation, purpose, object, request_id)"
                            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"};

#define MUSUBI_AUDIT_COLUMNS                                                                                           \
    "SELECT id, at, person_id, actor_kind, actor, actor_name, organization, role, operation, purpose, object,"         \
    " request_id FROM audit_entry"

constexpr db::Query kOfPerson{"audit.of_person",
                              MUSUBI_AUDIT_COLUMNS " WHERE person_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"};
constexpr db::Query kAll{"audit.all", MUSUBI_AUDIT_COLUMNS " WHERE id < $1 ORDER BY id DESC LIMIT $2"};

// Above every id in its text form.
constexpr std::string_view kEnd = "g";

ActorKind kind_of(http::PrincipalKind kind) {
    switch (kind) {
    case http::PrincipalKind::Citizen:
        return ActorKind::Citizen;
    case http::PrincipalKind::Staff:
        return ActorKind::Staff;
    case http::PrincipalKind::Machine:
        return ActorKind::Machine;
    case http::PrincipalKind::Anonymous:
        break;
    }
    return ActorKind::Anonymous;
}

int page_size(int limit) { return std::clamp(limit, 1, 200); }

std::string start(const std::optional<EntryId>& before) { return before ? before->to_string() : std::string(kEnd); }

} // namespace

Entry Entry::from(db::Reader& row) {
    const EntryId id = row.get<EntryId>();
    const base::Instant at = row.get<base::Instant>();
    std::optional<base::PersonId> person;
    if (const std::string text = row.get<std::string>(); !text.empty())
        if (auto parsed = base::PersonId::parse(text)) person = *parsed;
    return {.id = id,
            .at = at,
            .person = person,
            .actor_kind = db::enum_value<ActorKind>(row.get<std::string>()),
            .actor = row.get<std::string>(),
            .actor_name = row.get<std::string>(),
            .organization = row.get<std::string>(),
            .role = row.get<std::string>(),
            .operation = row.get<std::string>(),
            .purpose = row.get<std::string>(),
            .object = row.get<std::string>(),
            .request_id = row.get<std::string>()};
}

base::Task<> record(db::WriteTx& tx, base::Random& random, NewEntry entry, base::Instant now) {
    const std::string person = entry.person ? entry.person->to_string() : std::string();
    co_await tx.run(kInsert, person, EntryId::make(now, random), now, db::enum_name(entry.actor_kind), entry.actor,
                    entry.actor_name, entry.organization, entry.role, entry.operation, entry.purpose, entry.object,
                    entry.request_id);
}

base::Task<std::vector<Entry>> list_for_person(db::ReadTx& tx, base::PersonId person, std::optional<EntryId> before,
                                               int limit) {
    return tx.all<Entry>(kOfPerson, person, start(before), page_size(limit));
}

base::Task<std::vector<Entry>> list_all(db::ReadTx& tx, std::optional<EntryId> before, int limit) {
    return tx.all<Entry>(kAll, start(before), page_size(limit));
}

base::Task<> Sink::record(db::WriteTx& tx, const http::Call& call, std::string_view operation) {
    NewEntry entry;
    entry.person = call.audit.person;
    entry.actor_kind = kind_of(call.principal.kind);
    entry.actor = call.principal.subject;
    entry.operation = operation;
    entry.purpose = call.audit.purpose;
    entry.object = call.audit.object;
    entry.request_id = call.request_id;
    if (entry.actor_kind == ActorKind::Citizen) {
        if (!entry.person) entry.person = call.person();
    } else if (entry.actor_kind != ActorKind::Anonymous) {
        ActorName name = co_await m_directory.name_of(tx, call.principal);
        entry.actor_name = std::move(name.name);
        entry.organization = std::move(name.organization);
        entry.role = std::move(name.role);
    }
    co_await audit::record(tx, m_random, std::move(entry), call.now);
}

} // namespace musubi::audit
