#include "lib/japanese/normalize.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <array>
#include <unordered_map>

namespace musubi::japanese {
namespace {

using Text = std::u32string;

constexpr char32_t kSubstitute = U'\uFFFC';

Text decode(std::string_view utf8) {
    const auto unicode = icu::UnicodeString::fromUTF8(icu::StringPiece(utf8.data(), static_cast<int32_t>(utf8.size())));
    Text out;
    for (int32_t i = 0; i < unicode.length(); i = unicode.moveIndex32(i, 1)) {
        const UChar32 c = unicode.char32At(i);
        if (c != 0xFFFD && !U_IS_SURROGATE(c)) out.push_back(static_cast<char32_t>(c));
    }
    return out;
}

std::string encode(const Text& text) {
    icu::UnicodeString unicode;
    for (const char32_t c : text) unicode.append(static_cast<UChar32>(c));
    std::string out;
    unicode.toUTF8String(out);
    return out;
}

Text compatibility_form(std::string_view utf8) {
    UErrorCode status = U_ZERO_ERROR;
    const icu::Normalizer2* nfkc = icu::Normalizer2::getNFKCInstance(status);
    icu::UnicodeString source;
    for (const char32_t c : decode(utf8)) source.append(static_cast<UChar32>(c));
    const icu::UnicodeString folded = U_SUCCESS(status) ? nfkc->normalize(source, status) : source;
    Text out;
    for (int32_t i = 0; i < folded.length(); i = folded.moveIndex32(i, 1))
        out.push_back(static_cast<char32_t>(folded.char32At(i)));
    return out;
}

bool is_variation_selector(char32_t c) { return (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0xE0100 && c <= 0xE01EF); }
bool is_space(char32_t c) { return u_isUWhiteSpace(static_cast<UChar32>(c)) != 0; }
bool is_digit(char32_t c) { return c >= U'0' && c <= U'9'; }
bool is_kanji(char32_t c) {
    return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x20000 && c <= 0x3FFFF) ||
           c == U'々' || (c >= 0xF900 && c <= 0xFAFF) || c == kSubstitute;
}

// Groups of characters that registers and people write for one another in names; the first one stands for all. Variants
// of different words (斎 and 斉) stay apart.
constexpr std::array kVariants = {
    U"高髙",   U"崎﨑嵜", U"辺邊邉", U"斎齋", U"斉齊", U"浜濱濵", U"沢澤", U"島嶋嶌", U"国國", U"広廣", U"桜櫻",
    U"竜龍",   U"滝瀧",   U"真眞",   U"恵惠", U"寿壽", U"栄榮",   U"円圓", U"桑桒",   U"吉𠮷", U"土𡈽", U"柳栁",
    U"橋槗𣘺", U"曽曾",   U"富冨",   U"徳德", U"郎郞", U"万萬",   U"与與", U"亜亞",   U"仏佛", U"会會", U"児兒",
    U"剣劍劔", U"勲勳",   U"峰峯",   U"岳嶽", U"晋晉", U"条條",   U"来來", U"楽樂",   U"槙槇", U"気氣", U"清淸",
    U"瀬瀨",   U"為爲",   U"県縣",   U"礼禮", U"秋穐", U"穂穗",   U"糸絲", U"経經",   U"緑綠", U"芦蘆", U"蔵藏",
    U"園薗",   U"薮藪籔", U"館舘",   U"覚覺", U"豊豐", U"野埜",   U"鉄鐵", U"関關",   U"静靜", U"頼賴", U"顕顯",
    U"鶏鷄",   U"黒黑",   U"黄黃",   U"増增", U"彦彥", U"巌巖",   U"弥彌", U"応應",   U"済濟", U"温溫", U"檜桧",
    U"鴎鷗",   U"祢禰",   U"塩鹽",   U"壱壹", U"将將", U"宝寶寳", U"尭堯", U"巻卷",   U"帯帶", U"悦悅", U"戸戶",
    U"暁曉",   U"満滿",   U"焼燒",   U"瑶瑤", U"画畫", U"縄繩",   U"総總", U"聡聰",   U"芸藝", U"荘莊", U"蛍螢",
    U"誉譽",   U"鎮鎭",   U"間閒",   U"雑雜", U"霊靈", U"船舩",   U"松枩", U"梅楳",   U"柏栢", U"衛衞", U"姫姬",
    U"姉姊",   U"青靑",   U"研硏",   U"郷鄕", U"瓶甁", U"団團",   U"実實", U"学學",   U"当當", U"参參", U"収收",
    U"双雙",   U"台臺",   U"号號",   U"堂坣", U"壮壯", U"専專",   U"尽盡", U"属屬",   U"担擔", U"数數", U"斎斋",
    U"昼晝",   U"検檢",   U"権權",   U"歩步", U"歯齒", U"浅淺",   U"渓溪", U"湾灣",   U"犠犧", U"献獻", U"産產",
    U"発發",   U"称稱",   U"穏穩",   U"窓窻", U"竈竃", U"粛肅",   U"継繼", U"続續",   U"聖聖", U"脇脇", U"蚕蠶",
    U"触觸",   U"証證",   U"譲讓",   U"豫予", U"辞辭", U"遥遙",   U"鋭銳", U"錬鍊",   U"鎌鐮", U"随隨", U"隠隱",
    U"隷隸",   U"雄𩿎",   U"駆驅",   U"騒騷", U"髄髓", U"麦麥",   U"黙默", U"齢齡",   U"亀龜", U"虫蟲", U"灯燈",
};

const std::unordered_map<char32_t, char32_t>& variant_map() {
    static const auto map = [] {
        std::unordered_map<char32_t, char32_t> out;
        for (const char32_t* group : kVariants)
            for (const char32_t* c = group + 1; *c != 0; ++c) out.emplace(*c, *group);
        return out;
    }();
    return map;
}

char32_t fold(char32_t c) {
    const auto found = variant_map().find(c);
    return found == variant_map().end() ? static_cast<char32_t>(u_tolower(static_cast<UChar32>(c))) : found->second;
}

Text fold_all(std::string_view text) {
    Text out;
    for (const char32_t c : compatibility_form(text))
        if (!is_space(c) && !is_variation_selector(c)) out.push_back(fold(c));
    return out;
}

bool is_hyphen(char32_t c) {
    return c == U'-' || (c >= 0x2010 && c <= 0x2015) || c == 0x2212 || c == 0x2500 || c == 0x2501 || c == 0xFE63;
}

bool starts_with(const Text& text, size_t at, std::u32string_view part) {
    return text.compare(at, part.size(), part) == 0;
}

constexpr std::array kPrefectures = {
    U"北海道", U"青森県", U"岩手県", U"宮城県",   U"秋田県", U"山形県",   U"福島県", U"茨城県", U"栃木県", U"群馬県",
    U"埼玉県", U"千葉県", U"東京都", U"神奈川県", U"新潟県", U"富山県",   U"石川県", U"福井県", U"山梨県", U"長野県",
    U"岐阜県", U"静岡県", U"愛知県", U"三重県",   U"滋賀県", U"京都府",   U"大阪府", U"兵庫県", U"奈良県", U"和歌山県",
    U"鳥取県", U"島根県", U"岡山県", U"広島県",   U"山口県", U"徳島県",   U"香川県", U"愛媛県", U"高知県", U"福岡県",
    U"佐賀県", U"長崎県", U"熊本県", U"大分県",   U"宮崎県", U"鹿児島県", U"沖縄県", U"見本県"};

constexpr std::u32string_view kKanjiDigits = U"〇一二三四五六七八九";

bool is_kanji_number(char32_t c) {
    return kKanjiDigits.find(c) != std::u32string_view::npos || c == U'十' || c == U'百' || c == U'千';
}

// 二十三 = 23, 二三 = 23, 百五 = 105.
Text kanji_number(const Text& run) {
    uint64_t total = 0;
    uint64_t current = 0;
    for (const char32_t c : run) {
        if (const auto digit = kKanjiDigits.find(c); digit != std::u32string_view::npos) {
            current = current * 10 + digit;
        } else {
            const uint64_t unit = c == U'十' ? 10 : c == U'百' ? 100 : 1000;
            total += (current == 0 ? 1 : current) * unit;
            current = 0;
        }
    }
    Text out;
    for (const char d : std::to_string(total + current)) out.push_back(static_cast<char32_t>(d));
    return out;
}

// The unit after a number in an address, or 0: 丁目, 番地, 番 (but not 番町, a place name), 号室, 号.
size_t unit_length(const Text& text, size_t at) {
    if (starts_with(text, at, U"丁目")) return 2;
    if (starts_with(text, at, U"番地")) return 2;
    if (starts_with(text, at, U"番") && !starts_with(text, at, U"番町")) return 1;
    if (starts_with(text, at, U"号室")) return 2;
    if (starts_with(text, at, U"号")) return 1;
    return 0;
}

Text digits_for_kanji(const Text& text) {
    Text out;
    for (size_t i = 0; i < text.size();) {
        size_t end = i;
        while (end < text.size() && end - i < 8 && is_kanji_number(text[end])) ++end;
        const bool followed = end < text.size() && (unit_length(text, end) > 0 || is_hyphen(text[end]) ||
                                                    (text[end] == U'の' && !out.empty() && is_digit(out.back())));
        const bool follows = end > i && !out.empty() && (out.back() == U'-' || is_digit(out.back()));
        if (end > i && (followed || follows)) {
            out += kanji_number(text.substr(i, end - i));
            i = end;
        } else if (end > i) {
            out.push_back(text[i++]);
        } else if (!out.empty() && is_digit(out.back()) && unit_length(text, i) > 0) {
            i += unit_length(text, i);
            if (i < text.size() && text[i] == U'の') ++i;
            out.push_back(U'-');
        } else {
            out.push_back(text[i++]);
        }
    }
    return out;
}

Text unify_separators(const Text& text) {
    Text out;
    for (size_t i = 0; i < text.size(); ++i) {
        const char32_t c = text[i];
        const char32_t next = i + 1 < text.size() ? text[i + 1] : 0;
        const char32_t before = out.empty() ? 0 : out.back();
        const bool beside_digit = is_digit(before) || is_digit(next);
        if (is_hyphen(c) || (c == U'ー' && beside_digit) || (c == U'の' && is_digit(before) && is_digit(next))) {
            if (before != U'-') out.push_back(U'-');
        } else if (c == U'ヶ' || c == U'ヵ' || (c == U'が' && is_kanji(before) && is_kanji(next))) {
            out.push_back(U'ケ');
        } else if ((c == U'の' || c == U'之') && is_kanji(before) && is_kanji(next)) {
            out.push_back(U'ノ');
        } else if (c == U'字') {
            if (before == U'大') out.pop_back();
        } else {
            out.push_back(c);
        }
    }
    while (!out.empty() && out.back() == U'-') out.pop_back();
    return out;
}

char32_t large_kana(char32_t c) {
    constexpr std::u32string_view small = U"ァィゥェォッャュョヮヵヶ";
    constexpr std::u32string_view large = U"アイウエオツヤユヨワカケ";
    const auto at = small.find(c);
    return at == std::u32string_view::npos ? c : large[at];
}

} // namespace

