// The letter itself: one page with the passcode, in Japanese, plain Japanese and English.
#pragma once

#include "base/secret.h"
#include "base/time.h"
#include "lib/print/letter.h"

#include <string>
#include <vector>

namespace musubi::letter_registration {

/// The office that sends the letter.
struct Sender {
    std::string city; // 見本市
    std::string city_english;
    std::string department;
    std::string postal_code;
    std::string address;
    std::string telephone;
    std::string hours;
};

struct Letter {
    print::Recipient recipient; // as the register has it
    base::Secret code;          // eight digits
    base::CivilDate valid_until;
    int tries = 5;
};

/// "1234 5678": in two groups, because eight digits are misread in one.
std::string spaced(std::string_view code);

/// All letters as one file, one page each. Errors of print::render; letters.characters-missing when a name or address
/// has a character that no font can print.
base::Result<std::string> print_letters(const std::vector<Letter>& letters, const Sender& sender,
                                        const print::EnvelopeWindow& envelope, const std::string& page_address,
                                        base::Instant now);

} // namespace musubi::letter_registration
