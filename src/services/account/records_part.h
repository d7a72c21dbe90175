// The health record's part of the download: the FHIR R4 resources, and a table for people to read.
#pragma once

#include "core/exporting/exporting.h"

namespace musubi::account {

class RecordsPart final : public exporting::ExportContributor {
  public:
    /// `public_url` begins the full URLs in the Bundle.
    explicit RecordsPart(std::string public_url) : m_public_url(std::move(public_url)) {}
    base::Task<exporting::Part> contribute(db::ReadTx& tx, const base::PersonId& person,
                                           base::Language language) override;

  private:
    std::string m_public_url;
};

} // namespace musubi::account
