// Both ends of the card's wire. The first byte chooses: 0 the software card is sent commands, 1 the client is sent
// answers, 2 the parsers of what stands in files. Commands and answers are each preceded by one byte of length.
#include "lib/card/apdu.h"
#include "lib/card/card_image.h"
#include "lib/card/jpki.h"
#include "lib/card/test_card.h"
#include "lib/card/text.h"
#include "lib/card/visual.h"

#include <cstdlib>

namespace {

using namespace musubi;

std::string_view take(std::string_view& input) {
    if (input.empty()) return {};
    // FF announces a long one, so that whole blocks and extended lengths are reached.
    size_t size = static_cast<uint8_t>(input.front());
    input.remove_prefix(1);
    if (size == 255 && input.size() >= 2) {
        size = static_cast<uint8_t>(input[0]) * 256u + static_cast<uint8_t>(input[1]);
        input.remove_prefix(2);
    }
    const auto piece = input.substr(0, size);
    input.remove_prefix(piece.size());
    return piece;
}

void check(bool condition) {
    if (!condition) std::abort();
}

void send_commands(std::string_view input) {
    static const card::SoftwareCard fresh = card::test::software_card();
    card::SoftwareCard software = fresh;
    for (int count = 0; !input.empty() && count < 64; ++count) {
        const auto answer = software.transmit(take(input));
        check(answer.size() >= 2 && answer.size() <= 65538);
    }
    // Whatever was sent: no secret grew more tries than it has, and the memory can be saved and read again.
    for (const auto& [address, secret] : software.image().secrets)
        check(secret.tries_left <= card::find_element(address.application, address.id)->pin.tries);
    if (software.revision() != 0) check(card::parse_card_image(write_card_image(software.image())).ok());
}

void send_answers(std::string_view input) {
    card::FunctionTransport transport([&](std::string_view) -> base::Result<std::string> {
        if (input.empty()) return base::error(base::ErrorKind::Unavailable, "card.removed");
        return std::string(take(input));
    });
    if (auto jpki = card::Jpki::open(transport)) {
        (void)jpki->kind();
        (void)jpki->certificates_present();
        (void)jpki->certificate(card::CertificateFile::UserAuthentication);
        const std::string digest(32, 'd');
        (void)card::read_and_sign(*jpki, digest, base::Secret("1234"), base::Secret("MUSUBI2026"));
        (void)jpki->change_pin(card::Credential::UserAuthentication, base::Secret("1234"), base::Secret("4321"));
    }
    (void)card::read_attributes(transport, base::Secret("5678"));
    (void)card::read_card_face(transport, base::Secret("55021720352285"));
}

void parse_files(std::string_view input) {
    (void)card::parse_attributes(input);
    (void)card::parse_card_face(input);
    if (const auto command = card::decode_command(input)) check(card::decode_command(encode(*command)).has_value());
    if (const auto response = card::decode_response(input)) check(encode(*response) == input);
    if (const auto image = card::parse_card_image(input))
        check(write_card_image(*card::parse_card_image(write_card_image(*image))) == write_card_image(*image));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0 || size > 65536) return 0;
    const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
    switch (data[0] % 3) {
    case 0:
        send_commands(input);
        break;
    case 1:
        send_answers(input);
        break;
    default:
        parse_files(input);
        break;
    }
    return 0;
}
