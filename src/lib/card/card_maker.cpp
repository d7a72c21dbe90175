#include "lib/card/card_maker.h"

#include "lib/card/tlv.h"
#include "lib/crypto/digest.h"

#include <array>
#include <cstdio>

namespace musubi::card {

namespace {

using std::string_view_literals::operator""sv;
using crypto::SignatureAlgorithm::RsaPkcs1Sha256;

constexpr size_t kTokenInformationSize = 160;

std::string two_bytes(size_t value) { return {static_cast<char>(value >> 8), static_cast<char>(value)}; }

std::string padded(std::string_view text, size_t size) {
    std::string out(text.substr(0, size));
    out.resize(size, ' ');
    return out;
}

std::string four_bytes(uint32_t value) { return two_bytes(value >> 16) + two_bytes(value & 0xFFFF); }

std::string_view token_label(TokenKind kind) {
    switch (kind) {
    case TokenKind::Android:
        return "JPKIAPGPSETOKEN";
    case TokenKind::Iphone:
        return "JPKIAPIOSTOKEN";
    case TokenKind::ResidentCard:
        return "JPKIAPICCTOKEN";
    case TokenKind::Card:
    case TokenKind::Unknown:
        break;
    }
    return "JPKIAPICCTOKEN2";
}

// A PKCS #11 CK_TOKEN_INFO, big-endian with 32-bit words.
std::string token_information(TokenKind kind) {
    constexpr uint32_t kFlags = 0x040D; // RNG, LOGIN_REQUIRED, USER_PIN_INITIALIZED, TOKEN_INITIALIZED
    constexpr uint32_t kUnknownMemory = 0xFFFFFFFF;
    std::string out = padded(token_label(kind), 32) + "00000000000000000000000000000001" + padded("E16R01NJ", 16) +
                      "0000000020500003";
    for (const uint32_t word :
         {kFlags, 1u, 0u, 1u, 0u, 16u, 6u, kUnknownMemory, kUnknownMemory, kUnknownMemory, kUnknownMemory})
        out += four_bytes(word);
    out += "0301";
    out.resize(kTokenInformationSize, '9');
    return out;
}

// RSA public keys as the card's records carry them: 90 exponent, 91 modulus.
std::string record_key(const crypto::PublicKey& key) {
    return write_tlv(0x90, key.exponent()) + write_tlv(0x91, key.modulus());
}

// Values with their tags one after another, preceded by the table (DF21) of where each begins in the file. The length
// of the outer head depends on the content, so it is measured first.
std::string with_offset_table(uint32_t outer_tag, const std::vector<std::string>& objects) {
    size_t content = 0;
    for (const auto& object : objects) content += object.size();
    const size_t table_size = write_tlv(0xDF21, std::string(2 * objects.size(), '\0')).size();
    const size_t head = write_tlv(outer_tag, std::string(table_size + content, '\0')).size() - table_size - content;
    std::string table;
    std::string body;
    for (const auto& object : objects) {
        table += two_bytes(head + table_size + body.size());
        body += object;
    }
    return write_tlv(outer_tag, write_tlv(0xDF21, table) + body);
}

std::string sex_code(Sex sex) { return std::to_string(static_cast<int>(sex)); }

class Maker {
  public:
    Maker(CardImage& image, const CardHolder& holder, const CardPictures& pictures, const FaceIssuer& issuer)
        : m_image(image), m_holder(holder), m_pictures(pictures), m_issuer(issuer) {}

    void fill_jpki(const CardKeys& keys, const CardCertificates& certificates) {
        file(Application::Jpki, 0x0002, certificates.signature_authority);
        file(Application::Jpki, 0x0006, token_information(m_image.kind));
        file(Application::Jpki, 0x000A, certificates.user_authentication);
        file(Application::Jpki, 0x000B, certificates.user_authentication_authority);
        key(Application::Jpki, 0x0017, keys.user_authentication);
        const bool has_signature = certificates.signature && keys.signature;
        file(Application::Jpki, 0x0008, std::string(has_signature ? "\x8F\x8F\x00"sv : "\x00\x8F\x00"sv));
        if (has_signature) {
            file(Application::Jpki, 0x0001, *certificates.signature);
            key(Application::Jpki, 0x001A, *keys.signature);
        }
    }

