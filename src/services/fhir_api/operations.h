// Private to services/fhir_api: operations ($everything, $lastn, $validate, $purge).
#pragma once

#include "services/fhir_api/caller.h"
#include "services/fhir_api/request.h"

namespace musubi::fhir_api {

/// Everything in one Patient's compartment and what it refers to, as a searchset; pages when _count is given.
/// Parameters: _type, _since, start, end, _count.
base::Task<base::Result<Reply>> everything(db::ReadTx& tx, Context& context, std::string patient, r4::QueryPairs pairs);

/// The last `max` (1) Observations of each code (Observation $lastn).
base::Task<base::Result<Reply>> last_of_each(db::ReadTx& tx, Context& context, r4::QueryPairs pairs);

/// Never a refusal because of what is wrong in the resource: that is the answer.
base::Result<Reply> validate_resource(const Context& context, std::string body,
                                      std::optional<r4::ResourceType> expected);

/// Removes a person's records with all versions, for good; the audit record stays.
base::Task<base::Result<Reply>> purge(db::WriteTx& tx, Context& context, std::string patient);

} // namespace musubi::fhir_api
