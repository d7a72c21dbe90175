#include "lib/pki/revocation.h"

#include <array>
#include <utility>

namespace musubi::pki {
namespace {

constexpr std::array kReasons = {
    std::pair{RevocationReason::Unspecified, std::string_view("unspecified")},
    std::pair{RevocationReason::KeyCompromise, std::string_view("keyCompromise")},
    std::pair{RevocationReason::CaCompromise, std::string_view("cACompromise")},
    std::pair{RevocationReason::AffiliationChanged, std::string_view("affiliationChanged")},
    std::pair{RevocationReason::Superseded, std::string_view("superseded")},
    std::pair{RevocationReason::CessationOfOperation, std::string_view("cessationOfOperation")},
    std::pair{RevocationReason::CertificateHold, std::string_view("certificateHold")},
    std::pair{RevocationReason::PrivilegeWithdrawn, std::string_view("privilegeWithdrawn")},
    std::pair{RevocationReason::AaCompromise, std::string_view("aACompromise")},
};

} // namespace

std::string_view to_string(RevocationReason reason) {
    for (const auto& [value, name] : kReasons)
        if (value == reason) return name;
    return "unspecified";
}

std::optional<RevocationReason> revocation_reason(uint64_t number) {
    for (const auto& [value, name] : kReasons)
        if (static_cast<uint64_t>(value) == number) return value;
    return std::nullopt;
}

std::optional<RevocationReason> revocation_reason(std::string_view name) {
    for (const auto& [value, known] : kReasons)
        if (known == name) return value;
    return std::nullopt;
}

std::string_view to_string(RevocationStatus::Method method) {
    return method == RevocationStatus::Method::Ocsp ? "ocsp" : "list";
}

base::Task<RevocationStatus> RevocationChain::status(CertificateIdentity identity, base::Instant now) {
    RevocationStatus last;
    last.why_unknown = "no-source";
    for (auto* source : m_sources) {
        last = co_await source->status(identity, now);
        if (last.state != RevocationStatus::State::Unknown) break;
    }
    co_return last;
}

} // namespace musubi::pki
