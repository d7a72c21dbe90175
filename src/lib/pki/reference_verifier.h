// Test-only: OpenSSL's own decoder and X509_verify_cert, the usual path, as the judge of ours.
#pragma once

#include "lib/pki/trust_store.h"

#include <memory>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <string_view>

namespace musubi::pki {

struct ReferenceFree {
    void operator()(X509* p) const { X509_free(p); }
    void operator()(X509_STORE* p) const { X509_STORE_free(p); }
    void operator()(X509_STORE_CTX* p) const { X509_STORE_CTX_free(p); }
};
using ReferenceCertificate = std::unique_ptr<X509, ReferenceFree>;

inline ReferenceCertificate reference_parse(std::string_view der) {
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    ReferenceCertificate out(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
    if (out && at != reinterpret_cast<const unsigned char*>(der.data()) + der.size()) out.reset();
    ERR_clear_error();
    return out;
}

/// Chain, period, policy and usage as OpenSSL sees them. Revocation is not part of it.
inline bool reference_accepts(std::string_view der, const TrustStore& store, CertificateKind kind, base::Instant now) {
    const auto certificate = reference_parse(der);
    if (!certificate) return false;
    for (const auto& authority : store.authorities()) {
        if (authority->kind != kind) continue;
        std::unique_ptr<X509_STORE, ReferenceFree> roots(X509_STORE_new());
        const auto root = reference_parse(authority->der);
        X509_STORE_add_cert(roots.get(), root.get());
        std::unique_ptr<X509_STORE_CTX, ReferenceFree> context(X509_STORE_CTX_new());
        X509_STORE_CTX_init(context.get(), roots.get(), certificate.get(), nullptr);
        const auto& profile = certificate_profile(kind, authority->realm);
        X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context.get());
        X509_VERIFY_PARAM_set_time(parameters, now.seconds());
        X509_VERIFY_PARAM_set_flags(parameters,
                                    X509_V_FLAG_X509_STRICT | X509_V_FLAG_POLICY_CHECK | X509_V_FLAG_EXPLICIT_POLICY);
        X509_VERIFY_PARAM_add0_policy(parameters, OBJ_txt2obj(std::string(profile.policy).c_str(), 1));
        const bool chain = X509_verify_cert(context.get()) == 1;
        ERR_clear_error();
        const uint32_t usage =
            profile.key_usage == kDigitalSignature ? KU_DIGITAL_SIGNATURE : KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION;
        if (chain && X509_get_key_usage(certificate.get()) == usage && X509_check_ca(certificate.get()) == 0)
            return true;
    }
    return false;
}

} // namespace musubi::pki
