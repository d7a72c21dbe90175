#include "lib/card_art/card_art.h"

#include "base/random.h"

#include <algorithm>
#include <cairo.h>
#include <cmath>
#include <cstring>
#include <memory>
#include <openjpeg.h>
#include <pango/pangocairo.h>
#include <vector>
#include <zlib.h>

namespace musubi::card_art {

namespace {

constexpr int kWidth = 240;
constexpr int kHeight = 320;

template <auto Free> struct Freed {
    template <class T> void operator()(T* object) const { Free(object); }
};
using Surface = std::unique_ptr<cairo_surface_t, Freed<cairo_surface_destroy>>;
using Drawing = std::unique_ptr<cairo_t, Freed<cairo_destroy>>;
using TextLayout = std::unique_ptr<PangoLayout, Freed<g_object_unref>>;
using Font = std::unique_ptr<PangoFontDescription, Freed<pango_font_description_free>>;
using Image = std::unique_ptr<opj_image_t, Freed<opj_image_destroy>>;
using Codec = std::unique_ptr<opj_codec_t, Freed<opj_destroy_codec>>;
using Stream = std::unique_ptr<opj_stream_t, Freed<opj_stream_destroy>>;

/// Draws in grey: 0 black to 1 white.
class Brush {
  public:
    explicit Brush(cairo_t* drawing) : m_drawing(drawing) {}
    void ellipse(double x, double y, double rx, double ry, double grey) {
        cairo_save(m_drawing);
        cairo_translate(m_drawing, x, y);
        cairo_scale(m_drawing, rx, ry);
        cairo_arc(m_drawing, 0, 0, 1, 0, 2 * M_PI);
        cairo_restore(m_drawing);
        cairo_set_source_rgb(m_drawing, grey, grey, grey);
        cairo_fill(m_drawing);
    }
    void smile(double x, double y, double width, double depth) {
        cairo_set_source_rgb(m_drawing, 0.35, 0.35, 0.35);
        cairo_set_line_width(m_drawing, 2.5);
        cairo_move_to(m_drawing, x - width, y);
        cairo_curve_to(m_drawing, x - width / 2, y + depth, x + width / 2, y + depth, x + width, y);
        cairo_stroke(m_drawing);
    }

  private:
    cairo_t* m_drawing;
};

void draw_person(cairo_t* drawing, base::SeededRandom& random) {
    const auto between = [&](double low, double high) {
        return low + (high - low) * static_cast<double>(random.below(1000)) / 999;
    };
    Brush brush(drawing);
    const double face_width = between(52, 62);
    const double face_height = between(68, 78);
    const double hair = between(0.12, 0.45);
    const double clothes = between(0.2, 0.7);
    const bool long_hair = random.below(2) == 0;
    const bool glasses = random.below(4) == 0;
    cairo_set_source_rgb(drawing, 0.93, 0.93, 0.93);
    cairo_paint(drawing);
    brush.ellipse(120, 330, 110, 90, clothes);
    if (long_hair) brush.ellipse(120, 160, face_width + 22, face_height + 34, hair);
    brush.ellipse(120, 235, 26, 36, 0.74); // neck
    brush.ellipse(120, 112, face_width + 10, 66, hair);
    brush.ellipse(120, 150, face_width, face_height, 0.82);
    brush.ellipse(120, 92, face_width - between(2, 12), between(22, 34), hair);
    for (const double side : {-1.0, 1.0}) {
        brush.ellipse(120 + side * 22, 148, 4.5, 5.5, 0.15);
        brush.ellipse(120 + side * 22, 131, 12, 2.2, hair);
        if (glasses) {
            cairo_set_source_rgb(drawing, 0.25, 0.25, 0.25);
            cairo_set_line_width(drawing, 2);
            cairo_arc(drawing, 120 + side * 22, 148, 14, 0, 2 * M_PI);
            cairo_stroke(drawing);
        }
    }
    brush.ellipse(120, 168, 5, 6, 0.74);
    brush.smile(120, between(186, 192), between(14, 20), between(4, 12));
}

struct Sink {
    std::string bytes;
    size_t at = 0;
};

OPJ_SIZE_T write_bytes(void* buffer, OPJ_SIZE_T size, void* user) {
    auto& sink = *static_cast<Sink*>(user);
    if (sink.bytes.size() < sink.at + size) sink.bytes.resize(sink.at + size);
    std::memcpy(sink.bytes.data() + sink.at, buffer, size);
    sink.at += size;
    return size;
}
OPJ_BOOL seek_to(OPJ_OFF_T offset, void* user) {
    static_cast<Sink*>(user)->at = static_cast<size_t>(offset);
    return OPJ_TRUE;
}
OPJ_OFF_T skip_by(OPJ_OFF_T offset, void* user) {
    static_cast<Sink*>(user)->at += static_cast<size_t>(offset);
    return offset;
}

Image grey_image(cairo_surface_t* surface) {
    opj_image_cmptparm_t component{};
    component.dx = component.dy = 1;
    component.w = kWidth;
    component.h = kHeight;
    component.prec = 8;
    Image image(opj_image_create(1, &component, OPJ_CLRSPC_GRAY));
    if (!image) return image;
    image->x1 = kWidth;
    image->y1 = kHeight;
    const auto* pixels = cairo_image_surface_get_data(surface);
    const int stride = cairo_image_surface_get_stride(surface);
    for (int y = 0; y < kHeight; ++y) {
        for (int x = 0; x < kWidth; ++x) image->comps[0].data[y * kWidth + x] = pixels[y * stride + 4 * x];
    }
    return image;
}

void append_number(std::string& out, uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
}

void append_chunk(std::string& png, std::string_view type, std::string_view data) {
    append_number(png, static_cast<uint32_t>(data.size()));
    const auto begin = png.size();
    png += type;
    png += data;
    append_number(png, static_cast<uint32_t>(::crc32(0, reinterpret_cast<const Bytef*>(png.data() + begin),
                                                     static_cast<uInt>(png.size() - begin))));
}

// ISO/IEC 15948: grey with one bit per pixel, which cairo does not write. Letters are the surface's alpha.
std::string one_bit_png(cairo_surface_t* surface, int width, int height) {
    const auto* pixels = cairo_image_surface_get_data(surface);
    const int stride = cairo_image_surface_get_stride(surface);
    std::string rows;
    for (int y = 0; y < height; ++y) {
        rows += '\0'; // filter: none
        for (int x = 0; x < width; x += 8) {
            unsigned byte = 0;
            for (int bit = 0; bit < 8 && x + bit < width; ++bit) {
                if (pixels[y * stride + x + bit] < 128) byte |= 0x80u >> bit;
            }
            rows += static_cast<char>(byte);
        }
    }
    auto size = ::compressBound(static_cast<uLong>(rows.size()));
    std::string packed(size, '\0');
    ::compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(rows.data()),
               static_cast<uLong>(rows.size()));
    packed.resize(size);
    std::string header;
    append_number(header, static_cast<uint32_t>(width));
    append_number(header, static_cast<uint32_t>(height));
    header.append("\x01\0\0\0\0", 5);
    std::string png = "\x89PNG\r\n\x1A\n";
    append_chunk(png, "IHDR", header);
    append_chunk(png, "IDAT", packed);
    append_chunk(png, "IEND", {});
    return png;
}

} // namespace

