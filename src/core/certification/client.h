// What the municipality asks the certification authority's side besides revocation: whether two certificates belong to
// one holder, and which certificate another one succeeded.
#pragma once

#include "core/certification/wire.h"
#include "lib/pki/certificate.h"
#include "lib/pki/profile.h"

#include <optional>

namespace musubi::certification {

class Client {
  public:
    explicit Client(Wire& wire) : m_wire(wire) {}

    /// True if a signature certificate and a user certificate were issued to the same person. Errors:
    /// "certification.unreachable", "certification.answer-malformed" (Unavailable both: nothing is decided then).
    base::Task<base::Result<bool>> same_holder(const pki::SerialNumber& signature, const pki::SerialNumber& user);

    /// The certificate of the same kind that this one replaced, if it is a renewal.
    base::Task<base::Result<std::optional<pki::SerialNumber>>> predecessor(pki::CertificateKind kind,
                                                                           const pki::SerialNumber& serial);

    /// The latest four attributes of the person a signature certificate was issued to, as far as the person consented.
    struct LatestAttributes {
        pki::SerialNumber serial; // of the new signature certificate
        std::optional<std::string> name;
        std::optional<std::string> address;
        std::optional<base::CivilDate> birth_date;
        std::optional<std::string> sex; // "male", "female", "unknown"
    };
    enum class LatestOutcome { Changed, Unchanged, NoConsent, NoNewCertificate };
    struct LatestAnswer {
        LatestOutcome outcome = LatestOutcome::NoNewCertificate;
        std::optional<LatestAttributes> attributes; // Changed
    };
    /// Errors as above; "certification.answer-malformed" also when the contract does not allow the question.
    base::Task<base::Result<LatestAnswer>> latest_attributes(const pki::SerialNumber& signature);

    /// DER of the authorities' certificates as the other side offers them: for a demo installation only. A real one
    /// pins files whose fingerprints a person compared.
    struct OfferedAuthority {
        pki::CertificateKind kind;
        std::string der;
    };
    base::Task<base::Result<std::vector<OfferedAuthority>>> authorities();

  private:
    Wire& m_wire;
};

} // namespace musubi::certification
