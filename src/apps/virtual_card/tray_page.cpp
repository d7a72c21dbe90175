#include "apps/virtual_card/tray_page.h"

#include <algorithm>

namespace musubi::virtual_card {

namespace {

struct Texts {
    const char* language;
    const char* title;
    const char* lead;
    const char* warning;
    const char* reader;
    const char* empty;
    const char* waiting;
    const char* ready;
    const char* insert;
    const char* into;
    const char* pull;
    const char* restore;
    const char* pin;
    const char* password;
    const char* text_pin;
    const char* number_b;
    const char* none;
    const char* tries;
    const char* locked;
    const char* fresh;
    const char* search;
    const char* search_hint;
    const char* search_button;
    const char* cards;
    const char* other;
    const char* born;
    const char* working;
    const char* kind_card;
    const char* kind_phone;
    const char* not_found;
    const char* details;
    const char* skip;
};

constexpr Texts kJapanese = {
    "ja",
    "カードトレイ",
    "見本市のカードを選んで、カードリーダーに入れてください。抜くときは「カードを抜く」を押します。",
    "ここにあるのは、すべて架空の人のカードです。本物のカードではないので、暗証番号も画面に出しています。",
    "カードリーダー",
    "カードは入っていません",
    "リーダーの準備を待っています…",
    "入っています",
    "入れる",
    "に入れる",
    "カードを抜く",
    "はじめの状態に戻す",
    "暗証番号（4けた）",
    "署名用パスワード",
    "券面事項入力補助",
    "照合番号B",
    "なし（15歳未満など）",
    "残り",
    "ロック中",
    "入れると発行されます",
    "市民をさがす",
    "名前・カナ・住所の一部。見つけた人のカードを、その場で作って入れられます。",
    "さがす",
    "用意されたカード",
    "English",
    "生年月日",
    "カードを用意しています…",
    "マイナンバーカード",
    "スマホ用電子証明書",
    "見つかりませんでした。別のことばでさがしてください。",
    "番号とパスワード",
    "カードの一覧へ",
};

constexpr Texts kEnglish = {
    "en",
    "Card tray",
    "Pick a card of the demo city and put it into the card reader. To take it out, press “Take the card out”.",
    "All of these people are made up. These are not real cards, so their secrets are shown.",
    "Card reader",
    "No card inside",
    "Waiting for the reader…",
    "Inside",
    "Put into reader",
    "",
    "Take the card out",
    "Back to the first state",
    "PIN (4 digits)",
    "Signature password",
    "PIN for the printed details",
    "Check number B",
    "none (for example under 15)",
    "left",
    "locked",
    "issued when put in",
    "Find a citizen",
    "Part of a name, reading or address. A card for the person you find is made at once.",
    "Search",
    "Prepared cards",
    "日本語",
    "Born",
    "Preparing the card…",
    "My Number Card",
    "Certificates on a phone",
    "Nobody was found. Please try another word.",
    "Numbers and password",
    "To the list of cards",
};

struct ErrorText {
    const char* code;
    const char* japanese;
    const char* english;
};
constexpr ErrorText kErrors[] = {
    {"tray.card-in-other-slot", "このカードは、もう一つのリーダーに入っています。先に抜いてください。",
     "This card is in the other reader. Please take it out there first."},
    {"tray.certification-unreachable",
     "カードを発行できませんでした。認証局（musubi-jlis）が動いているか確かめてから、もう一度押してください。",
     "The card could not be issued. Please check that the certification side (musubi-jlis) runs, then try again."},
    {"tray.issue-refused", "認証局がこのカードの発行を断りました。記録（ログ）を確かめてください。",
     "The certification side refused to issue this card. Please look at the log."},
    {"tray.holder-unknown", "この人は見つかりませんでした。もう一度さがしてください。",
     "This person was not found. Please search again."},
    {"tray.card-unknown", "このカードは見つかりませんでした。ページを開き直してください。",
     "This card was not found. Please open the page again."},
};
constexpr ErrorText kOtherError = {"", "うまくいきませんでした。もう一度押してください。",
                                   "That did not work. Please try again."};

const Texts& texts(PageLanguage language) { return language == PageLanguage::English ? kEnglish : kJapanese; }

std::string escape(std::string_view text) {
    std::string out;
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
        case '\'':
            out += "&#39;";
            break;
        default:
            out += c;
        }
    }
    return out;
}

