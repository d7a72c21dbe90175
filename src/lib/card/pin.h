// Secrets of the card: their form, how many tries are left, and proving one.
#pragma once

#include "base/result.h"
#include "base/secret.h"
#include "lib/card/layout.h"
#include "lib/card/transport.h"

#include <cstdint>
#include <string_view>

namespace musubi::card {

/// What people type is brought into the form the card compares: full-width characters to half-width, letters to upper
/// case (the card itself would count a lower-case letter as a wrong try). "card.pin-malformed" if it cannot be the
/// secret, so that a slip of the finger costs no try.
base::Result<base::Secret> normalise_pin(const PinFormat& format, std::string_view name, const base::Secret& typed);

struct PinOutcome {
    enum class Kind { Accepted, Wrong, Blocked } kind;
    unsigned tries_left; // after this try; 0 when blocked

    bool accepted() const { return kind == Kind::Accepted; }
};

/// The outcome as a status: "card.pin-wrong" with tries_left, or "card.pin-blocked".
base::Status require_accepted(const PinOutcome& outcome, std::string_view name);

/// A reference without a limit of tries answers this.
inline constexpr unsigned kUnlimitedTries = 255;

/// Asking costs nothing. 0 means blocked.
base::Result<unsigned> tries_left(Transport& transport, uint16_t pin);

/// VERIFY. `secret` must be normalised.
base::Result<PinOutcome> verify_pin(Transport& transport, uint16_t pin, const base::Secret& secret);

/// CHANGE REFERENCE DATA: proves `current`, then sets `next`; both normalised.
base::Result<PinOutcome> change_pin(Transport& transport, uint16_t pin, const base::Secret& current,
                                    const base::Secret& next);

} // namespace musubi::card
