// Bundles as a store meets them: entries as spans of the text, and references between entries made good when ids are
// given (R4 section 3.1.0.11.2).
#pragma once

#include "lib/fhir/document.h"

#include <map>

namespace musubi::fhir {

struct BundleEntry {
    std::string_view full_url;
    Node resource;           // absent: none
    std::string_view method; // request.method: "GET", "PUT", … ; empty without a request
    std::string_view url;    // request.url
    std::string_view if_match;
    std::string_view if_none_match;
    std::string_view if_modified_since;
    std::string_view if_none_exist;
};
struct BundleParts {
    std::string_view type; // "transaction", "batch", "document", …
    std::vector<BundleEntry> entries;
};
/// Views live as long as `bundle`. Error "fhir.bundle-malformed" (parameter "path").
base::Result<BundleParts> read_bundle(const Document& bundle);

/// The text of `resource` in which every Reference.reference, uri, url, oid, uuid, canonical and link in a narrative
/// that equals a key (or begins with a key and "#" or "?") is replaced by its value: {"urn:uuid:…" → "Patient/123"}.
std::string rewrite_references(Node resource, const std::map<std::string, std::string, std::less<>>& replacements);

/// All literal references ("Patient/1", "urn:uuid:…", "Patient?identifier=x|y") in document order, contained ones
/// ("#a") left out.
std::vector<std::string_view> references_in(Node resource);

} // namespace musubi::fhir
