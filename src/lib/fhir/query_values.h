// The text after the "=" of a search parameter, taken apart by kind. Private to this module.
#pragma once

#include "lib/fhir/query.h"

namespace musubi::fhir {

/// Splits at `separator` where no backslash stands before it; the parts keep their escapes.
std::vector<std::string_view> split_unescaped(std::string_view text, char separator);
/// \, \| \$ \\ become the character itself (R4 section 3.1.1.3).
std::string unescape(std::string_view text);

/// One alternative. The error is a kebab word for "reason".
struct ValueProblem {
    std::string_view reason;
};
std::optional<ValueProblem> read_query_value(const SearchParameter& parameter, Modifier modifier, std::string_view text,
                                             const QueryOptions& options, QueryValue& out);

} // namespace musubi::fhir
