// Private to services/immunization: reasons in the words of the three languages.
#pragma once

#include "base/i18n.h"
#include "services/immunization/engine.h"

#include <string>

namespace musubi::immunization {

/// "minimum-interval"; stable.
std::string_view code_of(ReasonCode code);
/// A sentence with its readings. {from}, {to} and {basis} stay, for whoever knows the reader's calendar; all else is
/// filled.
std::string template_of(const Rules& rules, const Reason& reason, base::Language language);
/// Plain text with dates, for FHIR and letters.
std::string sentence_of(const Rules& rules, const Reason& reason, base::Language language);
/// The law or notice behind it; empty when it is none.
std::string citation_of(const Rules& rules, int vaccine, const Reason& reason);
/// A vaccine's name without readings.
std::string plain_name(const Vaccine& vaccine, base::Language language);

} // namespace musubi::immunization
