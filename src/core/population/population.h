// The synthetic residents of the demo city, in households.
#pragma once

#include "base/random.h"
#include "base/time.h"
#include "core/residents/residents.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace musubi::population {

inline constexpr std::string_view kPrefecture = "見本県";
inline constexpr std::string_view kCity = "見本市";
/// 全国地方公共団体コード without its check digit. No prefecture has the number 99.
inline constexpr std::string_view kMunicipalityCode = "99001";

struct Setting {
    uint64_t seed = 20261122;
    base::CivilDate today;   // ages are counted to this day
    size_t residents = 5000; // the last household is finished, so there may be a few more
};

/// Residents household by household, the head first. A function of its argument.
std::vector<residents::Resident> generate(const Setting& setting);

} // namespace musubi::population
