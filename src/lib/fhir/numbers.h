// Decimal texts as numbers and as the interval their digits imply. Private to this module.
#pragma once

#include <optional>
#include <string_view>

namespace musubi::fhir {

/// A JSON or FHIR decimal as the nearest double; nothing if it is none or beyond the range of double.
std::optional<double> parse_number(std::string_view text);

/// [low, high): "100" is 99.5 to 100.5, "5.40" is 5.395 to 5.405, "1e2" is 50 to 150 (R4 section 3.1.1.4.4).
struct NumberRange {
    double low = 0;
    double high = 0;
};
std::optional<NumberRange> implied_range(std::string_view text);

} // namespace musubi::fhir
