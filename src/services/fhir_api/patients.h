// Private to services/fhir_api: registered persons are Patients here, whatever has been written about them.
#pragma once

#include "services/fhir_api/caller.h"

namespace musubi::fhir_api {

/// Before what looks at Patients: those of the caller's compartments (for a citizen), or the one named (for staff), are
/// brought up to what the register says. Writes only when there is something to write.
base::Task<base::Status> keep_patients(Context& context, std::optional<std::string> named = {});

} // namespace musubi::fhir_api