std::string normal_name(std::string_view name) { return encode(fold_all(name)); }

std::string normal_kana(std::string_view kana) {
    Text out;
    for (char32_t c : compatibility_form(kana)) {
        if (is_space(c) || is_variation_selector(c) || c == U'・') continue;
        if (c >= 0x3041 && c <= 0x3096) c += 0x60;
        if (is_hyphen(c)) c = U'ー';
        out.push_back(large_kana(static_cast<char32_t>(u_tolower(static_cast<UChar32>(c)))));
    }
    return encode(out);
}

std::string normal_address(std::string_view address) {
    Text text = fold_all(address);
    for (const char32_t* prefecture : kPrefectures) {
        if (!starts_with(text, 0, prefecture)) continue;
        text.erase(0, std::u32string_view(prefecture).size());
        break;
    }
    // Twice, because a unit that was replaced may now stand before the next number in kanji (二丁目三番四号).
    Text separated = unify_separators(digits_for_kanji(text));
    return encode(unify_separators(digits_for_kanji(separated)));
}

std::string mark_substitutes(std::string_view text, std::string_view substitutes) {
    Text characters = decode(text);
    if (characters.size() != substitutes.size()) return std::string(text);
    for (size_t i = 0; i < characters.size(); ++i)
        if (substitutes[i] == '1') characters[i] = kSubstitute;
    return encode(characters);
}

