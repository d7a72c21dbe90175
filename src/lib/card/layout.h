// What stands where on the card, as data: the next generation of the card regroups applications, PINs and algorithms
// (最終とりまとめ of 2024-03-18: ECDSA P-384, two applications instead of four), and only this table may have to
// change.
#pragma once

#include "lib/crypto/digest.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace musubi::card {

enum class Application { Jpki, Text, Visual, Common, Juki };

/// One certificate with its key and the secret that opens them.
enum class Credential {
    UserAuthentication, // 利用者証明用
    Signature,          // 署名用
};

enum class PinAlphabet { Digits, UpperCaseAndDigits };

struct PinFormat {
    size_t minimum_length = 4;
    size_t maximum_length = 4;
    PinAlphabet alphabet = PinAlphabet::Digits;
    unsigned tries = 3;
};

/// What the signing instruction is given.
enum class SigningInput { DigestInfo, Digest };

struct CredentialLayout {
    std::string_view name; // the parameter `pin` of errors
    uint16_t certificate;
    uint16_t authority_certificate;
    uint16_t private_key;
    uint16_t pin;
    PinFormat format;
    uint8_t signing_parameter; // P1 of 80 2A
    SigningInput input;
    crypto::Hash hash;
};

struct Layout {
    std::string_view name;
    std::string_view jpki_application; // AIDs, always sent whole: the card accepts prefixes (JICSAP)
    std::string_view text_application;
    std::string_view visual_application;
    std::string_view common_application;
    std::string_view juki_application;

    uint16_t token_information;
    uint16_t certificates_present;
    CredentialLayout user_authentication;
    CredentialLayout signature;

    uint16_t text_my_number;
    uint16_t text_attributes;
    uint16_t text_pin;
    PinFormat text_pin_format;
    uint16_t text_number_a;
    uint16_t text_number_b;

    uint16_t visual_face;
    uint16_t visual_number_a;
    uint16_t visual_number_b;
    PinFormat number_a_format;
    PinFormat number_b_format;

    const CredentialLayout& credential(Credential which) const {
        return which == Credential::Signature ? signature : user_authentication;
    }
};

/// The card issued since January 2016.
const Layout& layout_2016();

// ---- What the software card is made of: every elementary file of every application ----

enum class ElementKind { Transparent, Record, Pin, Key };

/// How a PIN is changed by its holder, if at all.
enum class PinChange { Never, ChangeReferenceData /* 00 24 01 */, ChangeKey /* 80 32 00 */ };

enum class Access { Free, AnyOf, Never };

struct ElementSpecification {
    Application application;
    uint16_t id;
    ElementKind kind;
    Access access = Access::Free;           // reading a file, using a key
    std::array<uint16_t, 3> opened_by = {}; // with AnyOf: PIN elements of the same application, zero-filled
    PinFormat pin = {};                     // with kind Pin
    PinChange change = PinChange::Never;
    bool internal_authenticate = false; // a key that answers 00 88 instead of 80 2A
};

std::span<const ElementSpecification> elements_2016();
const ElementSpecification* find_element(Application application, uint16_t id);
std::string_view application_identifier(Application application);
std::string_view application_name(Application application); // "jpki", "text", "visual", "common", "juki"
std::optional<Application> application_named(std::string_view name);

} // namespace musubi::card
