#include "lib/card_art/card_art.h"

#include <gtest/gtest.h>

namespace musubi::card_art {
namespace {

TEST(CardArt, a_portrait_is_a_small_jpeg_2000_file_and_follows_its_seed) {
    const auto first = portrait(1);
    ASSERT_TRUE(first);
    EXPECT_EQ(first->substr(0, 12), std::string("\0\0\0\x0CjP  \r\n\x87\n", 12)); // ISO/IEC 15444-1 I.5.1
    EXPECT_GT(first->size(), 1000u);
    EXPECT_LT(first->size(), 12000u);
    EXPECT_EQ(*portrait(1), *first);
    EXPECT_NE(*portrait(2), *first);
}

TEST(CardArt, lettering_is_a_png_with_one_bit_per_pixel) {
    const auto image = lettering("見本　花子", 300, 40);
    ASSERT_TRUE(image);
    EXPECT_EQ(image->substr(0, 8), "\x89PNG\r\n\x1A\n");
    EXPECT_EQ((*image)[24], 1); // bit depth
    EXPECT_EQ((*image)[25], 0); // grey
    EXPECT_NE(*lettering("見本　太郎", 300, 40), *image);
    EXPECT_TRUE(lettering(std::string(300, 'x'), 300, 40));
}

} // namespace
} // namespace musubi::card_art