std::string error_text(const std::string& code, PageLanguage language) {
    const auto found =
        std::find_if(std::begin(kErrors), std::end(kErrors), [&](const auto& e) { return e.code == code; });
    const auto& text = found == std::end(kErrors) ? kOtherError : *found;
    return language == PageLanguage::English ? text.english : text.japanese;
}

std::string button(std::string_view action, const std::string& card, size_t slot, std::string_view label,
                   std::string_view style) {
    return "<form method=\"post\" action=\"/act\"><input type=\"hidden\" name=\"card\" value=\"" + escape(card) +
           "\"><input type=\"hidden\" name=\"slot\" value=\"" + std::to_string(slot) +
           "\"><button name=\"action\" value=\"" + std::string(action) + "\" class=\"" + std::string(style) + "\">" +
           escape(label) + "</button></form>";
}

std::string tries_text(const Texts& t, unsigned tries) {
    if (tries == 0) return t.locked;
    return std::string(t.language) == "ja" ? t.tries + std::to_string(tries) + "回"
                                           : std::to_string(tries) + " " + t.tries;
}

std::string secret_row(std::string_view label, std::string_view value, std::string_view tries,
                       std::string_view tries_name) {
    std::string out = "<div><dt>" + escape(label) + "</dt><dd><code>" + escape(value) + "</code>";
    if (!tries_name.empty())
        out += " <span class=\"tries\" data-tries=\"" + std::string(tries_name) + "\">" + escape(tries) + "</span>";
    return out + "</dd></div>";
}

std::string card_article(const PageContent& content, const PageContent::Card& card) {
    const auto& t = texts(content.language);
    const auto& about = card.about;
    const bool english = content.language == PageLanguage::English;
    const bool phone = about.kind != "card";
    const auto& note = english && !about.note_english.empty() ? about.note_english : about.note;
    const auto in = std::find_if(content.slots.begin(), content.slots.end(),
                                 [&](const auto& slot) { return slot.card_id == about.id; });
    const bool inside = in != content.slots.end();
    std::string out = "<article class=\"card" + std::string(phone ? " phone" : "") + "\" id=\"card-" +
                      escape(about.id) + "\" data-card=\"" + escape(about.id) + "\"" + (inside ? " data-inside" : "") +
                      "><div class=\"face\"><span class=\"kind\">" + escape(phone ? t.kind_phone : t.kind_card) +
                      "</span><svg class=\"portrait\" viewBox=\"0 0 48 60\" aria-hidden=\"true\"><path d=\"M4 60c0-15 "
                      "9-22 20-22s20 7 20 "
                      "22z\"/><circle cx=\"24\" cy=\"22\" r=\"14\"/></svg><h3><span lang=\"ja\">" +
                      escape(about.name) + "</span><small lang=\"ja\">" + escape(about.kana) + "</small></h3>";
    if (!about.birth_date.empty())
        out += "<p class=\"born\">" + std::string(t.born) + " <time>" + escape(about.birth_date) + "</time></p>";
    out += "<span class=\"chip\" aria-hidden=\"true\"></span></div>";
    if (!note.empty()) out += "<p class=\"note\">" + escape(note) + "</p>";
    out += "<dl>" + secret_row(t.pin, about.user_pin, card.tries ? tries_text(t, card.tries->user) : t.fresh, "user");
    if (about.signature_password.empty())
        out += secret_row(t.password, t.none, "", "");
    else
        out += secret_row(t.password, about.signature_password,
                          card.tries ? tries_text(t, card.tries->signature) : t.fresh, "signature");
    out += "</dl>";
    if (!about.number_b.empty() && !phone)
        out += "<details><summary>" + std::string(t.details) + "</summary><dl>" +
               secret_row(t.text_pin, about.text_pin, "", "") + secret_row(t.number_b, about.number_b, "", "") +
               "</dl></details>";
    out += "<div class=\"actions\"><p class=\"state\" role=\"status\">" + std::string(inside ? t.ready : "") + "</p>";
    for (size_t i = 0; i < content.slots.size(); ++i) {
        auto label = "リーダー" + std::to_string(i + 1) + t.into;
        if (english) label = "Put into reader " + std::to_string(i + 1);
        out += button("insert", about.id, i, label, i == 0 ? "main" : "quiet");
    }
    return out + button("restore", about.id, 0, t.restore, "quiet") + "</div></article>";
}

