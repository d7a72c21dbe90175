// A software card for tests of this and other modules. Its certificates are DER-shaped filler: what stands in them is
// lib/pki's subject.
#pragma once

#include "base/random.h"
#include "lib/card/card_maker.h"
#include "lib/card/software_card.h"
#include "lib/card/tlv.h"

namespace musubi::card::test {

inline std::string filler_certificate(char mark) {
    return write_tlv(0x30, std::string(1200, mark)); // begins with 30 82, as every real one
}

inline const CardKeys& keys() {
    static const CardKeys made = CardKeys::generate(true);
    return made;
}

inline CardHolder holder() {
    return {.name = "黒桐　幹也",
            .address = "東京都清瀬市観布子南１２－７－２０２",
            .birth_date = *base::CivilDate::of(1980, 2, 17),
            .sex = Sex::Male,
            .my_number = "123456789018",
            .municipality_code = "13221",
            .expiry = *base::CivilDate::of(2035, 2, 17),
            .security_code = "2285",
            .serial_number = "000000000012345"};
}

inline const FaceIssuer& issuer() {
    static const FaceIssuer made =
        FaceIssuer::make(keys().face, std::string(16, 'K'), keys().face, std::string(16, 'R'));
    return made;
}

enum class Age { Adult, UnderFifteen };

inline CardImage image(Age age = Age::Adult, TokenKind kind = TokenKind::Card) {
    CardKeys own = keys();
    CardCertificates certificates{filler_certificate('u'), filler_certificate('U'), filler_certificate('s'),
                                  filler_certificate('S')};
    if (age == Age::UnderFifteen) {
        own.signature.reset();
        certificates.signature.reset();
    }
    const CardSecrets secrets{"1234", "MUSUBI2026", "5678", "9999"};
    const CardPictures pictures{"photo in JPEG 2000", "name", "address", "number", "code"};
    return make_card_image(holder(), pictures, secrets, own, certificates, issuer(), kind);
}

inline SoftwareCard software_card(CardImage from = image()) {
    static base::SeededRandom random(2026);
    return *SoftwareCard::make(std::move(from), random);
}

} // namespace musubi::card::test
