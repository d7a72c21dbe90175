// Private to services/letter_registration: what the person who registers does.
#pragma once

#include "core/enrolment/registration_view.h"
#include "services/letter_registration/routes.h"
#include "services/letter_registration/views.h"

namespace musubi::letter_registration {

inline constexpr std::string_view kCodePurpose = "letter";

base::Task<base::Result<enrolment::RegistrationView>> ask_for_letter(const Dependencies& dependencies, http::Call& call,
                                                                     db::WriteTx& tx, LetterBody body);
base::Task<base::Result<enrolment::RegistrationView>> enter_code(const Dependencies& dependencies, http::Call& call,
                                                                 CodeBody body);

/// A mail of this service; city and telephone are filled in.
outbox::Mail mail_to(const Dependencies& dependencies, const enrolment::Registration& registration,
                     std::string template_name);

} // namespace musubi::letter_registration
