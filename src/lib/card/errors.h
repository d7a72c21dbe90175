// Every way in which working with a card can fail, each with its own stable code:
//
//   card.reader-missing                 no reader is connected, or the PC/SC service does not run
//   card.not-inserted                   a reader is there, no card lies in it
//   card.removed                        the card was pulled out (or lost its power) in the middle
//   card.not-a-my-number-card           a card that does not know the JPKI application
//   card.pin-malformed                  not four digits, or not 6 to 16 letters and digits: nothing was sent
//   card.pin-wrong                      parameters: pin, tries_left
//   card.pin-blocked                    parameters: pin; the counter of the municipality unlocks it
//   card.signature-certificate-missing  holders under 15, or the certificate was not wished for
//   card.communication                  the card answered what no such card answers; the detail has the status word
//
// The parameter `pin` is "user-authentication", "signature" or "text".
#pragma once

#include "base/result.h"

#include <cstdint>
#include <string_view>

namespace musubi::card {

base::Error reader_missing(std::string why);
base::Error not_inserted();
base::Error removed(std::string why);
base::Error not_a_my_number_card();
base::Error pin_malformed(std::string_view pin);
base::Error pin_wrong(std::string_view pin, unsigned tries_left);
base::Error pin_blocked(std::string_view pin);
base::Error signature_certificate_missing();
base::Error communication(std::string why);
/// card.communication with the instruction and the status word for the log; never the data.
base::Error unexpected_status(uint8_t instruction, uint16_t status);

} // namespace musubi::card
