// A complete My Number Card as a state machine: command APDU in, response APDU out. It does no input or output and
// draws its randomness from the argument, so the same card runs in process, behind vpcd under real PC/SC software, in a
// browser test and under a fuzzer.
//
// What it does not do: secure messaging of the text application (class 08, answered 6882) and the card management of
// its issuer.
#pragma once

#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"
#include "lib/card/apdu.h"
#include "lib/card/card_image.h"
#include "lib/card/transport.h"
#include "lib/crypto/keys.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace musubi::card {

class SoftwareCard {
  public:
    /// "crypto.key-malformed" if a key of the image cannot be read.
    static base::Result<SoftwareCard> make(CardImage image, base::Random& random);

    /// Any bytes are answered, malformed ones with 6700.
    std::string transmit(std::string_view command);

    /// Power off, power on or reset: nothing is selected, nothing is proven. Counters stay.
    void reset();

    const std::string& atr() const { return m_image.atr; }
    /// The present memory, counters included.
    const CardImage& image() const { return m_image; }
    /// Grows with every change of the memory. A driver saves the image before it passes on the answer, as a real card
    /// counts before it answers: otherwise pulling the plug would give tries back.
    uint64_t revision() const { return m_revision; }

    /// What the counter of the municipality does: a new secret and all tries. "card.pin-malformed" if it has not the
    /// secret's form, "card.reference-unknown" if there is none.
    base::Status unlock(ElementAddress address, const base::Secret& secret);

  private:
    SoftwareCard(CardImage image, base::Random& random) : m_image(std::move(image)), m_random(&random) {}

    struct Selected {
        const ElementSpecification* element = nullptr;
        uint16_t refusal = 0; // status word if there is none
    };

    Response answer(const Command& command, LengthForm form);
    Response answer_proprietary(const Command& command);
    Response select(const Command& command);
    Response select_application(const Command& command);
    Response select_element(const Command& command);
    Response read_binary(const Command& command);
    Response read_record(const Command& command);
    Response get_data(const Command& command, LengthForm form) const;
    Response get_challenge(const Command& command);

    Response verify(const Command& command);
    Response change_reference_data(const Command& command);
    Response change_key(const Command& command);
    Response store_new_secret(const ElementSpecification& element, const std::string& secret);
    Response perform_security_operation(const Command& command);
    Response internal_authenticate(const Command& command);
    Response sign(const crypto::PrivateKey& key, uint8_t form, std::string_view data) const;

    Selected refer(uint8_t p2, ElementKind kind);
    bool opened(const ElementSpecification& element) const;
    const std::string* content(const ElementSpecification& element) const;
    const crypto::PrivateKey* key(const ElementSpecification& element) const;

    CardImage m_image;
    base::Random* m_random;
    std::map<ElementAddress, crypto::PrivateKey> m_keys;
    uint64_t m_revision = 0;

    std::optional<Application> m_application;
    const ElementSpecification* m_element = nullptr;
    std::set<uint16_t> m_proven; // secrets of the current application
};

/// The software card as a transport, in process.
class SoftwareCardTransport final : public Transport {
  public:
    explicit SoftwareCardTransport(SoftwareCard& card) : m_card(&card) {}
    base::Result<std::string> transmit(std::string_view command) override { return m_card->transmit(command); }

  private:
    SoftwareCard* m_card;
};

} // namespace musubi::card
