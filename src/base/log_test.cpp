#include "base/log.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace musubi::log {
namespace {

using namespace std::chrono_literals;

template <class T>
concept Loggable = requires(const T& value) { field("x", value); };
struct Unlisted {};
static_assert(!Loggable<base::CivilDate>, "a civil date is mostly a birth date");
static_assert(!Loggable<Unlisted>);
static_assert(Loggable<base::Secret>);

class LogToFile : public testing::Test {
  protected:
    void SetUp() override {
        m_path = testing::TempDir() + "musubi_log_" + std::to_string(getpid());
        std::filesystem::remove(m_path);
        configure({.level = Level::Info, .program = "test", .file = m_path, .clock = &m_clock});
    }
    void TearDown() override {
        configure({});
        std::filesystem::remove(m_path);
    }
    std::vector<std::string> lines() {
        flush();
        std::ifstream file(m_path);
        std::vector<std::string> out;
        for (std::string line; std::getline(file, line);) out.push_back(line);
        return out;
    }
    base::FixedClock m_clock{base::Instant::from_milliseconds(0)};
    std::string m_path;
};

TEST_F(LogToFile, writes_one_json_object_per_line) {
    info("request", {field("operation", "listNotices"), field("status", 200), field("ok", true),
                     field("took", std::chrono::nanoseconds(1'234'567)), field("text", "a \"b\"\n\x01")});
    ASSERT_EQ(lines().size(), 1U);
    EXPECT_EQ(lines()[0], R"({"time":"1970-01-01T00:00:00.000Z","level":"info","event":"request","program":"test",)"
                          R"("operation":"listNotices","status":200,"ok":true,"took":1.235,"text":"a \"b\"\n\u0001"})");
}

TEST_F(LogToFile, withholds_secrets_and_persons_by_their_type) {
    base::SeededRandom random(1);
    info("x", {field("pin", base::Secret("1234")), field("name", base::Personal<std::string>("山田花子")),
               field("person", base::PersonId::make(base::Instant(), random))});
    EXPECT_NE(lines()[0].find(R"x("pin":"(secret)","name":"(personal)","person":"(person)"})x"), std::string::npos);
}

TEST_F(LogToFile, leaves_out_levels_below_the_chosen_one) {
    debug("quiet");
    EXPECT_TRUE(lines().empty());
}

TEST_F(LogToFile, cuts_long_values_between_characters) {
    std::string text;
    for (int i = 0; i < 1000; ++i) text += "あ";
    info("x", {field("text", text)});
    EXPECT_LT(lines()[0].size(), 2200U);
    EXPECT_NE(lines()[0].find("ああ…\"}"), std::string::npos);
}

TEST_F(LogToFile, limits_repeated_warnings_and_counts_what_was_left_out) {
    for (int i = 0; i < 25; ++i) warning("database-slow");
    warning("another");
    EXPECT_EQ(lines().size(), 11U);
    m_clock.advance(11s);
    warning("database-slow");
    EXPECT_NE(lines().back().find("\"suppressed\":15"), std::string::npos);
    for (int i = 0; i < 25; ++i) info("request");
    EXPECT_EQ(lines().size(), 37U);
}

} // namespace
} // namespace musubi::log
