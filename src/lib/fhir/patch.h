// Changing a stored resource: JSON Patch (RFC 6902) and FHIRPath Patch (R4 section 3.1.0.8.3). Parts that a patch does
// not touch keep their exact text.
#pragma once

#include "lib/fhir/document.h"

namespace musubi::fhir {

/// Errors: "fhir.patch-malformed" (not a patch; parameter "reason"), "fhir.patch-not-applicable" (a path leads nowhere;
/// parameters "operation" as its number from 0, "path"), "fhir.patch-test-failed" (the same parameters; kind Conflict).
base::Result<std::string> apply_json_patch(const Tree& target, const Tree& patch);

/// `parameters` is a Parameters resource with "operation" parts: add, insert, delete, replace, move.
base::Result<std::string> apply_fhirpath_patch(const Document& target, const Document& parameters);

} // namespace musubi::fhir
