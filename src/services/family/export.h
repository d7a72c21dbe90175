// What a person's copy of everything says about the family, and what goes when the person is erased.
#pragma once

#include "core/exporting/exporting.h"

namespace musubi::family {

/// "family": the children one acts for and the requests one made.
class Contributor final : public exporting::ExportContributor {
  public:
    explicit Contributor(base::Clock& clock) : m_clock(clock) {}
    base::Task<exporting::Part> contribute(db::ReadTx& tx, const base::PersonId& person,
                                           base::Language language) override;

  private:
    base::Clock& m_clock;
};

/// The requests of the person; guardianships are core/identity's.
base::Task<> erase(db::WriteTx& tx, base::PersonId person);

} // namespace musubi::family
