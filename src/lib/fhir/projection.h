// The short forms a client may ask for: _summary and _elements (R4 section 3.1.1.5.8 and .9). The result carries the
// SUBSETTED tag, so that nobody takes it for the whole.
#pragma once

#include "lib/fhir/query.h"

namespace musubi::fhir {

/// `summary` None with empty `elements`: the text itself. Mandatory elements, id and meta always stay. `elements` are
/// top-level names, or "Type.name" which applies to that type only.
std::string project(const Document& document, Summary summary, const std::vector<std::string>& elements);

} // namespace musubi::fhir
