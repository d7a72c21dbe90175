// Fills the memory of a new card as its issuer does: certificates and keys for JPKI, and the signed records of the two
// 券面 applications with their card-verifiable certificates.
#pragma once

#include "base/random.h"
#include "base/time.h"
#include "lib/card/card_image.h"
#include "lib/card/text.h"
#include "lib/crypto/keys.h"

#include <optional>
#include <string>

namespace musubi::card {

struct CardHolder {
    std::string name;    // family name, U+3000, given name
    std::string address; // from the prefecture, digits in full width
    base::CivilDate birth_date;
    Sex sex = Sex::Unknown;
    std::string my_number;         // 12 digits
    std::string municipality_code; // 5 digits, 全国地方公共団体コード without check digit
    base::CivilDate expiry;
    std::string security_code; // 4 digits, printed
    std::string serial_number; // 15 digits
};

/// What is printed on the card, as pictures. Empty ones are left out.
struct CardPictures {
    std::string photo;   // JPEG 2000 (JP2), grey
    std::string name;    // PNG, one bit per pixel
    std::string address; // PNG, one bit per pixel
    std::string my_number;
    std::string security_code;
};

struct CardSecrets {
    std::string user_authentication_pin; // 4 digits
    std::string signature_password;      // 6 to 16 of A–Z and 0–9; unused without a signature certificate
    std::string text_pin;                // 4 digits
    std::string juki_pin;                // 4 digits
};

/// Keys are born in the card: made here, and only their public halves go to the certification authority.
struct CardKeys {
    crypto::PrivateKey user_authentication;
    std::optional<crypto::PrivateKey> signature; // nothing for holders under 15
    crypto::PrivateKey face;                     // live-card proof of the three other applications

    static CardKeys generate(bool with_signature);
};

struct CardCertificates {
    std::string user_authentication; // DER, all of them
    std::string user_authentication_authority;
    std::optional<std::string> signature;
    std::string signature_authority;
};

/// Who signs the records of the 券面 applications: one key with its card-verifiable certificate (tag 7F21).
struct FaceIssuer {
    crypto::PrivateKey key;
    std::string certificate;

    /// `root` signs the card-verifiable certificate; key ids are 16 bytes.
    static FaceIssuer make(crypto::PrivateKey key, std::string_view key_id, const crypto::PrivateKey& root,
                           std::string_view root_id);
};

CardImage make_card_image(const CardHolder& holder, const CardPictures& pictures, const CardSecrets& secrets,
                          const CardKeys& keys, const CardCertificates& certificates, const FaceIssuer& issuer,
                          TokenKind kind = TokenKind::Card);

/// "550217" for 1980-02-17: year of the Japanese era, month, day.
std::string era_birth_date(base::CivilDate date);
/// 照合番号B: era birth date, year of expiry, security code.
std::string number_b(const CardHolder& holder);

} // namespace musubi::card
