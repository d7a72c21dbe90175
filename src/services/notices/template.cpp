#include "services/notices/template.h"

#include "base/encoding.h"
#include "lib/crypto/digest.h"

#include <algorithm>
#include <cctype>
#include <set>

namespace musubi::notices {
namespace {

constexpr size_t kLongSentence = 60; // characters; やさしい日本語 guidelines ask for about 30
constexpr size_t kLongEasySentence = 35;

constexpr std::array kLanguages{base::Language::Japanese, base::Language::EasyJapanese, base::Language::English};

const Words& words_of(const TemplateBody& body, base::Language language) {
    if (language == base::Language::EasyJapanese) return body.ja_easy;
    return language == base::Language::English ? body.en : body.ja;
}

/// Calls `literal` and `name` for the parts of a text: "{name}" is a placeholder, "{漢字|かんじ}" a reading and stays.
template <class Literal, class Name> void walk(std::string_view text, Literal literal, Name name) {
    for (size_t at = 0; at < text.size();) {
        const size_t open = text.find('{', at);
        const size_t close = open == std::string_view::npos ? open : text.find('}', open);
        if (close == std::string_view::npos) return literal(text.substr(at));
        const auto inside = text.substr(open + 1, close - open - 1);
        if (inside.find('|') != std::string_view::npos) {
            literal(text.substr(at, close + 1 - at));
        } else {
            literal(text.substr(at, open - at));
            name(inside);
        }
        at = close + 1;
    }
}

std::set<std::string> names_in(const Words& words) {
    std::set<std::string> out;
    for (const std::string* text : {&words.title, &words.text, &words.action})
        walk(*text, [](std::string_view) {}, [&](std::string_view name) { out.emplace(name); });
    return out;
}

std::string show(ValueType type, const std::string& value, base::Language language) {
    static constexpr std::array kMonths{"January", "February", "March",     "April",   "May",      "June",
                                        "July",    "August",   "September", "October", "November", "December"};
    if (type == ValueType::Date)
        if (const auto date = base::CivilDate::parse(value)) {
            if (language == base::Language::English)
                return std::to_string(date->day()) + " " + kMonths[date->month() - 1] + " " +
                       std::to_string(date->year());
            return std::to_string(date->year()) + "年" + std::to_string(date->month()) + "月" +
                   std::to_string(date->day()) + "日";
        }
    return value;
}

std::string fill_text(std::string_view text, const TemplateBody& body, base::Language language, const Values& values) {
    std::string out;
    walk(
        text, [&](std::string_view literal) { out += literal; },
        [&](std::string_view name) {
            const auto value = values.find(std::string(name));
            if (value == values.end()) return;
            ValueType type = ValueType::Text;
            for (const auto* list : {&body.placeholders, &own_placeholders()})
                for (const Placeholder& one : *list)
                    if (one.name == name) type = one.type;
            out += show(type, value->second, language);
        });
    return out;
}

size_t characters(std::string_view text) {
    return static_cast<size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<uint8_t>(c) & 0xc0) != 0x80; }));
}

// CJK Unified Ideographs, U+3400 to U+9FFF: in UTF-8 three bytes from E3 90 to E9 BF.
bool is_kanji(std::string_view at) {
    if (at.size() < 3) return false;
    const unsigned code = (static_cast<uint8_t>(at[0]) & 0x0fu) << 12 | (static_cast<uint8_t>(at[1]) & 0x3fu) << 6 |
                          (static_cast<uint8_t>(at[2]) & 0x3fu);
    return (static_cast<uint8_t>(at[0]) & 0xf0) == 0xe0 && code >= 0x3400 && code <= 0x9fff;
}

bool kanji_without_reading(std::string_view sentence) {
    bool inside = false;
    for (size_t at = 0; at < sentence.size(); ++at) {
        if (sentence[at] == '{') inside = true;
        if (sentence[at] == '}') inside = false;
        if (!inside && is_kanji(sentence.substr(at))) return true;
    }
    return false;
}

std::string beginning(std::string_view text) {
    size_t end = 0;
    for (int count = 0; end < text.size() && count < 20; ++count) {
        ++end;
        while (end < text.size() && (static_cast<uint8_t>(text[end]) & 0xc0) == 0x80) ++end;
    }
    return std::string(text.substr(0, end));
}

