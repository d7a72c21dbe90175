// What people read, in three languages. A module keeps its texts in messages/ja.toml, ja-easy.toml (やさしい日本語) and
// en.toml; the build turns them into a header of constants, so a missing key does not compile and a missing language or
// a different set of placeholders fails the build (tools/compile_messages.py):
//
//     # messages/ja.toml                        #include "services/card_registration/messages.h"
//     [mail]                                    base::say(messages::kMailGreeting, language, {{"name", name}})
//     greeting = "{name} 様、{登録|とうろく}…"
//
// `{name}` is a placeholder, `{漢字|かんじ}` ruby, `{{` and `}}` a brace.
#pragma once

#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace musubi::base {

enum class Language { Japanese, EasyJapanese, English };

/// "ja", "ja-easy", "en".
std::string_view language_tag(Language language);
std::optional<Language> parse_language(std::string_view tag);

struct Message {
    std::string_view key;
    std::string_view texts[3]; // by Language
};

using Placeholders = std::initializer_list<std::pair<std::string_view, std::string_view>>;

/// Plain text: ruby is dropped, the base characters stay. A placeholder without a value stays visible as it is written.
std::string say(const Message& message, Language language, Placeholders values = {});
/// HTML: values and text are escaped, ruby becomes <ruby>.
std::string say_html(const Message& message, Language language, Placeholders values = {});

/// For keys known only at run time (error codes): `messages::kAll` of a module, sorted by key.
const Message* find_message(std::span<const Message> all, std::string_view key);

} // namespace musubi::base
