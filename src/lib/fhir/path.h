// A subset of FHIRPath over a Document, interpreted: what FHIRPath Patch needs and what tests compare the compiled
// extraction with. Members, indexes, where(), extension(), first(), last(), exists(), ofType(), as(), is, and, or, =,
// !=,
// |, literals.
#pragma once

#include "lib/fhir/document.h"

namespace musubi::fhir {

/// Nodes that the expression selects, in document order. The expression may begin with the type's name. Error
/// "fhir.path-malformed" (parameters "position", "reason").
base::Result<std::vector<Node>> evaluate_path(const Document& document, std::string_view expression);

} // namespace musubi::fhir