void advise_sentence(std::string_view sentence, base::Language language, std::vector<Advice>& out) {
    const bool easy = language == base::Language::EasyJapanese;
    const std::string name(easy ? "ja-easy" : "ja");
    if (characters(sentence) > (easy ? kLongEasySentence : kLongSentence))
        out.push_back({name, "sentence-long", beginning(sentence)});
    if (easy && kanji_without_reading(sentence)) out.push_back({name, "reading-missing", beginning(sentence)});
}

} // namespace

const std::vector<Placeholder>& own_placeholders() {
    static const std::vector<Placeholder> own = {
        {"name", ValueType::Text}, {"birthDate", ValueType::Date}, {"age", ValueType::Number}};
    return own;
}

base::Status check_template(const TemplateBody& body) {
    base::Error error = base::invalid("notices.template-invalid");
    std::set<std::string> declared;
    for (const Placeholder& one : body.placeholders) {
        const bool plain = std::all_of(one.name.begin(), one.name.end(),
                                       [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; });
        if (!plain || !declared.insert(one.name).second) error.fields.push_back({"/placeholders", "malformed"});
    }
    std::set<std::string> known = declared;
    for (const Placeholder& one : own_placeholders()) known.insert(one.name);
    std::set<std::string> used;
    for (const base::Language language : kLanguages) {
        const Words& words = words_of(body, language);
        const std::string path = language == base::Language::Japanese       ? "/ja"
                                 : language == base::Language::EasyJapanese ? "/jaEasy"
                                                                            : "/en";
        const auto names = names_in(words);
        for (const std::string& name : names)
            if (!known.contains(name)) error.fields.push_back({path + "/text", "placeholder-unknown"});
        used.insert(names.begin(), names.end());
        if (words.action.empty() != body.link.empty()) error.fields.push_back({path + "/action", "missing"});
    }
    for (const std::string& name : declared)
        if (!used.contains(name)) error.fields.push_back({"/placeholders", "unused"});
    const bool ours = body.link.starts_with('/') && !body.link.starts_with("//");
    if (!body.link.empty() && !ours && !body.link.starts_with("https://"))
        error.fields.push_back({"/link", "malformed"});
    if (!error.fields.empty()) return error;
    return base::success();
}

std::vector<Advice> advise(const TemplateBody& body) {
    std::vector<Advice> out;
    for (const base::Language language : {base::Language::Japanese, base::Language::EasyJapanese}) {
        std::string_view rest = words_of(body, language).text;
        constexpr std::string_view kStop = "。";
        while (!rest.empty() && out.size() < 50) {
            const size_t stop = std::min(rest.find(kStop), rest.find('\n'));
            const auto sentence = rest.substr(0, stop);
            if (!sentence.empty()) advise_sentence(sentence, language, out);
            if (stop == std::string_view::npos) break;
            rest.remove_prefix(stop + (rest[stop] == '\n' ? 1 : kStop.size()));
        }
    }
    return out;
}

bool fits(ValueType type, const std::string& value) {
    if (value.empty() || value.size() > 1000) return false;
    if (type == ValueType::Date) return base::CivilDate::parse(value).has_value();
    if (type == ValueType::Number) return value.find_first_not_of("0123456789") == std::string::npos;
    return true;
}

Words fill(const TemplateBody& body, base::Language language, const Values& values) {
    const Words& words = words_of(body, language);
    return {fill_text(words.title, body, language, values), fill_text(words.text, body, language, values),
            fill_text(words.action, body, language, values)};
}

std::string digest_of(const TemplateBody& body, const Values& values, const std::string& deadline) {
    crypto::Hasher hasher(crypto::Hash::Sha256);
    const auto add = [&](const std::string& part) {
        hasher.update(std::to_string(part.size()) + ":");
        hasher.update(part);
    };
    for (const base::Language language : kLanguages) {
        const Words words = fill(body, language, values);
        add(words.title);
        add(words.text);
        add(words.action);
    }
    add(body.link);
    add(deadline);
    return base::hex_encode(hasher.finish());
}

} // namespace musubi::notices
