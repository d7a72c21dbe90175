// Numbers with their unit, as configuration files write them: "10s", "250ms", "5MB", "64KiB".
#pragma once

#include "base/time.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace musubi::base {

/// One whole number and one of ms, s, min, h, d, without a space. Nothing else is a duration.
std::optional<Duration> parse_duration(std::string_view text);
/// One whole number and one of B, kB, MB, GB (powers of 1000) or KiB, MiB, GiB (powers of 1024).
std::optional<uint64_t> parse_size(std::string_view text);

/// In the largest unit that keeps it exact: "90s", "2h".
std::string to_text(Duration duration);
std::string size_to_text(uint64_t bytes);

} // namespace musubi::base
