#include "lib/http/web_pages.h"

#include "lib/http/system_routes.h"
#include "lib/http/testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace musubi::http {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr auto kFolder = "src/lib/http/test_web"; // tests run in the source folder

/// The same pages, compiled in and read from the folder.
class WebPagesTest : public ::testing::TestWithParam<bool> {
  protected:
    static WebBundle bundle() {
        if (GetParam()) return embedded_web();
        auto read = read_web_folder(kFolder);
        EXPECT_TRUE(read.ok()) << (read ? "" : read.error().detail);
        return std::move(*read);
    }
    WebPagesTest() {
        router.configure({.access_log = AccessLog::Off});
        router.set_fallback([this](const Request& request) { return pages.find(request); });
    }
    Response get(std::string_view path, std::vector<Header> headers = {}) {
        client.headers = std::move(headers);
        return client.get(path);
    }
    base::FixedClock clock{base::Instant{}};
    Router router{clock};
    WebPages pages{bundle()};
    testing::Client client{router};
};

TEST_P(WebPagesTest, SendsTheSmallestFormTheClientTakes) {
    const std::string_view path = "/assets/app-1a2b.js";
    const auto plain = get(path);
    EXPECT_THAT(plain.content(), StartsWith("console.log"));
    EXPECT_EQ(plain.content_type, "text/javascript; charset=utf-8");
    EXPECT_EQ(plain.header("Content-Encoding"), "");
    EXPECT_EQ(plain.header("Vary"), "Accept-Encoding");
    const auto brotli = get(path, {{"Accept-Encoding", "gzip, deflate, br"}});
    EXPECT_EQ(brotli.header("Content-Encoding"), "br");
    EXPECT_EQ(brotli.content(), "brotli twin");
    const auto gzip = get(path, {{"Accept-Encoding", "gzip"}});
    EXPECT_EQ(gzip.header("Content-Encoding"), "gzip");
    EXPECT_THAT(gzip.content(), StartsWith("\x1F\x8B"));
    EXPECT_NE(plain.header("ETag"), gzip.header("ETag"));
}

TEST_P(WebPagesTest, CachesHashedNamesForeverAndPagesNever) {
    EXPECT_EQ(get("/assets/app-1a2b.js").header("Cache-Control"), "public, max-age=31536000, immutable");
    const auto page = get("/");
    EXPECT_EQ(page.header("Cache-Control"), "no-cache");
    const auto again = get("/", {{"If-None-Match", std::string(page.header("ETag"))}});
    EXPECT_EQ(again.status, 304);
    EXPECT_EQ(again.content(), "");
}

TEST_P(WebPagesTest, AnswersApplicationAddressesWithTheirPageAndPolicy) {
    for (const auto* path : {"/start", "/home", "/home/records/7"}) {
        const auto response = get(path);
        EXPECT_THAT(response.content(), HasSubstr("<title>citizen</title>")) << path;
        EXPECT_THAT(response.header("Content-Security-Policy"), HasSubstr("ws://127.0.0.1:27180"));
        EXPECT_EQ(response.policy.find("Content-Security-Policy"), std::string_view::npos) << "two policies add up";
    }
    EXPECT_THAT(get("/console/letters").content(), HasSubstr("<title>console</title>"));
    EXPECT_THAT(get("/").content(), HasSubstr("見本市"));
    EXPECT_THAT(get("/").header("Content-Security-Policy"), HasSubstr("style-src"));
    EXPECT_EQ(get("/starting").status, 404);
}

TEST_P(WebPagesTest, ShowsPeopleAPageAndProgramsAProblemWhenNothingIsThere) {
    const auto person = get("/nowhere", {{"Accept", "text/html,*/*"}});
    EXPECT_EQ(person.status, 404);
    EXPECT_THAT(person.content(), HasSubstr("ありません"));
    EXPECT_EQ(get("/nowhere").content_type, "application/problem+json");
    EXPECT_EQ(get("/api/nowhere", {{"Accept", "text/html"}}).content_type, "application/problem+json");
    EXPECT_EQ(client.post("/start").status, 404);
}

INSTANTIATE_TEST_SUITE_P(Pages, WebPagesTest, ::testing::Bool(),
                         [](const auto& param) { return param.param ? "Embedded" : "FromFolder"; });

TEST(ReadWebFolder, NamesTheFileThatIsMissing) {
    const auto read = read_web_folder("src/lib/http/test_web/assets");
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().code, "web.unreadable");
    EXPECT_THAT(read.error().detail, HasSubstr("assets.json"));
}

} // namespace
} // namespace musubi::http