    void fill_text(const crypto::PrivateKey& own_key) {
        using enum Application;
        const auto my_number = write_tlv(0xFF10, m_holder.my_number) + "\xFF\xFF";
        const std::vector<std::string> attributes = {
            write_tlv(0xDF22, m_holder.name), write_tlv(0xDF23, m_holder.address),
            write_tlv(0xDF24, m_holder.birth_date.to_compact_string()), write_tlv(0xDF25, sex_code(m_holder.sex))};
        std::string attribute_bytes;
        for (const auto& object : attributes) attribute_bytes += object;
        file(Text, 0x0001, my_number);
        file(Text, 0x0002, with_offset_table(0xFF20, attributes));
        const auto digests =
            write_tlv(0xDF31, crypto::sha256(my_number)) + write_tlv(0xDF32, crypto::sha256(attribute_bytes));
        file(Text, 0x0003, write_tlv(0xFF30, digests + write_tlv(0xDF33, signed_by_issuer(digests))));
        file(Text, 0x0004, m_issuer.certificate);
        file(Text, 0x0005,
             write_tlv(0xFF40, write_tlv(0xDF41, "\x01\x03\x0E\x01"sv) + write_tlv(0xDF42, issuer_key_id()) +
                                   write_tlv(0xDF43, std::string(128, '\0'))));
        file(Text, 0x0006, write_tlv(0xA1, record_key(own_key.public_key())));
        const auto public_half = write_tlv(0xDF51, record_key(own_key.public_key()));
        file(Text, 0x0007, write_tlv(0xFF50, public_half + write_tlv(0xDF52, signed_by_issuer(public_half))));
        key(Text, 0x0013, own_key);
    }

    void fill_visual(const crypto::PrivateKey& own_key) {
        using enum Application;
        const auto public_key = record_key(own_key.public_key());
        const auto birth_date = m_holder.birth_date.to_compact_string();
        const auto age = write_tlv(0xDF11, birth_date) + write_tlv(0xDF12, public_key);
        file(Visual, 0x0001, write_tlv(0xFF10, age + write_tlv(0xDF13, signed_by_issuer(age))));
        file(Visual, 0x0002, card_face(birth_date, public_key));
        file(Visual, 0x0003,
             write_tlv(0xFF30, write_tlv(0xDF31, "\x06\x03\x0E\x01"sv) + write_tlv(0xDF32, issuer_key_id()) +
                                   write_tlv(0xDF33, "\x01"sv) + write_tlv(0xDF34, m_holder.municipality_code) +
                                   write_tlv(0xDF35, issuer_key_id() + std::string(256, '\0'))));
        file(Visual, 0x0004, m_issuer.certificate);
        const auto number = write_tlv(0xDF41, m_pictures.my_number) + write_tlv(0xDF42, public_key);
        file(Visual, 0x0005, write_tlv(0xFF40, number + write_tlv(0xDF43, signed_by_issuer(number))));
        file(Visual, 0x0006, std::string(16, '\xFF'));
        key(Visual, 0x0010, own_key);
    }

    void fill_common(const crypto::PrivateKey& own_key) {
        const auto expiry = m_holder.expiry.to_compact_string();
        // A simple TLV: one byte of tag, one of length.
        file(Application::Common, 0x0001,
             std::string("\x01\x1C"sv) + m_holder.serial_number + m_holder.municipality_code + expiry);
        key(Application::Common, 0x0019, own_key);
        m_image.objects[0x0045] = m_holder.serial_number;
        m_image.objects[0x00F0] = m_holder.municipality_code;
        m_image.objects[0x00F2] = expiry;
        m_image.objects[0x00F8] = m_issuer.certificate;
        m_image.objects[0x7F21] = m_issuer.certificate;
        m_image.objects[0x5F51] = CardImage::kContactAtr;
    }

    void fill_secrets(const CardSecrets& secrets, bool with_signature) {
        using enum Application;
        secret(Jpki, 0x0018, secrets.user_authentication_pin);
        if (with_signature) secret(Jpki, 0x001B, secrets.signature_password);
        secret(Text, 0x0011, secrets.text_pin);
        secret(Text, 0x0014, m_holder.my_number);
        secret(Text, 0x0015, number_b(m_holder));
        secret(Visual, 0x0011, era_birth_date(m_holder.birth_date));
        secret(Visual, 0x0012, number_b(m_holder));
        secret(Visual, 0x0013, m_holder.my_number);
        secret(Common, 0x001C, secrets.juki_pin);
        secret(Juki, 0x001C, secrets.juki_pin);
    }

