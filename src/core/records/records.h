// The health record: HL7 FHIR R4 resources of one person, with their versions. Bodies keep the text they came with,
// because FHIR decimals carry their precision in it (FHIR R4 section 2.24.0.3: "0.010" is not "0.01"); only id and meta
// are set here. All functions work inside the caller's transaction, and none of them asks who is calling: that is
// identity::may_act_for, in the same transaction.
#pragma once

#include "base/ids.h"
#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "core/records/owner.h"
#include "core/records/prepared.h"
#include "lib/db/database.h"

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace musubi::records {

/// Who keeps the original: the city's systems, or the person (or guardian) who entered it.
enum class Origin { City, Self };
constexpr auto json_names(Origin) {
    return std::array{std::pair{Origin::City, "city"}, std::pair{Origin::Self, "self"}};
}
db::Value to_value(Origin origin);
Origin from_column(const std::string& text, Origin*);

struct Resource {
    Owner owner = Owner::nobody();
    std::string type; // "Observation"
    std::string id;   // FHIR id: 1 to 64 of A–Z a–z 0–9 - .
    int64_t version = 1;
    base::Instant updated_at;
    bool deleted = false;
    Origin origin = Origin::City;
    bool restricted = false; // meta.security says that few may see it (v3 Confidentiality R or V)
    std::string effective;   // the clinical date as FHIR writes it: "2026", "2026-11-22", "2026-11-22T07:15:00+09:00"
    base::Instant effective_at; // the beginning of that; dates without a zone are Japanese days
    std::string code;           // "http://loinc.org|85354-9"
    std::string category;       // the code of the first category
    std::string body;           // JSON

    static Resource from(db::Reader&);
};

struct Draft {
    std::string type;
    std::optional<std::string> id; // absent: one is made
    Origin origin = Origin::City;
    std::string body; // subject or patient, if given, must be Patient/<person>
};

/// Creates, or adds a version (which also revives a deleted one). A body that says nothing new adds none.
/// Errors: records.malformed (not JSON, no object, wrong resourceType, a date FHIR does not know),
/// records.id-malformed, records.other-person, records.version-conflict (Conflict; when `expected` is given and not the
/// current version; 0 = must not exist).
base::Task<base::Result<Resource>> put(db::WriteTx& tx, base::Random& random, base::PersonId person, Draft draft,
                                       base::Instant now, std::optional<int64_t> expected = {});

/// The same for what was prepared before the transaction; `id` absent: one is made. The owner is the caller's decision.
struct Placing {
    Owner owner = Owner::nobody();
    std::optional<std::string> id;
    Origin origin = Origin::City;
    std::optional<int64_t> expected;
};
base::Task<base::Result<Resource>> put(db::WriteTx& tx, base::Random& random, Placing placing, const Prepared& prepared,
                                       base::Instant now);

/// Also when deleted: look at `deleted`.
base::Task<std::optional<Resource>> get(db::ReadTx& tx, Owner owner, std::string type, std::string id);

struct Filter {
    std::optional<std::string> code;     // as in Resource::code
    std::optional<std::string> category; // looked at only when `code` is absent
    std::optional<base::Instant> from;   // inclusive
    std::optional<base::Instant> before; // exclusive
    int limit = 1000;
};
/// Living resources, newest clinical date first.
base::Task<std::vector<Resource>> list(db::ReadTx& tx, Owner owner, std::string type, Filter filter = {});
/// Living resources of all types, in the order of (type, id), after the given one.
base::Task<std::vector<Resource>> list_after(db::ReadTx& tx, Owner owner, std::string type, std::string id, int limit);
/// All versions, newest first.
base::Task<std::vector<Resource>> history(db::ReadTx& tx, Owner owner, std::string type, std::string id);
base::Task<std::optional<Resource>> get_version(db::ReadTx& tx, Owner owner, std::string type, std::string id,
                                                int64_t version);

struct TypeCount {
    std::string type;
    std::string code; // empty unless counted by code
    int64_t count = 0;
    static TypeCount from(db::Reader&);
};
base::Task<std::vector<TypeCount>> counts(db::ReadTx& tx, Owner owner);

/// A new version that says "deleted"; the body stays in the history. records.not-found; records.version-conflict.
base::Task<base::Result<Resource>> remove(db::WriteTx& tx, Owner owner, std::string type, std::string id,
                                          base::Instant now, std::optional<int64_t> expected = {});
/// Undoes the last `remove`. records.not-found; records.not-deleted (Conflict).
base::Task<base::Result<Resource>> restore(db::WriteTx& tx, Owner owner, std::string type, std::string id,
                                           base::Instant now);

/// Everything of the person, with all versions: after an account was closed for good.
base::Task<> erase(db::WriteTx& tx, base::PersonId person);
/// One resource with all its versions.
base::Task<> erase(db::WriteTx& tx, Owner owner, std::string type, std::string id);

/// Whose resources bear an id that clients or the city's systems chose.
base::Task<std::vector<Owner>> owners_of(db::ReadTx& tx, std::string type, std::string id);

/// Notes that `resource` came to be under a condition, so that of several who create under it at the same time only one
/// transaction can commit (the database compares the key); a later one takes over from a resource that is gone.
base::Task<> claim(db::WriteTx& tx, std::string key, const Resource& resource);

/// The whole JSON of what was prepared, as it would be stored under this id and version.
std::string compose(const Prepared& prepared, std::string_view id, int64_t version, base::Instant updated_at);

/// How far `reindex` has come; begins with nothing.
struct ReindexedTo {
    std::string person;
    std::string type;
    std::string id;
};
/// Takes the search values of the next `limit` resources out again whose rows are of an earlier form. Nothing: all
/// rows after `from` are as this program writes them.
base::Task<std::optional<ReindexedTo>> reindex(db::WriteTx& tx, std::string own_base, ReindexedTo from, int64_t limit);

/// A FHIR searchset Bundle of what is given. `base` is the address the full URLs begin with.
std::string searchset(const std::vector<Resource>& resources, std::string_view base);

db::Migrations migrations();

} // namespace musubi::records
