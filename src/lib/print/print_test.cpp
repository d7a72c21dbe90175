// The PDF is read back by poppler's tools, which know nothing of how it was made.
#include "lib/print/document.h"
#include "lib/print/letter.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <unistd.h>

namespace musubi::print {
namespace {

std::string output_of(const std::string& command) {
    std::string out;
    FILE* pipe = popen(command.c_str(), "r");
    if (pipe == nullptr) return "popen failed";
    std::array<char, 4096> buffer{};
    while (const size_t count = fread(buffer.data(), 1, buffer.size(), pipe)) out.append(buffer.data(), count);
    if (pclose(pipe) != 0) out += "\n(the command failed)";
    return out;
}

class PdfFile {
  public:
    explicit PdfFile(const std::string& pdf) {
        std::string name = (std::filesystem::temp_directory_path() / "musubi-print-XXXXXX").string();
        const int descriptor = mkstemp(name.data());
        EXPECT_GE(descriptor, 0);
        close(descriptor);
        m_path = name;
        std::ofstream(m_path, std::ios::binary) << pdf;
    }
    ~PdfFile() { std::filesystem::remove(m_path); }
    std::string text(const std::string& options = "") const {
        return output_of("pdftotext " + options + " " + m_path + " - 2>&1");
    }
    std::string fonts() const { return output_of("pdffonts " + m_path + " 2>&1"); }
    std::string info() const { return output_of("pdfinfo " + m_path + " 2>&1"); }
    const std::string& path() const { return m_path; }

