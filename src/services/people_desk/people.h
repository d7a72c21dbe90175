// Private to services/people_desk: finding and viewing people, and the access record.
#pragma once

#include "services/people_desk/routes.h"
#include "services/people_desk/views.h"

namespace musubi::people_desk {

base::Task<base::Result<FoundList>> search_people(const Dependencies& dependencies, http::Call& call, db::WriteTx& tx,
                                                  SearchBody body);
base::Task<base::Result<PersonView>> view_person(http::Call& call, db::WriteTx& tx, PurposeBody body);
base::Task<base::Result<EntryList>> seen_of_person(http::Call& call, db::WriteTx& tx, PurposeBody body);
base::Task<base::Result<EntryList>> audit_list(http::Call& call, db::WriteTx& tx);

} // namespace musubi::people_desk
