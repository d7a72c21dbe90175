// Private to services/letter_registration: what staff do.
#pragma once

#include "services/letter_registration/citizen.h"

namespace musubi::letter_registration {

base::Task<base::Result<RequestList>> list_letters(http::Call& call, db::WriteTx& tx);
base::Task<base::Result<RequestView>> approve_letter(http::Call& call, db::WriteTx& tx, ApproveBody body);
base::Task<base::Result<base::Unit>> reject_letter(const Dependencies& dependencies, http::Call& call, db::WriteTx& tx,
                                                   RejectBody body);
base::Task<base::Result<base::Unit>> letter_returned(const Dependencies& dependencies, http::Call& call,
                                                     db::WriteTx& tx);
/// One PDF of all letters, each with a new passcode that replaces any earlier one.
base::Task<base::Result<http::Raw>> print_chosen(const Dependencies& dependencies, http::Call& call, PrintBody body);

} // namespace musubi::letter_registration
