// Private to core/records: rows as searches see them, without bodies, and the ways to come by them.
#pragma once

#include "core/records/search.h"

#include <string>
#include <vector>

namespace musubi::records {

struct ScanRow {
    Owner owner = Owner::nobody();
    std::string id;
    int64_t version = 0;
    base::Instant updated_at;
    bool restricted = false;
    int64_t index_form = 0;
    std::string index_values;
    static ScanRow from(db::Reader& row);
};

/// Living rows of one owner and type.
base::Task<std::vector<ScanRow>> scan_owner(db::ReadTx& tx, Owner owner, std::string type);
base::Task<std::optional<ScanRow>> scan_one(db::ReadTx& tx, Owner owner, std::string type, std::string id);
/// Living rows of a type, those least lately changed first, after (updated_at, person, id).
base::Task<std::vector<ScanRow>> scan_by_time(db::ReadTx& tx, std::string type, base::Instant after, std::string person,
                                              std::string id, int64_t limit);

/// Rows of another form than this program's get their values from the body.
base::Task<> renew_index(db::ReadTx& tx, std::string type, std::string own_base, std::vector<ScanRow>& rows);

/// Whole resources of one type, in the order of `keys`; those that are gone are left out.
struct RowKey {
    Owner owner = Owner::nobody();
    std::string type;
    std::string id;
    friend auto operator<=>(const RowKey&, const RowKey&) = default;
};
base::Task<std::vector<Resource>> fetch(db::ReadTx& tx, std::vector<RowKey> keys);

} // namespace musubi::records
