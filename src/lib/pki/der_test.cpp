#include "base/encoding.h"
#include "lib/pki/der.h"
#include "lib/pki/name.h"
#include "lib/pki/oid.h"

#include <gtest/gtest.h>

namespace musubi::pki {
namespace {

std::string bytes(std::string_view hex) { return base::hex_decode(hex).value(); }

TEST(Der, refuses_every_other_spelling_of_the_same_value) {
    EXPECT_TRUE(der::well_formed(bytes("3003020105")));
    EXPECT_FALSE(der::well_formed(bytes("308103020105"))) << "long form of a short length";
    EXPECT_FALSE(der::well_formed(bytes("30820003020105"))) << "leading zero in a length";
    EXPECT_FALSE(der::well_formed(bytes("30800201050000"))) << "indefinite length";
    EXPECT_FALSE(der::well_formed(bytes("300302010500"))) << "a byte after the end";
    EXPECT_FALSE(der::well_formed(bytes("3004020105"))) << "longer than its content";
    EXPECT_FALSE(der::well_formed(bytes("300402020005"))) << "padded INTEGER";
    EXPECT_FALSE(der::well_formed(bytes("30040202ff85"))) << "padded negative INTEGER";
    EXPECT_FALSE(der::well_formed(bytes("3003010101"))) << "BOOLEAN other than 00 and FF";
    EXPECT_FALSE(der::well_formed(bytes("3004030207ff"))) << "padding bits set";
    EXPECT_FALSE(der::well_formed(bytes("3003050100"))) << "NULL with content";
    EXPECT_FALSE(der::well_formed(bytes("30040602802a"))) << "padded identifier";
    EXPECT_FALSE(der::well_formed(bytes("30040c02c0af"))) << "UTF8String that is not UTF-8";
    EXPECT_FALSE(der::well_formed(bytes("1003020105"))) << "primitive SEQUENCE";
    EXPECT_FALSE(der::well_formed(bytes("1f8101020105"))) << "tag of several bytes";
    EXPECT_FALSE(der::well_formed(bytes("308400000003020105")));
    EXPECT_FALSE(der::well_formed(bytes("3085000000000302")));
    EXPECT_FALSE(der::well_formed(""));
    EXPECT_FALSE(der::well_formed(bytes("30")));
}

TEST(Der, bounds_the_depth_of_nesting) {
    std::string nested;
    for (int i = 0; i < 15; ++i) nested = der::sequence({nested});
    EXPECT_TRUE(der::well_formed(nested, 16));
    for (int i = 0; i < 20; ++i) nested = der::sequence({nested});
    EXPECT_FALSE(der::well_formed(nested, 16));
    EXPECT_FALSE(der::well_formed(nested, 1000));
}

TEST(Der, writes_what_it_reads) {
    EXPECT_EQ(base::hex_encode(der::integer(uint64_t{0})), "020100");
    EXPECT_EQ(base::hex_encode(der::integer(uint64_t{128})), "02020080");
    EXPECT_EQ(base::hex_encode(der::integer(uint64_t{65537})), "0203010001");
    EXPECT_EQ(base::hex_encode(der::named_bits(0xc000)), "030206c0");
    EXPECT_EQ(base::hex_encode(der::named_bits(0x8000)), "03020780");
    EXPECT_EQ(base::hex_encode(der::named_bits(0x0600)), "03020106");
    EXPECT_EQ(base::hex_encode(der::named_bits(0x0080)), "0303070080");
    EXPECT_EQ(base::hex_encode(der::named_bits(0)), "030100");
    for (size_t size : {0UL, 127UL, 128UL, 255UL, 256UL, 65535UL, 65536UL, 70000UL}) {
        const std::string element = der::write(der::kOctetString, std::string(size, 'x'));
        der::Reader reader(element);
        std::string_view content;
        ASSERT_TRUE(reader.take(der::kOctetString, content)) << size;
        EXPECT_EQ(content.size(), size);
        EXPECT_TRUE(der::well_formed(element));
    }
}

TEST(Der, times_have_one_form) {
    const auto of = [](uint8_t tag, std::string_view text) {
        return der::certificate_time(der::Element{tag, text, {}});
    };
    EXPECT_EQ(of(der::kUtcTime, "261122090000Z")->to_string(), "2026-11-22T09:00:00.000Z");
    EXPECT_EQ(of(der::kUtcTime, "500101000000Z")->to_string(), "1950-01-01T00:00:00.000Z");
    EXPECT_EQ(of(der::kGeneralizedTime, "20500101000000Z")->to_string(), "2050-01-01T00:00:00.000Z");
    EXPECT_FALSE(of(der::kGeneralizedTime, "20261122090000Z")) << "must be UTCTime";
    EXPECT_FALSE(of(der::kUtcTime, "2611220900Z"));
    EXPECT_FALSE(of(der::kUtcTime, "261122090000+0900"));
    EXPECT_FALSE(of(der::kUtcTime, "260229000000Z")) << "no such day";
    EXPECT_FALSE(of(der::kUtcTime, "261122240000Z"));
    EXPECT_FALSE(of(der::kGeneralizedTime, "20500101000000.5Z"));
    const auto at = *base::Instant::parse("2049-12-31T23:59:59Z");
    EXPECT_EQ(der::write_certificate_time(at).substr(2), "491231235959Z");
    EXPECT_EQ(der::write_certificate_time(at + std::chrono::seconds(1)).substr(2), "20500101000000Z");
    EXPECT_EQ(der::write_certificate_time(*base::Instant::parse("1969-12-31T23:59:59Z")).substr(2), "691231235959Z");
}

TEST(Der, reads_single_values_within_their_ranges) {
    EXPECT_EQ(der::small_integer(bytes("7fffffffffffffff")), uint64_t{0x7fffffffffffffff});
    EXPECT_FALSE(der::small_integer(bytes("00ffffffffffffffff")));
    EXPECT_FALSE(der::small_integer(bytes("ff")));
    EXPECT_FALSE(der::small_integer(""));
    EXPECT_EQ(der::positive_integer(bytes("00ff")), bytes("ff"));
    EXPECT_FALSE(der::positive_integer(bytes("00")));
    EXPECT_FALSE(der::positive_integer(bytes("80")));
}

// Encodings as in ITU-T X.690 section 8.19.5 and RFC 5280.
TEST(Oid, has_the_bytes_of_the_standard) {
    EXPECT_EQ(base::hex_encode(oid::kKeyUsage), "551d0f");
    EXPECT_EQ(base::hex_encode(oid::kSha256WithRsa), "2a864886f70d01010b");
    EXPECT_EQ(base::hex_encode(oid_from_text("2.999.3")), "883703");
    EXPECT_EQ(oid_text(bytes("883703")), "2.999.3");
    EXPECT_EQ(oid_text(oid::kJpkiAddress), "1.2.392.200149.8.5.5.5");
    EXPECT_EQ(oid_from_text("1.2.392.200149.8.5.5.5"), std::string_view(oid::kJpkiAddress));
    for (auto wrong : {"", "1", "1.", ".1", "1..2", "3.1", "1.40", "1.a", "1.99999999999999999999"})
        EXPECT_EQ(oid_from_text(wrong), "") << wrong;
    EXPECT_EQ(oid_text(""), "?");
    EXPECT_EQ(oid_text(bytes("558001")), "?") << "padded";
    EXPECT_EQ(oid_text(bytes("5583")), "?") << "cut off";
}

TEST(Name, is_written_as_separate_relative_names_and_shown) {
    using Kind = NamePart::Kind;
    const std::string name = write_name({{Kind::Country, "JP"}, {Kind::Organization, "結び"}});
    EXPECT_EQ(base::hex_encode(name), "301e310b3009060355040613024a50310f300d060355040a0c06e7b590e381b3");
    EXPECT_EQ(name_text(name), "C=JP, O=結び");
    EXPECT_EQ(name_text("x"), "?");
}

} // namespace
} // namespace musubi::pki
