#pragma once

#include "core/identity/site.h"
#include "services/card_registration/bodies.h"

namespace musubi::card_registration {

/// Changes with every change of the text: a registration records which version was agreed to.
inline constexpr std::string_view kTermsVersion = "2026-11-22";

TermsText terms_text(const identity::Site& site, int closing_days, base::Language language);

} // namespace musubi::card_registration