bool matches(std::string_view pattern, std::string_view text) {
    const Text expected = decode(pattern);
    const Text actual = decode(text);
    if (expected.size() != actual.size()) return false;
    for (size_t i = 0; i < expected.size(); ++i)
        if (expected[i] != kSubstitute && expected[i] != actual[i]) return false;
    return true;
}

std::string head(std::string_view text, size_t count) {
    Text characters = decode(text);
    if (characters.size() > count) characters.resize(count);
    return encode(characters);
}

std::string normal_email(std::string_view address) {
    std::string out;
    for (const char c : address)
        if (c != ' ' && c != '\t' && c != '\r' && c != '\n')
            out.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c);
    return out;
}

namespace {

// Katakana ァ (30A1) to ヺ (30FA) without voicing marks.
constexpr std::u32string_view kUnvoiced = U"ァアィイゥウェエォオカカキキククケケココササシシススセセソソタタチチッツツ"
                                          U"テテトトナニヌネノハハハヒヒヒフフフヘヘヘホホホ"
                                          U"マミムメモャヤュユョヨラリルレロヮワヰヱヲンウヵヶワヰヱヲ";
static_assert(kUnvoiced.size() == 0x30FA - 0x30A1 + 1);

bool is_search_sign(char c) { return std::string_view("$+<=>^`|~").find(c) != std::string_view::npos; }

void append_utf8(std::string& out, char32_t c) {
    if (c < 0x80) {
        out += static_cast<char>(c);
        return;
    }
    out += static_cast<char>(0xE0 | c >> 12);
    out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
}

/// What most Japanese text consists of, without ICU; false if a character needs it.
bool fold_common(std::string_view text, std::string& out) {
    for (size_t i = 0; i < text.size();) {
        char32_t c = static_cast<uint8_t>(text[i]);
        if (c >= 0x80) {
            const auto next = [&](size_t at) { return at < text.size() ? static_cast<uint8_t>(text[at]) : 0U; };
            const uint32_t second = next(i + 1);
            const uint32_t third = next(i + 2);
            if (c < 0xE3 || c > 0xEF || (second & 0xC0) != 0x80 || (third & 0xC0) != 0x80) return false;
            c = (c & 0x0F) << 12 | (second & 0x3F) << 6 | (third & 0x3F);
            i += 3;
            if (c >= 0xFF01 && c <= 0xFF5E)
                c -= 0xFEE0;
            else if (c == 0x3000)
                c = U' ';
        } else {
            ++i;
        }
        if (c < 0x80) {
            const char small = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : static_cast<char>(c);
            if ((small >= 'a' && small <= 'z') || (small >= '0' && small <= '9') || is_search_sign(small)) out += small;
        } else if (c >= 0x3041 && c <= 0x3096) {
            append_utf8(out, kUnvoiced[c - 0x3041]);
        } else if (c >= 0x30A1 && c <= 0x30FA) {
            append_utf8(out, kUnvoiced[c - 0x30A1]);
        } else if (c == 0x30FC) {
            append_utf8(out, c);
        } else if (c >= 0x4E00 && c <= 0x9FFF) {
            const auto variant = variant_map().find(c);
            append_utf8(out, variant == variant_map().end() ? c : variant->second);
        } else {
            return false;
        }
    }
    return true;
}

} // namespace

