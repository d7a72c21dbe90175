// The Patient resource of a registered person, made from what the register says.
#pragma once

#include "core/identity/person.h"
#include "core/records/records.h"

namespace musubi::records {

/// JP Core's Patient. `updated_at` is when the person was last certified.
Resource patient_of(const identity::Person& person);

/// Brings the stored Patient up to what the register says. False: it was so already.
base::Task<base::Result<bool>> keep_patient(db::WriteTx& tx, base::Random& random, const identity::Person& person,
                                            base::Instant now);
base::Task<bool> is_patient_kept(db::ReadTx& tx, const identity::Person& person);

} // namespace musubi::records