  private:
    std::string m_path;
};

Document document_of(std::vector<Block> blocks) {
    return {.title = "試験",
            .author = "見本市",
            .created = base::Instant::from_milliseconds(1'790'000'000'000),
            .sections = {Section{std::move(blocks), "見本市 健康課"}}};
}

// 𠮷 is outside the basic plane; 葛 with U+E0100 is an ideographic variation sequence (葛󠄀城 against 葛飾).
const std::string kRareName = "𠮷田　葛\xF3\xA0\x84\x80子　髙﨑";

TEST(Print, TextIsExtractableWithRareCharactersAndVariationSequences) {
    const auto printed = render(document_of({Heading{"お知らせ"}, Paragraph{kRareName}}));
    ASSERT_TRUE(printed.ok());
    EXPECT_EQ(printed->missing_characters, 0U);
    const std::string text = PdfFile(printed->pdf).text();
    EXPECT_NE(text.find("お知らせ"), std::string::npos) << text;
    EXPECT_NE(text.find("𠮷田"), std::string::npos) << text;
    EXPECT_NE(text.find("葛\xF3\xA0\x84\x80子"), std::string::npos) << text;
    EXPECT_NE(text.find("髙﨑"), std::string::npos) << text;
}

TEST(Print, FontsAreEmbeddedAsSubsets) {
    const auto printed = render(document_of({Paragraph{"本文"}, Paragraph{"太字", {.weight = Weight::Bold}}}));
    ASSERT_TRUE(printed.ok());
    EXPECT_LT(printed->pdf.size(), 130'000U);
    const std::string fonts = PdfFile(printed->pdf).fonts();
    EXPECT_NE(fonts.find("+NotoSansCJK"), std::string::npos) << fonts;
    EXPECT_EQ(fonts.find(" no "), std::string::npos) << "every font must be embedded, subset and mapped:\n" << fonts;
}

TEST(Print, PagesAreA4AndTheSameInputGivesTheSameBytes) {
    const auto document = document_of({Paragraph{"本文"}});
    const auto first = render(document);
    const auto second = render(document);
    ASSERT_TRUE(first.ok() && second.ok());
    EXPECT_EQ(first->pdf, second->pdf);
    const std::string info = PdfFile(first->pdf).info();
    EXPECT_NE(info.find("(A4)"), std::string::npos) << info;
    EXPECT_NE(info.find("試験"), std::string::npos) << info;
}

TEST(Print, ATableRepeatsItsHeaderAndPagesCountWithinTheirSection) {
    Table table{{{2}, {1, Align::Right}}, {"項目", "値"}, {}};
    for (int i = 1; i <= 120; ++i) table.rows.push_back({"項目" + std::to_string(i), std::to_string(i * 10)});
    Document document = document_of({Heading{"検査の結果"}, table});
    document.sections.push_back(Section{{Paragraph{"二通目"}}, ""});
    const auto printed = render(document);
    ASSERT_TRUE(printed.ok());
    ASSERT_GE(printed->pages, 4U);
    const PdfFile file(printed->pdf);
    const size_t table_pages = printed->pages - 1;
    for (size_t page = 1; page <= table_pages; ++page) {
        const std::string text = file.text("-f " + std::to_string(page) + " -l " + std::to_string(page));
        EXPECT_NE(text.find("値"), std::string::npos) << page;
        EXPECT_NE(text.find(std::to_string(page) + "/" + std::to_string(table_pages)), std::string::npos) << text;
    }
    const std::string last = file.text("-f " + std::to_string(printed->pages));
    EXPECT_NE(last.find("1/1"), std::string::npos) << last;
    const std::string all = file.text();
    for (int i = 1; i <= 120; ++i) EXPECT_NE(all.find("項目" + std::to_string(i) + "\n"), std::string::npos) << i;
}

TEST(Print, ACharacterThatNoFontHasIsCounted) {
    const auto printed = render(document_of({Paragraph{"\xEE\x80\x80"}})); // U+E000, private use
    ASSERT_TRUE(printed.ok());
    EXPECT_EQ(printed->missing_characters, 1U);
}

TEST(Print, TooManyPagesAreRefused) {
    Document document = document_of({PageBreak{}, PageBreak{}});
    document.max_pages = 2;
    const auto printed = render(document);
    ASSERT_FALSE(printed.ok());
    EXPECT_EQ(printed.error().code, "print.too-many-pages");
}

TEST(Print, APlacedTextShrinksToItsBoxOrIsRefused) {
    const std::string long_text(80, 'W');
    EXPECT_TRUE(render(document_of({PlacedText{{20, 20, 60, 20}, long_text}})).ok());
    const auto refused = render(document_of({PlacedText{{20, 20, 20, 4}, long_text}}));
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, "print.text-does-not-fit");
}

TEST(Letter, TheAddressShowsInTheWindowInEveryPositionAndNothingElseDoes) {
    const EnvelopeWindow envelope;
    Section section;
    add_address(section, envelope,
                {"650-0001", "見本県見本市中央区みなと町一丁目二番三号　みほんハイツ１０１号室", kRareName});
    section.blocks.push_back(Paragraph{"秘密の番号 123456"});
    Document document = document_of({});
    document.sections = {section};
    const auto printed = render(document);
    ASSERT_TRUE(printed.ok());
    const PdfFile file(printed->pdf);
    const auto crop = [&](const Box& box) {
        const auto number = [](double millimetres) {
            return std::to_string(static_cast<int>(millimetres * 72 / 25.4 + 0.5));
        };
        return file.text("-x " + number(box.left) + " -y " + number(box.top) + " -W " + number(box.width) + " -H " +
                         number(box.height));
    };
    const std::string seen = crop(always_visible(envelope));
    EXPECT_NE(seen.find("650-0001"), std::string::npos) << seen;
    EXPECT_NE(seen.find("𠮷田"), std::string::npos) << seen;
    EXPECT_NE(seen.find("様"), std::string::npos) << seen;
    EXPECT_EQ(crop(ever_visible(envelope)).find("123456"), std::string::npos);
    EXPECT_NE(file.text().find("123456"), std::string::npos);
}

TEST(Letter, TheVisiblePartsFollowFromTheEnvelope) {
    const Box always = always_visible(EnvelopeWindow{});
    EXPECT_DOUBLE_EQ(always.width, 65);
    EXPECT_DOUBLE_EQ(always.height, 24);
    const Box ever = ever_visible(EnvelopeWindow{});
    EXPECT_DOUBLE_EQ(ever.left, 0);
    EXPECT_DOUBLE_EQ(ever.top, 0);
    EXPECT_DOUBLE_EQ(ever.width, 110);
    EXPECT_DOUBLE_EQ(ever.height, 57);
}

TEST(Print, AQrCodeTooLongForAnySizeIsRefused) {
    const auto refused = render(document_of({PlacedQr{20, 20, 30, std::string(4000, 'x')}}));
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, "print.qr-too-long");
    EXPECT_TRUE(render(document_of({PlacedQr{20, 20, 30, "https://mihon.example/start/letter"}})).ok());
}

} // namespace
} // namespace musubi::print
