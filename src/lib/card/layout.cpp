#include "lib/card/layout.h"

namespace musubi::card {

namespace {

using std::string_view_literals::operator""sv;

constexpr PinFormat kFourDigits{4, 4, PinAlphabet::Digits, 3};
constexpr PinFormat kSignaturePassword{6, 16, PinAlphabet::UpperCaseAndDigits, 5};
constexpr PinFormat kNumberA{12, 12, PinAlphabet::Digits, 10}; // 照合番号A, the My Number
constexpr PinFormat kNumberB{14, 14, PinAlphabet::Digits, 10}; // 照合番号B
constexpr PinFormat kBirthDate{6, 6, PinAlphabet::Digits, 10};

constexpr Layout kLayout2016 = {
    .name = "2016",
    .jpki_application = "\xD3\x92\xF0\x00\x26\x01\x00\x00\x00\x01"sv,
    .text_application = "\xD3\x92\x10\x00\x31\x00\x01\x01\x04\x08"sv,
    .visual_application = "\xD3\x92\x10\x00\x31\x00\x01\x01\x04\x02"sv,
    .common_application = "\xD3\x92\x10\x00\x31\x00\x01\x01\x01\x00"sv,
    .juki_application = "\xD3\x92\x10\x00\x31\x00\x01\x01\x04\x01"sv,
    .token_information = 0x0006,
    .certificates_present = 0x0008,
    .user_authentication = {.name = "user-authentication",
                            .certificate = 0x000A,
                            .authority_certificate = 0x000B,
                            .private_key = 0x0017,
                            .pin = 0x0018,
                            .format = kFourDigits,
                            .signing_parameter = 0x00,
                            .input = SigningInput::DigestInfo,
                            .hash = crypto::Hash::Sha256},
    .signature = {.name = "signature",
                  .certificate = 0x0001,
                  .authority_certificate = 0x0002,
                  .private_key = 0x001A,
                  .pin = 0x001B,
                  .format = kSignaturePassword,
                  .signing_parameter = 0x00,
                  .input = SigningInput::DigestInfo,
                  .hash = crypto::Hash::Sha256},
    .text_my_number = 0x0001,
    .text_attributes = 0x0002,
    .text_pin = 0x0011,
    .text_pin_format = kFourDigits,
    .text_number_a = 0x0014,
    .text_number_b = 0x0015,
    .visual_face = 0x0002,
    .visual_number_a = 0x0013,
    .visual_number_b = 0x0012,
    .number_a_format = kNumberA,
    .number_b_format = kNumberB,
};

using enum Application;
using enum ElementKind;

// The user certificate (jpki 000A) is free on the plastic card and needs its PIN on a phone: see SoftwareCard.
constexpr ElementSpecification kElements2016[] = {
    {Jpki, 0x0001, Transparent, Access::AnyOf, {0x001B}},
    {Jpki, 0x0002, Transparent},
    {Jpki, 0x0006, Transparent},
    {Jpki, 0x0008, Transparent},
    {Jpki, 0x0009, Transparent, Access::Never},
    {Jpki, 0x000A, Transparent},
    {Jpki, 0x000B, Transparent},
    {Jpki, 0x0016, Key, Access::Never}, // the terminal authority's key: only referred to by 80 A2
    {Jpki, 0x0017, Key, Access::AnyOf, {0x0018}},
    {Jpki, 0x0018, Pin, Access::Never, {}, kFourDigits, PinChange::ChangeReferenceData},
    {Jpki, 0x001A, Key, Access::AnyOf, {0x001B}},
    {Jpki, 0x001B, Pin, Access::Never, {}, kSignaturePassword, PinChange::ChangeReferenceData},

    {Text, 0x0001, Transparent, Access::AnyOf, {0x0011, 0x0014}},
    {Text, 0x0002, Transparent, Access::AnyOf, {0x0011, 0x0015}},
    {Text, 0x0003, Transparent, Access::AnyOf, {0x0011, 0x0014, 0x0015}},
    {Text, 0x0004, Transparent},
    {Text, 0x0005, Transparent},
    {Text, 0x0006, Transparent, Access::AnyOf, {0x0011, 0x0014, 0x0015}},
    {Text, 0x0007, Transparent, Access::AnyOf, {0x0011, 0x0014, 0x0015}},
    {Text, 0x0011, Pin, Access::Never, {}, kFourDigits, PinChange::ChangeReferenceData},
    {Text, 0x0012, Pin, Access::Never, {}, kFourDigits}, // blocked on every card seen
    {Text, 0x0013, Key},
    {Text, 0x0014, Pin, Access::Never, {}, kNumberA},
    {Text, 0x0015, Pin, Access::Never, {}, kNumberB},

    {Visual, 0x0001, Transparent, Access::AnyOf, {0x0011}},
    {Visual, 0x0002, Transparent, Access::AnyOf, {0x0012, 0x0013}},
    {Visual, 0x0003, Transparent},
    {Visual, 0x0004, Transparent},
    {Visual, 0x0005, Transparent, Access::AnyOf, {0x0013}},
    {Visual, 0x0006, Transparent},
    {Visual, 0x0010, Key}, // live-card proof; the number is ours, the key is reached as P2 = 00
    {Visual, 0x0011, Pin, Access::Never, {}, kBirthDate},
    {Visual, 0x0012, Pin, Access::Never, {}, kNumberB},
    {Visual, 0x0013, Pin, Access::Never, {}, kNumberA},

    {Common, 0x0001, Record},
    {Common, 0x0019, Key, Access::Free, {}, {}, PinChange::Never, true},
    {Common, 0x001C, Pin, Access::Never, {}, kFourDigits, PinChange::ChangeKey},

    {Juki, 0x0002, Key, Access::Never},
    {Juki, 0x001C, Pin, Access::Never, {}, kFourDigits, PinChange::ChangeKey},
};

} // namespace

const Layout& layout_2016() { return kLayout2016; }

std::span<const ElementSpecification> elements_2016() { return kElements2016; }

const ElementSpecification* find_element(Application application, uint16_t id) {
    for (const auto& element : kElements2016) {
        if (element.application == application && element.id == id) return &element;
    }
    return nullptr;
}

std::string_view application_identifier(Application application) {
    switch (application) {
    case Jpki:
        return kLayout2016.jpki_application;
    case Text:
        return kLayout2016.text_application;
    case Visual:
        return kLayout2016.visual_application;
    case Common:
        return kLayout2016.common_application;
    case Juki:
        return kLayout2016.juki_application;
    }
    return {};
}

std::string_view application_name(Application application) {
    switch (application) {
    case Jpki:
        return "jpki";
    case Text:
        return "text";
    case Visual:
        return "visual";
    case Common:
        return "common";
    case Juki:
        return "juki";
    }
    return {};
}

std::optional<Application> application_named(std::string_view name) {
    for (const auto application : {Jpki, Text, Visual, Common, Juki}) {
        if (application_name(application) == name) return application;
    }
    return std::nullopt;
}

} // namespace musubi::card
