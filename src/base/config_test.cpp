#include "base/config.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

namespace musubi::base {
namespace {

using namespace std::chrono_literals;

Config parse_ok(std::string_view text) {
    auto config = Config::parse(text, "test.toml", "/etc/musubi");
    EXPECT_TRUE(config) << config.error().detail;
    return std::move(*config);
}

TEST(Config, reads_values_with_their_units) {
    auto config = parse_ok("[server]\n"
                           "public_url = \"https://city.example\"\n"
                           "idle = \"90s\"\n"
                           "limit = \"5MB\"\n"
                           "port = 8443\n"
                           "tls = true\n"
                           "origins = [\"a\", \"b\"]\n"
                           "data = \"musubi.db\"\n");
    EXPECT_EQ(config.text("server.public_url"), "https://city.example");
    EXPECT_EQ(config.duration("server.idle", {}), 90s);
    EXPECT_EQ(config.size("server.limit", {}), 5'000'000U);
    EXPECT_EQ(config.integer("server.port", {.minimum = 1, .maximum = 65535}), 8443);
    EXPECT_TRUE(config.flag("server.tls"));
    EXPECT_EQ(config.texts("server.origins"), (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(config.path("server.data"), "/etc/musubi/musubi.db");
    EXPECT_EQ(config.text("server.motto", "none"), "none");
    EXPECT_TRUE(config.finish());
}

TEST(Config, tells_every_wrong_missing_and_unknown_entry_at_once_with_its_line) {
    auto config = parse_ok("[server]\n"
                           "idle = 90\n"
                           "port = 70000\n"
                           "pubilc_url = \"x\"\n"
                           "mode = \"fast\"\n"
                           "limit = \"5 MB\"\n");
    config.duration("server.idle", {});
    config.integer("server.port", {.minimum = 1, .maximum = 65535});
    config.text("server.public_url");
    config.choice<int>("server.mode", {{"demo", 1}, {"production", 2}});
    config.size("server.limit", {});
    const auto status = config.finish();
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, "config.invalid");
    EXPECT_EQ(status.error().detail,
              "test.toml has 6 problems:\n"
              "  server.public_url: is missing; it needs a text in quotes\n"
              "  line 2: server.idle: needs a duration with its unit, as in \"10s\" (ms, s, min, h, d), not a value of "
              "type integer\n"
              "  line 3: server.port: must be from 1 to 65535\n"
              "  line 4: server.pubilc_url: this entry is not known here; did you mean server.public_url?\n"
              "  line 5: server.mode: must be one of \"demo\", \"production\", not \"fast\"\n"
              "  line 6: server.limit: needs a size with its unit, as in \"5MB\" (B, kB, MB, GB, KiB, MiB, GiB), not "
              "\"5 MB\"");
}

TEST(Config, keeps_limits_of_durations) {
    auto config = parse_ok("a = \"10ms\"\nb = \"2d\"\n");
    config.duration("a", {.minimum = 1s});
    config.duration("b", {.maximum = 24h});
    EXPECT_EQ(config.finish().error().detail,
              "test.toml has 2 problems:\n  line 1: a: must be at least 1s\n  line 2: b: must be at most 1d");
}

TEST(Config, takes_a_secret_from_a_file_and_refuses_it_twice) {
    const std::string file = testing::TempDir() + "musubi_config_secret";
    std::ofstream(file) << "s3cret\n";
    auto config = parse_ok("key_file = \"" + file + "\"\n");
    EXPECT_EQ(config.secret("key", Need::Required).reveal(), "s3cret");
    EXPECT_TRUE(config.finish());

    auto twice = parse_ok("key = \"a\"\nkey_file = \"" + file + "\"\n");
    twice.secret("key", Need::Required);
    EXPECT_EQ(twice.finish().error().detail,
              "test.toml has 1 problem:\n  line 1: key: stands here and in key_file; keep one of them");

    auto absent = parse_ok("key_file = \"/nowhere/at/all\"\n");
    absent.secret("key", Need::Required);
    EXPECT_EQ(absent.finish().error().detail,
              "test.toml has 1 problem:\n  line 1: key_file: /nowhere/at/all: there is no such file");
    std::filesystem::remove(file);
}

TEST(Config, walks_repeated_sections_and_checks_inside_them) {
    auto config = parse_ok("[[key]]\nname = \"server\"\n[[key]]\nnmae = \"card\"\n");
    const auto keys = config.tables("key");
    ASSERT_EQ(keys.size(), 2U);
    for (auto key : keys) key.text("name");
    EXPECT_EQ(config.finish().error().detail,
              "test.toml has 2 problems:\n"
              "  key.1.name: is missing; it needs a text in quotes\n"
              "  line 4: key.1.nmae: this entry is not known here; did you mean key.1.name?");
}

TEST(Config, says_where_the_file_is_not_toml) {
    const auto config = Config::parse("[server]\nport == 1\n", "test.toml");
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().code, "config.malformed");
    EXPECT_NE(config.error().detail.find("test.toml is not valid TOML: line 2"), std::string::npos)
        << config.error().detail;
}

TEST(Config, survives_what_makes_the_parser_assert) {
    const auto config = Config::parse("a = 1\nb = 2\n[=key]]\nc = 3\n", "test.toml");
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().detail, "test.toml is not valid TOML: line 3");
}

TEST(Config, names_the_line_with_a_full_width_space_outside_quotes) {
    const auto config =
        Config::parse("# 設定\na = \"日本\"\nb = \"\"\"\n日本\\\"\n\"\"\"\nc =\u3000\"1\"\n", "test.toml");
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().detail,
              "test.toml is not valid TOML: line 6: a character outside quotes that is not ASCII "
              "(a full-width space?)");
    EXPECT_TRUE(Config::parse("# 設定\na = '日本'\nb = '''\n日本\n'''\n"));
}

TEST(Config, says_that_a_file_is_not_there) {
    const auto config = Config::load("/nowhere/musubi.toml");
    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().detail, "/nowhere/musubi.toml: there is no such file");
}

} // namespace
} // namespace musubi::base
