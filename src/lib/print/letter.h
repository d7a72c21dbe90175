// The outside of a letter: where the address stands so that it shows in the window of an envelope, and nothing else
// does.
#pragma once

#include "lib/print/document.h"

namespace musubi::print {

/// An envelope with a window, and the folded sheet inside it. The window is measured from the envelope's top left, the
/// side people read. The sheet slides by the difference of the two sizes.
struct EnvelopeWindow {
    std::string name = "長形3号・窓 90×45";
    double envelope_width = 235, envelope_height = 120; // JIS S 5502
    Box window{20, 12, 90, 45};
    double folded_width = 210, folded_height = 99; // A4 folded in three
};

/// The part of the sheet that shows in the window wherever the sheet lies.
Box always_visible(const EnvelopeWindow& envelope);
/// The part of the sheet that can show in some position: keep everything but the address out of it.
Box ever_visible(const EnvelopeWindow& envelope);

struct Recipient {
    std::string postal_code; // "650-0001"; empty when unknown
    std::string address;
    std::string name; // without honorific
};

/// The address block and the fold marks on the first page of `section`; the flow then starts below the first fold or
/// the window, whichever is lower. Call it first.
void add_address(Section& section, const EnvelopeWindow& envelope, const Recipient& recipient);

} // namespace musubi::print
