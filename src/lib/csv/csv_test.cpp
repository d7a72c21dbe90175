#include "lib/csv/csv.h"

#include "lib/csv/table.h"

#include <gtest/gtest.h>

namespace musubi::csv {
namespace {

std::string parameter(const base::Error& error, const std::string& name) {
    for (const auto& [key, value] : error.parameters)
        if (key == name) return value;
    return "(none)";
}

std::string shift_jis_roster() {
    // Made with: printf '社員番号,氏名\r\nA1,髙橋①\r\n' | iconv -f UTF-8 -t CP932
    return "\x8e\xd0\x88\xf5\x94\xd4\x8d\x86,\x8e\x81\x96\xbc\r\nA1,\xfb\xfc\x8b\xb4\x87\x40\r\n";
}

TEST(Csv, ReadsQuotedFieldsWithCommasQuotesAndLineBreaks) {
    const auto file = parse("a,\"b,c\",\"d\"\"e\"\r\n\"two\nlines\",,x");
    ASSERT_TRUE(file.ok());
    ASSERT_EQ(file->records.size(), 2U);
    EXPECT_EQ(file->records[0].fields, (std::vector<std::string>{"a", "b,c", "d\"e"}));
    EXPECT_EQ(file->records[1].fields, (std::vector<std::string>{"two\nlines", "", "x"}));
}

TEST(Csv, ALastLineBreakDoesNotMakeARowAndATrailingCommaMakesAField) {
    const auto file = parse("a,b\n1,\n");
    ASSERT_TRUE(file.ok());
    ASSERT_EQ(file->records.size(), 2U);
    EXPECT_EQ(file->records[1].fields, (std::vector<std::string>{"1", ""}));
}

TEST(Csv, BlankLinesAreSkippedButCounted) {
    const auto file = parse("a\n\nb\n");
    ASSERT_TRUE(file.ok());
    ASSERT_EQ(file->records.size(), 2U);
    EXPECT_EQ(file->records[1].row, 3U);
}

TEST(Csv, TheByteOrderMarkIsNotPartOfTheFirstField) {
    const auto file = parse("\xEF\xBB\xBF氏名\n山田\n");
    ASSERT_TRUE(file.ok());
    EXPECT_EQ(file->encoding, Encoding::Utf8);
    EXPECT_EQ(file->records[0].fields[0], "氏名");
}

TEST(Csv, ShiftJisOfJapaneseWindowsIsDecodedWithItsExtensions) {
    const auto file = parse(shift_jis_roster());
    ASSERT_TRUE(file.ok());
    EXPECT_EQ(file->encoding, Encoding::ShiftJis);
    EXPECT_EQ(file->records[1].fields[1], "髙橋①");
}

TEST(Csv, BytesThatAreNeitherEncodingAreRefused) {
    for (const std::string_view bytes : {"a,\x81\n", "\xEF\xBB\xBF\x82\xa0\n",
                                         "\xff\xfe"
                                         "a\0",
                                         "x\xf0\x20"}) {
        const auto file = parse(bytes);
        ASSERT_FALSE(file.ok());
        EXPECT_EQ(file.error().code, "csv.encoding-unknown");
    }
}

TEST(Csv, QuotesOutOfPlaceAreRefusedWithTheirPosition) {
    const auto misplaced = parse("a,b\n1,x\"y\n");
    ASSERT_FALSE(misplaced.ok());
    EXPECT_EQ(misplaced.error().code, "csv.quote-misplaced");
    EXPECT_EQ(parameter(misplaced.error(), "row"), "2");
    EXPECT_EQ(parameter(misplaced.error(), "column"), "2");

    const auto after = parse("\"a\"b\n");
    ASSERT_FALSE(after.ok());
    EXPECT_EQ(after.error().code, "csv.quote-misplaced");

    const auto unclosed = parse("a\n\"b\n");
    ASSERT_FALSE(unclosed.ok());
    EXPECT_EQ(unclosed.error().code, "csv.quote-unclosed");
    EXPECT_EQ(parameter(unclosed.error(), "row"), "2");
}

TEST(Csv, ControlCharactersAreRefused) {
    const auto file = parse(std::string_view("a\0b\n", 4));
    ASSERT_FALSE(file.ok());
    EXPECT_EQ(file.error().code, "csv.control-character");
}

TEST(Csv, UserDefinedCharactersOfTheSendersMachineAreRefused) {
    for (const std::string_view bytes : {"a,b\nx,\xf0\x9f\n", "a,b\nx,\xEE\x81\x9E\n"}) {
        const auto file = parse(bytes);
        ASSERT_FALSE(file.ok());
        EXPECT_EQ(file.error().code, "csv.user-defined-character");
        EXPECT_EQ(parameter(file.error(), "row"), "2");
        EXPECT_EQ(parameter(file.error(), "column"), "2");
    }
}

TEST(Csv, EveryLimitIsKept) {
    const Limits limits{.max_bytes = 40, .max_rows = 3, .max_columns = 2, .max_field_bytes = 4};
    EXPECT_EQ(parse(std::string(41, 'a'), limits).error().code, "csv.too-large");
    EXPECT_EQ(parse("a\nb\nc\nd\n", limits).error().code, "csv.too-many-rows");
    EXPECT_EQ(parse("a,b,c\n", limits).error().code, "csv.too-many-columns");
    EXPECT_EQ(parse("abcde\n", limits).error().code, "csv.field-too-long");
    EXPECT_TRUE(parse("abcd,b\nb\nc\n", limits).ok());
}

TEST(Csv, WrittenRecordsReadBackAndFormulasAreDisarmed) {
    std::string text;
    append_record(text, {"a,b", "say \"x\"", "two\nlines", "-5.5", "=1+1"});
    const auto file = parse(text);
    ASSERT_TRUE(file.ok());
    EXPECT_EQ(file->records[0].fields, (std::vector<std::string>{"a,b", "say \"x\"", "two\nlines", "-5.5", "'=1+1"}));
}

const std::vector<Column>& roster_columns() {
    static const std::vector<Column> columns = {
        {"number", {"社員番号", "employeeNumber"}},
        {"name", {"氏名", "name"}},
        {"kana", {"カナ", "kana"}, Presence::Optional},
    };
    return columns;
}

TEST(CsvTable, ColumnsAreFoundByAnyOfTheirNamesInAnyOrder) {
    const auto table = parse_table("NAME, employeeNumber \n山田　,007\n", roster_columns());
    ASSERT_TRUE(table.ok());
    EXPECT_EQ(table->cell(table->rows[0], "number"), "007");
    EXPECT_EQ(table->cell(table->rows[0], "name"), "山田");
    EXPECT_EQ(table->cell(table->rows[0], "kana"), "");
    EXPECT_EQ(table->title("number"), "employeeNumber");
    EXPECT_FALSE(table->has("kana"));
}

TEST(CsvTable, HeadersThatDoNotFitAreRefused) {
    EXPECT_EQ(parse_table("", roster_columns()).error().code, "csv.empty");
    EXPECT_EQ(parse_table("社員番号\n1\n", roster_columns()).error().code, "csv.column-missing");
    EXPECT_EQ(parse_table("社員番号,氏名,名前\n", roster_columns()).error().code, "csv.column-unknown");
    EXPECT_EQ(parse_table("社員番号,氏名,name\n", roster_columns()).error().code, "csv.column-repeated");
}

TEST(CsvTable, ARowOfAnotherLengthIsRefusedWithItsNumber) {
    const auto table = parse_table("社員番号,氏名\n1,山田\n2\n", roster_columns());
    ASSERT_FALSE(table.ok());
    EXPECT_EQ(table.error().code, "csv.row-length");
    EXPECT_EQ(parameter(table.error(), "row"), "3");
}

} // namespace
} // namespace musubi::csv