std::string fold_for_search(std::string_view text) {
    std::string out;
    if (fold_common(text, out)) return out;
    out.clear();
    UErrorCode status = U_ZERO_ERROR;
    static const icu::Normalizer2* nfkd = icu::Normalizer2::getNFKDInstance(status);
    static const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(status);
    if (!nfkd || !nfc) return std::string(text);
    const auto source = icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
    const icu::UnicodeString apart = nfkd->normalize(source, status);
    icu::UnicodeString kept;
    for (int32_t i = 0; i < apart.length(); i = apart.moveIndex32(i, 1)) {
        const UChar32 c = apart.char32At(i);
        const auto mask = U_GET_GC_MASK(c);
        if (c == 0xFFFD || U_IS_SURROGATE(c) || (mask & (U_GC_MN_MASK | U_GC_P_MASK | U_GC_Z_MASK | U_GC_CC_MASK)) != 0)
            continue;
        kept.append(c >= 0x3041 && c <= 0x3096 ? c + 0x60 : c);
    }
    kept = nfc->normalize(kept, status);
    kept.foldCase();
    icu::UnicodeString folded;
    for (int32_t i = 0; i < kept.length(); i = kept.moveIndex32(i, 1)) {
        const auto c = static_cast<char32_t>(kept.char32At(i));
        const auto variant = variant_map().find(c);
        folded.append(static_cast<UChar32>(variant == variant_map().end() ? c : variant->second));
    }
    folded.toUTF8String(out);
    return out;
}

std::string fold_width_and_case(std::string_view text) {
    const bool ascii = std::all_of(text.begin(), text.end(), [](char c) { return static_cast<uint8_t>(c) < 0x80; });
    if (!ascii) {
        Text out;
        for (const char32_t c : compatibility_form(text))
            out.push_back(static_cast<char32_t>(u_tolower(static_cast<UChar32>(c))));
        return encode(out);
    }
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
    return out;
}

} // namespace musubi::japanese
