// UCUM units in use in health records, brought to base units so that 1.5 g and 1500 mg agree (R4 section 3.1.1.4.13).
// Private to this module.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace musubi::fhir {

/// value in the base unit = value * factor + offset.
struct BaseUnit {
    uint16_t unit = 0;
    double factor = 1;
    double offset = 0;
};
/// From a UCUM code ("mg/dL", "mm[Hg]", "Cel", "10*3/uL"). Nothing if a part is unknown.
std::optional<BaseUnit> base_unit(std::string_view ucum_code);

} // namespace musubi::fhir
