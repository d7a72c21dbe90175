// Private to services/fhir_api: what this server can do, said by the definitions that it works from.
#pragma once

#include <string>
#include <string_view>

namespace musubi::fhir_api {

/// The CapabilityStatement (R4 section 5.1) of the server at `base`.
std::string capability_statement(std::string_view base, std::string_view version, std::string_view date);

} // namespace musubi::fhir_api
