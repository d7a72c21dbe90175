#include "lib/card/text.h"

#include "base/encoding.h"
#include "lib/card/errors.h"
#include "lib/card/files.h"
#include "lib/card/pin.h"
#include "lib/card/tlv.h"

namespace musubi::card {

namespace {

constexpr std::string_view kTextPin = "text";

Sex sex_of(std::string_view code) {
    if (code == "1") return Sex::Male;
    if (code == "2") return Sex::Female;
    if (code == "9") return Sex::NotApplicable;
    return Sex::Unknown;
}

base::Result<Attributes> read_with(Transport& transport, uint16_t pin, const PinFormat& format, std::string_view name,
                                   const base::Secret& typed, const Layout& layout) {
    MUSUBI_TRY(const auto secret, normalise_pin(format, name, typed));
    MUSUBI_CHECK(select_application(transport, layout.text_application));
    MUSUBI_TRY(const auto left, tries_left(transport, pin));
    if (left == 0) return pin_blocked(name);
    MUSUBI_TRY(const auto outcome, verify_pin(transport, pin, secret));
    MUSUBI_CHECK(require_accepted(outcome, name));
    MUSUBI_TRY(const auto file, read_object_file(transport, layout.text_attributes));
    return parse_attributes(file);
}

} // namespace

base::Result<Attributes> parse_attributes(std::string_view file) {
    const auto broken = [] { return communication("attribute file malformed"); };
    const auto outer = read_tlv(file);
    if (!outer || outer->tag != 0xFF20) return broken();
    const auto objects = read_tlv_list(outer->value);
    if (!objects) return broken();
    const auto name = find_tlv(*objects, 0xDF22);
    const auto address = find_tlv(*objects, 0xDF23);
    const auto birth_date = find_tlv(*objects, 0xDF24);
    const auto sex = find_tlv(*objects, 0xDF25);
    if (!name || !address || !birth_date || !sex) return broken();
    if (!base::valid_utf8(*name) || !base::valid_utf8(*address)) return broken();
    return Attributes{std::string(*name), std::string(*address), base::CivilDate::parse_compact(*birth_date),
                      sex_of(*sex)};
}

base::Result<Attributes> read_attributes(Transport& transport, const base::Secret& pin, const Layout& layout) {
    return read_with(transport, layout.text_pin, layout.text_pin_format, kTextPin, pin, layout);
}

base::Result<Attributes> read_attributes_with_number_b(Transport& transport, const base::Secret& number_b,
                                                       const Layout& layout) {
    return read_with(transport, layout.text_number_b, layout.number_b_format, "number-b", number_b, layout);
}

base::Result<unsigned> text_tries_left(Transport& transport, const Layout& layout) {
    MUSUBI_CHECK(select_application(transport, layout.text_application));
    return tries_left(transport, layout.text_pin);
}

base::Status change_text_pin(Transport& transport, const base::Secret& current, const base::Secret& next,
                             const Layout& layout) {
    MUSUBI_TRY(const auto old_secret, normalise_pin(layout.text_pin_format, kTextPin, current));
    MUSUBI_TRY(const auto new_secret, normalise_pin(layout.text_pin_format, kTextPin, next));
    MUSUBI_CHECK(select_application(transport, layout.text_application));
    MUSUBI_TRY(const auto outcome, change_pin(transport, layout.text_pin, old_secret, new_secret));
    return require_accepted(outcome, kTextPin);
}

} // namespace musubi::card
