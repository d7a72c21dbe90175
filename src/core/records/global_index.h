// Private to core/records: the parameters by which resources are found among everybody, as rows of their own.
#pragma once

#include "core/records/owner.h"
#include "core/records/prepared.h"
#include "lib/db/database.h"
#include "lib/fhir/query.h"

#include <vector>

namespace musubi::records {

/// Writes the rows of one resource; `Replacing::Yes` removes the earlier ones first.
enum class Replacing { No, Yes };
base::Task<> write_index(db::WriteTx& tx, Owner owner, std::string type, std::string id, std::string index_values,
                         Replacing replacing);
base::Task<> remove_index(db::WriteTx& tx, Owner owner, std::string type, std::string id);

/// Whether any value of the resource is in the global index.
bool is_listed(r4::ResourceType type, const r4::IndexView& index);

struct Key {
    Owner owner = Owner::nobody();
    std::string id;
    friend auto operator<=>(const Key&, const Key&) = default;
};

/// Whether `criterion` can be answered from the index.
bool is_answerable(r4::ResourceType type, const r4::Criterion& criterion);
/// A superset of the resources that satisfy it, each once, at most `limit` (then there may be more).
base::Task<std::vector<Key>> look_up(db::ReadTx& tx, r4::ResourceType type, const r4::Criterion& criterion,
                                     size_t limit);

} // namespace musubi::records
