// A citizen's notices in the download of everything, and their end with the account.
#pragma once

#include "core/exporting/exporting.h"

namespace musubi::notices {

class Contributor final : public exporting::ExportContributor {
  public:
    base::Task<exporting::Part> contribute(db::ReadTx& tx, const base::PersonId& person,
                                           base::Language language) override;
};

base::Task<> erase_person(db::WriteTx& tx, base::PersonId person);

} // namespace musubi::notices
