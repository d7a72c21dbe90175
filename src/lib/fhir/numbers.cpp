#include "lib/fhir/numbers.h"

#include <charconv>
#include <cmath>
#include <cstdlib>

namespace musubi::fhir {

std::optional<double> parse_number(std::string_view text) {
    if (!text.empty() && text.front() == '+') text.remove_prefix(1);
    if (text.empty() || text.size() > 400) return std::nullopt;
    for (const char c : text)
        if ((c < '0' || c > '9') && c != '-' && c != '+' && c != '.' && c != 'e' && c != 'E') return std::nullopt;
    double value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
    return value;
}

std::optional<NumberRange> implied_range(std::string_view text) {
    const auto value = parse_number(text);
    if (!value) return std::nullopt;
    const size_t exponent_at = text.find_first_of("eE");
    const std::string_view mantissa = text.substr(0, exponent_at);
    int exponent = 0;
    if (exponent_at != std::string_view::npos) {
        std::string_view digits = text.substr(exponent_at + 1);
        if (!digits.empty() && digits.front() == '+') digits.remove_prefix(1);
        if (std::from_chars(digits.data(), digits.data() + digits.size(), exponent).ec != std::errc())
            return std::nullopt;
    }
    const size_t point = mantissa.find('.');
    const int decimals = point == std::string_view::npos ? 0 : static_cast<int>(mantissa.size() - point - 1);
    const double half = 0.5 * std::pow(10.0, exponent - decimals);
    return NumberRange{*value - half, *value + half};
}

} // namespace musubi::fhir
