#include "lib/http/address.h"

#include "lib/http/text.h"

#include <gtest/gtest.h>

namespace musubi::http {
namespace {

TEST(AddressRange, ContainsAddressesOfBothFamilies) {
    const auto contains = [](std::string_view range, std::string_view address) {
        const auto parsed = AddressRange::parse(range);
        EXPECT_TRUE(parsed.ok()) << range;
        return parsed->contains(address);
    };
    EXPECT_TRUE(contains("10.0.0.0/8", "10.255.1.2"));
    EXPECT_FALSE(contains("10.0.0.0/8", "11.0.0.1"));
    EXPECT_TRUE(contains("172.16.0.0/12", "172.31.0.1"));
    EXPECT_FALSE(contains("172.16.0.0/12", "172.32.0.1"));
    EXPECT_TRUE(contains("127.0.0.1", "127.0.0.1"));
    EXPECT_FALSE(contains("127.0.0.1", "127.0.0.2"));
    EXPECT_TRUE(contains("127.0.0.1", "::ffff:127.0.0.1"));
    EXPECT_TRUE(contains("fd00::/8", "fdab::1"));
    EXPECT_FALSE(contains("fd00::/8", "fe80::1"));
    EXPECT_TRUE(contains("0.0.0.0/0", "1.2.3.4"));
    EXPECT_FALSE(contains("0.0.0.0/0", "2001:db8::1"));
    EXPECT_FALSE(contains("::/0", "not an address"));
    for (const auto* bad : {"", "10.0.0/8", "10.0.0.0/33", "10.0.0.0/", "::/129", "x", "1.2.3.4/a"})
        EXPECT_FALSE(AddressRange::parse(bad).ok()) << bad;
}

TEST(ClientAddress, StopsAtTheFirstHopThatIsNotTrusted) {
    const std::vector<AddressRange> trusted{*AddressRange::parse("10.0.0.0/8")};
    EXPECT_EQ(client_address("192.0.2.1", "203.0.113.5", trusted), "192.0.2.1");
    EXPECT_EQ(client_address("10.0.0.1", "203.0.113.5", trusted), "203.0.113.5");
    EXPECT_EQ(client_address("10.0.0.1", "198.51.100.1, 203.0.113.5, 10.0.0.2", trusted), "203.0.113.5");
    EXPECT_EQ(client_address("10.0.0.1", "", trusted), "10.0.0.1");
    EXPECT_EQ(client_address("10.0.0.1", "junk", trusted), "10.0.0.1");
    EXPECT_EQ(client_address("10.0.0.1", "junk, 10.0.0.3", trusted), "10.0.0.3");
}

TEST(ChooseEncoding, FollowsTheClientsWeights) {
    EXPECT_EQ(choose_encoding("gzip, deflate, br", true, true), "br");
    EXPECT_EQ(choose_encoding("gzip, br;q=0.5", true, true), "gzip");
    EXPECT_EQ(choose_encoding("br;q=0, gzip;q=0", true, true), "");
    EXPECT_EQ(choose_encoding("br", false, true), "");
    EXPECT_EQ(choose_encoding("", true, true), "");
}

} // namespace
} // namespace musubi::http
