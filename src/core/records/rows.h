// Private to core/records: statements over records_current and records_history.
#pragma once

#include "core/records/records.h"
#include "lib/db/enum_column.h"

namespace musubi::records {

#define MUSUBI_RECORDS_COLUMNS                                                                                         \
    "person_id, type, id, version, updated_at, deleted, origin, restricted, effective, effective_at, code, category,"  \
    " packing, body"

/// A resource with what only the store needs of it.
struct StoredRow {
    Resource resource; // its body is made from the two below
    int64_t packing = 0;
    std::string packed;
    int64_t index_form = 0;
    std::string index_values;
    static StoredRow from(db::Reader& row);
};

} // namespace musubi::records
