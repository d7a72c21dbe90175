#include "lib/pki/verdict.h"

namespace musubi::pki {

std::string_view to_string(Check check) {
    switch (check) {
    case Check::Form:
        return "form";
    case Check::Algorithm:
        return "algorithm";
    case Check::Issuer:
        return "issuer";
    case Check::IssuerSignature:
        return "issuer-signature";
    case Check::IssuerValidity:
        return "issuer-validity";
    case Check::NotYetValid:
        return "not-yet-valid";
    case Check::Expired:
        return "expired";
    case Check::ValidityPeriod:
        return "validity-period";
    case Check::Policy:
        return "policy";
    case Check::KeyUsage:
        return "key-usage";
    case Check::BasicConstraints:
        return "basic-constraints";
    case Check::CriticalExtension:
        return "critical-extension";
    case Check::Attributes:
        return "attributes";
    case Check::Revoked:
        return "revoked";
    case Check::RevocationUnknown:
        return "revocation-unknown";
    case Check::Nonce:
        return "nonce";
    case Check::Signature:
        return "signature";
    }
    return "?";
}

std::string_view to_string(Subject subject) {
    switch (subject) {
    case Subject::Certificate:
        return "certificate";
    case Subject::Authority:
        return "authority";
    case Subject::RevocationList:
        return "revocation-list";
    case Subject::OcspResponse:
        return "ocsp-response";
    case Subject::Challenge:
        return "challenge";
    }
    return "?";
}

namespace {

struct Public {
    base::ErrorKind kind;
    const char* code;
};

Public public_code(Check check) {
    switch (check) {
    case Check::Form:
    case Check::Attributes:
        return {base::ErrorKind::Invalid, "certificate.malformed"};
    case Check::Algorithm:
    case Check::Issuer:
    case Check::IssuerSignature:
    case Check::IssuerValidity:
    case Check::ValidityPeriod:
    case Check::CriticalExtension:
        return {base::ErrorKind::Forbidden, "certificate.untrusted"};
    case Check::NotYetValid:
        return {base::ErrorKind::Forbidden, "certificate.not-yet-valid"};
    case Check::Expired:
        return {base::ErrorKind::Gone, "certificate.expired"};
    case Check::Policy:
    case Check::KeyUsage:
    case Check::BasicConstraints:
        return {base::ErrorKind::Invalid, "certificate.wrong-type"};
    case Check::Revoked:
        return {base::ErrorKind::Gone, "certificate.revoked"};
    case Check::RevocationUnknown:
    case Check::Nonce:
        return {base::ErrorKind::Unavailable, "certificate.status-unknown"};
    case Check::Signature:
        return {base::ErrorKind::Unauthenticated, "certificate.signature-invalid"};
    }
    return {base::ErrorKind::Internal, "internal"};
}

} // namespace

base::Error Refusal::error() const {
    const Public shown = public_code(check);
    base::Error out = base::error(shown.kind, shown.code);
    if (kind) out.parameters.emplace_back("certificate", std::string(to_string(*kind)));
    if (check == Check::Revoked) {
        out.parameters.emplace_back("reason", reason);
        out.parameters.emplace_back("revokedAt", revoked_at.to_string());
    }
    if (check == Check::Expired) out.parameters.emplace_back("notAfter", expected);
    if (check == Check::NotYetValid) out.parameters.emplace_back("notBefore", expected);
    out.detail = std::string(to_string(subject)) + ": " + std::string(to_string(check)) + ", expected " + expected +
                 ", found " + found + " (" + clause + ")";
    return out;
}

} // namespace musubi::pki
