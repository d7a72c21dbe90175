// The part of the software card that proves and changes secrets and uses keys.
#include "base/secret.h"
#include "lib/card/errors.h"
#include "lib/card/pin.h"
#include "lib/card/software_card.h"

namespace musubi::card {

namespace {

constexpr uint8_t kCurrentReference = 0x80;
constexpr uint8_t kShortIdentifierMask = 0x1F;
constexpr size_t kLongestInput = 245; // PKCS#1 v1.5 leaves 11 bytes of 256 for padding
constexpr size_t kDigestSize = 32;

Response status_only(uint16_t status) { return Response{{}, status}; }

Response tries_left_status(unsigned tries) { return status_only(static_cast<uint16_t>(sw::kTriesLeft | tries)); }

bool has_form(const PinFormat& format, const std::string& secret) {
    const auto normalised = normalise_pin(format, "", base::Secret(secret));
    return normalised && normalised->reveal() == secret;
}

} // namespace

// P2 of VERIFY, CHANGE, 80 2A and INTERNAL AUTHENTICATE: 80 = the selected element, 80 | short identifier = that one.
SoftwareCard::Selected SoftwareCard::refer(uint8_t p2, ElementKind kind) {
    if (!(p2 & 0x80) || (p2 & 0x60)) return {nullptr, sw::kWrongParameters};
    const ElementSpecification* element = m_element;
    if (p2 != kCurrentReference) {
        if (!m_application) return {nullptr, sw::kReferenceNotFound};
        element = find_element(*m_application, p2 & kShortIdentifierMask);
        if (!element) return {nullptr, sw::kReferenceNotFound};
    }
    if (!element) return {nullptr, sw::kNoCurrentFile};
    if (element->kind != kind) return {nullptr, sw::kWrongFileStructure};
    return {element, 0};
}

Response SoftwareCard::verify(const Command& command) {
    if (command.p1 != 0) return status_only(sw::kWrongParameters);
    const auto [element, refusal] = refer(command.p2, ElementKind::Pin);
    if (!element) return status_only(refusal);
    const auto found = m_image.secrets.find({element->application, element->id});
    auto missing = StoredSecret{};
    auto& secret = found == m_image.secrets.end() ? missing : found->second;
    // Asked without data it always tells the counter, even after a success: client software relies on it.
    if (command.data.empty()) return tries_left_status(secret.tries_left);
    if (secret.tries_left == 0) return status_only(sw::kReferenceBlocked);
    if (!base::equal_in_constant_time(secret.value, command.data)) {
        m_proven.erase(element->id);
        --secret.tries_left;
        ++m_revision;
        return tries_left_status(secret.tries_left);
    }
    if (secret.tries_left != element->pin.tries) {
        secret.tries_left = element->pin.tries;
        ++m_revision;
    }
    m_proven.insert(element->id);
    return status_only(sw::kOk);
}

Response SoftwareCard::store_new_secret(const ElementSpecification& element, const std::string& secret) {
    if (!m_proven.contains(element.id)) return status_only(sw::kSecurityStatusNotSatisfied);
    if (!has_form(element.pin, secret)) return status_only(sw::kWrongData);
    m_image.secrets[{element.application, element.id}] = {secret, element.pin.tries};
    ++m_revision;
    return status_only(sw::kOk);
}

Response SoftwareCard::change_reference_data(const Command& command) {
    if (command.p1 != 0x01) return status_only(sw::kWrongParameters); // the new secret alone, after VERIFY
    const auto [element, refusal] = refer(command.p2, ElementKind::Pin);
    if (!element) return status_only(refusal);
    if (element->change != PinChange::ChangeReferenceData) return status_only(sw::kConditionsNotSatisfied);
    return store_new_secret(*element, command.data);
}

Response SoftwareCard::change_key(const Command& command) {
    if (command.p1 != 0x00) return status_only(sw::kWrongParameters);
    const auto [element, refusal] = refer(command.p2, ElementKind::Pin);
    if (!element) return status_only(refusal);
    if (element->change != PinChange::ChangeKey) return status_only(sw::kConditionsNotSatisfied);
    return store_new_secret(*element, command.data);
}

const crypto::PrivateKey* SoftwareCard::key(const ElementSpecification& element) const {
    const auto found = m_keys.find({element.application, element.id});
    return found == m_keys.end() ? nullptr : &found->second;
}

Response SoftwareCard::perform_security_operation(const Command& command) {
    const ElementSpecification* element = nullptr;
    if (command.p2 == 0x00) {
        // 券面 and 入力補助: the application's own key, without a secret, proves that the card is not a copy.
        if (m_application) {
            for (const auto& candidate : elements_2016()) {
                if (candidate.application == *m_application && candidate.kind == ElementKind::Key &&
                    candidate.access == Access::Free && !candidate.internal_authenticate)
                    element = &candidate;
            }
        }
        if (!element) return status_only(sw::kReferenceNotFound);
    } else {
        const auto selected = refer(command.p2, ElementKind::Key);
        if (!selected.element) return status_only(selected.refusal);
        element = selected.element;
    }
    if (element->internal_authenticate) return status_only(sw::kConditionsNotSatisfied);
    if (command.p1 > 0x05) return status_only(sw::kWrongParameters);
    if (!opened(*element)) return status_only(sw::kSecurityStatusNotSatisfied);
    const auto* private_key = key(*element);
    if (!private_key) return status_only(sw::kReferenceNotFound);
    if (command.data.empty()) return status_only(sw::kWrongLength);
    return sign(*private_key, command.p1, command.data);
}

// The six forms of 80 2A.
Response SoftwareCard::sign(const crypto::PrivateKey& key, uint8_t form, std::string_view data) const {
    using enum crypto::SignatureAlgorithm;
    const auto raw = [&](std::string_view bytes) {
        auto signature = key.sign_raw_pkcs1(bytes);
        return signature ? Response{std::move(*signature), sw::kOk} : status_only(sw::kWrongLength);
    };
    switch (form) {
    case 0x00:
        return data.size() > kLongestInput ? status_only(sw::kWrongLength) : raw(data);
    case 0x01:
        return raw(crypto::sha256(data)); // a bare digest, without DigestInfo
    case 0x02:
        if (data.size() != kDigestSize) return status_only(sw::kConditionsNotSatisfied);
        return {key.sign_digest(RsaPkcs1Sha256, data), sw::kOk};
    case 0x03:
        return {key.sign(RsaPkcs1Sha256, data), sw::kOk};
    case 0x04:
        if (data.size() != kDigestSize) return status_only(sw::kConditionsNotSatisfied);
        return {key.sign_digest(RsaPssSha256, data), sw::kOk};
    default:
        return {key.sign(RsaPssSha256, data), sw::kOk};
    }
}

Response SoftwareCard::internal_authenticate(const Command& command) {
    if (command.p1 != 0x00) return status_only(sw::kWrongParameters);
    const auto [element, refusal] = refer(command.p2, ElementKind::Key);
    if (!element) return status_only(refusal);
    if (!element->internal_authenticate) return status_only(sw::kConditionsNotSatisfied);
    if (command.data.empty()) return status_only(sw::kWrongLength);
    const auto* private_key = key(*element);
    if (!private_key) return status_only(sw::kReferenceNotFound);
    return {private_key->sign(crypto::SignatureAlgorithm::RsaPkcs1Sha256, command.data), sw::kOk};
}

base::Status SoftwareCard::unlock(ElementAddress address, const base::Secret& secret) {
    const auto* element = find_element(address.application, address.id);
    if (!element || element->kind != ElementKind::Pin) return base::not_found("card.reference-unknown");
    std::string text(secret.reveal());
    if (!has_form(element->pin, text)) return pin_malformed("");
    m_image.secrets[address] = {std::move(text), element->pin.tries};
    m_proven.erase(address.id);
    ++m_revision;
    return base::success();
}

} // namespace musubi::card
