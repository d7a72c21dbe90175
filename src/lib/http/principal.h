// Who is asking. lib/http knows kinds and strengths, not residents: core/identity fills it in.
#pragma once

#include "base/ids.h"

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace musubi::http {

enum class PrincipalKind { Anonymous, Citizen, Staff, Machine };

/// How strongly the person was proven in this session: the lattice of `acr` values, weakest first. Each operation names
/// its minimum.
enum class Assurance {
    None,
    Letter,               // passcode from a posted letter, or confirmed by staff
    Passkey,              // WebAuthn with user verification
    UserCertificate,      // card and its 4 digits
    SignatureCertificate, // card and its 6 to 16 characters, in this session
};

constexpr auto json_names(Assurance) {
    return std::array{std::pair{Assurance::None, "none"}, std::pair{Assurance::Letter, "letter"},
                      std::pair{Assurance::Passkey, "passkey"},
                      std::pair{Assurance::UserCertificate, "user-certificate"},
                      std::pair{Assurance::SignatureCertificate, "signature-certificate"}};
}

struct Principal {
    PrincipalKind kind = PrincipalKind::Anonymous;
    std::string subject; // PersonId, StaffId or client id as text
    Assurance assurance = Assurance::None;
    std::vector<std::string> permissions; // staff: "letters.print", "people.read", …
    std::string session_id;

    bool may(std::string_view permission) const {
        for (const auto& held : permissions)
            if (held == permission) return true;
        return false;
    }
};

} // namespace musubi::http
