// The Online Certificate Status Protocol (RFC 6960), bytes in and bytes out: the caller brings the network.
#pragma once

#include "base/random.h"
#include "lib/crypto/digest.h"
#include "lib/pki/revocation.h"
#include "lib/pki/verdict.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace musubi::pki {

inline constexpr size_t kMaxOcspMessageSize = 64 * 1024;

/// CertID (section 4.1.1), which names a certificate by hashes of its issuer.
struct OcspCertificateId {
    crypto::Hash hash = crypto::Hash::Sha1;
    std::string issuer_name_hash;
    std::string issuer_key_hash;
    SerialNumber serial;
};
/// True if the hashes are those of `issuer`.
bool issued_by(const OcspCertificateId& id, const CertificateView& issuer);
std::string write_ocsp_certificate_id(crypto::Hash hash, const CertificateView& issuer, const SerialNumber& serial);

/// `nonce` of 16 to 32 bytes (RFC 9654), or empty for none. The CertID uses SHA-1, the one hash all responders know
/// (RFC 5019 section 2.1.1); nothing rests on it but finding the row.
std::string write_ocsp_request(const CertificateView& issuer, const SerialNumber& serial, std::string_view nonce);

struct OcspRequest {
    std::vector<OcspCertificateId> certificates; // 1 to 16
    std::string nonce;                           // empty if absent
};
/// "ocsp.malformed".
base::Result<OcspRequest> parse_ocsp_request(std::string_view der);

enum class OcspNonce { Required, WhenPresent };
struct OcspClientOptions {
    OcspNonce nonce = OcspNonce::Required;
    base::Duration clock_tolerance = std::chrono::minutes(5);
    /// For answers without nextUpdate.
    base::Duration longest_age = std::chrono::hours(1);
};

/// Judges an answer about one certificate: form, certificate, responder (the authority itself, or one it has delegated
/// with id-kp-OCSPSigning and id-pkix-ocsp-nocheck), signature, nonce, times. A verified "unknown" is a status.
Verdict<RevocationStatus> verify_ocsp_response(std::string_view der, const Authority& issuer,
                                               const SerialNumber& serial, std::string_view nonce, base::Instant now,
                                               const OcspClientOptions& options = {});

/// Asks a responder over whatever the fetch function speaks.
class OcspSource final : public RevocationSource {
  public:
    /// Sends one DER request to the responder of `issuer` and returns the DER answer.
    using Fetch = std::function<base::Task<base::Result<std::string>>(const Authority& issuer, std::string request)>;
    OcspSource(Fetch fetch, base::Random& random, OcspClientOptions options = {})
        : m_fetch(std::move(fetch)), m_random(random), m_options(options) {}
    base::Task<RevocationStatus> status(CertificateIdentity identity, base::Instant now) override;

  private:
    Fetch m_fetch;
    base::Random& m_random;
    OcspClientOptions m_options;
};

} // namespace musubi::pki
