// The outcome of a check is a value. A refusal says which check failed on what, what was demanded and what was found,
// so that it can be shown, logged and audited without guessing; it holds nothing personal.
#pragma once

#include "base/result.h"
#include "base/time.h"
#include "lib/pki/profile.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace musubi::pki {

enum class Check {
    Form,            // DER and the structure of the object
    Algorithm,       // signature algorithm or key
    Issuer,          // no trusted authority matches
    IssuerSignature, // the authority did not sign these bytes
    IssuerValidity,  // the authority's own certificate is outside its period
    NotYetValid,
    Expired,
    ValidityPeriod, // longer than the profile allows, or ends before it begins
    Policy,
    KeyUsage,
    BasicConstraints,  // an authority's certificate presented as a person's
    CriticalExtension, // one this program does not process
    Attributes,        // the four attributes are missing, malformed, or stand where they must not
    Revoked,
    RevocationUnknown, // no current list or answer: refused, not assumed good
    Nonce,
    Signature, // the holder's signature over the challenge
};

/// What the failed check looked at.
enum class Subject { Certificate, Authority, RevocationList, OcspResponse, Challenge };

std::string_view to_string(Check check);     // "not-yet-valid"
std::string_view to_string(Subject subject); // "revocation-list"

struct Refusal {
    Check check;
    Subject subject;
    std::string fingerprint; // SHA-256 of the certificate's DER, hexadecimal; empty for other subjects
    std::string expected;    // the limit or the demanded value, as text
    std::string found;
    std::string clause; // "RFC 5280 section 4.2.1.3"
    base::Instant at;   // the instant the check was made for
    std::string reason; // Revoked: the name of the CRLReason
    base::Instant revoked_at;
    std::optional<CertificateKind> kind; // which of the two certificates was being judged
    std::string issuer_name = {};        // DER Name and serial number of a certificate whose issuer was found
    std::string serial = {};             // hexadecimal
    std::string method = {};             // "list", "ocsp", once revocation was asked for
    std::optional<base::Instant> source_time = {};

    /// "certificate.malformed", ".untrusted", ".not-yet-valid", ".expired", ".wrong-type", ".revoked" (parameters
    /// reason, revokedAt), ".status-unknown", ".signature-invalid"; parameter certificate "signature" or "user" tells
    /// which one. `detail` carries the evidence for the log.
    base::Error error() const;
};

/// A proof of type `T`, or the refusal.
template <class T> class [[nodiscard]] Verdict {
  public:
    Verdict(T proof) : m_state(std::in_place_index<0>, std::move(proof)) {} // NOLINT(google-explicit-constructor)
    Verdict(Refusal refusal)
        : m_state(std::in_place_index<1>, std::move(refusal)) {} // NOLINT(google-explicit-constructor)

    explicit operator bool() const { return m_state.index() == 0; }
    const T& operator*() const& { return std::get<0>(m_state); }
    T&& operator*() && { return std::get<0>(std::move(m_state)); }
    const T* operator->() const { return &std::get<0>(m_state); }
    const Refusal& refusal() const { return std::get<1>(m_state); }

    /// For callers that only pass the refusal on.
    base::Result<T> result() && {
        if (*this) return std::get<0>(std::move(m_state));
        return refusal().error();
    }

  private:
    std::variant<T, Refusal> m_state;
};

} // namespace musubi::pki
