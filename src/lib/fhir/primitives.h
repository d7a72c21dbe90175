// The formats of R4's primitive types (section 2.24.0.1). Private to this module.
#pragma once

#include "lib/fhir/json_tree.h"
#include "lib/fhir/tables.h"

namespace musubi::fhir {

/// Whether a JSON value is a well-formed value of the type.
bool is_well_formed(tables::Primitive type, Node value);
/// Narrative (R4 section 2.4.0): one balanced <div> of the permitted tags and attributes, nothing active.
bool is_safe_xhtml(std::string_view html);

} // namespace musubi::fhir
