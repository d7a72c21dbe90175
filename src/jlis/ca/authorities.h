// The two certification authorities of this installation.
#pragma once

#include "base/result.h"
#include "base/time.h"
#include "lib/pki/issuing.h"

#include <string>

namespace musubi::ca {

struct AuthoritySettings {
    std::string folder;                       // of keys and certificates; mode 0700
    std::string organization = "MUSUBI-TEST"; // O= of the names; "-TEST" marks what production must refuse
    std::string practice_statement_uri;       // may be empty
    std::string public_uri;                   // "http://127.0.0.1:8090": where the OCSP address points; may be empty
    /// Demonstrations need cards that expired long ago: authorities are then made to have begun six years back, and
    /// requests may say their own period. Never in production.
    bool allow_backdating = false;
};

struct CertificationAuthority {
    pki::AuthorityPointer authority;
    crypto::PrivateKey key;
    std::string pem; // of the certificate
};

class Authorities {
  public:
    enum class WhenMissing { Create, Fail };
    /// Errors: "ca.missing" (no keys in the folder), "ca.unusable" (unreadable, not an authority, key of another
    /// certificate); parameter file.
    static base::Result<Authorities> open(AuthoritySettings settings, WhenMissing when_missing, base::Instant now);

    const CertificationAuthority& of(pki::CertificateKind kind) const {
        return kind == pki::CertificateKind::Signature ? m_signature : m_user;
    }
    const AuthoritySettings& settings() const { return m_settings; }
    pki::Realm realm() const { return pki::Realm::Test; }

    /// The name of a municipality's revocation list, in certificates and in the list.
    std::string partition(pki::CertificateKind kind, const std::string& municipality) const;
    /// Address of the responder for certificates of `kind`, or empty.
    std::string ocsp_uri(pki::CertificateKind kind) const;

  private:
    Authorities(AuthoritySettings settings, CertificationAuthority signature, CertificationAuthority user)
        : m_settings(std::move(settings)), m_signature(std::move(signature)), m_user(std::move(user)) {}
    AuthoritySettings m_settings;
    CertificationAuthority m_signature;
    CertificationAuthority m_user;
};

} // namespace musubi::ca
