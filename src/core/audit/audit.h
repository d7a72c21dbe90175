// The audit record: who did what with whose data, when and why. Entries are only ever added, in the transaction of the
// change they describe. A citizen sees every entry about them (requirement of the Act on the Protection of Personal
// Information, art. 66: safety control includes knowing who looked).
#pragma once

#include "base/ids.h"
#include "base/random.h"
#include "base/time.h"
#include "lib/db/database.h"
#include "lib/http/call.h"
#include "lib/http/router.h"

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace musubi::audit {

using EntryId = base::Id<struct AuditEntryTag>;

enum class ActorKind { Citizen, Staff, Machine, System, Anonymous };
constexpr auto json_names(ActorKind) {
    return std::array{std::pair{ActorKind::Citizen, "citizen"}, std::pair{ActorKind::Staff, "staff"},
                      std::pair{ActorKind::Machine, "machine"}, std::pair{ActorKind::System, "system"},
                      std::pair{ActorKind::Anonymous, "anonymous"}};
}

/// What a module writes. Empty strings where nothing is to say; never a citizen's name or data in any of them.
struct NewEntry {
    std::optional<base::PersonId> person; // whose data
    ActorKind actor_kind = ActorKind::System;
    std::string actor;        // PersonId, StaffId, client id, or the name of a periodic job
    std::string actor_name;   // staff and machines only: the name as it was then
    std::string organization; // the department or body the actor acted for
    std::string role;
    std::string operation; // "markNoticeRead": the route's operation name, or "area.event" for work without a route
    std::string purpose;   // what the actor stated
    std::string object;    // which thing, by id or kind
    std::string request_id;

    /// A series of its own in the log instead of the person's ("receipt:…"): for things whose whole history somebody
    /// must be able to prove without showing everything else about the person.
    std::string series;
    /// Why the person is not to see the entry yet ("investigation", "protection"); it opens by itself.
    std::string seal;
    std::optional<base::Instant> sealed_until;
};

struct Entry {
    EntryId id;
    base::Instant at;
    std::optional<base::PersonId> person;
    ActorKind actor_kind;
    std::string actor;
    std::string actor_name;
    std::string organization;
    std::string role;
    std::string operation;
    std::string purpose;
    std::string object;
    std::string request_id;
    std::string seal;
    std::optional<base::Instant> sealed_until;

    static Entry from(db::Reader&);
};

/// A row as the log sees it. `salt` is empty when the entry is erased; `leaf` and `number` are absent until it is
/// integrated.
struct LoggedEntry {
    Entry entry;
    std::string salt; // 16 bytes
    std::string series;
    std::optional<int64_t> leaf;
    std::optional<int64_t> number;
    std::optional<base::Instant> logged_at;

    static LoggedEntry from(db::Reader&);
    /// The name of the series it counts in.
    std::string series_name() const;
};
/// The exact text the log commits to: one JSON object, members in a fixed order.
std::string entry_text(const Entry& entry);

/// The entry's columns from a table named audit_entry, for LoggedEntry::from.
#define MUSUBI_AUDIT_LOGGED                                                                                            \
    "SELECT id, at, person_id, actor_kind, actor, actor_name, organization, role, operation, purpose, object,"         \
    " request_id, seal, sealed_until, salt, series, leaf, number, logged_at FROM audit_entry"

base::Task<EntryId> record(db::WriteTx& tx, base::Random& random, NewEntry entry, base::Instant now);

/// Empties what entries about `person` say; that they were there, and when, stays provable.
base::Task<int64_t> erase_entries(db::WriteTx& tx, base::PersonId person, base::Instant before);

/// Without what is sealed still, and without receipts. Newest first; `before` is the last entry of the page seen
/// before. `limit` is 1 to 200.
base::Task<std::vector<Entry>> list_for_person(db::ReadTx& tx, base::PersonId person, std::optional<EntryId> before,
                                               int limit = 50);
/// Without what is sealed still.
base::Task<std::vector<Entry>> list_all(db::ReadTx& tx, std::optional<EntryId> before, int limit = 50);

/// How an actor is called; core/identity knows staff, so it gives the implementation to the sink.
struct ActorName {
    std::string name;
    std::string organization;
    std::string role;
};
class ActorDirectory {
  public:
    virtual ~ActorDirectory() = default;
    virtual base::Task<ActorName> name_of(db::ReadTx& tx, const http::Principal& principal) = 0;
};

/// What the router writes to. An `acts` route calls `record` itself, in the transaction of its change. `call.audit`
/// names the person, purpose and object; a citizen who names nobody is recorded as the person concerned.
class Sink final : public http::AuditSink {
  public:
    Sink(base::Random& random, ActorDirectory& directory) : m_random(random), m_directory(directory) {}
    base::Task<> record(db::WriteTx& tx, const http::Call& call, std::string_view operation) override;

  private:
    base::Random& m_random;
    ActorDirectory& m_directory;
};

db::Migrations migrations();

} // namespace musubi::audit
