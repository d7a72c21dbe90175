#include "core/records/body.h"
#include "core/records/global_index.h"
#include "core/records/rows.h"

namespace musubi::records {
namespace {

constexpr db::Query kStale{"records.stale",
                           "SELECT " MUSUBI_RECORDS_COLUMNS ", index_form, index_values FROM records_current"
                           " WHERE index_form <> $1 AND (person_id, type, id) > ($3, $4, $5)"
                           " ORDER BY person_id, type, id LIMIT $2"};
constexpr db::Query kRenew{"records.renew",
                           "UPDATE records_current SET restricted = $5, packing = $6, body = $7, index_form = $8,"
                           " index_values = $9"
                           " WHERE person_id = $1 AND type = $2 AND id = $3 AND version = $4"};

} // namespace

base::Task<std::optional<ReindexedTo>> reindex(db::WriteTx& tx, std::string own_base, ReindexedTo from, int64_t limit) {
    const auto rows = co_await tx.all<StoredRow>(kStale, kIndexForm, limit, from.person, from.type, from.id);
    for (const StoredRow& row : rows) {
        const Resource& resource = row.resource;
        Prepared prepared;
        prepared.packing = row.packing;
        prepared.packed = row.packed;
        if (!resource.deleted) {
            auto made = prepare(resource.body, own_base);
            // What an earlier program let in and this one cannot read stays as it is, and is found by its id only.
            if (made) prepared = std::move(*made);
        }
        const db::Blob packed(prepared.packed);
        const db::Blob index(prepared.index_values);
        co_await tx.run(kRenew, resource.owner, resource.type, resource.id, resource.version, prepared.restricted,
                        prepared.packing, packed, kIndexForm, index);
        co_await write_index(tx, resource.owner, resource.type, resource.id, prepared.index_values, Replacing::Yes);
    }
    if (rows.empty()) co_return std::nullopt;
    const Resource& last = rows.back().resource;
    co_return ReindexedTo{last.owner.key(), last.type, last.id};
}

} // namespace musubi::records
