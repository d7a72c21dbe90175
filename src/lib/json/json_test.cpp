#include "lib/json/json.h"

#include <gtest/gtest.h>

namespace musubi::json {
namespace {

enum class Channel { Mail, Letter };
[[maybe_unused]] constexpr auto json_names(Channel) {
    return std::array{std::pair{Channel::Mail, "mail"}, std::pair{Channel::Letter, "letter"}};
}

struct Contact {
    std::string email;
    std::optional<std::string> telephone;
};
template <class Fields> void describe(Fields& fields, Contact& contact) {
    fields("email", contact.email, Rule{.max_length = 254, .format = "email", .meaning = "Where mail goes."});
    fields("telephone", contact.telephone, Rule{.max_length = 20, .format = "telephone"});
}

struct Everything {
    base::PersonId person;
    base::CivilDate born;
    base::Instant at;
    base::Secret pin;
    Decimal weight;
    Raw extra;
    Channel channel;
    bool wants = false;
    int32_t count = 0;
    std::optional<int64_t> limit;
    std::vector<Contact> contacts;
    std::optional<base::PersonId> guardian;
    std::map<std::string, std::string> labels;
};
template <class Fields> void describe(Fields& fields, Everything& all) {
    fields("person", all.person);
    fields("born", all.born);
    fields("at", all.at);
    fields("pin", all.pin, Rule{.max_length = 16, .min_length = 4});
    fields("weight", all.weight, Rule{.minimum = 0, .maximum = 500});
    fields("extra", all.extra);
    fields("channel", all.channel);
    fields("wants", all.wants);
    fields("count", all.count, Rule{.minimum = 1, .maximum = 9});
    fields("limit", all.limit);
    fields("contacts", all.contacts, Rule{.max_items = 2});
    fields("guardian", all.guardian);
    fields("labels", all.labels);
}

constexpr std::string_view kEverything =
    R"({"person":"01890a5d-ac96-774b-bcce-b302099a8057","born":"1990-02-28","at":"2026-11-22T09:00:00+09:00",)"
    R"("pin":"ABC123","weight":0.010,"extra":{"a":[1, 2.50]},"channel":"letter","wants":true,"count":3,)"
    R"("limit":9007199254740993,"contacts":[{"email":"hanako@example.jp"}],"guardian":null,"labels":{"色":"赤"}})";

std::string code_of(std::string_view text, Limits limits = {}) {
    auto document = Document::parse(text, limits);
    return document ? "ok" : document.error().code;
}

std::vector<std::string> field_errors(const base::Error& error) {
    std::vector<std::string> out;
    for (const auto& field : error.fields) out.push_back(field.path + " " + field.code);
    return out;
}

TEST(Document, RefusesWhatIsNotOneStrictJsonValue) {
    EXPECT_EQ(code_of(R"({"a":[1,-2.5e3,true,null,"x"]})"), "ok");
    EXPECT_EQ(code_of(" 7 \n"), "ok");
    for (const std::string_view bad : {"",
                                       " ",
                                       "{",
                                       "{\"a\":1}x",
                                       "{\"a\":1} {}",
                                       "[1,]",
                                       "{'a':1}",
                                       "{a:1}",
                                       "01",
                                       "+1",
                                       "1.",
                                       ".5",
                                       "NaN",
                                       "\"a",
                                       "\"\x01\"",
                                       "\"\\x41\"",
                                       "// c\n1",
                                       "\xEF\xBB\xBF{}",
                                       "nul",
                                       "[1 2]",
                                       "\"tab\there\""})
        EXPECT_EQ(code_of(bad), "json.malformed") << bad;
}

TEST(Document, RefusesBadUtf8AndUnpairedSurrogates) {
    for (const std::string_view bad :
         {"\"\xC0\xAF\"", "\"\xED\xA0\x80\"", "\"\xF4\x90\x80\x80\"", "\"\xE3\x81\"", R"("\ud83d")", R"("\ude00")",
          R"("\ud83d\u0041")", R"({"\udc00":1})", R"("\ude00\ud83d")", R"("\ud83d\ud83d\ude00")"})
        EXPECT_EQ(code_of(bad), "json.malformed") << bad;
    auto good = Document::parse(R"("\ud83d\ude00 \\ud800 𠮷")");
    ASSERT_TRUE(good.ok());
    EXPECT_EQ(good->root().string(), "😀 \\ud800 𠮷");
}

TEST(Document, RefusesDuplicateKeysAlsoWhenEscapedDifferently) {
    EXPECT_EQ(code_of(R"({"a":1,"b":2,"a":3})"), "json.duplicate-key");
    EXPECT_EQ(code_of(R"({"a":1,"\u0061":3})"), "json.duplicate-key");
    EXPECT_EQ(code_of(R"([{"x":{"k":1,"k":1}}])"), "json.duplicate-key");
    EXPECT_EQ(code_of(R"([{"k":1},{"k":1}])"), "ok");
}

TEST(Document, BoundsBytesAndDepth) {
    EXPECT_EQ(code_of("[[[1]]]", {.max_depth = 3}), "ok");
    EXPECT_EQ(code_of("[[[[1]]]]", {.max_depth = 3}), "json.too-deep");
    EXPECT_EQ(code_of(std::string(5000, '[') + std::string(5000, ']')), "json.too-deep");
    EXPECT_EQ(code_of("[1,2,3]", {.max_bytes = 6}), "json.too-large");
}

TEST(Document, KeepsTheSourceTextOfEveryValue) {
    auto document =
        Document::parse(" { \"a\" : 0.010 , \"b\":[ ] ,\"c\": { \"d\" : 1E-7 }, \"e\":-0 , \"f\":\"\\n\" } ");
    ASSERT_TRUE(document.ok());
    const Element root = document->root();
    EXPECT_EQ(root.raw(), "{ \"a\" : 0.010 , \"b\":[ ] ,\"c\": { \"d\" : 1E-7 }, \"e\":-0 , \"f\":\"\\n\" }");
    EXPECT_EQ(root.find("a")->number_text(), "0.010");
    EXPECT_EQ(root.find("a")->type(), Element::Type::Decimal);
    EXPECT_EQ(root.find("b")->raw(), "[ ]");
    EXPECT_EQ(root.find("c")->raw(), "{ \"d\" : 1E-7 }");
    EXPECT_EQ(root.find("c")->find("d")->raw(), "1E-7");
    EXPECT_EQ(root.find("e")->integer(), 0);
    EXPECT_EQ(root.find("f")->raw(), "\"\\n\"");
    EXPECT_EQ(root.find("f")->string(), "\n");
    EXPECT_FALSE(root.find("g").has_value());
    std::string order;
    for (const auto& [key, value] : root.members()) order += key;
    EXPECT_EQ(order, "abcef");
}

TEST(Document, GivesIntegersExactlyOrNotAtAll) {
    auto document = Document::parse("[9223372036854775807,9223372036854775808,1.0,12]");
    ASSERT_TRUE(document.ok());
    const auto items = document->root().items();
    EXPECT_EQ(items[0].integer(), INT64_MAX);
    EXPECT_EQ(items[1].integer(), std::nullopt);
    EXPECT_EQ(items[2].integer(), std::nullopt);
    EXPECT_EQ(items[3].integer(), 12);
}

TEST(Document, SurvivesBeingMovedAndManyAtOnce) {
    std::vector<Document> documents;
    for (int i = 0; i < 12; ++i)
        documents.push_back(std::move(*Document::parse("[\"value " + std::to_string(i) + "\"]")));
    for (int i = 0; i < 12; ++i)
        EXPECT_EQ(documents[static_cast<size_t>(i)].root().items()[0].string(), "value " + std::to_string(i));
}

TEST(Parse, FillsADescribedStruct) {
    auto parsed = parse<Everything>(kEverything);
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(parsed->person.to_string(), "01890a5d-ac96-774b-bcce-b302099a8057");
    EXPECT_EQ(parsed->born.to_string(), "1990-02-28");
    EXPECT_EQ(parsed->at.to_string(), "2026-11-22T00:00:00.000Z");
    EXPECT_EQ(parsed->pin.reveal(), "ABC123");
    EXPECT_EQ(parsed->weight.text, "0.010");
    EXPECT_EQ(parsed->extra.text, R"({"a":[1, 2.50]})");
    EXPECT_EQ(parsed->channel, Channel::Letter);
    EXPECT_TRUE(parsed->wants);
    EXPECT_EQ(parsed->count, 3);
    EXPECT_EQ(parsed->limit, 9007199254740993);
    ASSERT_EQ(parsed->contacts.size(), 1u);
    EXPECT_EQ(parsed->contacts[0].email, "hanako@example.jp");
    EXPECT_FALSE(parsed->contacts[0].telephone.has_value());
    EXPECT_FALSE(parsed->guardian.has_value());
    EXPECT_EQ(parsed->labels.at("色"), "赤");
}

TEST(Parse, ReportsAllMistakesTogetherWithPointers) {
    auto parsed = parse<Everything>(
        R"({"person":"x","born":"2026-02-30","at":"today","pin":"1","weight":"5","channel":"fax","wants":1,)"
        R"("count":10,"limit":1.5,"contacts":[{"email":"a@b"},{"telephone":"03-x","a/b~c":1}],"labels":[],"more":1})");
    ASSERT_FALSE(parsed.ok());
    EXPECT_EQ(parsed.error().code, "request.fields-invalid");
    EXPECT_EQ(
        field_errors(parsed.error()),
        (std::vector<std::string>{"/person malformed", "/born malformed", "/at malformed", "/pin too-short",
                                  "/weight wrong-type", "/extra missing", "/channel out-of-range", "/wants wrong-type",
                                  "/count out-of-range", "/limit wrong-type", "/contacts/0/email malformed",
                                  "/contacts/1/email missing", "/contacts/1/telephone malformed",
                                  "/contacts/1/a~1b~0c unknown-field", "/labels wrong-type", "/more unknown-field"}));
}

TEST(Parse, CountsCharactersNotBytes) {
    EXPECT_TRUE(
        parse<Everything>(std::string(kEverything).replace(kEverything.find("ABC123"), 6, "あいうえおかきくけこ"))
            .ok());
    auto long_pin =
        parse<Everything>(std::string(kEverything).replace(kEverything.find("ABC123"), 6, std::string(17, '1')));
    ASSERT_FALSE(long_pin.ok());
    EXPECT_EQ(field_errors(long_pin.error()), std::vector<std::string>{"/pin too-long"});
}

TEST(Parse, RefusesTextThatADatabaseCannotHold) {
    auto parsed = parse<Contact>(R"({"email":"a@example.jp","telephone":"0312345678\u0000"})");
    ASSERT_FALSE(parsed.ok());
    EXPECT_EQ(field_errors(parsed.error()), std::vector<std::string>{"/telephone malformed"});
}

TEST(Parse, ChecksFormats) {
    const auto accepts = [](std::string_view email) {
        return parse<Contact>("{\"email\":\"" + std::string(email) + "\"}").ok();
    };
    for (const auto* good : {"a@example.jp", "a.b+c@mail.city.example.lg.jp", "..a@docomo.ne.jp", "x_1@a-b.jp"})
        EXPECT_TRUE(accepts(good)) << good;
    for (const auto* bad : {"", "a", "@example.jp", "a@", "a@example", "a@-b.jp", "a@b-.jp", "a@b..jp",
                            "a b@example.jp", "a@example.jp\\n", "あ@example.jp", "a@b.jp\\r\\nBcc:c@d.jp"})
        EXPECT_FALSE(accepts(bad)) << bad;
}

TEST(Write, LeavesOutAbsentOptionalsAndSecrets) {
    auto parsed = parse<Everything>(kEverything);
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(write(*parsed),
              R"({"person":"01890a5d-ac96-774b-bcce-b302099a8057","born":"1990-02-28","at":"2026-11-22T00:00:00.000Z",)"
              R"("weight":0.010,"extra":{"a":[1, 2.50]},"channel":"letter","wants":true,"count":3,)"
              R"("limit":9007199254740993,"contacts":[{"email":"hanako@example.jp"}],"labels":{"色":"赤"}})");
    EXPECT_EQ(write(std::vector<int64_t>{1, -2}), "[1,-2]");
}

TEST(Write, EscapesSoThatTextMayStandInHtml) {
    const std::string text = std::string("\"\\\n\r\t\x01") + '\0' + "</script>\u2028\u2029\u2027あ";
    std::string out;
    append_string(out, text);
    EXPECT_EQ(out, "\"\\\"\\\\\\n\\r\\t\\u0001\\u0000\\u003c/script>\\u2028\\u2029\u2027あ\"");
    auto again = Document::parse(out);
    ASSERT_TRUE(again.ok());
    EXPECT_EQ(again->root().string(), text);
}

TEST(Write, EscapesAtEveryPosition) {
    for (const std::string special : {"\"", "\\", "\n", "<", "\u2028", "\x1F"}) {
        for (size_t before = 0; before < 20; ++before) {
            for (size_t after = 0; after < 20; ++after) {
                const std::string text = std::string(before, 'a') + special + std::string(after, '\x7F');
                std::string out;
                append_string(out, text);
                EXPECT_EQ(out.find(special, 1) < before + 1 + special.size() && special != "\\" && special != "\"",
                          false);
                auto again = Document::parse(out);
                ASSERT_TRUE(again.ok()) << out;
                EXPECT_EQ(again->root().string(), text);
            }
        }
    }
}

namespace other {
struct Contact {
    std::vector<Contact> children;
};
template <class Fields> void describe(Fields& fields, Contact& contact) { fields("children", contact.children); }
} // namespace other

TEST(Schema, FollowsFromTheSameDescription) {
    SchemaSet set;
    EXPECT_EQ(schema_reference<Contact>(set), R"({"$ref":"#/components/schemas/Contact"})");
    EXPECT_EQ(set.schemas().at("Contact"),
              R"({"type":"object","additionalProperties":false,"properties":{"email":{"type":"string","maxLength":254,)"
              R"("format":"email","description":"Where mail goes."},"telephone":{"type":"string","maxLength":20,)"
              R"("format":"telephone"}},"required":["email"]})");
    EXPECT_EQ(schema_reference<std::vector<Everything>>(set),
              R"({"type":"array","items":{"$ref":"#/components/schemas/Everything"}})");
    const std::string& all = set.schemas().at("Everything");
    for (const auto* part :
         {R"("person":{"type":"string","format":"uuid"})", R"("born":{"type":"string","format":"date"})",
          R"("channel":{"type":"string","enum":["mail","letter"]})", R"("limit":{"type":"integer","format":"int64"})",
          R"("count":{"type":"integer","format":"int32","minimum":1,"maximum":9})", R"("extra":{})",
          R"("contacts":{"type":"array","items":{"$ref":"#/components/schemas/Contact"},"maxItems":2})",
          R"("labels":{"type":"object","additionalProperties":{"type":"string"}})"})
        EXPECT_NE(all.find(part), std::string::npos) << part << " in " << all;
    EXPECT_TRUE(Document::parse(all).ok());
}

TEST(Schema, KeepsTypesOfTheSameNameApartAndAllowsRecursion) {
    SchemaSet set;
    schema_reference<Contact>(set);
    EXPECT_EQ(schema_reference<other::Contact>(set), R"({"$ref":"#/components/schemas/OtherContact"})");
    EXPECT_NE(set.schemas().at("OtherContact").find("#/components/schemas/OtherContact"), std::string::npos);
    EXPECT_EQ(schema_reference<other::Contact>(set), R"({"$ref":"#/components/schemas/OtherContact"})");
}

} // namespace
} // namespace musubi::json
