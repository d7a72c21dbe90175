#include "lib/compression/compression.h"

#include <gtest/gtest.h>

namespace musubi::compression {
namespace {

// Any bytes serve as a raw-content dictionary (RFC 8878 section 5).
constexpr std::string_view kBytes = R"(,"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/)"
                                    R"(CodeSystem/observation-category","code":"vital-signs"}]}],"code":{"coding":[)";

TEST(Compression, WhatWasCompressedComesBackAndADictionaryMakesItSmaller) {
    const Dictionary dictionary(kBytes);
    const Dictionary empty("");
    const std::string text(kBytes.substr(1, 120));
    const std::string packed = dictionary.compress(text);
    std::string out = "before ";
    ASSERT_TRUE(dictionary.expand(packed, 1000, out).ok());
    EXPECT_EQ(out, "before " + text);
    EXPECT_LT(packed.size(), empty.compress(text).size() / 2);
}

TEST(Compression, BytesThatAreDamagedOrTooLongAreRefusedAndLeaveTheOutputAlone) {
    const Dictionary dictionary(kBytes);
    const std::string packed = dictionary.compress(std::string(5000, 'a'));
    std::string out = "x";
    EXPECT_FALSE(dictionary.expand(packed, 4999, out).ok());
    EXPECT_FALSE(dictionary.expand(packed.substr(0, packed.size() - 1), 10000, out).ok());
    EXPECT_FALSE(dictionary.expand("no frame", 10000, out).ok());
    EXPECT_FALSE(dictionary.expand("", 10000, out).ok());
    EXPECT_EQ(out, "x");
    EXPECT_TRUE(dictionary.expand(packed, 5000, out).ok());
}

} // namespace
} // namespace musubi::compression
