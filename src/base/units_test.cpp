#include "base/units.h"

#include <gtest/gtest.h>

namespace musubi::base {
namespace {

using namespace std::chrono_literals;

TEST(Units, durations_need_a_whole_number_and_a_unit) {
    EXPECT_EQ(parse_duration("250ms"), 250ms);
    EXPECT_EQ(parse_duration("10s"), 10s);
    EXPECT_EQ(parse_duration("5min"), 5min);
    EXPECT_EQ(parse_duration("2h"), 2h);
    EXPECT_EQ(parse_duration("30d"), 720h);
    for (const auto* wrong : {"", "10", "s", "10 s", "1.5h", "-1s", "10S", "10s ", "99999999999999999d"})
        EXPECT_FALSE(parse_duration(wrong)) << wrong;
}

TEST(Units, sizes_tell_powers_of_1000_from_powers_of_1024) {
    EXPECT_EQ(parse_size("64KiB"), 65536U);
    EXPECT_EQ(parse_size("5MB"), 5'000'000U);
    EXPECT_EQ(parse_size("1GiB"), 1ULL << 30);
    EXPECT_EQ(parse_size("0B"), 0U);
    for (const auto* wrong : {"5", "5K", "5 MB", "-5MB", "9999999999GiB"}) EXPECT_FALSE(parse_size(wrong)) << wrong;
}

TEST(Units, are_written_in_the_largest_exact_unit) {
    EXPECT_EQ(to_text(90s), "90s");
    EXPECT_EQ(to_text(48h), "2d");
    EXPECT_EQ(to_text(0ms), "0ms");
    EXPECT_EQ(size_to_text(65536), "64KiB");
    EXPECT_EQ(size_to_text(5'000'000), "5MB");
}

} // namespace
} // namespace musubi::base
