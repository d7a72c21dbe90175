// Everybody registered, page by page, for work that goes through all of them.
#pragma once

#include "core/identity/person.h"

namespace musubi::identity {

/// Neither closed nor erased, in the order of ids, after `after`.
base::Task<std::vector<Person>> persons_after(db::ReadTx& tx, std::string after, int limit);

} // namespace musubi::identity
