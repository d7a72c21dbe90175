// A resource made ready to be stored, before and outside the transaction: checked, taken apart, indexed and compressed.
#pragma once

#include "base/result.h"
#include "base/time.h"
#include "lib/fhir/document.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace musubi::records {

namespace r4 = ::musubi::fhir;

struct Prepared {
    r4::ResourceType type = r4::ResourceType::None;
    std::string id;                     // as the body says; may be empty
    std::optional<std::string> patient; // id of the one Patient whose compartment it lies in
    bool restricted = false;            // meta.security: v3 Confidentiality R or V
    std::string effective;              // the clinical date as written; may be empty
    std::optional<base::Instant> effective_at;
    std::string code;     // "http://loinc.org|85354-9"
    std::string category; // code of the first category
    int packing = 0;
    std::string packed;       // the JSON after meta.lastUpdated
    std::string index_values; // r4::extract_index
};

/// `own_base`: absolute references that begin with it are the server's own. Errors: records.malformed (not JSON, no
/// resource, a date FHIR does not know).
base::Result<Prepared> prepare(const r4::Document& document, std::string_view own_base = {});
base::Result<Prepared> prepare(std::string body, std::string_view own_base = {});

/// The parameters that say whose a resource of a type is, the telling ones first; the first that names a Patient
/// counts.
std::vector<uint16_t> owner_parameters(r4::ResourceType type);

/// FHIR date and dateTime (R4 section 2.24.0.1): a year, a month, a day, or an instant with a zone.
std::optional<base::Instant> beginning_of(std::string_view text);

} // namespace musubi::records
