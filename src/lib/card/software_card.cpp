#include "lib/card/software_card.h"

#include "lib/card/tlv.h"

#include <algorithm>
#include <array>

namespace musubi::card {

namespace {

using std::string_view_literals::operator""sv;

// The issuer's own security domain: selecting it brings back the state after power-on.
constexpr auto kIssuerDomain = "\xA0\x00\x00\x01\x51\x00\x00"sv;
// JICSAP cards accept a beginning of the identifier; five bytes are the registered provider.
constexpr size_t kShortestPrefix = 5;
constexpr uint16_t kJpkiUserCertificate = 0x000A;
constexpr uint16_t kJpkiUserPin = 0x0018;
constexpr uint8_t kShortIdentifierMask = 0x1F;

std::optional<Application> application_beginning_with(std::string_view identifier) {
    if (identifier.size() < kShortestPrefix) return std::nullopt;
    for (const auto application :
         {Application::Jpki, Application::Text, Application::Visual, Application::Juki, Application::Common}) {
        if (application_identifier(application).substr(0, identifier.size()) == identifier) return application;
    }
    return std::nullopt;
}

Response status_only(uint16_t status) { return Response{{}, status}; }

// What Le = "as much as there is" and exact lengths mean for an answer of known size.
Response cut_to_expected(std::string_view available, uint32_t expected) {
    if (expected < available.size()) return {std::string(available.substr(0, expected)), sw::kOk};
    const bool everything = expected == 256 || expected == 65536 || expected == available.size();
    return {std::string(available), everything ? sw::kOk : sw::kEndOfFile};
}

std::string two_bytes(size_t value) { return {static_cast<char>(value >> 8), static_cast<char>(value)}; }

} // namespace

base::Result<SoftwareCard> SoftwareCard::make(CardImage image, base::Random& random) {
    SoftwareCard card(std::move(image), random);
    for (const auto& [address, der] : card.m_image.keys) {
        MUSUBI_TRY(auto key, crypto::PrivateKey::from_der(der));
        if (key.algorithm() != crypto::KeyAlgorithm::Rsa) return base::invalid("crypto.key-malformed");
        card.m_keys.emplace(address, std::move(key));
    }
    return card;
}

void SoftwareCard::reset() {
    m_application.reset();
    m_element = nullptr;
    m_proven.clear();
}

std::string SoftwareCard::transmit(std::string_view bytes) {
    LengthForm form = LengthForm::Shortest;
    const auto command = decode_command(bytes, &form);
    if (!command) return encode(status_only(sw::kWrongLength));
    return encode(answer(*command, form));
}

Response SoftwareCard::answer(const Command& command, LengthForm form) {
    if (command.cla == 0x80) return answer_proprietary(command);
    if (command.cla == 0x08 || command.cla == 0x0C || command.cla == 0x04)
        return status_only(sw::kSecureMessagingNotSupported);
    if (command.cla != 0x00) return status_only(sw::kClassNotSupported);
    switch (command.ins) {
    case 0x20:
        return verify(command);
    case 0x24:
        return change_reference_data(command);
    case 0x84:
        return get_challenge(command);
    case 0x88:
        return internal_authenticate(command);
    case 0xA4:
        return select(command);
    case 0xB0:
        return read_binary(command);
    case 0xB2:
        return read_record(command);
    case 0xCA:
        return get_data(command, form);
    default:
        return status_only(sw::kInstructionNotSupported);
    }
}

Response SoftwareCard::answer_proprietary(const Command& command) {
    switch (command.ins) {
    case 0x2A:
        return perform_security_operation(command);
    case 0x32:
        return change_key(command);
    case 0xFC: // "last command": the phone's token knows it, the plastic card refuses its length
        return status_only(m_image.kind == TokenKind::Iphone ? sw::kOk : sw::kWrongLength);
    default:
        return status_only(sw::kInstructionNotSupported);
    }
}

Response SoftwareCard::select(const Command& command) {
    if (command.p2 != 0x00 && command.p2 != 0x0C) return status_only(sw::kWrongParameters);
    switch (command.p1) {
    case 0x00: // the master file: refused after reset, accepted without effect inside an application
        if (!command.data.empty()) return status_only(sw::kFileNotFound);
        return status_only(m_application ? sw::kOk : sw::kWrongParameters);
    case 0x02:
        return select_element(command);
    case 0x04:
        return select_application(command);
    default:
        return status_only(sw::kWrongParameters);
    }
}

Response SoftwareCard::select_application(const Command& command) {
    std::string_view identifier;
    if (command.data == kIssuerDomain) {
        reset();
        identifier = kIssuerDomain;
    } else {
        const auto application = application_beginning_with(command.data);
        if (!application) return status_only(sw::kFileNotFound);
        reset();
        m_application = application;
        identifier = application_identifier(*application);
    }
    if (command.p2 == 0x0C || !command.expected_length) return status_only(sw::kOk);
    return cut_to_expected(write_tlv(0x6F, write_tlv(0x84, identifier) + write_tlv(0xA5, {})),
                           *command.expected_length);
}

Response SoftwareCard::select_element(const Command& command) {
    if (command.data.size() != 2) return status_only(sw::kWrongLength);
    if (!m_application) return status_only(sw::kFileNotFound);
    const auto id =
        static_cast<uint16_t>(static_cast<uint8_t>(command.data[0]) << 8 | static_cast<uint8_t>(command.data[1]));
    const auto* element = find_element(*m_application, id);
    if (!element) return status_only(sw::kFileNotFound);
    m_element = element;
    if (command.p2 == 0x0C || !command.expected_length) return status_only(sw::kOk);
    const auto* bytes = content(*element);
    const char descriptor = element->kind == ElementKind::Transparent ? '\x01'
                            : element->kind == ElementKind::Record    ? '\x04'
                                                                      : '\x08'; // internal file
    const auto body = write_tlv(0x80, two_bytes(bytes ? bytes->size() : 0)) +
                      write_tlv(0x82, std::string_view(&descriptor, 1)) + write_tlv(0x83, two_bytes(element->id));
    return cut_to_expected(write_tlv(0x6F, body), *command.expected_length);
}

bool SoftwareCard::opened(const ElementSpecification& element) const {
    // Phones keep even the user certificate behind its PIN.
    if (element.application == Application::Jpki && element.id == kJpkiUserCertificate &&
        m_image.kind != TokenKind::Card)
        return m_proven.contains(kJpkiUserPin);
    switch (element.access) {
    case Access::Free:
        return true;
    case Access::Never:
        return false;
    case Access::AnyOf:
        break;
    }
    return std::any_of(element.opened_by.begin(), element.opened_by.end(),
                       [&](uint16_t pin) { return pin != 0 && m_proven.contains(pin); });
}

const std::string* SoftwareCard::content(const ElementSpecification& element) const {
    const auto found = m_image.files.find({element.application, element.id});
    return found == m_image.files.end() ? nullptr : &found->second;
}

Response SoftwareCard::read_binary(const Command& command) {
    if (!command.data.empty() || !command.expected_length) return status_only(sw::kWrongLength);
    size_t offset = command.p1 * 256u + command.p2;
    if (command.p1 & 0x80) {
        if (command.p1 & 0x60) return status_only(sw::kWrongParameters);
        if (!m_application) return status_only(sw::kNoCurrentFile);
        const auto* element = find_element(*m_application, command.p1 & kShortIdentifierMask);
        if (!element) return status_only(sw::kFileNotFound);
        m_element = element;
        offset = command.p2;
    }
    if (!m_element) return status_only(sw::kNoCurrentFile);
    if (m_element->kind != ElementKind::Transparent) return status_only(sw::kWrongFileStructure);
    if (!opened(*m_element)) return status_only(sw::kSecurityStatusNotSatisfied);
    const auto* bytes = content(*m_element);
    if (!bytes || offset >= bytes->size()) return status_only(sw::kWrongOffset);
    return cut_to_expected(std::string_view(*bytes).substr(offset), *command.expected_length);
}

Response SoftwareCard::read_record(const Command& command) {
    constexpr uint8_t kRecordNumberInP1 = 0x04;
    if (!command.data.empty() || !command.expected_length) return status_only(sw::kWrongLength);
    if ((command.p2 & 0x07) != kRecordNumberInP1) return status_only(sw::kWrongParameters);
    if (const uint8_t identifier = command.p2 >> 3; identifier != 0) {
        if (!m_application) return status_only(sw::kNoCurrentFile);
        const auto* element = find_element(*m_application, identifier);
        if (!element) return status_only(sw::kFileNotFound);
        m_element = element;
    }
    if (!m_element) return status_only(sw::kNoCurrentFile);
    if (m_element->kind != ElementKind::Record) return status_only(sw::kWrongFileStructure);
    if (!opened(*m_element)) return status_only(sw::kSecurityStatusNotSatisfied);
    // Every record file of this card has one record; record 0 would be "the current one" (ISO/IEC 7816-4 7.3.3).
    const auto* bytes = content(*m_element);
    if (!bytes || command.p1 > 1) return status_only(sw::kRecordNotFound);
    return cut_to_expected(*bytes, *command.expected_length);
}

Response SoftwareCard::get_data(const Command& command, LengthForm form) const {
    if (!command.data.empty() || !command.expected_length) return status_only(sw::kWrongLength);
    const auto found = m_image.objects.find(static_cast<uint16_t>(command.p1 << 8 | command.p2));
    if (m_application || found == m_image.objects.end()) return status_only(sw::kReferenceNotFound);
    // Objects beyond 256 bytes are given only when asked for with an extended length.
    if (form == LengthForm::Shortest && found->second.size() > 256) return status_only(sw::kWrongLength);
    if (*command.expected_length < found->second.size())
        return status_only(static_cast<uint16_t>(0x6C00 | (found->second.size() & 0xFF)));
    return {found->second, sw::kOk};
}

Response SoftwareCard::get_challenge(const Command& command) {
    if (command.p1 != 0 || command.p2 != 0) return status_only(sw::kWrongParameters);
    if (!command.data.empty() || !command.expected_length || *command.expected_length > 256)
        return status_only(sw::kWrongLength);
    return {m_random->bytes(*command.expected_length), sw::kOk};
}

} // namespace musubi::card
