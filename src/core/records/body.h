// Private to core/records: taking a FHIR body apart far enough to store it.
#pragma once

#include "base/result.h"
#include "base/time.h"

#include <optional>
#include <string>
#include <string_view>

namespace musubi::records {

struct Analysis {
    std::string type;
    std::string id;      // as the body says; may be empty
    std::string subject; // reference text; may be empty
    std::string effective;
    std::optional<base::Instant> effective_at;
    std::string code;
    std::string category;
    std::string meta_members; // ,"name":value… of meta without versionId and lastUpdated
    std::string members;      // ,"name":value… of the resource without resourceType, id and meta
};

/// records.malformed.
base::Result<Analysis> analyse(std::string_view body);
std::string compose(const Analysis& analysis, std::string_view id, int64_t version, base::Instant updated_at);

bool valid_id(std::string_view id);
/// FHIR date and dateTime (R4 section 2.24.0.1): a year, a month, a day, or an instant with a zone.
std::optional<base::Instant> beginning_of(std::string_view text);

} // namespace musubi::records