base::Result<std::string> portrait(uint64_t seed) {
    const Surface surface(cairo_image_surface_create(CAIRO_FORMAT_RGB24, kWidth, kHeight));
    {
        const Drawing drawing(cairo_create(surface.get()));
        base::SeededRandom random(seed);
        draw_person(drawing.get(), random);
    }
    cairo_surface_flush(surface.get());
    const auto image = grey_image(surface.get());
    opj_cparameters_t parameters;
    opj_set_default_encoder_parameters(&parameters);
    parameters.tcp_numlayers = 1;
    parameters.tcp_rates[0] = 12; // about 6 KB, as on the card
    parameters.cp_disto_alloc = 1;
    const Codec codec(opj_create_compress(OPJ_CODEC_JP2));
    Sink sink;
    const Stream stream(opj_stream_default_create(OPJ_FALSE));
    if (!image || !codec || !stream) return base::internal("openjpeg");
    opj_stream_set_write_function(stream.get(), write_bytes);
    opj_stream_set_seek_function(stream.get(), seek_to);
    opj_stream_set_skip_function(stream.get(), skip_by);
    opj_stream_set_user_data(stream.get(), &sink, nullptr);
    const bool done = opj_setup_encoder(codec.get(), &parameters, image.get()) &&
                      opj_start_compress(codec.get(), image.get(), stream.get()) &&
                      opj_encode(codec.get(), stream.get()) && opj_end_compress(codec.get(), stream.get());
    if (!done) return base::internal("openjpeg");
    return std::move(sink.bytes);
}

base::Result<std::string> lettering(std::string_view text, int width, int height) {
    const Surface surface(cairo_image_surface_create(CAIRO_FORMAT_A8, width, height));
    {
        const Drawing drawing(cairo_create(surface.get()));
        const TextLayout layout(pango_cairo_create_layout(drawing.get()));
        const Font font(pango_font_description_from_string("Noto Sans CJK JP"));
        pango_layout_set_text(layout.get(), text.data(), static_cast<int>(text.size()));
        int text_width = 0;
        int text_height = 0;
        for (int size = height * 7 / 10; size >= 6; --size) {
            pango_font_description_set_absolute_size(font.get(), size * PANGO_SCALE);
            pango_layout_set_font_description(layout.get(), font.get());
            pango_layout_get_pixel_size(layout.get(), &text_width, &text_height);
            if (text_width <= width && text_height <= height) break;
        }
        cairo_move_to(drawing.get(), 0, std::max(0, (height - text_height) / 2));
        pango_cairo_show_layout(drawing.get(), layout.get());
    }
    cairo_surface_flush(surface.get());
    return one_bit_png(surface.get(), width, height);
}

} // namespace musubi::card_art
