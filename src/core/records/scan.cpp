#include "core/records/scan.h"

#include "core/records/body.h"
#include "core/records/rows.h"

#include <array>
#include <map>

namespace musubi::records {
namespace {

#define MUSUBI_SCAN_COLUMNS "person_id, id, version, updated_at, restricted, index_form, index_values"

constexpr db::Query kScanOwner{"records.scan_owner", "SELECT " MUSUBI_SCAN_COLUMNS " FROM records_current"
                                                     " WHERE person_id = $1 AND type = $2 AND deleted = 0"};
constexpr db::Query kScanOne{"records.scan_one", "SELECT " MUSUBI_SCAN_COLUMNS " FROM records_current"
                                                 " WHERE person_id = $1 AND type = $2 AND id = $3 AND deleted = 0"};
constexpr db::Query kScanByTime{"records.scan_by_time",
                                "SELECT " MUSUBI_SCAN_COLUMNS " FROM records_current WHERE type = $1"
                                " AND (updated_at, person_id, id) > ($2, $3, $4) AND deleted = 0"
                                " ORDER BY updated_at, person_id, id LIMIT $5"};

// One statement for many bodies of one owner; places that are not needed repeat the last id.
constexpr size_t kFetched = 16;
constexpr db::Query kFetch{"records.fetch", "SELECT " MUSUBI_RECORDS_COLUMNS " FROM records_current"
                                            " WHERE person_id = $1 AND type = $2 AND id IN ($3, $4, $5, $6, $7, $8, $9,"
                                            " $10, $11, $12, $13, $14, $15, $16, $17, $18) AND deleted = 0"};

} // namespace

ScanRow ScanRow::from(db::Reader& row) {
    ScanRow out;
    out.owner = Owner::from_key(row.get<std::string>());
    out.id = row.get<std::string>();
    out.version = row.get<int64_t>();
    out.updated_at = row.get<base::Instant>();
    out.restricted = row.get<bool>();
    out.index_form = row.get<int64_t>();
    out.index_values = row.get<db::Blob>().bytes;
    return out;
}

base::Task<std::vector<ScanRow>> scan_owner(db::ReadTx& tx, Owner owner, std::string type) {
    co_return co_await tx.all<ScanRow>(kScanOwner, owner, type);
}

base::Task<std::optional<ScanRow>> scan_one(db::ReadTx& tx, Owner owner, std::string type, std::string id) {
    co_return co_await tx.one<ScanRow>(kScanOne, owner, type, id);
}

base::Task<std::vector<ScanRow>> scan_by_time(db::ReadTx& tx, std::string type, base::Instant after, std::string person,
                                              std::string id, int64_t limit) {
    co_return co_await tx.all<ScanRow>(kScanByTime, type, after, person, id, limit);
}

base::Task<> renew_index(db::ReadTx& tx, std::string type, std::string own_base, std::vector<ScanRow>& rows) {
    for (ScanRow& row : rows) {
        if (row.index_form == kIndexForm) continue;
        const auto whole = co_await get(tx, row.owner, type, row.id);
        if (!whole) continue;
        const auto prepared = prepare(whole->body, own_base);
        if (!prepared) continue;
        row.index_values = prepared->index_values;
        row.restricted = prepared->restricted;
    }
}

base::Task<std::vector<Resource>> fetch(db::ReadTx& tx, std::vector<RowKey> keys) {
    std::map<RowKey, size_t> places;
    for (size_t i = 0; i < keys.size(); ++i) places.emplace(keys[i], i);
    std::vector<std::optional<Resource>> found(keys.size());
    for (auto next = places.begin(); next != places.end();) {
        const Owner owner = next->first.owner;
        const std::string type = next->first.type;
        std::array<std::string, kFetched> ids;
        size_t used = 0;
        for (; next != places.end() && used < kFetched && next->first.owner == owner && next->first.type == type;
             ++next)
            ids[used++] = next->first.id;
        for (size_t i = used; i < kFetched; ++i) ids[i] = ids[used - 1];
        auto rows =
            co_await tx.all<Resource>(kFetch, owner, type, ids[0], ids[1], ids[2], ids[3], ids[4], ids[5], ids[6],
                                      ids[7], ids[8], ids[9], ids[10], ids[11], ids[12], ids[13], ids[14], ids[15]);
        for (Resource& row : rows) {
            RowKey key;
            key.owner = row.owner;
            key.type = row.type;
            key.id = row.id;
            const auto place = places.find(key);
            if (place != places.end()) found[place->second] = std::move(row);
        }
    }
    std::vector<Resource> out;
    for (auto& one : found)
        if (one) out.push_back(std::move(*one));
    co_return out;
}

} // namespace musubi::records
