#include "core/audit/audit.h"

#include "base/encoding.h"
#include "core/audit/leaf.h"
#include "lib/db/enum_column.h"
#include "lib/json/json.h"

#include <algorithm>

namespace musubi::audit {
namespace {

constexpr db::Query kInsert{"audit.insert",
                            "INSERT INTO audit_entry (person_id, id, at, actor_kind, actor, actor_name, organization,"
                            " role, operation, purpose, object, request_id, salt, series, seal, sealed_until)"
                            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"};

#define MUSUBI_AUDIT_COLUMNS                                                                                           \
    "SELECT id, at, person_id, actor_kind, actor, actor_name, organization, role, operation, purpose, object,"         \
    " request_id, seal, sealed_until FROM audit_entry"
// A sealed entry is not there for anybody until it is opened.
#define MUSUBI_AUDIT_OPEN " AND (sealed_until IS NULL OR opened_at IS NOT NULL)"

constexpr db::Query kOfPerson{"audit.of_person",
                              MUSUBI_AUDIT_COLUMNS " WHERE person_id = $1 AND id < $2 AND series = ''" MUSUBI_AUDIT_OPEN
                                                   " ORDER BY id DESC LIMIT $3"};
constexpr db::Query kAll{"audit.all",
                         MUSUBI_AUDIT_COLUMNS " WHERE id < $1" MUSUBI_AUDIT_OPEN " ORDER BY id DESC LIMIT $2"};
constexpr db::Query kErase{
    "audit.erase", "UPDATE audit_entry SET salt = '', actor = '', actor_name = '', organization = '', role = '',"
                   " purpose = '', object = '', request_id = ''"
                   " WHERE person_id = $1 AND at < $2 AND leaf IS NOT NULL"};

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
            .request_id = row.get<std::string>(),
            .seal = row.get<std::string>(),
            .sealed_until = row.get<std::optional<base::Instant>>()};
}

LoggedEntry LoggedEntry::from(db::Reader& row) {
    Entry entry = Entry::from(row);
    const std::string salt = row.get<std::string>();
    return {.entry = std::move(entry),
            .salt = base::base64_decode(salt).value_or(""),
            .series = row.get<std::string>(),
            .leaf = row.get<std::optional<int64_t>>(),
            .number = row.get<std::optional<int64_t>>(),
            .logged_at = row.get<std::optional<base::Instant>>()};
}

std::string LoggedEntry::series_name() const {
    // What is sealed counts by itself, so that a person's numbers do not betray it.
    if (entry.sealed_until) return "sealed:" + entry.id.to_string();
    if (!series.empty()) return series;
    return entry.person ? "person:" + entry.person->to_string() : "installation";
}

std::string entry_text(const Entry& entry) {
    std::string out = "{\"v\":1";
    const auto add = [&out](std::string_view name, std::string_view value) {
        out += ",\"";
        out += name;
        out += "\":";
        json::append_string(out, value);
    };
    add("id", entry.id.to_string());
    add("at", entry.at.to_string());
    add("person", entry.person ? entry.person->to_string() : "");
    add("actorKind", db::enum_name(entry.actor_kind));
    add("actor", entry.actor);
    add("actorName", entry.actor_name);
    add("organization", entry.organization);
    add("role", entry.role);
    add("operation", entry.operation);
    add("purpose", entry.purpose);
    add("object", entry.object);
    add("requestId", entry.request_id);
    if (entry.sealed_until) {
        add("seal", entry.seal);
        add("sealedUntil", entry.sealed_until->to_string());
    }
    return out + "}";
}

base::Task<EntryId> record(db::WriteTx& tx, base::Random& random, NewEntry entry, base::Instant now) {
    const std::string person = entry.person ? entry.person->to_string() : std::string();
    const EntryId id = EntryId::make(now, random);
    const std::string salt = base::base64_encode(random.bytes(kSaltSize));
    co_await tx.run(kInsert, person, id, now, db::enum_name(entry.actor_kind), entry.actor, entry.actor_name,
                    entry.organization, entry.role, entry.operation, entry.purpose, entry.object, entry.request_id,
                    salt, entry.series, entry.seal, entry.sealed_until);
    co_return id;
}

base::Task<int64_t> erase_entries(db::WriteTx& tx, base::PersonId person, base::Instant before) {
    return tx.run(kErase, person, before);
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
