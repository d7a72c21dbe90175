// Private to services/family: who is in the family, and registering a child.
#pragma once

#include "services/family/routes.h"
#include "services/family/views.h"

namespace musubi::family {

base::Task<base::Result<MemberList>> members(http::Call& call, db::ReadTx& tx);
base::Task<base::Result<CandidateList>> candidates(const Dependencies& dependencies, http::Call& call, db::ReadTx& tx);
base::Task<base::Result<MemberView>> register_child(const Dependencies& dependencies, http::Call& call, db::WriteTx& tx,
                                                    ChildBody body);

/// The person for this resident, made if there is none, with what the city holds about them; and the guardianship.
/// family.of-age (Conflict) when nobody may act for them any more.
base::Task<base::Result<identity::Person>> give_guardian(const Dependencies& dependencies, db::WriteTx& tx,
                                                         residents::Resident child, base::PersonId guardian,
                                                         identity::GuardianshipBasis basis, base::Instant now);

} // namespace musubi::family