  private:
    void file(Application application, uint16_t id, std::string bytes) {
        m_image.files[{application, id}] = std::move(bytes);
    }
    void key(Application application, uint16_t id, const crypto::PrivateKey& value) {
        m_image.keys[{application, id}] = std::string(value.der().reveal());
    }
    void secret(Application application, uint16_t id, const std::string& value) {
        m_image.secrets[{application, id}] = {value, find_element(application, id)->pin.tries};
    }
    std::string signed_by_issuer(std::string_view bytes) const { return m_issuer.key.sign(RsaPkcs1Sha256, bytes); }

    // The subject key id stands in the issuer's own certificate: 7F21 { 5F4E { issuer id, subject id, key } … }.
    std::string issuer_key_id() const {
        std::string_view bytes = m_issuer.certificate;
        const auto outer = read_tlv(bytes);
        auto body = outer ? outer->value : std::string_view();
        const auto inner = read_tlv(body);
        return inner && inner->value.size() > 32 ? std::string(inner->value.substr(16, 16)) : std::string(16, '\0');
    }

    // The signature covers the digests of three groups; expiry and security code stand outside of it.
    std::string card_face(const std::string& birth_date, const std::string& public_key) const {
        const auto birth = write_tlv(0xDF22, birth_date);
        const auto sex = write_tlv(0xDF23, sex_code(m_holder.sex));
        const auto key = write_tlv(0xDF24, public_key);
        const auto name = write_tlv(0xDF25, m_pictures.name);
        const auto address = write_tlv(0xDF26, m_pictures.address);
        const auto photo = write_tlv(0xDF27, m_pictures.photo);
        const auto digests = crypto::sha256(birth + sex + key) + crypto::sha256(name + address) + crypto::sha256(photo);
        return with_offset_table(0xFF20,
                                 {birth, sex, key, name, address, photo, write_tlv(0xDF28, signed_by_issuer(digests)),
                                  write_tlv(0xDF29, m_holder.expiry.to_compact_string()),
                                  write_tlv(0xDF2A, m_pictures.security_code)});
    }

    CardImage& m_image;
    const CardHolder& m_holder;
    const CardPictures& m_pictures;
    const FaceIssuer& m_issuer;
};

} // namespace

CardKeys CardKeys::generate(bool with_signature) {
    auto user = crypto::PrivateKey::generate_rsa();
    std::optional<crypto::PrivateKey> signature;
    if (with_signature) signature = crypto::PrivateKey::generate_rsa();
    return {std::move(user), std::move(signature), crypto::PrivateKey::generate_rsa()};
}

FaceIssuer FaceIssuer::make(crypto::PrivateKey key, std::string_view key_id, const crypto::PrivateKey& root,
                            std::string_view root_id) {
    const auto body = write_tlv(0x5F4E, std::string(root_id) + std::string(key_id) + record_key(key.public_key()));
    auto certificate = write_tlv(0x7F21, body + write_tlv(0x5F37, root.sign(RsaPkcs1Sha256, body)));
    return {std::move(key), std::move(certificate)};
}

CardImage make_card_image(const CardHolder& holder, const CardPictures& pictures, const CardSecrets& secrets,
                          const CardKeys& keys, const CardCertificates& certificates, const FaceIssuer& issuer,
                          TokenKind kind) {
    CardImage image;
    image.kind = kind;
    Maker maker(image, holder, pictures, issuer);
    maker.fill_jpki(keys, certificates);
    maker.fill_secrets(secrets, keys.signature && certificates.signature);
    // A phone holds the JPKI application and nothing of the card's face.
    if (kind == TokenKind::Card) {
        maker.fill_text(keys.face);
        maker.fill_visual(keys.face);
        maker.fill_common(keys.face);
    }
    return image;
}

std::string era_birth_date(base::CivilDate date) {
    struct Era {
        int first_year;
        base::CivilDate begin;
    };
    static const std::array<Era, 4> kEras = {
        Era{2019, *base::CivilDate::of(2019, 5, 1)}, Era{1989, *base::CivilDate::of(1989, 1, 8)},
        Era{1926, *base::CivilDate::of(1926, 12, 25)}, Era{1912, *base::CivilDate::of(1912, 7, 30)}};
    int first_year = 1868;
    for (const auto& era : kEras) {
        if (date >= era.begin) {
            first_year = era.first_year;
            break;
        }
    }
    char text[16];
    std::snprintf(text, sizeof text, "%02d%02u%02u", (date.year() - first_year + 1) % 100, date.month(), date.day());
    return text;
}

std::string number_b(const CardHolder& holder) {
    return era_birth_date(holder.birth_date) + std::to_string(holder.expiry.year()) + holder.security_code;
}

} // namespace musubi::card
