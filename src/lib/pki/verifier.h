// The judgement over a certificate and over a signature made with the card.
//
//     auto certificate = co_await verifier.verify(der, CertificateKind::UserAuthentication, now);
//     if (!certificate) return certificate.refusal().error();
//     auto signature = verify_signature(*certificate, challenge_text, signature_bytes, now);
//
// The nonce inside the text must be consumed by the caller before the signature is verified.
#pragma once

#include "base/task.h"
#include "lib/pki/profile.h"
#include "lib/pki/revocation.h"
#include "lib/pki/trust_store.h"
#include "lib/pki/verdict.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace musubi::pki {

/// What is known about a certificate that does not change with time: kept in the verifier's cache.
struct KnownCertificate {
    KnownCertificate(std::unique_ptr<const std::string> bytes_, const CertificateView& view_, AuthorityPointer issuer_,
                     crypto::PublicKey key_)
        : bytes(std::move(bytes_)), view(view_), issuer(std::move(issuer_)), key(std::move(key_)) {}
    KnownCertificate(const KnownCertificate&) = delete;
    KnownCertificate& operator=(const KnownCertificate&) = delete;

    const std::unique_ptr<const std::string> bytes;
    CertificateView view; // into `bytes`
    AuthorityPointer issuer;
    crypto::PublicKey key;
    std::string fingerprint;        // SHA-256 of the DER, hexadecimal
    std::string distribution_point; // Name; empty if none
    std::optional<CertifiedAttributes> attributes;
};

/// Proof that a certificate was issued by a pinned authority, fits its profile, was valid at `verified_at` and not
/// revoked by a current source. Only Verifier makes one.
class VerifiedCertificate {
  public:
    CertificateKind kind() const { return m_known->issuer->kind; }
    Realm realm() const { return m_known->issuer->realm; }
    const Authority& issuer() const { return *m_known->issuer; }
    const SerialNumber& serial() const { return m_known->view.serial; }
    base::Instant not_before() const { return m_known->view.not_before; }
    base::Instant not_after() const { return m_known->view.not_after; }
    /// Signature certificates only.
    const std::optional<CertifiedAttributes>& attributes() const { return m_known->attributes; }
    const crypto::PublicKey& key() const { return m_known->key; }
    std::string_view der() const { return *m_known->bytes; }
    const std::string& fingerprint() const { return m_known->fingerprint; }
    /// Method, time of the source: to be recorded with every reliance on the certificate.
    const RevocationStatus& revocation() const { return m_revocation; }
    base::Instant verified_at() const { return m_verified_at; }

  private:
    friend class Verifier;
    VerifiedCertificate(std::shared_ptr<const KnownCertificate> known, RevocationStatus revocation, base::Instant at)
        : m_known(std::move(known)), m_revocation(std::move(revocation)), m_verified_at(at) {}
    std::shared_ptr<const KnownCertificate> m_known;
    RevocationStatus m_revocation;
    base::Instant m_verified_at;
};

/// Proof that the holder of the certificate's key signed exactly this text. Only verify_signature makes one.
class VerifiedSignature {
  public:
    const VerifiedCertificate& certificate() const { return m_certificate; }
    /// The hash of the signed text (SHA-256 with the cards of today), for the record.
    const std::string& text_digest() const { return m_text_digest; }

  private:
    friend Verdict<VerifiedSignature> verify_signature(const VerifiedCertificate&, std::string_view, std::string_view,
                                                       base::Instant);
    VerifiedSignature(VerifiedCertificate certificate, std::string digest)
        : m_certificate(std::move(certificate)), m_text_digest(std::move(digest)) {}
    VerifiedCertificate m_certificate;
    std::string m_text_digest;
};

/// The card signs DigestInfo(SHA-256(text)) with PKCS#1 v1.5; with an EC key, ECDSA over the same hash family.
Verdict<VerifiedSignature> verify_signature(const VerifiedCertificate& certificate, std::string_view text,
                                            std::string_view signature, base::Instant now);

struct VerifierOptions {
    size_t cache_capacity = 65536; // certificates kept; about 4 KiB each
};

class Verifier {
  public:
    /// `revocation` must outlive the verifier.
    Verifier(TrustStore store, RevocationSource& revocation, VerifierOptions options = {});
    ~Verifier();

    /// Everything, in the order: form, issuer, profile, period, authority's signature, revocation. `der` is copied
    /// when it is kept.
    base::Task<Verdict<VerifiedCertificate>> verify(std::string_view der, CertificateKind kind, base::Instant now);

    /// Everything but revocation. It proves nothing by itself and is for showing what is wrong with a certificate.
    Verdict<std::shared_ptr<const KnownCertificate>> check(std::string_view der, CertificateKind kind,
                                                           base::Instant now);

    const TrustStore& trust_store() const { return m_store; }

  private:
    class Cache;
    TrustStore m_store;
    RevocationSource& m_revocation;
    std::unique_ptr<Cache> m_cache;
};

/// What a card session hands over when both keys sign one text (first registration).
struct SignedPair {
    std::string_view signature_certificate; // DER
    std::string_view signature_signature;
    std::string_view user_certificate; // DER
    std::string_view user_signature;
};
/// Both certificates verified, of one realm, and both signatures over the same text. That both belong to one card is
/// what the common text proves; that they belong to one person is for the certification side to say.
struct VerifiedPair {
    VerifiedSignature signature;
    VerifiedSignature user;
};
base::Task<Verdict<VerifiedPair>> verify_pair(Verifier& verifier, SignedPair pair, std::string_view text,
                                              base::Instant now);

} // namespace musubi::pki
