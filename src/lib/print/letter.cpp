#include "lib/print/letter.h"

#include <algorithm>

namespace musubi::print {

Box always_visible(const EnvelopeWindow& envelope) {
    const double slack_x = std::max(0.0, envelope.envelope_width - envelope.folded_width);
    const double slack_y = std::max(0.0, envelope.envelope_height - envelope.folded_height);
    const Box& window = envelope.window;
    return {window.left, window.top, window.width - slack_x, window.height - slack_y};
}

Box ever_visible(const EnvelopeWindow& envelope) {
    const double slack_x = std::max(0.0, envelope.envelope_width - envelope.folded_width);
    const double slack_y = std::max(0.0, envelope.envelope_height - envelope.folded_height);
    const double left = std::max(0.0, envelope.window.left - slack_x);
    const double top = std::max(0.0, envelope.window.top - slack_y);
    return {left, top, envelope.window.left + envelope.window.width - left,
            envelope.window.top + envelope.window.height - top};
}

void add_address(Section& section, const EnvelopeWindow& envelope, const Recipient& recipient) {
    constexpr double kInside = 1; // the window's edge is never cut to the tenth of a millimetre
    Box box = always_visible(envelope);
    box = {box.left + kInside, box.top + kInside, box.width - 2 * kInside, box.height - 2 * kInside};
    const double name_height = box.height * 0.3;
    std::string address = recipient.postal_code.empty() ? "" : "〒" + recipient.postal_code + "\n";
    address += recipient.address;
    section.blocks.push_back(
        PlacedText{{box.left, box.top, box.width, box.height - name_height}, std::move(address), Style{.points = 10}});
    section.blocks.push_back(PlacedText{{box.left, box.top + box.height - name_height, box.width, name_height},
                                        recipient.name + "　様",
                                        Style{.points = 13, .weight = Weight::Bold}});
    for (int fold = 1; fold * envelope.folded_height < kPageHeight - 1; ++fold) {
        const double y = fold * envelope.folded_height;
        section.blocks.push_back(PlacedLine{3, y, 8, y});
    }
    const Box shows = ever_visible(envelope);
    section.blocks.push_back(StartAt{std::max(envelope.folded_height, shows.top + shows.height) + 4});
}

} // namespace musubi::print
