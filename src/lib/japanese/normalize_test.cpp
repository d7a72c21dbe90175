#include "lib/japanese/normalize.h"

#include <gtest/gtest.h>

namespace musubi::japanese {

TEST(Names, AgreeAcrossWidthsSpacesAndVariants) {
    EXPECT_EQ(normal_name("髙橋　一郎"), normal_name("高橋 一郎"));
    EXPECT_EQ(normal_name("𠮷田　﨑子"), normal_name("吉田崎子"));
    EXPECT_EQ(normal_name("渡邊　葛\U000E0100"), normal_name("渡辺葛"));
    EXPECT_EQ(normal_name("ＳＭＩＴＨ　ＪＯＨＮ"), normal_name("Smith John"));
    EXPECT_NE(normal_name("斎藤　花子"), normal_name("斉藤　花子"));
    EXPECT_NE(normal_name("佐藤　花子"), normal_name("佐藤　華子"));
}

TEST(Kana, AgreesAcrossScriptsWidthsAndSmallLetters) {
    EXPECT_EQ(normal_kana("たなか　しょうこ"), normal_kana("ﾀﾅｶ ｼｮｳｺ"));
    EXPECT_EQ(normal_kana("キョウコ"), normal_kana("キヨウコ"));
    EXPECT_EQ(normal_kana("ローラ"), normal_kana("ロ−ラ"));
    EXPECT_NE(normal_kana("カトウ"), normal_kana("ガトウ"));
}

TEST(Addresses, AgreeHoweverTheNumbersAreWritten) {
    const auto expected = normal_address("見本県見本市本町２－３－４");
    EXPECT_EQ(normal_address("見本市本町二丁目３番４号"), expected);
    EXPECT_EQ(normal_address("見本県見本市本町二丁目三番四号"), expected);
    EXPECT_EQ(normal_address("見本市　本町 2丁目3番地の4"), expected);
    EXPECT_EQ(normal_address("見本市本町2ー3‐4"), expected);
    EXPECT_EQ(normal_address("見本市大字本町2の3の4"), expected);
    EXPECT_NE(normal_address("見本市本町2-3-5"), expected);
    EXPECT_NE(normal_address("見本市本町23-4"), expected);
}

TEST(Addresses, LargeKanjiNumbersAndPlaceNames) {
    EXPECT_EQ(normal_address("東京都千代田区三番町二十三番地"), normal_address("千代田区三番町23"));
    EXPECT_EQ(normal_address("見本市一番町1"), "見本市一番町1");
    EXPECT_EQ(normal_address("見本市霞ヶ関1-2"), normal_address("見本市霞が関１丁目２番"));
    EXPECT_EQ(normal_address("見本市山之上百五番地"), normal_address("見本市山の上105"));
}

TEST(Substitutes, StandForExactlyOneCharacter) {
    const auto pattern = normal_name(mark_substitutes("吉田　一〓", "00001"));
    EXPECT_TRUE(matches(pattern, normal_name("吉田　一𠀋")));
    EXPECT_FALSE(matches(pattern, normal_name("吉田　一")));
    EXPECT_FALSE(matches(pattern, normal_name("吉川　一𠀋")));
    EXPECT_EQ(mark_substitutes("吉田", "001"), "吉田") << "flags that do not fit the text say nothing";
}

TEST(Bytes, ThatAreNotTextDisappear) {
    EXPECT_EQ(normal_name("\xff\xfe山\xc3"), "山");
    EXPECT_EQ(normal_address(""), "");
    EXPECT_EQ(head("見本市", 2), "見本");
    EXPECT_EQ(normal_email(" Hanako@Example.JP "), "hanako@example.jp");
}

TEST(SearchFolding, BringsTogetherWhatPeopleWriteForTheSame) {
    EXPECT_EQ(fold_for_search("山田太郎"), fold_for_search("山田　太郎"));
    EXPECT_EQ(fold_for_search("ガクブチ"), fold_for_search("がくぶち"));
    EXPECT_EQ(fold_for_search("ｶﾞｸﾌﾞﾁ"), fold_for_search("カクフチ"));
    EXPECT_EQ(fold_for_search("ＳＭＩＴＨ－Ｊｏｎｅｓ"), fold_for_search("Smith Jones"));
    EXPECT_EQ(fold_for_search("Müller"), fold_for_search("MULLER"));
    EXPECT_EQ(fold_for_search("髙橋 﨑"), fold_for_search("高橋崎"));
    EXPECT_EQ(fold_for_search("葛\U000E0100"), fold_for_search("葛"));
    EXPECT_NE(fold_for_search("佐藤"), fold_for_search("佐東"));
    EXPECT_EQ(fold_for_search(" -,."), "");
}

TEST(SearchFolding, IsTheSameWithAndWithoutRareCharacters) {
    // A combining mark takes the long way through ICU; it disappears, so both ways must agree.
    const std::string text =
        "ァアィイゥウェエォオカガキギクグケゲコゴサザシジスズセゼソゾタダチヂッツヅテデトドナニヌネノハバパヒビピフブプ"
        "ヘベペホボポマミムメモャヤュユョヨラリルレロヮワヰヱヲンヴヵヶヷヸヹヺーぁがぱゔ亜髙Ａｚ09 ,.$~　漢";
    EXPECT_EQ(fold_for_search(text), fold_for_search(text + "\u0301"));
}

TEST(CodeFolding, KeepsEverythingButCaseAndWidth) {
    EXPECT_EQ(fold_width_and_case("ＡＢ１２"), "ab12");
    EXPECT_EQ(fold_width_and_case("E11.9 "), "e11.9 ");
    EXPECT_NE(fold_width_and_case("か"), fold_width_and_case("が"));
}

} // namespace musubi::japanese
