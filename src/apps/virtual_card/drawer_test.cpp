#include "apps/virtual_card/drawer.h"

#include "apps/virtual_card/issuer.h"
#include "apps/virtual_card/tray.h"
#include "base/encoding.h"
#include "lib/card/test_card.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <unistd.h>

namespace musubi::virtual_card {
namespace {

namespace fs = std::filesystem;

class TrayTest : public testing::Test {
  protected:
    TrayTest() {
        fs::remove_all(folder);
        fs::create_directories(folder);
        About about{.id = "one", .name = "見本　花子"};
        EXPECT_TRUE(drawer.put(about, card::test::image()));
    }
    ~TrayTest() override { fs::remove_all(folder); }

    loopback::Response post(std::string path, std::string body, std::string origin = {}) {
        loopback::Request request{.method = "POST", .path = std::move(path), .body = std::move(body)};
        request.headers = {{"Content-Type", "application/json"}, {"Host", "127.0.0.1:8070"}};
        if (!origin.empty()) request.headers.emplace_back("Origin", origin);
        return tray.handle(request);
    }
    std::string get(std::string path) { return tray.handle({.method = "GET", .path = std::move(path)}).body; }

    const std::string folder = fs::temp_directory_path() / ("musubi-tray-" + std::to_string(::getpid()));
    base::SeededRandom random{1};
    Drawer drawer{folder, random};
    Issuer issuer{{}, folder, random, base::system_clock()};
    Tray tray{drawer, issuer, {WantedCard{"two", "holder-two", "見本　太郎"}}, {1, 2}}; // ports nobody listens on
};

std::string wrong_pin(InsertedCard& card) {
    card.transmit(*base::hex_decode("00a4040c0ad392f000260100000001"));
    return base::hex_encode(card.transmit(*base::hex_decode("002000980430303030")));
}

TEST_F(TrayTest, a_wrong_try_is_on_the_disk_before_it_is_answered) {
    const auto card = drawer.take("one");
    ASSERT_TRUE(card);
    EXPECT_EQ(wrong_pin(**card), "63c2");
    EXPECT_EQ(drawer.tries("one")->user, 2u);
    EXPECT_EQ(wrong_pin(**drawer.take("one")), "63c1"); // a new start goes on counting
    EXPECT_TRUE(drawer.restore("one"));
    EXPECT_EQ(drawer.tries("one")->user, 3u);
}

TEST_F(TrayTest, a_card_whose_memory_cannot_be_saved_says_so_and_proves_nothing) {
    const auto card = drawer.take("one");
    fs::remove_all(folder);
    EXPECT_EQ(wrong_pin(**card), "6581");
}

TEST_F(TrayTest, cards_go_in_and_out_and_into_one_slot_at_a_time) {
    EXPECT_EQ(post("/api/insert", R"({"card":"one","slot":0})").status, 204);
    EXPECT_EQ(post("/api/insert", R"({"card":"one","slot":1})").status, 409);
    EXPECT_NE(get("/api/state").find(R"("card":"one","slot":0)"), std::string::npos);
    EXPECT_EQ(post("/api/pull", R"({"slot":0})").status, 204);
    EXPECT_EQ(post("/api/insert", R"({"card":"one","slot":1})").status, 204);
    EXPECT_EQ(post("/api/restore", R"({"card":"one"})").status, 204);
    EXPECT_EQ(post("/api/insert", R"({"card":"one","slot":5})").status, 404);
}

TEST_F(TrayTest, what_is_not_there_or_makes_no_sense_is_refused) {
    EXPECT_EQ(post("/api/insert", R"({"card":"nobody","slot":0})").status, 404);
    EXPECT_EQ(post("/api/insert", R"({"card":"../one","slot":0})").status, 404);
    EXPECT_EQ(post("/api/restore", R"({"card":"../../etc"})").status, 404);
    EXPECT_EQ(post("/api/insert-holder", R"({"holderId":"a/b","slot":0})").status, 404);
    EXPECT_EQ(post("/api/insert", "{").status, 400);
    EXPECT_EQ(post("/api/insert", R"({"card":"one","slot":-1})").status, 400);
    EXPECT_EQ(post("/api/nothing", "{}").status, 404);
    EXPECT_EQ(post("/api/insert", R"({"card":"two","slot":0})").body,
              R"({"code":"tray.certification-unreachable","status":503})");
}

TEST_F(TrayTest, other_sites_cannot_move_cards) {
    EXPECT_EQ(post("/api/insert", R"({"card":"one","slot":0})", "http://evil.example").status, 403);
    EXPECT_EQ(post("/api/insert", R"({"card":"one","slot":0})", "null").status, 403);
    EXPECT_EQ(post("/api/insert", R"({"card":"one","slot":0})", "http://127.0.0.1:8070").status, 204);
}

TEST_F(TrayTest, the_page_lists_wanted_cards_first_and_escapes_what_it_shows) {
    About about{.id = "three", .name = "<script>alert(1)</script>"};
    ASSERT_TRUE(drawer.put(about, card::test::image()));
    const auto page = get("/");
    EXPECT_LT(page.find("見本　太郎"), page.find("見本　花子"));
    EXPECT_EQ(page.find("<script>alert"), std::string::npos);
    EXPECT_NE(page.find("&lt;script&gt;alert(1)"), std::string::npos);
}

TEST_F(TrayTest, the_list_of_wanted_cards_is_read_with_its_defaults_or_refused) {
    const auto load = [&](std::string_view text) {
        std::ofstream(folder + "/wanted.json") << text;
        return load_wanted(folder);
    };
    const auto good =
        load(R"({"cards":[{"id":"a","holderId":"h","issue":{"notAfter":"2025-01-01T00:00:00Z"},"userTries":1}]})");
    ASSERT_TRUE(good);
    EXPECT_EQ(good->front().user_pin, "1234");
    EXPECT_EQ(good->front().user_tries, 1);
    EXPECT_EQ(good->front().issue.text, R"({"notAfter":"2025-01-01T00:00:00Z"})");
    for (const auto* text : {"", "[]", "{}", R"({"cards":[1]})", R"({"cards":[{"id":"../x","holderId":"h"}]})",
                             R"({"cards":[{"id":"a"}]})"})
        EXPECT_EQ(load(text).error().code, "tray.wanted-malformed") << text;
    fs::remove(folder + "/wanted.json");
    EXPECT_TRUE(load_wanted(folder)->empty());
}

} // namespace
} // namespace musubi::virtual_card
