// Comparing what people and registers write: names, kana and addresses brought to one form. The results are for
// comparing and searching, never for showing. Sources: Unicode UAX #15 (NFKC), UTS #37 (variation sequences), JIS X
// 0213 and the Ministry of Justice's shrinking map for variant characters of family names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace musubi::japanese {

/// Input is UTF-8; bytes that are not are dropped. Spaces, widths, variation selectors and known variants (髙 高, 﨑
/// 崎, 邊 邉 辺, 齋 斎, …) disappear; letters become lower case.
std::string normal_name(std::string_view name);

/// Full-width katakana without spaces; small kana as large ones, because registers differ in writing キョ and キヨ; the
/// long-vowel mark in one form.
std::string normal_kana(std::string_view kana);

/// 「見本県見本市本町二丁目３番地の４」 and 「見本市本町2-3-4」 become the same. Prefecture, spaces, 大字 and 字
/// disappear; numbers become digits; 丁目, 番地, 番, 号, の between numbers and all hyphens become "-"; ヶ ケ が and 之
/// ノ の agree.
std::string normal_address(std::string_view address);

/// `substitutes` holds one digit per character of `text` (public individual authentication certificates, OIDs 5.5.2 and
/// 5.5.6): characters flagged "1" become U+FFFC. Unchanged if the lengths differ.
std::string mark_substitutes(std::string_view text, std::string_view substitutes);

/// True if both are equal where U+FFFC in `pattern` stands for exactly one character of `text`.
bool matches(std::string_view pattern, std::string_view text);

/// The first `count` characters.
std::string head(std::string_view text, size_t count);

/// Lower-cased domain and trimmed, for comparing e-mail addresses; the part before @ is kept as written but for case
/// (no provider in use tells capitals apart).
std::string normal_email(std::string_view address);

/// What a string search compares (JP Core's guide on string search): NFKD, voicing marks and other combining marks and
/// variation selectors dropped, NFC, case folded, hiragana as katakana, old and variant kanji as their usual form,
/// punctuation and blanks dropped. 「山田太郎」「山田 太郎」, 「ガク」「がく」「カク」「ｶﾞｸ」, "Smith" and "ＳＭＩＴＨ"
/// agree.
std::string fold_for_search(std::string_view text);

/// Case and width only, for codes and identifiers: "ＡＢ１２" and "ab12" agree.
std::string fold_width_and_case(std::string_view text);

} // namespace musubi::japanese
