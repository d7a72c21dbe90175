// The citizen's view of the audit record: who did what with this person's data.
#pragma once

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "lib/db/database.h"
#include "lib/json/describe.h"

#include <optional>
#include <string>
#include <vector>

namespace musubi::identity {

struct SeenView {
    std::string id; // of the entry in the log
    base::Instant at;
    std::string who;   // a name; empty for the person's own doings and for the system
    std::string actor; // self, guardian, staff, machine, system
    std::string organization;
    std::string role;
    std::string purpose;
    std::string what;
    std::string operation;
};
struct SeenList {
    std::vector<SeenView> items;
    std::optional<std::string> next; // for `before` of the next page
};
template <class Fields> void describe(Fields& fields, SeenView& seen) {
    fields("id", seen.id, json::Rule{.meaning = "of the entry, to download its proof"});
    fields("at", seen.at);
    fields("who", seen.who);
    fields("actor", seen.actor, json::Rule{.meaning = "self, guardian, staff, machine or system"});
    fields("organization", seen.organization);
    fields("role", seen.role);
    fields("purpose", seen.purpose);
    fields("what", seen.what);
    fields("operation", seen.operation);
}
template <class Fields> void describe(Fields& fields, SeenList& list) {
    fields("items", list.items);
    fields("next", list.next);
}

/// Newest first, `limit` (at most 200) a page. "request.fields-invalid" for a `before` that is none.
base::Task<base::Result<SeenList>> seen_of(db::ReadTx& tx, base::PersonId person, std::optional<std::string> before,
                                           int limit = 50);

} // namespace musubi::identity
