#include "lib/card/visual.h"

#include "lib/card/errors.h"
#include "lib/card/files.h"
#include "lib/card/pin.h"
#include "lib/card/tlv.h"

namespace musubi::card {

namespace {
constexpr std::string_view kNumberB = "number-b";

std::string text_or_empty(const std::optional<std::string_view>& value) { return std::string(value.value_or("")); }
} // namespace

base::Result<CardFace> parse_card_face(std::string_view file) {
    const auto outer = read_tlv(file);
    if (!outer || outer->tag != 0xFF20) return communication("card face malformed");
    const auto objects = read_tlv_list(outer->value);
    if (!objects) return communication("card face malformed");
    const auto photo = find_tlv(*objects, 0xDF27);
    if (!photo) return communication("card face without a photograph");
    CardFace face;
    face.birth_date = base::CivilDate::parse_compact(text_or_empty(find_tlv(*objects, 0xDF22)));
    const auto sex = find_tlv(*objects, 0xDF23).value_or("");
    face.sex = sex == "1" ? Sex::Male : sex == "2" ? Sex::Female : sex == "9" ? Sex::NotApplicable : Sex::Unknown;
    face.name_image = text_or_empty(find_tlv(*objects, 0xDF25));
    face.address_image = text_or_empty(find_tlv(*objects, 0xDF26));
    face.photo = std::string(*photo);
    face.expiry = base::CivilDate::parse_compact(text_or_empty(find_tlv(*objects, 0xDF29)));
    face.security_code_image = text_or_empty(find_tlv(*objects, 0xDF2A));
    return face;
}

base::Result<CardFace> read_card_face(Transport& transport, const base::Secret& number_b, const Layout& layout) {
    MUSUBI_TRY(const auto secret, normalise_pin(layout.number_b_format, kNumberB, number_b));
    MUSUBI_CHECK(select_application(transport, layout.visual_application));
    MUSUBI_TRY(const auto left, tries_left(transport, layout.visual_number_b));
    if (left == 0) return pin_blocked(kNumberB);
    MUSUBI_TRY(const auto outcome, verify_pin(transport, layout.visual_number_b, secret));
    MUSUBI_CHECK(require_accepted(outcome, kNumberB));
    MUSUBI_TRY(const auto file, read_object_file(transport, layout.visual_face));
    return parse_card_face(file);
}

} // namespace musubi::card
