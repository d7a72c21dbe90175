#include "core/records/records.h"

#include "core/records/body.h"
#include "lib/json/json.h"

#include <algorithm>
#include <fmt/core.h>

namespace musubi::records {
namespace {

using ResourceId = base::Id<struct RecordsResourceTag>;

#define MUSUBI_RECORDS_COLUMNS                                                                                         \
    "type, id, version, updated_at, deleted, origin, effective, effective_at, code, category, body"

constexpr db::Query kGet{"records.get", "SELECT " MUSUBI_RECORDS_COLUMNS " FROM records_resource"
                                        " WHERE person_id = $1 AND type = $2 AND id = $3"};

constexpr db::Query kInsert{"records.insert", "INSERT INTO records_resource (person_id, " MUSUBI_RECORDS_COLUMNS ")"
                                              " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
                                              " ON CONFLICT DO NOTHING"};

constexpr db::Query kKeepVersion{"records.keep_version",
                                 "INSERT INTO records_version (person_id, " MUSUBI_RECORDS_COLUMNS ")"
                                 " SELECT person_id, " MUSUBI_RECORDS_COLUMNS " FROM records_resource"
                                 " WHERE person_id = $1 AND type = $2 AND id = $3"};

constexpr db::Query kUpdate{"records.update",
                            "UPDATE records_resource SET version = $4, updated_at = $5, deleted = $6, origin = $7,"
                            " effective = $8, effective_at = $9, code = $10, category = $11, body = $12"
                            " WHERE person_id = $1 AND type = $2 AND id = $3 AND version = $4 - 1"};

constexpr db::Query kList{"records.list", "SELECT " MUSUBI_RECORDS_COLUMNS " FROM records_resource"
                                          " WHERE person_id = $1 AND type = $2 AND effective_at >= $3"
                                          " AND effective_at < $4 AND deleted = 0"
                                          " ORDER BY effective_at DESC, id DESC LIMIT $5"};

constexpr db::Query kListByCode{"records.list_by_code", "SELECT " MUSUBI_RECORDS_COLUMNS " FROM records_resource"
                                                        " WHERE person_id = $1 AND type = $2 AND code = $6"
                                                        " AND effective_at >= $3 AND effective_at < $4 AND deleted = 0"
                                                        " ORDER BY effective_at DESC, id DESC LIMIT $5"};

constexpr db::Query kListByCategory{"records.list_by_category",
                                    "SELECT " MUSUBI_RECORDS_COLUMNS " FROM records_resource"
                                    " WHERE person_id = $1 AND type = $2 AND category = $6"
                                    " AND effective_at >= $3 AND effective_at < $4 AND deleted = 0"
                                    " ORDER BY effective_at DESC, id DESC LIMIT $5"};

constexpr db::Query kVersions{"records.versions", "SELECT " MUSUBI_RECORDS_COLUMNS " FROM records_version"
                                                  " WHERE person_id = $1 AND type = $2 AND id = $3"
                                                  " ORDER BY version DESC"};

constexpr db::Query kCounts{"records.counts", "SELECT type, code, COUNT(*) FROM records_resource"
                                              " WHERE person_id = $1 AND deleted = 0"
                                              " GROUP BY type, code ORDER BY type, code"};

constexpr db::Query kErase{"records.erase", "DELETE FROM records_resource WHERE person_id = $1"};
constexpr db::Query kEraseVersions{"records.erase_versions", "DELETE FROM records_version WHERE person_id = $1"};

constexpr int64_t kBeginningOfTime = -62'135'596'800'000; // 0001-01-01
constexpr int64_t kEndOfTime = 253'402'300'800'000;       // 10000-01-01

Resource resource_of(const Analysis& analysis, std::string id, int64_t version, Origin origin, base::Instant now) {
    Resource resource;
    resource.type = analysis.type;
    resource.body = compose(analysis, id, version, now);
    resource.id = std::move(id);
    resource.version = version;
    resource.updated_at = now;
    resource.origin = origin;
    resource.effective = analysis.effective;
    resource.effective_at = analysis.effective_at.value_or(now);
    resource.code = analysis.code;
    resource.category = analysis.category;
    return resource;
}

/// Stores `next` over what is there; false when somebody else was first.
base::Task<bool> store(db::WriteTx& tx, base::PersonId person, const Resource& next) {
    int64_t changed = 0;
    if (next.version == 1) {
        changed = co_await tx.run(kInsert, person, next.type, next.id, next.version, next.updated_at, next.deleted,
                                  next.origin, next.effective, next.effective_at, next.code, next.category, next.body);
    } else {
        co_await tx.run(kKeepVersion, person, next.type, next.id);
        changed = co_await tx.run(kUpdate, person, next.type, next.id, next.version, next.updated_at, next.deleted,
                                  next.origin, next.effective, next.effective_at, next.code, next.category, next.body);
    }
    co_return changed == 1;
}

base::Error version_conflict() { return base::conflict("records.version-conflict"); }

} // namespace

db::Value to_value(Origin origin) { return std::string(origin == Origin::City ? "city" : "self"); }
Origin from_column(const std::string& text, Origin*) { return text == "city" ? Origin::City : Origin::Self; }

Resource Resource::from(db::Reader& row) {
    return {.type = row,
            .id = row,
            .version = row,
            .updated_at = row,
            .deleted = row,
            .origin = row,
            .effective = row,
            .effective_at = row,
            .code = row,
            .category = row,
            .body = row};
}

TypeCount TypeCount::from(db::Reader& row) { return {.type = row, .code = row, .count = row}; }

base::Task<base::Result<Resource>> put(db::WriteTx& tx, base::Random& random, base::PersonId person, Draft draft,
                                       base::Instant now, std::optional<int64_t> expected) {
    MUSUBI_CO_TRY(const Analysis analysis, analyse(draft.body));
    if (analysis.type != draft.type) co_return base::invalid("records.malformed").because("another resourceType");
    if (!analysis.subject.empty() && analysis.subject != "Patient/" + person.to_string())
        co_return base::invalid("records.other-person");
    std::string id = draft.id ? *draft.id : ResourceId::make(now, random).to_string();
    if (!valid_id(id)) co_return base::invalid("records.id-malformed");

    std::optional<Resource> present;
    if (draft.id) present = co_await get(tx, person, draft.type, id);
    if (expected && *expected != (present ? present->version : 0)) co_return version_conflict();
    if (present && !present->deleted && present->origin == draft.origin &&
        present->body == compose(analysis, id, present->version, present->updated_at))
        co_return std::move(*present);

    Resource next = resource_of(analysis, std::move(id), present ? present->version + 1 : 1, draft.origin, now);
    const bool stored = co_await store(tx, person, next);
    if (!stored) co_return version_conflict();
    co_return next;
}

base::Task<std::optional<Resource>> get(db::ReadTx& tx, base::PersonId person, std::string type, std::string id) {
    co_return co_await tx.one<Resource>(kGet, person, type, id);
}

base::Task<std::vector<Resource>> list(db::ReadTx& tx, base::PersonId person, std::string type, Filter filter) {
    const int64_t from = filter.from ? filter.from->milliseconds() : kBeginningOfTime;
    const int64_t before = filter.before ? filter.before->milliseconds() : kEndOfTime;
    if (filter.code)
        co_return co_await tx.all<Resource>(kListByCode, person, type, from, before, filter.limit, *filter.code);
    if (filter.category)
        co_return co_await tx.all<Resource>(kListByCategory, person, type, from, before, filter.limit,
                                            *filter.category);
    co_return co_await tx.all<Resource>(kList, person, type, from, before, filter.limit);
}

base::Task<std::vector<Resource>> history(db::ReadTx& tx, base::PersonId person, std::string type, std::string id) {
    std::vector<Resource> versions;
    auto current = co_await get(tx, person, type, id);
    if (current) versions.push_back(std::move(*current));
    auto earlier = co_await tx.all<Resource>(kVersions, person, type, id);
    std::move(earlier.begin(), earlier.end(), std::back_inserter(versions));
    co_return versions;
}

base::Task<std::vector<TypeCount>> counts(db::ReadTx& tx, base::PersonId person) {
    co_return co_await tx.all<TypeCount>(kCounts, person);
}

base::Task<base::Result<Resource>> remove(db::WriteTx& tx, base::PersonId person, std::string type, std::string id,
                                          base::Instant now) {
    auto present = co_await get(tx, person, type, id);
    if (!present || present->deleted) co_return base::not_found("records.not-found");
    Resource next = *present;
    next.version += 1;
    next.updated_at = now;
    next.deleted = true;
    next.body = "";
    const bool stored = co_await store(tx, person, next);
    if (!stored) co_return version_conflict();
    co_return next;
}

base::Task<base::Result<Resource>> restore(db::WriteTx& tx, base::PersonId person, std::string type, std::string id,
                                           base::Instant now) {
    const auto versions = co_await history(tx, person, type, id);
    if (versions.empty()) co_return base::not_found("records.not-found");
    if (!versions.front().deleted) co_return base::conflict("records.not-deleted");
    const auto living =
        std::find_if(versions.begin(), versions.end(), [](const Resource& one) { return !one.deleted; });
    if (living == versions.end()) co_return base::not_found("records.not-found");
    MUSUBI_CO_TRY(const Analysis analysis, analyse(living->body));
    Resource next = resource_of(analysis, id, versions.front().version + 1, living->origin, now);
    next.effective_at = living->effective_at;
    const bool stored = co_await store(tx, person, next);
    if (!stored) co_return version_conflict();
    co_return next;
}

base::Task<> erase(db::WriteTx& tx, base::PersonId person) {
    co_await tx.run(kEraseVersions, person);
    co_await tx.run(kErase, person);
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
