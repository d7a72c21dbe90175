#include "lib/print/document.h"
#include "lib/print/page_layout.h"

#include <cairo-pdf.h>
#include <ctime>
#include <fmt/core.h>
#include <memory>

namespace musubi::print {
namespace {

using Surface = std::unique_ptr<cairo_surface_t, decltype(&cairo_surface_destroy)>;
using Context = std::unique_ptr<cairo_t, decltype(&cairo_destroy)>;

cairo_status_t append(void* closure, const unsigned char* data, unsigned int length) {
    static_cast<std::string*>(closure)->append(reinterpret_cast<const char*>(data), length);
    return CAIRO_STATUS_SUCCESS;
}

void set_metadata(cairo_surface_t* surface, const Document& document) {
    cairo_pdf_surface_restrict_to_version(surface, CAIRO_PDF_VERSION_1_5);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, document.title.c_str());
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_AUTHOR, document.author.c_str());
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "Musubi");
    // cairo wants ISO 8601 without fractions.
    const std::string created = document.created.to_string().substr(0, 19) + "Z";
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, created.c_str());
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_MOD_DATE, created.c_str());
}

struct Draw {
    cairo_t* cairo;

    void operator()(const TextMark& mark) const {
        if (mark.tag != nullptr) cairo_tag_begin(cairo, mark.tag, nullptr);
        cairo_set_source_rgb(cairo, 0, 0, 0);
        cairo_move_to(cairo, points_of(mark.left), points_of(mark.top));
        pango_cairo_show_layout(cairo, mark.layout.get());
        if (mark.tag != nullptr) cairo_tag_end(cairo, mark.tag);
    }
    void operator()(const PlacedLine& line) const {
        cairo_set_source_rgb(cairo, 0.45, 0.45, 0.45);
        cairo_set_line_width(cairo, points_of(line.width));
        cairo_move_to(cairo, points_of(line.from_left), points_of(line.from_top));
        cairo_line_to(cairo, points_of(line.to_left), points_of(line.to_top));
        cairo_stroke(cairo);
    }
    void operator()(const PlacedFrame& frame) const {
        cairo_set_source_rgb(cairo, 0, 0, 0);
        cairo_set_line_width(cairo, points_of(frame.width));
        cairo_rectangle(cairo, points_of(frame.box.left), points_of(frame.box.top), points_of(frame.box.width),
                        points_of(frame.box.height));
        cairo_stroke(cairo);
    }
    void operator()(const FillMark& fill) const {
        cairo_set_source_rgb(cairo, fill.grey, fill.grey, fill.grey);
        cairo_rectangle(cairo, points_of(fill.box.left), points_of(fill.box.top), points_of(fill.box.width),
                        points_of(fill.box.height));
        cairo_fill(cairo);
    }
    void operator()(const QrMark& mark) const {
        constexpr int kQuietZone = 4; // modules, ISO/IEC 18004 section 6.3.8
        const double module = points_of(mark.side) / (mark.modules + 2 * kQuietZone);
        cairo_set_source_rgb(cairo, 0, 0, 0);
        for (int y = 0; y < mark.modules; ++y)
            for (int x = 0; x < mark.modules; ++x)
                if (mark.dark[static_cast<size_t>(y * mark.modules + x)])
                    cairo_rectangle(cairo, points_of(mark.left) + (x + kQuietZone) * module,
                                    points_of(mark.top) + (y + kQuietZone) * module, module, module);
        cairo_fill(cairo);
    }
};

} // namespace

base::Result<Printed> render(const Document& document) {
    Fonts fonts;
    Printed printed;
    std::vector<Page> pages;
    for (const Section& section : document.sections) {
        PageLayout layout(fonts, document, pages.size());
        MUSUBI_TRY(std::vector<Page> made, layout.run(section));
        for (Page& page : made) pages.push_back(std::move(page));
    }
    if (pages.empty()) pages.emplace_back();

    Surface surface(
        cairo_pdf_surface_create_for_stream(&append, &printed.pdf, points_of(kPageWidth), points_of(kPageHeight)),
        &cairo_surface_destroy);
    set_metadata(surface.get(), document);
    Context cairo(cairo_create(surface.get()), &cairo_destroy);
    for (const Page& page : pages) {
        for (const Mark& mark : page.marks) std::visit(Draw{cairo.get()}, mark);
        cairo_show_page(cairo.get());
    }
    cairo.reset();
    cairo_surface_finish(surface.get());
    if (const auto status = cairo_surface_status(surface.get()); status != CAIRO_STATUS_SUCCESS)
        return base::internal(fmt::format("cairo: {}", cairo_status_to_string(status)));
    printed.pages = pages.size();
    printed.missing_characters = fonts.missing_characters();
    return printed;
}

} // namespace musubi::print
