// Private to services/fhir_api: what a request asks for, taken out of its parts.
#pragma once

#include "lib/fhir/query.h"
#include "lib/http/call.h"
#include "services/fhir_api/reply.h"

#include <optional>
#include <string>
#include <vector>

namespace musubi::fhir_api {

enum class Return { Representation, Minimal, Outcome };

/// The conditions and preferences of one interaction, from headers or from Bundle.entry.request.
struct Terms {
    std::string if_match;
    std::string if_none_match;
    std::string if_none_exist;
    std::string if_modified_since;
    std::optional<Return> wanted;
    r4::Handling handling = r4::Handling::Lenient;
};
Terms terms_of(const http::Request& request);

/// Name and value pairs of a query or form, decoded. "request.query-malformed".
base::Result<r4::QueryPairs> pairs_of(std::string_view query);
std::string query_of(const r4::QueryPairs& pairs);

/// Takes what belongs to this service out of the pairs: _format (406 for anything but JSON), _pretty, and _page, which
/// is returned.
base::Result<std::string> take_own(r4::QueryPairs& pairs);

/// fhir.type-unknown.
base::Result<r4::ResourceType> type_of(std::string_view name);

/// Whether the answer may be FHIR JSON; "fhir.not-acceptable".
base::Status check_accept(const http::Request& request);
/// "request.content-type-unsupported".
base::Status check_content(const http::Request& request);

} // namespace musubi::fhir_api
