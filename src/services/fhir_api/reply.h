// Private to services/fhir_api: answers, and refusals as OperationOutcome.
#pragma once

#include "base/result.h"
#include "base/time.h"
#include "core/records/records.h"
#include "lib/http/call.h"

#include <optional>
#include <string>
#include <string_view>

namespace musubi::fhir_api {

namespace r4 = ::musubi::fhir;

inline constexpr std::string_view kFhirJson = "application/fhir+json";

/// The answer to one interaction, over HTTP or as an entry of a Bundle.
struct Reply {
    int status = 200;
    std::string body; // a resource; may be empty
    std::string etag; // W/"1"
    std::optional<base::Instant> last_modified;
    std::string location; // absolute
};

http::Raw to_raw(Reply reply);

int status_of(const base::Error& error);
/// An OperationOutcome with one issue per field, or one for the whole.
std::string outcome_of(const base::Error& error);
Reply refusal(const base::Error& error);
/// An OperationOutcome that only informs.
std::string information(std::string_view text);

std::string etag_of(int64_t version);
/// Of W/"3" or "3"; nothing for anything else.
std::optional<int64_t> version_in_etag(std::string_view text);
/// RFC 9110 section 5.6.7.
std::string http_date(base::Instant at);
std::optional<base::Instant> parse_http_date(std::string_view text);

} // namespace musubi::fhir_api
