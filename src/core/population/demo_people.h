// The named people of the demo city: each shows one situation. Their cards, PINs and household are fixed, so that a
// visitor, a manual and a test can speak of "花子's card".
#pragma once

#include "core/population/population.h"

#include <optional>
#include <string>
#include <vector>

namespace musubi::population {

enum class Situation {
    Ordinary,       // everything works
    Parent,         // registers, then adds the children
    Child,          // under 15: no signature certificate
    Expired,        // both certificates ran out
    Moved,          // signature certificate revoked because the address changed
    Locked,         // password and PIN are blocked
    LastTry,        // one try left
    SubstituteName, // a character of the name is outside the certificate's set
    NotResident,    // lives in the next town
    Employee,       // lives elsewhere, works for a contracted company
    BeforeRenewal,  // the old card of someone who renews
    AfterRenewal,   // and the new one
    Letter,         // has no card: the posted letter
};

struct DemoPerson {
    std::string card; // id of the card in the tray, "hanako"; empty for people without one
    Situation situation;
    residents::Resident resident;  // as the register writes it
    bool in_register = true;       // a resident of 見本市
    std::string municipality;      // 5 digits
    std::string certified_name;    // as the signature certificate writes it
    std::string name_substitutes;  // one digit per character, "1" where it shows a stand-in; empty: none
    std::string certified_address; // Moved: where the card was issued; the register has the new address
    std::string note;              // for the card tray and ./run
    std::string note_english;
    std::string employee_number; // Employee
};

/// Ids do not depend on the seed of the population, so that tests and manuals can rely on them.
std::vector<DemoPerson> demo_people(base::CivilDate today);
/// Everyone of their households who lives in the city, demo people included, heads first.
std::vector<residents::Resident> demo_households(base::CivilDate today);

inline constexpr std::string_view kDemoPin = "1234";
inline constexpr std::string_view kDemoPassword = "MUSUBI2026";
inline constexpr std::string_view kCompanyName = "株式会社みほん製作所";
inline constexpr std::string_view kCompanyCode = "MIHON-2026";

} // namespace musubi::population
