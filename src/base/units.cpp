#include "base/units.h"

#include <array>
#include <charconv>
#include <limits>
#include <utility>

namespace musubi::base {
namespace {

using Unit = std::pair<std::string_view, uint64_t>;
// The largest first, so that to_text finds the shortest form.
constexpr std::array<Unit, 5> kDurations{
    {{"d", 86'400'000}, {"h", 3'600'000}, {"min", 60'000}, {"s", 1000}, {"ms", 1}}};
constexpr std::array<Unit, 7> kSizes{{{"GiB", 1ULL << 30},
                                      {"GB", 1'000'000'000},
                                      {"MiB", 1 << 20},
                                      {"MB", 1'000'000},
                                      {"KiB", 1 << 10},
                                      {"kB", 1000},
                                      {"B", 1}}};

template <size_t N> std::optional<uint64_t> parse(std::string_view text, const std::array<Unit, N>& units) {
    uint64_t number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (problem != std::errc()) return std::nullopt;
    const std::string_view unit = text.substr(static_cast<size_t>(end - text.data()));
    for (const auto& [name, factor] : units) {
        if (unit != name) continue;
        if (number > static_cast<uint64_t>(std::numeric_limits<int64_t>::max()) / factor) return std::nullopt;
        return number * factor;
    }
    return std::nullopt;
}

template <size_t N> std::string write(uint64_t value, const std::array<Unit, N>& units) {
    for (const auto& [name, factor] : units)
        if (value != 0 && value % factor == 0) return std::to_string(value / factor) + std::string(name);
    return std::to_string(value) + std::string(units.back().first);
}

} // namespace

std::optional<Duration> parse_duration(std::string_view text) {
    const auto value = parse(text, kDurations);
    if (!value) return std::nullopt;
    return Duration(static_cast<int64_t>(*value));
}

std::optional<uint64_t> parse_size(std::string_view text) { return parse(text, kSizes); }

std::string to_text(Duration duration) {
    if (duration.count() < 0) return "-" + to_text(-duration);
    return write(static_cast<uint64_t>(duration.count()), kDurations);
}

std::string size_to_text(uint64_t bytes) { return write(bytes, kSizes); }

} // namespace musubi::base
