#include "base/i18n.h"

#include <gtest/gtest.h>

namespace musubi::base {
namespace {

constexpr Message kGreeting{"greeting",
                            {"{name} 様", "{name} さん、{登録|とうろく} できました", "Dear {name}, {{ok}}"}};

TEST(Messages, placeholders_are_filled_by_name_in_each_language) {
    EXPECT_EQ(say(kGreeting, Language::Japanese, {{"name", "𠮷田"}}), "𠮷田 様");
    EXPECT_EQ(say(kGreeting, Language::English, {{"name", "Yoshida"}}), "Dear Yoshida, {ok}");
}

TEST(Messages, ruby_is_dropped_in_text_and_rendered_in_html) {
    EXPECT_EQ(say(kGreeting, Language::EasyJapanese, {{"name", "A"}}), "A さん、登録 できました");
    EXPECT_EQ(say_html(kGreeting, Language::EasyJapanese, {{"name", "<b>"}}),
              "&lt;b&gt; さん、<ruby>登録<rt>とうろく</rt></ruby> できました");
}

TEST(Messages, a_value_is_never_read_as_a_placeholder) {
    EXPECT_EQ(say(kGreeting, Language::Japanese, {{"name", "{name}{漢|か}"}}), "{name}{漢|か} 様");
}

TEST(Messages, are_found_by_key) {
    constexpr Message all[] = {{"a.b", {"1", "2", "3"}}, {"a.c", {"4", "5", "6"}}};
    EXPECT_EQ(find_message(all, "a.c")->texts[2], "6");
    EXPECT_EQ(find_message(all, "a.d"), nullptr);
}

TEST(Messages, languages_have_stable_tags) {
    for (const auto* tag : {"ja", "ja-easy", "en"}) EXPECT_EQ(language_tag(*parse_language(tag)), tag);
    EXPECT_FALSE(parse_language("fr"));
}

} // namespace
} // namespace musubi::base
