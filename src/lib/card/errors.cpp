#include "lib/card/errors.h"

#include "base/encoding.h"

namespace musubi::card {

using base::ErrorKind;

base::Error reader_missing(std::string why) {
    return base::error(ErrorKind::Unavailable, "card.reader-missing").because(std::move(why));
}
base::Error not_inserted() { return base::error(ErrorKind::Unavailable, "card.not-inserted"); }
base::Error removed(std::string why) {
    return base::error(ErrorKind::Unavailable, "card.removed").because(std::move(why));
}
base::Error not_a_my_number_card() { return base::error(ErrorKind::Invalid, "card.not-a-my-number-card"); }
base::Error pin_malformed(std::string_view pin) {
    return base::invalid("card.pin-malformed").with("pin", std::string(pin));
}
base::Error pin_wrong(std::string_view pin, unsigned tries_left) {
    return base::error(ErrorKind::Unauthenticated, "card.pin-wrong")
        .with("pin", std::string(pin))
        .with("tries_left", std::to_string(tries_left));
}
base::Error pin_blocked(std::string_view pin) {
    return base::error(ErrorKind::Locked, "card.pin-blocked").with("pin", std::string(pin));
}
base::Error signature_certificate_missing() {
    return base::error(ErrorKind::NotFound, "card.signature-certificate-missing");
}
base::Error communication(std::string why) {
    return base::error(ErrorKind::Unavailable, "card.communication").because(std::move(why));
}

base::Error unexpected_status(uint8_t instruction, uint16_t status) {
    const char bytes[] = {static_cast<char>(instruction), static_cast<char>(status >> 8), static_cast<char>(status)};
    const auto hex = base::hex_encode(std::string_view(bytes, 3));
    return communication("instruction " + hex.substr(0, 2) + " answered " + hex.substr(2));
}

} // namespace musubi::card
