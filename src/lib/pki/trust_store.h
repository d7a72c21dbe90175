// The authorities whose signatures count. Roots are pinned: nothing a client sends can add to them.
#pragma once

#include "lib/pki/certificate.h"
#include "lib/pki/profile.h"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace musubi::pki {

/// One generation of a certification authority (認証局). All generations of one authority share a name and differ by
/// key: they are told apart by key identifier and signature.
struct Authority {
    Authority(std::string der_, CertificateView view_, crypto::PublicKey key_)
        : der(std::move(der_)), view(view_), key(std::move(key_)) {}
    Authority(const Authority&) = delete;
    Authority& operator=(const Authority&) = delete;

    CertificateKind kind = CertificateKind::Signature; // what it issues
    Realm realm = Realm::Test;
    const std::string der;
    CertificateView view; // into `der`
    crypto::PublicKey key;
    std::string key_identifier; // subjectKeyIdentifier
    std::string fingerprint;    // SHA-256 of `der`, hexadecimal, for people to compare
};
using AuthorityPointer = std::shared_ptr<const Authority>;

/// A production deployment refuses test authorities altogether, so that no test card ever opens a real record.
enum class Deployment { Production, Test };

/// Paths of DER or PEM files, each with one or more certificates.
struct TrustStoreFiles {
    std::vector<std::string> signature;
    std::vector<std::string> user_authentication;
    std::vector<std::string> test_signature;
    std::vector<std::string> test_user_authentication;
};

class TrustStore {
  public:
    explicit TrustStore(Deployment deployment) : m_deployment(deployment) {}

    /// Errors: "trust.file-unreadable" (parameter file), "trust.no-authority", and those of `add`.
    static base::Result<TrustStore> load(const TrustStoreFiles& files, Deployment deployment);

    /// Takes one self-signed authority certificate. "certificate.malformed", "trust.not-an-authority" (not self-signed,
    /// no certificate and list signing, weak key), "trust.test-authority-in-production" (by its store or by its name).
    base::Status add(std::string_view der, CertificateKind kind, Realm realm);

    std::span<const AuthorityPointer> authorities() const { return m_authorities; }
    Deployment deployment() const { return m_deployment; }

  private:
    Deployment m_deployment;
    std::vector<AuthorityPointer> m_authorities;
};

} // namespace musubi::pki
