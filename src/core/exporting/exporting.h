// What each service adds when a person downloads everything about them, and what it removes when the person is erased.
// Services do not know one another: apps/city hands their contributors to services/account.
#pragma once

#include "base/i18n.h"
#include "base/ids.h"
#include "base/task.h"
#include "lib/db/transaction.h"
#include "lib/print/document.h"

#include <functional>
#include <string>
#include <vector>

namespace musubi::exporting {

struct Part {
    std::string name;                 // member of the JSON file, camelCase: "records"
    std::string json;                 // its value
    std::vector<print::Block> blocks; // the same for people to read; empty if it says nothing to them
};

class ExportContributor {
  public:
    virtual ~ExportContributor() = default;
    virtual base::Task<Part> contribute(db::ReadTx& tx, const base::PersonId& person, base::Language language) = 0;
};

/// Removes what a module holds about a person, in the transaction that erases the person: all or nothing.
using Eraser = std::function<base::Task<>(db::WriteTx& tx, base::PersonId person)>;

} // namespace musubi::exporting
