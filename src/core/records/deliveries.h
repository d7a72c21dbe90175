// What the city's systems (checkups, vaccination ledger) hand over about residents, whether or not the resident uses
// the service yet. When somebody registers, the deliveries about them become their record.
#pragma once

#include "core/records/records.h"
#include "core/residents/residents.h"

namespace musubi::records {

/// One hand-over: a FHIR Bundle whose resources each have an id and belong to Patient/<resident>. The same `id`
/// replaces the earlier one. records.malformed, records.id-malformed, records.other-person, records.too-large.
base::Task<base::Result<base::Unit>> deliver(db::WriteTx& tx, residents::ResidentId resident, std::string id,
                                             std::string bundle, base::Instant now);

/// Copies every delivery about the resident into the person's record; how many resources were new or changed. Again
/// changes nothing. Call it in the transaction that creates the person, and after `deliver` for someone who has one.
base::Task<base::Result<int64_t>> adopt(db::WriteTx& tx, base::Random& random, residents::ResidentId resident,
                                        base::PersonId person, base::Instant now);

/// A Bundle of type "collection" out of drafts that have ids.
std::string collection(const std::vector<Draft>& drafts);

} // namespace musubi::records
