#include "base/i18n.h"

#include <algorithm>

namespace musubi::base {
namespace {

enum class Form { Text, Html };

void append(std::string& out, std::string_view text, Form form) {
    if (form == Form::Text) {
        out += text;
        return;
    }
    for (const char c : text) {
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        default:
            out += c;
        }
    }
}

void append_braced(std::string& out, std::string_view inside, Placeholders values, Form form) {
    const size_t bar = inside.find('|');
    if (bar == std::string_view::npos) {
        for (const auto& [name, value] : values)
            if (name == inside) return append(out, value, form);
        out += '{';
        append(out, inside, form);
        out += '}';
        return;
    }
    if (form == Form::Text) {
        out += inside.substr(0, bar);
        return;
    }
    out += "<ruby>";
    append(out, inside.substr(0, bar), form);
    out += "<rt>";
    append(out, inside.substr(bar + 1), form);
    out += "</rt></ruby>";
}

std::string render(std::string_view text, Placeholders values, Form form) {
    std::string out;
    out.reserve(text.size() + 32);
    for (size_t at = 0; at < text.size();) {
        const size_t brace = text.find_first_of("{}", at);
        append(out, text.substr(at, brace - at), form);
        if (brace == std::string_view::npos) break;
        const size_t close = text.find('}', brace);
        if (brace + 1 < text.size() && text[brace + 1] == text[brace]) {
            out += text[brace];
            at = brace + 2;
        } else if (text[brace] == '{' && close != std::string_view::npos) {
            append_braced(out, text.substr(brace + 1, close - brace - 1), values, form);
            at = close + 1;
        } else {
            out += text[brace];
            at = brace + 1;
        }
    }
    return out;
}

} // namespace

std::string_view language_tag(Language language) {
    switch (language) {
    case Language::Japanese:
        return "ja";
    case Language::EasyJapanese:
        return "ja-easy";
    case Language::English:
        return "en";
    }
    return "ja";
}

std::optional<Language> parse_language(std::string_view tag) {
    for (const auto language : {Language::Japanese, Language::EasyJapanese, Language::English})
        if (language_tag(language) == tag) return language;
    return std::nullopt;
}

std::string say(const Message& message, Language language, Placeholders values) {
    return render(message.texts[static_cast<size_t>(language)], values, Form::Text);
}

std::string say_html(const Message& message, Language language, Placeholders values) {
    return render(message.texts[static_cast<size_t>(language)], values, Form::Html);
}

const Message* find_message(std::span<const Message> all, std::string_view key) {
    const auto at = std::lower_bound(all.begin(), all.end(), key,
                                     [](const Message& message, std::string_view k) { return message.key < k; });
    return at != all.end() && at->key == key ? &*at : nullptr;
}

} // namespace musubi::base
