// Private to services/people_desk: accounts of staff.
#pragma once

#include "services/people_desk/routes.h"
#include "services/people_desk/views.h"

namespace musubi::people_desk {

base::Task<base::Result<AccountList>> list_accounts(db::ReadTx& tx);
base::Task<base::Result<RoleList>> list_roles(db::ReadTx& tx);
base::Task<base::Result<FirstPassword>> create_account(const Dependencies& dependencies, http::Call& call,
                                                       NewAccountBody body);
base::Task<base::Result<AccountView>> change_account(http::Call& call, db::WriteTx& tx, ChangeAccountBody body);
base::Task<base::Result<FirstPassword>> reset_account(const Dependencies& dependencies, http::Call& call);

} // namespace musubi::people_desk
