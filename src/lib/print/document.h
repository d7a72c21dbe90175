// PDF documents in Japanese as data, and their rendering. Lengths are millimetres from the top left of the page, type
// sizes are points. Pages are A4 upright (ISO 216).
#pragma once

#include "base/result.h"
#include "base/time.h"

#include <string>
#include <variant>
#include <vector>

namespace musubi::print {

inline constexpr double kPageWidth = 210;
inline constexpr double kPageHeight = 297;

struct Box {
    double left = 0;
    double top = 0;
    double width = 0;
    double height = 0;
};

enum class Weight { Regular, Bold };
enum class Align { Left, Center, Right };

struct Style {
    double points = 10.5;
    Weight weight = Weight::Regular;
    Align align = Align::Left;
};

// Blocks that flow down the page and onto the next.
struct Heading {
    std::string text;
    int level = 1; // 1 to 3
};
struct Paragraph {
    std::string text; // may contain line breaks
    Style style{};
};
struct Gap {
    double height = 4;
};
/// The flow goes on at least this far down the current page.
struct StartAt {
    double top = 0;
};
struct PageBreak {};
struct Column {
    double share = 1; // of the width, relative to the other columns
    Align align = Align::Left;
};
/// The header is repeated on every page the table reaches. A row is never split over two pages.
struct Table {
    std::vector<Column> columns;
    std::vector<std::string> header; // may be empty
    std::vector<std::vector<std::string>> rows;
    double points = 9;
};

// Blocks with a fixed place on the page the flow is on.
/// Shrinks the type down to 6 points until the text fits its box.
struct PlacedText {
    Box box;
    std::string text;
    Style style{};
};
struct PlacedLine {
    double from_left = 0, from_top = 0, to_left = 0, to_top = 0;
    double width = 0.2;
};
/// A QR code (error correction level M) with its quiet zone of four modules inside the square.
struct PlacedQr {
    double left = 0, top = 0, side = 30;
    std::string text;
};
struct PlacedFrame {
    Box box;
    double width = 0.3;
};

using Block =
    std::variant<Heading, Paragraph, Gap, StartAt, PageBreak, Table, PlacedText, PlacedLine, PlacedQr, PlacedFrame>;

/// Begins on a new page and counts its own pages.
struct Section {
    std::vector<Block> blocks;
    std::string footer; // left of the page number
    enum class PageNumbers { Shown, Hidden } page_numbers = PageNumbers::Shown;
};

struct Margins {
    double left = 20, top = 18, right = 20, bottom = 20;
};

struct Document {
    std::string title;
    std::string author;
    base::Instant created; // into the file's metadata, so that the same input gives the same bytes
    Margins margins{};
    std::vector<Section> sections;
    size_t max_pages = 2000;
};

struct Printed {
    std::string pdf;
    size_t pages = 0;
    size_t missing_characters = 0; // characters drawn as a box because no font has them
};

/// Errors: print.too-many-pages (TooLarge), print.text-does-not-fit (a placed text at 6 points), print.qr-too-long,
/// internal (cairo failed). CPU-heavy (about 10 ms a page): call it on the blocking pool.
base::Result<Printed> render(const Document& document);

} // namespace musubi::print
