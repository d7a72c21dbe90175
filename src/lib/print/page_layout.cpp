#include "lib/print/page_layout.h"

#include <algorithm>
#include <fmt/core.h>
#include <numeric>
#include <qrencode.h>

namespace musubi::print {
namespace {

constexpr double kSmallestPoints = 6;
constexpr double kCellPadding = 1.2;

// One family throughout: each further one adds its subset to every file.
constexpr const char* kFamily = "Noto Sans CJK JP,Noto Serif CJK JP";

} // namespace

Fonts::Fonts() : m_context(pango_font_map_create_context(pango_cairo_font_map_get_default())) {
    pango_cairo_context_set_resolution(m_context.get(), 72); // one unit is one point of the PDF
    pango_context_set_language(m_context.get(), pango_language_from_string("ja"));
    pango_context_set_round_glyph_positions(m_context.get(), FALSE);
    cairo_font_options_t* options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    pango_cairo_context_set_font_options(m_context.get(), options);
    cairo_font_options_destroy(options);
}

LayoutPointer Fonts::shape(const std::string& text, const Style& style, double width) {
    LayoutPointer layout(pango_layout_new(m_context.get()), Unref{});
    PangoFontDescription* description = pango_font_description_new();
    pango_font_description_set_family_static(description, kFamily);
    pango_font_description_set_size(description, static_cast<int>(style.points * PANGO_SCALE));
    pango_font_description_set_weight(description,
                                      style.weight == Weight::Bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_layout_set_font_description(layout.get(), description);
    pango_font_description_free(description);
    pango_layout_set_width(layout.get(), static_cast<int>(points_of(width) * PANGO_SCALE));
    pango_layout_set_wrap(layout.get(), PANGO_WRAP_WORD_CHAR);
    pango_layout_set_alignment(layout.get(), style.align == Align::Left     ? PANGO_ALIGN_LEFT
                                             : style.align == Align::Center ? PANGO_ALIGN_CENTER
                                                                            : PANGO_ALIGN_RIGHT);
    pango_layout_set_text(layout.get(), text.data(), static_cast<int>(text.size()));
    return layout;
}

double Fonts::height_of(const LayoutPointer& layout) {
    int height = 0;
    pango_layout_get_size(layout.get(), nullptr, &height);
    return millimetres_of(static_cast<double>(height) / PANGO_SCALE);
}

double Fonts::width_of(const LayoutPointer& layout) {
    int width = 0;
    pango_layout_get_size(layout.get(), &width, nullptr);
    return millimetres_of(static_cast<double>(width) / PANGO_SCALE);
}

void Fonts::count_missing(const LayoutPointer& layout) {
    m_missing += static_cast<size_t>(pango_layout_get_unknown_glyphs_count(layout.get()));
}

base::Result<std::vector<Page>> PageLayout::run(const Section& section) {
    MUSUBI_CHECK(new_page());
    for (const Block& block : section.blocks)
        MUSUBI_CHECK(std::visit([this](const auto& one) { return add(one); }, block));
    number_pages(section);
    return std::move(m_pages);
}

base::Status PageLayout::new_page() {
    if (m_pages_before + m_pages.size() == m_document.max_pages)
        return base::error(base::ErrorKind::TooLarge, "print.too-many-pages")
            .with("pages", std::to_string(m_document.max_pages));
    m_pages.emplace_back();
    m_top = m_document.margins.top;
    return base::success();
}

base::Status PageLayout::need(double height) {
    // What is taller than a page is drawn from its top and cut at the end of the paper.
    const bool at_top = m_top <= m_document.margins.top;
    if (!at_top && m_top + height > bottom()) return new_page();
    return base::success();
}

base::Status PageLayout::flow_text(const std::string& text, const Style& style, const char* tag) {
    // Paragraph by paragraph, so that long texts break over pages at line breaks.
    size_t begin = 0;
    for (;;) {
        const size_t end = text.find('\n', begin);
        const auto layout = m_fonts.shape(text.substr(begin, end - begin), style, content_width());
        const double height = Fonts::height_of(layout);
        MUSUBI_CHECK(need(height));
        m_fonts.count_missing(layout);
        page().marks.push_back(TextMark{m_document.margins.left, m_top, layout, tag});
        m_top += height;
        if (end == std::string::npos) return base::success();
        begin = end + 1;
    }
}

base::Status PageLayout::add(const Heading& heading) {
    static constexpr double kPoints[] = {18, 14, 11.5};
    static constexpr const char* kTags[] = {"H1", "H2", "H3"};
    const auto level = static_cast<size_t>(std::clamp(heading.level, 1, 3) - 1);
    const Style style{.points = kPoints[level], .weight = Weight::Bold};
    if (m_top > m_document.margins.top) m_top += 4;
    MUSUBI_CHECK(need(millimetres_of(kPoints[level]) * 1.5 + 15)); // a heading does not stand alone at the foot
    MUSUBI_CHECK(flow_text(heading.text, style, kTags[level]));
    m_top += 2;
    return base::success();
}

base::Status PageLayout::add(const Paragraph& paragraph) {
    MUSUBI_CHECK(flow_text(paragraph.text, paragraph.style, "P"));
    m_top += 1.5;
    return base::success();
}

base::Status PageLayout::add(const Gap& gap) {
    m_top += gap.height;
    return base::success();
}

base::Status PageLayout::add(const StartAt& start) {
    m_top = std::max(m_top, start.top);
    return base::success();
}

base::Status PageLayout::add(const PageBreak&) { return new_page(); }

struct PageLayout::TableRow {
    std::vector<LayoutPointer> cells;
    std::vector<double> widths;
    double height = 0;
};

PageLayout::TableRow PageLayout::shape_row(const Table& table, const std::vector<std::string>& cells, Weight weight) {
    const double shares = std::accumulate(table.columns.begin(), table.columns.end(), 0.0,
                                          [](double sum, const Column& column) { return sum + column.share; });
    TableRow row;
    for (size_t i = 0; i < table.columns.size(); ++i) {
        const double width = content_width() * table.columns[i].share / shares;
        const Style style{.points = table.points, .weight = weight, .align = table.columns[i].align};
        auto layout = m_fonts.shape(i < cells.size() ? cells[i] : "", style, width - 2 * kCellPadding);
        row.height = std::max(row.height, Fonts::height_of(layout) + 2 * kCellPadding);
        row.cells.push_back(std::move(layout));
        row.widths.push_back(width);
    }
    return row;
}

void PageLayout::draw_row(const Table& table, const TableRow& row, bool header) {
    double left = m_document.margins.left;
    const double right = left + content_width();
    if (header) page().marks.push_back(FillMark{{left, m_top, content_width(), row.height}, 0.93});
    for (size_t i = 0; i < table.columns.size(); ++i) {
        m_fonts.count_missing(row.cells[i]);
        page().marks.push_back(TextMark{left + kCellPadding, m_top + kCellPadding, row.cells[i], header ? "TH" : "TD"});
        left += row.widths[i];
    }
    m_top += row.height;
    page().marks.push_back(PlacedLine{m_document.margins.left, m_top, right, m_top, 0.15});
}

base::Status PageLayout::add(const Table& table) {
    if (table.columns.empty()) return base::success();
    std::optional<TableRow> header;
    if (!table.header.empty()) header = shape_row(table, table.header, Weight::Bold);
    bool header_drawn = false;
    for (const auto& cells : table.rows) {
        const TableRow row = shape_row(table, cells, Weight::Regular);
        const size_t page_count = m_pages.size();
        MUSUBI_CHECK(need(row.height + (header && !header_drawn ? header->height : 0)));
        if (header && (!header_drawn || m_pages.size() != page_count)) draw_row(table, *header, true);
        header_drawn = true;
        draw_row(table, row, false);
    }
    m_top += 3;
    return base::success();
}

base::Status PageLayout::add(const PlacedText& text) {
    Style style = text.style;
    for (;; style.points -= 0.5) {
        const auto layout = m_fonts.shape(text.text, style, text.box.width);
        // A single long word may overflow to the side even though its height fits.
        if (Fonts::height_of(layout) <= text.box.height && Fonts::width_of(layout) <= text.box.width + 0.1) {
            m_fonts.count_missing(layout);
            page().marks.push_back(TextMark{text.box.left, text.box.top, layout, "P"});
            return base::success();
        }
        if (style.points <= kSmallestPoints) return base::invalid("print.text-does-not-fit");
    }
}

base::Status PageLayout::add(const PlacedLine& line) {
    page().marks.push_back(line);
    return base::success();
}

base::Status PageLayout::add(const PlacedFrame& frame) {
    page().marks.push_back(frame);
    return base::success();
}

base::Status PageLayout::add(const PlacedQr& qr) {
    const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(
        QRcode_encodeData(static_cast<int>(qr.text.size()), reinterpret_cast<const unsigned char*>(qr.text.data()), 0,
                          QR_ECLEVEL_M),
        &QRcode_free);
    if (!code) return base::invalid("print.qr-too-long");
    QrMark mark{qr.left, qr.top, qr.side, code->width, {}};
    const auto count = static_cast<size_t>(code->width * code->width);
    mark.dark.reserve(count);
    for (size_t i = 0; i < count; ++i) mark.dark.push_back((code->data[i] & 1) != 0);
    page().marks.push_back(std::move(mark));
    return base::success();
}

void PageLayout::number_pages(const Section& section) {
    const double top = kPageHeight - m_document.margins.bottom + 6;
    for (size_t i = 0; i < m_pages.size(); ++i) {
        if (!section.footer.empty()) {
            const auto layout = m_fonts.shape(section.footer, Style{.points = 8}, content_width() * 0.8);
            m_fonts.count_missing(layout);
            m_pages[i].marks.push_back(TextMark{m_document.margins.left, top, layout, nullptr});
        }
        if (section.page_numbers == Section::PageNumbers::Hidden) continue;
        const auto layout = m_fonts.shape(fmt::format("{} / {}", i + 1, m_pages.size()),
                                          Style{.points = 8, .align = Align::Right}, content_width());
        m_pages[i].marks.push_back(TextMark{m_document.margins.left, top, layout, nullptr});
    }
}

} // namespace musubi::print
