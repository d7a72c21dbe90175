// Private to lib/print: blocks become marks at fixed positions on pages.
#pragma once

#include "lib/print/document.h"

#include <memory>
#include <optional>
#include <pango/pangocairo.h>
#include <string>
#include <variant>
#include <vector>

namespace musubi::print {

constexpr double points_of(double millimetres) { return millimetres * 72 / 25.4; }
constexpr double millimetres_of(double points) { return points * 25.4 / 72; }

struct Unref {
    void operator()(void* object) const { g_object_unref(object); }
};
using LayoutPointer = std::shared_ptr<PangoLayout>;

struct TextMark {
    double left, top;
    LayoutPointer layout;
    const char* tag; // PDF structure (ISO 32000-1 section 14.8.4); null for decoration
};
struct FillMark {
    Box box;
    double grey;
};
struct QrMark {
    double left, top, side;
    int modules;
    std::vector<bool> dark; // row by row
};
using Mark = std::variant<TextMark, FillMark, QrMark, PlacedLine, PlacedFrame>;
struct Page {
    std::vector<Mark> marks;
};

class Fonts {
  public:
    Fonts();
    /// `width` in millimetres; lines break between any two characters where the language allows it.
    LayoutPointer shape(const std::string& text, const Style& style, double width);
    static double height_of(const LayoutPointer& layout);
    static double width_of(const LayoutPointer& layout);
    size_t missing_characters() const { return m_missing; }
    void count_missing(const LayoutPointer& layout);

  private:
    std::unique_ptr<PangoContext, Unref> m_context;
    size_t m_missing = 0;
};

class PageLayout {
  public:
    PageLayout(Fonts& fonts, const Document& document, size_t pages_before)
        : m_fonts(fonts), m_document(document), m_pages_before(pages_before) {}
    base::Result<std::vector<Page>> run(const Section& section);

  private:
    base::Status add(const Heading& heading);
    base::Status add(const Paragraph& paragraph);
    base::Status add(const Gap& gap);
    base::Status add(const StartAt& start);
    base::Status add(const PageBreak&);
    base::Status add(const Table& table);
    base::Status add(const PlacedText& text);
    base::Status add(const PlacedLine& line);
    base::Status add(const PlacedQr& qr);
    base::Status add(const PlacedFrame& frame);

    struct TableRow;
    TableRow shape_row(const Table& table, const std::vector<std::string>& cells, Weight weight);
    void draw_row(const Table& table, const TableRow& row, bool header);

    base::Status new_page();
    base::Status need(double height);
    base::Status flow_text(const std::string& text, const Style& style, const char* tag);
    void number_pages(const Section& section);
    Page& page() { return m_pages.back(); }
    double content_width() const { return kPageWidth - m_document.margins.left - m_document.margins.right; }
    double bottom() const { return kPageHeight - m_document.margins.bottom; }

    Fonts& m_fonts;
    const Document& m_document;
    size_t m_pages_before;
    std::vector<Page> m_pages;
    double m_top = 0;
};

} // namespace musubi::print
