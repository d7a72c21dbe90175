#include "core/identity/roll.h"

#include "core/identity/person_columns.h"

namespace musubi::identity {
namespace {

constexpr db::Query kAfter{"identity.persons_after", MUSUBI_PERSON_COLUMNS
                           " WHERE id > $1 AND erased_at IS NULL AND closed_at IS NULL ORDER BY id LIMIT $2"};

} // namespace

base::Task<std::vector<Person>> persons_after(db::ReadTx& tx, std::string after, int limit) {
    return tx.all<Person>(kAfter, after, limit);
}

} // namespace musubi::identity
