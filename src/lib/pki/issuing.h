// Making certificates, lists and answers: for the certification side and for tests.
//
// Nothing is signed before it was linted: `lint` checks the finished bytes against named rules and gives a token, and
// only the token can be signed, once. A mistake in a template is so found before the authority has vouched for it.
#pragma once

#include "lib/pki/crl.h"
#include "lib/pki/ocsp.h"
#include "lib/pki/profile.h"
#include "lib/pki/trust_store.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace musubi::pki {

struct ExtensionContents {
    std::string oid; // content bytes
    bool critical = false;
    std::string value;
};

/// Everything the authority decides about a certificate.
struct CertificateContents {
    SerialNumber serial;
    std::string issuer;  // Name
    std::string subject; // Name
    base::Instant not_before;
    base::Instant not_after;
    std::string spki;
    std::vector<ExtensionContents> extensions;
    crypto::SignatureAlgorithm algorithm = crypto::SignatureAlgorithm::RsaPkcs1Sha256;
};

/// TBSCertificate (RFC 5280 section 4.1.2).
std::string write_tbs_certificate(const CertificateContents& contents);

/// What a certificate is linted as.
enum class CertificateRole { SignatureHolder, UserHolder, Authority, OcspResponder };

/// Bytes that passed every rule for their role and have not been signed yet. Only `lint` makes one.
class LintedCertificate {
  public:
    LintedCertificate(LintedCertificate&&) = default;
    LintedCertificate& operator=(LintedCertificate&&) = default;
    const SerialNumber& serial() const { return m_serial; }

  private:
    friend base::Result<LintedCertificate> lint(const CertificateContents&, CertificateRole, Realm,
                                                const CertificateView*);
    friend std::string sign(LintedCertificate, const crypto::PrivateKey&);
    LintedCertificate(std::string tbs, SerialNumber serial, crypto::SignatureAlgorithm algorithm)
        : m_tbs(std::move(tbs)), m_serial(serial), m_algorithm(algorithm) {}
    std::string m_tbs;
    SerialNumber m_serial;
    crypto::SignatureAlgorithm m_algorithm;
};

/// `issuer` is null for the self-signed certificate of an authority. "issuing.lint-failed" with one parameter `rule`
/// for each broken rule.
base::Result<LintedCertificate> lint(const CertificateContents& contents, CertificateRole role, Realm realm,
                                     const CertificateView* issuer);
/// The certificate's DER. The fresh signature is verified before it is given out, so that a fault in the hardware never
/// publishes a broken one (it could reveal the key).
std::string sign(LintedCertificate certificate, const crypto::PrivateKey& key);

/// The names of all rules for a role, with the document each comes from, for the manual.
struct LintRuleName {
    std::string_view name;
    std::string_view source;
};
std::vector<LintRuleName> lint_rules(CertificateRole role);

// Templates.

struct HolderTemplate {
    CertificateKind kind;
    Realm realm;
    const CertificateView& issuer;
    SerialNumber serial;
    std::string subject; // Name
    base::Instant not_before;
    base::Instant not_after;
    std::string spki;
    std::optional<CertifiedAttributes> attributes; // signature certificates
    std::string distribution_point;                // Name of the municipality's list
    std::string practice_statement_uri;            // CPS pointer; may be empty
    std::string ocsp_uri;                          // may be empty
};
CertificateContents holder_certificate(const HolderTemplate& holder);

struct AuthorityTemplate {
    std::string name;             // Name of subject and issuer
    std::string alternative_name; // Name in subjectAltName, in Japanese
    SerialNumber serial;
    base::Instant not_before;
    base::Instant not_after;
};
CertificateContents authority_certificate(const AuthorityTemplate& authority, const crypto::PublicKey& key);

struct ResponderTemplate {
    const CertificateView& issuer;
    SerialNumber serial;
    std::string subject; // Name
    base::Instant not_before;
    base::Instant not_after;
    std::string spki;
    crypto::SignatureAlgorithm issuer_algorithm = crypto::SignatureAlgorithm::RsaPkcs1Sha256;
};
CertificateContents responder_certificate(const ResponderTemplate& responder);

// Revocation lists.

struct RevokedCertificate {
    SerialNumber serial;
    base::Instant revoked_at;
    RevocationReason reason;
};
struct RevocationListContents {
    const CertificateView& issuer;
    uint64_t number;
    base::Instant this_update;
    base::Instant next_update;
    std::string distribution_point; // Name; empty for one list over everything
    std::vector<RevokedCertificate> entries;
    crypto::SignatureAlgorithm algorithm = crypto::SignatureAlgorithm::RsaPkcs1Sha256;
};

class LintedRevocationList {
  public:
    LintedRevocationList(LintedRevocationList&&) = default;
    LintedRevocationList& operator=(LintedRevocationList&&) = default;

  private:
    friend base::Result<LintedRevocationList> lint(const RevocationListContents&);
    friend std::string sign(LintedRevocationList, const crypto::PrivateKey&);
    LintedRevocationList(std::string tbs, crypto::SignatureAlgorithm algorithm)
        : m_tbs(std::move(tbs)), m_algorithm(algorithm) {}
    std::string m_tbs;
    crypto::SignatureAlgorithm m_algorithm;
};
/// "issuing.lint-failed": an entry twice, dates that do not fit, a list that our own reader does not take.
base::Result<LintedRevocationList> lint(const RevocationListContents& contents);
std::string sign(LintedRevocationList list, const crypto::PrivateKey& key);

// OCSP answers (RFC 6960 section 4.2).

struct OcspAnswer {
    OcspCertificateId id;
    RevocationStatus status; // source_time and valid_until become thisUpdate and nextUpdate
};
/// Signs for the authority, with its own key (certificate empty) or a delegated one (its DER).
struct OcspSigner {
    const crypto::PrivateKey& key;
    std::string_view certificate;
    std::string responder_key_hash; // SHA-1 of the responder's public key bits
};
std::string write_ocsp_response(const std::vector<OcspAnswer>& answers, base::Instant produced_at,
                                std::string_view nonce, const OcspSigner& signer);
enum class OcspFailure { MalformedRequest = 1, InternalError = 2, TryLater = 3, Unauthorized = 6 };
std::string write_ocsp_failure(OcspFailure failure);

} // namespace musubi::pki
