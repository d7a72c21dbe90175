// Private to services/fhir_api: batch and transaction Bundles (R4 section 3.1.0.11).
#pragma once

#include "services/fhir_api/caller.h"
#include "services/fhir_api/request.h"

namespace musubi::fhir_api {

/// The whole of POST [base]: opens the transactions itself, one for a transaction Bundle, one for each entry of a
/// batch. `operation` is what the audit record names.
base::Task<base::Result<Reply>> process_bundle(Context& context, std::string body, Terms terms,
                                               std::string_view operation);

} // namespace musubi::fhir_api
