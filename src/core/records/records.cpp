#include "core/records/records.h"

#include "core/records/body.h"
#include "core/records/global_index.h"
#include "core/records/rows.h"
#include "lib/fhir/index.h"
#include "lib/json/json.h"

#include <algorithm>
#include <fmt/core.h>

namespace musubi::records {
namespace {

constexpr db::Query kGet{"records.get", "SELECT " MUSUBI_RECORDS_COLUMNS " FROM records_current"
                                        " WHERE person_id = $1 AND type = $2 AND id = $3"};
constexpr db::Query kGetStored{"records.get_stored",
                               "SELECT " MUSUBI_RECORDS_COLUMNS ", index_form, index_values FROM records_current"
                               " WHERE person_id = $1 AND type = $2 AND id = $3"};
constexpr db::Query kGetVersion{"records.get_version",
                                "SELECT " MUSUBI_RECORDS_COLUMNS " FROM records_history"
                                " WHERE person_id = $1 AND type = $2 AND id = $3 AND version = $4"};

constexpr db::Query kInsert{"records.insert",
                            "INSERT INTO records_current (" MUSUBI_RECORDS_COLUMNS ", index_form, index_values)"
                            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"
                            " ON CONFLICT DO NOTHING"};

// Two writers at once keep the same version. PostgreSQL reports a plain insert of the later one as a duplicate key;
// with the conflict clause as what it is, a conflict of serialisation, after which the transaction is run again.
constexpr db::Query kKeepVersion{"records.keep_version", "INSERT INTO records_history (" MUSUBI_RECORDS_COLUMNS ")"
                                                         " SELECT " MUSUBI_RECORDS_COLUMNS " FROM records_current"
                                                         " WHERE person_id = $1 AND type = $2 AND id = $3"
                                                         " ON CONFLICT DO NOTHING"};

constexpr db::Query kUpdate{"records.update",
                            "UPDATE records_current SET version = $4, updated_at = $5, deleted = $6, origin = $7,"
                            " restricted = $8, effective = $9, effective_at = $10, code = $11, category = $12,"
                            " packing = $13, body = $14, index_form = $15, index_values = $16"
                            " WHERE person_id = $1 AND type = $2 AND id = $3 AND version = $4 - 1"};

constexpr db::Query kList{"records.list", "SELECT " MUSUBI_RECORDS_COLUMNS " FROM records_current"
                                          " WHERE person_id = $1 AND type = $2 AND effective_at >= $3"
                                          " AND effective_at < $4 AND deleted = 0"
                                          " ORDER BY effective_at DESC, id DESC LIMIT $5"};

constexpr db::Query kListByCode{"records.list_by_code", "SELECT " MUSUBI_RECORDS_COLUMNS " FROM records_current"
                                                        " WHERE person_id = $1 AND type = $2 AND code = $6"
                                                        " AND effective_at >= $3 AND effective_at < $4 AND deleted = 0"
                                                        " ORDER BY effective_at DESC, id DESC LIMIT $5"};

constexpr db::Query kListByCategory{"records.list_by_category",
                                    "SELECT " MUSUBI_RECORDS_COLUMNS " FROM records_current"
                                    " WHERE person_id = $1 AND type = $2 AND category = $6"
                                    " AND effective_at >= $3 AND effective_at < $4 AND deleted = 0"
                                    " ORDER BY effective_at DESC, id DESC LIMIT $5"};

constexpr db::Query kListAfter{"records.list_after", "SELECT " MUSUBI_RECORDS_COLUMNS " FROM records_current"
                                                     " WHERE person_id = $1 AND (type, id) > ($2, $3) AND deleted = 0"
                                                     " ORDER BY type, id LIMIT $4"};

constexpr db::Query kVersions{"records.versions", "SELECT " MUSUBI_RECORDS_COLUMNS " FROM records_history"
                                                  " WHERE person_id = $1 AND type = $2 AND id = $3"
                                                  " ORDER BY version DESC"};

constexpr db::Query kCounts{"records.counts", "SELECT type, code, COUNT(*) FROM records_current"
                                              " WHERE person_id = $1 AND deleted = 0"
                                              " GROUP BY type, code ORDER BY type, code"};

constexpr db::Query kAddName{
    "records.add_name", "INSERT INTO records_name (type, id, person_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"};
constexpr db::Query kOwners{"records.owners",
                            "SELECT person_id FROM records_name WHERE type = $1 AND id = $2 ORDER BY person_id"};

constexpr db::Query kClaim{"records.claim", "INSERT INTO records_condition (key, person_id, type, id)"
                                            " VALUES ($1, $2, $3, $4) ON CONFLICT (key) DO UPDATE SET"
                                            " person_id = excluded.person_id, type = excluded.type, id = excluded.id"};

constexpr db::Query kEraseNames{"records.erase_names", "DELETE FROM records_name WHERE person_id = $1 AND (type, id) IN"
                                                       " (SELECT type, id FROM records_current WHERE person_id = $1)"};
constexpr db::Query kErase{"records.erase", "DELETE FROM records_current WHERE person_id = $1"};
constexpr db::Query kEraseVersions{"records.erase_versions", "DELETE FROM records_history WHERE person_id = $1"};
constexpr db::Query kEraseTokens{"records.erase_tokens", "DELETE FROM records_token WHERE person_id = $1"};
constexpr db::Query kEraseTexts{"records.erase_texts", "DELETE FROM records_text WHERE person_id = $1"};
constexpr db::Query kEraseDates{"records.erase_dates", "DELETE FROM records_date WHERE person_id = $1"};
constexpr db::Query kEraseConditions{"records.erase_conditions", "DELETE FROM records_condition WHERE person_id = $1"};

constexpr db::Query kEraseOne{"records.erase_one",
                              "DELETE FROM records_current WHERE person_id = $1 AND type = $2 AND id = $3"};
constexpr db::Query kEraseOneVersions{"records.erase_one_versions",
                                      "DELETE FROM records_history WHERE person_id = $1 AND type = $2 AND id = $3"};
constexpr db::Query kEraseOneName{"records.erase_one_name",
                                  "DELETE FROM records_name WHERE person_id = $1 AND type = $2 AND id = $3"};
constexpr db::Query kEraseOneCondition{"records.erase_one_condition",
                                       "DELETE FROM records_condition WHERE person_id = $1 AND type = $2 AND id = $3"};

constexpr int64_t kBeginningOfTime = -62'135'596'800'000; // 0001-01-01
constexpr int64_t kEndOfTime = 253'402'300'800'000;       // 10000-01-01

base::Error version_conflict() { return base::conflict("records.version-conflict"); }

StoredRow row_of(const Placing& placing, const Prepared& prepared, std::string id, int64_t version, base::Instant now) {
    StoredRow row;
    Resource& resource = row.resource;
    resource.owner = placing.owner;
    resource.type = r4::name_of(prepared.type);
    resource.id = std::move(id);
    resource.version = version;
    resource.updated_at = now;
    resource.origin = placing.origin;
    resource.restricted = prepared.restricted;
    resource.effective = prepared.effective;
    resource.effective_at = prepared.effective_at.value_or(now);
    resource.code = prepared.code;
    resource.category = prepared.category;
    row.packing = prepared.packing;
    row.packed = prepared.packed;
    row.index_form = kIndexForm;
    row.index_values = prepared.index_values;
    return row;
}

bool says_its_owner(const Resource& resource) {
    if (resource.type == "Patient" && resource.id == resource.owner.key()) return true;
    return owner_named_by(resource.id) == resource.owner;
}

/// Stores `next` over what is there; false when somebody else was first.
base::Task<bool> store(db::WriteTx& tx, const StoredRow& next, bool was_listed) {
    const Resource& resource = next.resource;
    const db::Query& statement = resource.version == 1 ? kInsert : kUpdate;
    if (resource.version > 1) co_await tx.run(kKeepVersion, resource.owner, resource.type, resource.id);
    const db::Blob packed(next.packed);
    const db::Blob index(next.index_values);
    const int64_t changed = co_await tx.run(statement, resource.owner, resource.type, resource.id, resource.version,
                                            resource.updated_at, resource.deleted, resource.origin, resource.restricted,
                                            resource.effective, resource.effective_at, resource.code, resource.category,
                                            next.packing, packed, next.index_form, index);
    if (changed != 1) co_return false;
    if (resource.version == 1 && !says_its_owner(resource))
        co_await tx.run(kAddName, resource.type, resource.id, resource.owner);
    const auto type = r4::type_named(resource.type);
    const bool listed = type && !resource.deleted && is_listed(*type, r4::IndexView(next.index_values));
    if (listed) {
        co_await write_index(tx, resource.owner, resource.type, resource.id, next.index_values,
                             was_listed ? Replacing::Yes : Replacing::No);
    } else if (was_listed) {
        co_await remove_index(tx, resource.owner, resource.type, resource.id);
    }
    co_return true;
}

bool says_nothing_new(const StoredRow& present, const Placing& placing, const Prepared& prepared) {
    const Resource& resource = present.resource;
    if (resource.deleted || resource.origin != placing.origin) return false;
    if (present.packing == prepared.packing && present.packed == prepared.packed) return true;
    Stamp stamp{resource.type, resource.id, resource.version, resource.updated_at};
    return resource.body == unpack(prepared.packing, prepared.packed, stamp);
}

} // namespace

db::Value to_value(Origin origin) { return std::string(origin == Origin::City ? "city" : "self"); }
Origin from_column(const std::string& text, Origin*) { return text == "city" ? Origin::City : Origin::Self; }

StoredRow StoredRow::from(db::Reader& row) {
    StoredRow out;
    Resource& resource = out.resource;
    resource.owner = Owner::from_key(row.get<std::string>());
    resource.type = row.get<std::string>();
    resource.id = row.get<std::string>();
    resource.version = row.get<int64_t>();
    resource.updated_at = row.get<base::Instant>();
    resource.deleted = row.get<bool>();
    resource.origin = row.get<Origin>();
    resource.restricted = row.get<bool>();
    resource.effective = row.get<std::string>();
    resource.effective_at = row.get<base::Instant>();
    resource.code = row.get<std::string>();
    resource.category = row.get<std::string>();
    out.packing = row.get<int64_t>();
    out.packed = row.get<db::Blob>().bytes;
    const Stamp stamp{resource.type, resource.id, resource.version, resource.updated_at};
    resource.body = unpack(out.packing, out.packed, stamp);
    out.index_form = row.get<int64_t>();
    out.index_values = row.get<db::Blob>().bytes;
    return out;
}

Resource Resource::from(db::Reader& row) {
    Resource out;
    out.owner = Owner::from_key(row.get<std::string>());
    out.type = row.get<std::string>();
    out.id = row.get<std::string>();
    out.version = row.get<int64_t>();
    out.updated_at = row.get<base::Instant>();
    out.deleted = row.get<bool>();
    out.origin = row.get<Origin>();
    out.restricted = row.get<bool>();
    out.effective = row.get<std::string>();
    out.effective_at = row.get<base::Instant>();
    out.code = row.get<std::string>();
    out.category = row.get<std::string>();
    const auto packing = row.get<int64_t>();
    const db::Blob packed = row.get<db::Blob>();
    const Stamp stamp{out.type, out.id, out.version, out.updated_at};
    out.body = unpack(packing, packed.bytes, stamp);
    return out;
}

TypeCount TypeCount::from(db::Reader& row) { return {.type = row, .code = row, .count = row}; }

base::Task<base::Result<Resource>> put(db::WriteTx& tx, base::Random& random, base::PersonId person, Draft draft,
                                       base::Instant now, std::optional<int64_t> expected) {
    MUSUBI_CO_TRY(const Prepared prepared, prepare(std::move(draft.body)));
    if (r4::name_of(prepared.type) != draft.type)
        co_return base::invalid("records.malformed").because("another resourceType");
    if (prepared.type != r4::ResourceType::Patient && prepared.patient && *prepared.patient != person.to_string())
        co_return base::invalid("records.other-person");
    Placing placing;
    placing.owner = person;
    placing.id = std::move(draft.id);
    placing.origin = draft.origin;
    placing.expected = expected;
    co_return co_await put(tx, random, std::move(placing), prepared, now);
}

base::Task<base::Result<Resource>> put(db::WriteTx& tx, base::Random& random, Placing placing, const Prepared& prepared,
                                       base::Instant now) {
    const std::string type(r4::name_of(prepared.type));
    const std::string id = placing.id ? *placing.id : make_resource_id(placing.owner, now, random);
    if (!r4::is_id(id)) co_return base::invalid("records.id-malformed");

    std::optional<StoredRow> present;
    if (placing.id) present = co_await tx.one<StoredRow>(kGetStored, placing.owner, type, id);
    if (placing.expected && *placing.expected != (present ? present->resource.version : 0))
        co_return version_conflict();
    if (present && says_nothing_new(*present, placing, prepared)) co_return std::move(present->resource);

    StoredRow next = row_of(placing, prepared, id, present ? present->resource.version + 1 : 1, now);
    // Rows of an earlier form may have no values here and none in the global index either.
    const bool was_listed =
        present && present->index_form != 0 && is_listed(prepared.type, r4::IndexView(present->index_values));
    const bool stored = co_await store(tx, next, was_listed);
    if (!stored) co_return version_conflict();
    const Stamp stamp{next.resource.type, next.resource.id, next.resource.version, next.resource.updated_at};
    next.resource.body = unpack(next.packing, next.packed, stamp);
    co_return std::move(next.resource);
}

base::Task<std::optional<Resource>> get(db::ReadTx& tx, Owner owner, std::string type, std::string id) {
    co_return co_await tx.one<Resource>(kGet, owner, type, id);
}

base::Task<std::vector<Resource>> list(db::ReadTx& tx, Owner owner, std::string type, Filter filter) {
    const int64_t from = filter.from ? filter.from->milliseconds() : kBeginningOfTime;
    const int64_t before = filter.before ? filter.before->milliseconds() : kEndOfTime;
    if (filter.code)
        co_return co_await tx.all<Resource>(kListByCode, owner, type, from, before, filter.limit, *filter.code);
    if (filter.category)
        co_return co_await tx.all<Resource>(kListByCategory, owner, type, from, before, filter.limit, *filter.category);
    co_return co_await tx.all<Resource>(kList, owner, type, from, before, filter.limit);
}

base::Task<std::vector<Resource>> list_after(db::ReadTx& tx, Owner owner, std::string type, std::string id, int limit) {
    co_return co_await tx.all<Resource>(kListAfter, owner, type, id, limit);
}

base::Task<std::vector<Resource>> history(db::ReadTx& tx, Owner owner, std::string type, std::string id) {
    std::vector<Resource> versions;
    auto current = co_await get(tx, owner, type, id);
    if (current) versions.push_back(std::move(*current));
    auto earlier = co_await tx.all<Resource>(kVersions, owner, type, id);
    std::move(earlier.begin(), earlier.end(), std::back_inserter(versions));
    co_return versions;
}

base::Task<std::optional<Resource>> get_version(db::ReadTx& tx, Owner owner, std::string type, std::string id,
                                                int64_t version) {
    auto current = co_await get(tx, owner, type, id);
    if (!current || current->version == version) co_return current;
    co_return co_await tx.one<Resource>(kGetVersion, owner, type, id, version);
}

base::Task<std::vector<TypeCount>> counts(db::ReadTx& tx, Owner owner) {
    co_return co_await tx.all<TypeCount>(kCounts, owner);
}

base::Task<base::Result<Resource>> remove(db::WriteTx& tx, Owner owner, std::string type, std::string id,
                                          base::Instant now, std::optional<int64_t> expected) {
    auto present = co_await tx.one<StoredRow>(kGetStored, owner, type, id);
    if (!present || present->resource.deleted) co_return base::not_found("records.not-found");
    if (expected && *expected != present->resource.version) co_return version_conflict();
    const auto known = r4::type_named(type);
    const bool was_listed =
        known && present->index_form != 0 && is_listed(*known, r4::IndexView(present->index_values));
    StoredRow next;
    next.resource = present->resource;
    next.resource.version += 1;
    next.resource.updated_at = now;
    next.resource.deleted = true;
    next.resource.body = "";
    next.packing = kNewestDictionary;
    next.index_form = kIndexForm;
    const bool stored = co_await store(tx, next, was_listed);
    if (!stored) co_return version_conflict();
    co_return std::move(next.resource);
}

base::Task<base::Result<Resource>> restore(db::WriteTx& tx, Owner owner, std::string type, std::string id,
                                           base::Instant now) {
    const auto versions = co_await history(tx, owner, type, id);
    if (versions.empty()) co_return base::not_found("records.not-found");
    if (!versions.front().deleted) co_return base::conflict("records.not-deleted");
    const auto living =
        std::find_if(versions.begin(), versions.end(), [](const Resource& one) { return !one.deleted; });
    if (living == versions.end()) co_return base::not_found("records.not-found");
    MUSUBI_CO_TRY(Prepared prepared, prepare(living->body));
    prepared.effective_at = living->effective_at;
    Placing placing;
    placing.owner = owner;
    placing.origin = living->origin;
    StoredRow next = row_of(placing, prepared, id, versions.front().version + 1, now);
    const bool stored = co_await store(tx, next, false);
    if (!stored) co_return version_conflict();
    const Stamp stamp{next.resource.type, next.resource.id, next.resource.version, next.resource.updated_at};
    next.resource.body = unpack(next.packing, next.packed, stamp);
    co_return std::move(next.resource);
}

base::Task<> erase(db::WriteTx& tx, base::PersonId person) {
    for (const db::Query* statement :
         {&kEraseNames, &kErase, &kEraseVersions, &kEraseTokens, &kEraseTexts, &kEraseDates, &kEraseConditions})
        co_await tx.run(*statement, person);
}

base::Task<> erase(db::WriteTx& tx, Owner owner, std::string type, std::string id) {
    for (const db::Query* statement : {&kEraseOne, &kEraseOneVersions, &kEraseOneName, &kEraseOneCondition})
        co_await tx.run(*statement, owner, type, id);
    co_await remove_index(tx, owner, type, id);
}

base::Task<std::vector<Owner>> owners_of(db::ReadTx& tx, std::string type, std::string id) {
    const auto keys = co_await tx.all<std::string>(kOwners, type, id);
    std::vector<Owner> owners;
    for (const std::string& key : keys) owners.push_back(Owner::from_key(key));
    co_return owners;
}

base::Task<> claim(db::WriteTx& tx, std::string key, const Resource& resource) {
    co_await tx.run(kClaim, key, resource.owner, resource.type, resource.id);
}

std::string compose(const Prepared& prepared, std::string_view id, int64_t version, base::Instant updated_at) {
    const std::string type(r4::name_of(prepared.type));
    const Stamp stamp{type, id, version, updated_at};
    return unpack(prepared.packing, prepared.packed, stamp);
}

std::string searchset(const std::vector<Resource>& resources, std::string_view base) {
    std::string out = fmt::format(R"({{"resourceType":"Bundle","type":"searchset","total":{})", resources.size());
    for (size_t i = 0; i < resources.size(); ++i) {
        const Resource& resource = resources[i];
        out += i == 0 ? R"(,"entry":[)" : ",";
        out += R"({"fullUrl":)";
        json::append_string(out, fmt::format("{}/{}/{}", base, resource.type, resource.id));
        out += R"(,"resource":)";
        out += resource.body;
        out += R"(,"search":{"mode":"match"}})";
    }
    out += resources.empty() ? "}" : "]}";
    return out;
}

} // namespace musubi::records
