// What a notice says: a template in three languages with placeholders, checked before anybody may send it.
#pragma once

#include "base/i18n.h"
#include "base/result.h"
#include "base/time.h"
#include "lib/json/json.h"

#include <array>
#include <map>
#include <string>
#include <vector>

namespace musubi::notices {

enum class Category { Childcare, Health, Insurance, Tax, Welfare, Safety, Procedure, Other };
constexpr auto json_names(Category) {
    return std::array{std::pair{Category::Childcare, "childcare"}, std::pair{Category::Health, "health"},
                      std::pair{Category::Insurance, "insurance"}, std::pair{Category::Tax, "tax"},
                      std::pair{Category::Welfare, "welfare"},     std::pair{Category::Safety, "safety"},
                      std::pair{Category::Procedure, "procedure"}, std::pair{Category::Other, "other"}};
}
/// A statutory notice reaches everybody it is for; the other kind may be switched off channel by channel.
enum class Duty { Statutory, Voluntary };
constexpr auto json_names(Duty) {
    return std::array{std::pair{Duty::Statutory, "statutory"}, std::pair{Duty::Voluntary, "voluntary"}};
}

enum class ValueType { Text, Date, Number };
constexpr auto json_names(ValueType) {
    return std::array{std::pair{ValueType::Text, "text"}, std::pair{ValueType::Date, "date"},
                      std::pair{ValueType::Number, "number"}};
}
struct Placeholder {
    std::string name; // a-z, A-Z, 0-9
    ValueType type = ValueType::Text;
};
template <class Fields> void describe(Fields& fields, Placeholder& placeholder) {
    fields("name", placeholder.name, json::Rule{.max_length = 40, .min_length = 1});
    fields("type", placeholder.type);
}

struct Words {
    std::string title;
    std::string text;   // paragraphs separated by empty lines
    std::string action; // the button's words; empty without an action
};
template <class Fields> void describe(Fields& fields, Words& words) {
    fields("title", words.title, json::Rule{.max_length = 100, .min_length = 1});
    fields("text", words.text, json::Rule{.max_length = 8000, .min_length = 1});
    fields("action", words.action, json::Rule{.max_length = 60});
}

struct TemplateBody {
    std::string name; // for staff
    Category category = Category::Other;
    Duty duty = Duty::Voluntary;
    Words ja;
    Words ja_easy;
    Words en;
    std::vector<Placeholder> placeholders;
    std::string link; // where the action leads: a page of ours ("/family") or https
};
template <class Fields> void describe(Fields& fields, TemplateBody& body) {
    fields("name", body.name, json::Rule{.max_length = 100, .min_length = 1});
    fields("category", body.category);
    fields("duty", body.duty);
    fields("ja", body.ja);
    fields("jaEasy", body.ja_easy);
    fields("en", body.en);
    fields("placeholders", body.placeholders, json::Rule{.max_items = 30});
    fields("link", body.link, json::Rule{.max_length = 500});
}

using Values = std::map<std::string, std::string>;

/// Values every notice has without being declared: name, birthDate and age of the person it is about.
const std::vector<Placeholder>& own_placeholders();

/// "notices.template-invalid" with the fields that are wrong: a placeholder that is not declared or not used, a link
/// that leads to neither us nor https, an action in some languages only.
base::Status check_template(const TemplateBody& body);
/// What staff should look at again, as codes: "sentence-long", "reading-missing", "kanji-many".
struct Advice {
    std::string language;
    std::string code;
    std::string where; // the beginning of the sentence
};
template <class Fields> void describe(Fields& fields, Advice& advice) {
    fields("language", advice.language);
    fields("code", advice.code);
    fields("where", advice.where);
}
std::vector<Advice> advise(const TemplateBody& body);

/// A value as its type allows it: a date is YYYY-MM-DD, a number digits.
bool fits(ValueType type, const std::string& value);
/// The words with their values, dates and numbers as the language writes them.
Words fill(const TemplateBody& body, base::Language language, const Values& values);
/// SHA-256 over the notice in all languages and where it leads: what exactly somebody was shown.
std::string digest_of(const TemplateBody& body, const Values& values, const std::string& deadline);

} // namespace musubi::notices
