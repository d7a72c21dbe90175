// FHIRPath on typed nodes. Private to this module; path.h is its public face.
#pragma once

#include "lib/fhir/document.h"
#include "lib/fhir/tables.h"

#include <variant>

namespace musubi::fhir {

/// A node with the FHIR type its element has (index into tables::kTypes), or a literal.
struct PathItem {
    Node node;
    uint16_t type = 0;
    std::variant<std::monostate, bool, double, std::string> literal;
};
using PathItems = std::vector<PathItem>;

base::Result<PathItems> evaluate_items(const Document& document, std::string_view expression);

} // namespace musubi::fhir