std::string slot_section(const PageContent& content, size_t index) {
    const auto& t = texts(content.language);
    const auto& slot = content.slots[index];
    std::string name;
    for (const auto& card : content.cards) {
        if (card.about.id == slot.card_id) name = card.about.name;
    }
    const bool inside = !slot.card_id.empty();
    const auto state = inside ? (slot.connected ? t.ready : t.waiting) : t.empty;
    return "<section class=\"slot\" data-slot=\"" + std::to_string(index) + "\"" + (inside ? " data-inside" : "") +
           "><h2>" + t.reader + " " + std::to_string(index + 1) +
           "</h2><div class=\"opening\" aria-hidden=\"true\"><span></span></div><p role=\"status\"><b lang=\"ja\" "
           "class=\"who\">" +
           escape(name) + "</b> <span class=\"what\">" + state + "</span></p>" +
           button("pull", slot.card_id, index, t.pull, "main") + "</section>";
}

std::string search_form(const PageContent& content) {
    const auto& t = texts(content.language);
    if (!content.certification) return {};
    return "<section class=\"search\"><h2>" + std::string(t.search) + "</h2><form id=\"search\"><label for=\"text\">" +
           t.search_hint +
           "</label><div class=\"row\"><input id=\"text\" name=\"text\" maxlength=\"60\" autocomplete=\"off\" "
           "lang=\"ja\"><button class=\"main\">" +
           t.search_button +
           "</button></div></form><p id=\"found-state\" role=\"status\"></p><ul id=\"found\"></ul></section>";
}

} // namespace

PageLanguage page_language(const loopback::Request& request) {
    if (const auto asked = request.query.find("lang"); asked != request.query.end())
        return asked->second == "en" ? PageLanguage::English : PageLanguage::Japanese;
    const auto accepted = request.header("Accept-Language");
    if (accepted.empty() || accepted.find("ja") != std::string_view::npos) return PageLanguage::Japanese;
    return PageLanguage::English;
}

std::string render_page(const PageContent& content) {
    const auto& t = texts(content.language);
    const bool english = content.language == PageLanguage::English;
    std::string out = "<!doctype html><html lang=\"" + std::string(t.language) +
                      "\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
                      "content=\"width=device-width,initial-scale=1\"><meta name=\"color-scheme\" content=\"light "
                      "dark\"><title>" +
                      t.title +
                      " – むすび</title><link rel=\"icon\" href=\"data:,\"><link rel=\"stylesheet\" "
                      "href=\"/tray.css\"><script src=\"/tray.js\" defer></script></head><body>";
    out += "<a class=\"skip\" href=\"#cards\">" + std::string(t.skip) + "</a><header><h1>" + t.title +
           "</h1><a class=\"language\" lang=\"" + (english ? "ja" : "en") +
           "\" href=\"/?lang=" + (english ? "ja" : "en") + "\">" + t.other + "</a></header><main><p class=\"lead\">" +
           t.lead + "</p><p class=\"warning\">" + t.warning + "</p><div id=\"message\" role=\"alert\">";
    if (!content.error.empty()) out += "<p>" + escape(error_text(content.error, content.language)) + "</p>";
    out += "</div><div class=\"slots\">";
    for (size_t i = 0; i < content.slots.size(); ++i) out += slot_section(content, i);
    out += "</div>" + search_form(content) + "<section id=\"cards\" tabindex=\"-1\"><h2>" + t.cards +
           "</h2><div class=\"cards\">";
    for (const auto& card : content.cards) out += card_article(content, card);
    out += "</div></section></main><template id=\"texts\"";
    const std::pair<const char*, std::string> spoken[] = {{"empty", t.empty},
                                                          {"waiting", t.waiting},
                                                          {"ready", t.ready},
                                                          {"working", t.working},
                                                          {"locked", t.locked},
                                                          {"fresh", t.fresh},
                                                          {"not-found", t.not_found},
                                                          {"insert", t.insert},
                                                          {"tries", english ? "# left" : "残り#回"},
                                                          {"other-error", error_text("", content.language)}};
    for (const auto& [name, text] : spoken) out += " data-" + std::string(name) + "=\"" + escape(text) + "\"";
    out += "></template><template id=\"errors\">";
    for (const auto& error : kErrors)
        out +=
            "<p data-code=\"" + std::string(error.code) + "\">" + (english ? error.english : error.japanese) + "</p>";
    return out + "</template></body></html>";
}

} // namespace musubi::virtual_card
