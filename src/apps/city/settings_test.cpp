#include "apps/city/settings.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace musubi::city {
namespace {

/// The documented file, in a folder with the secrets it names.
class Documented : public testing::Test {
  protected:
    void SetUp() override {
        m_folder = std::filesystem::path(testing::TempDir()) / ("musubi_settings_" + std::to_string(getpid()));
        std::filesystem::create_directories(m_folder);
        write("data-key", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n");
        write("certification-key", "key\n");
        write("mail-password", "password\n");
        std::stringstream text;
        text << std::ifstream("deploy/musubi-server.toml").rdbuf();
        m_text = text.str();
    }
    void TearDown() override { std::filesystem::remove_all(m_folder); }

    void write(const std::string& name, std::string_view text) { std::ofstream(m_folder / name) << text; }
    void replace(std::string_view from, std::string_view to) {
        const size_t at = m_text.find(from);
        ASSERT_NE(at, std::string::npos) << from;
        m_text.replace(at, from.size(), to);
    }
    base::Result<Settings> load() {
        write("server.toml", m_text);
        return load_settings((m_folder / "server.toml").string());
    }
    std::string why() {
        auto settings = load();
        return settings ? "" : settings.error().detail;
    }

    std::filesystem::path m_folder;
    std::string m_text;
};

TEST_F(Documented, the_documented_file_is_accepted_as_it_stands) {
    const auto settings = load();
    ASSERT_TRUE(settings) << settings.error().detail;
    EXPECT_EQ(settings->environment, Environment::Production);
    EXPECT_EQ(settings->public_host(), "kenko.city.example.jp");
    EXPECT_EQ(settings->listen.port, 8080);
    EXPECT_EQ(settings->certification.signature_authorities.at(0), (m_folder / "authorities/signature.pem").string());
    EXPECT_EQ(settings->certification.key.reveal(), "key");
    EXPECT_TRUE(data_key(*settings));
}

TEST_F(Documented, every_documented_default_is_the_real_one) {
    auto before = load();
    ASSERT_TRUE(before);
    std::istringstream lines(std::exchange(m_text, {}));
    for (std::string line; std::getline(lines, line);) {
        const bool default_value =
            line.starts_with("# ") && line.find(" = ") != std::string::npos && line.find("tls_") == std::string::npos &&
            line.find("web_folder") == std::string::npos && line.find("connection") == std::string::npos &&
            line.find("statement_") == std::string::npos && line.find("reply_to") == std::string::npos &&
            line.find("witness") == std::string::npos && line.find("file = ") == std::string::npos;
        m_text += (default_value ? line.substr(2) : line) + "\n";
    }
    auto after = load();
    ASSERT_TRUE(after) << after.error().detail;
    EXPECT_EQ(after->sessions.citizen_idle, before->sessions.citizen_idle);
    EXPECT_EQ(after->sessions.staff_lifetime, before->sessions.staff_lifetime);
    EXPECT_EQ(after->enrolment.waiting_lifetime, before->enrolment.waiting_lifetime);
    EXPECT_EQ(after->closing_grace, before->closing_grace);
    EXPECT_EQ(after->listen.body_timeout, before->listen.body_timeout);
    EXPECT_EQ(after->agent_addresses, before->agent_addresses);
    EXPECT_EQ(after->migrate_at_start, before->migrate_at_start);
    EXPECT_EQ(after->certification.list_refresh, before->certification.list_refresh);
}

TEST_F(Documented, production_refuses_the_test_trust_store) {
    replace("trust = \"production\"", "trust = \"test\"");
    EXPECT_NE(why().find("certification.trust: the test trust store is for demo installations only"), std::string::npos)
        << why();
    replace("environment = \"production\"", "environment = \"demo\"");
    EXPECT_EQ(why(), "");
}

TEST_F(Documented, production_refuses_unencrypted_ways_out) {
    replace("\"https://kenko", "\"http://kenko");
    replace("\"starttls\"", "\"none\"");
    replace("127.0.0.1:8080", "[::]:8080");
    replace("trusted_proxies = [\"127.0.0.1\"]", "trusted_proxies = []");
    const std::string all = why();
    EXPECT_NE(all.find("server.public_url: must begin with https://"), std::string::npos) << all;
    EXPECT_NE(all.find("mail.security: mail to another machine must be encrypted"), std::string::npos) << all;
    EXPECT_NE(all.find("server.listen: plain HTTP on a public address"), std::string::npos) << all;
}

TEST_F(Documented, a_short_data_key_is_refused) {
    write("data-key", "c2hvcnQ=\n");
    EXPECT_NE(why().find("server.data_key: needs 32 random bytes as base64"), std::string::npos) << why();
}

} // namespace
} // namespace musubi::city
