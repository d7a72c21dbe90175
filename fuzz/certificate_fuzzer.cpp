// Any bytes as a certificate: the parser, every extension's reader, the attributes, the key, and the whole verifier.
// Nothing that was not signed by the pinned authority may ever be accepted.
#include "lib/pki/certificate.h"
#include "lib/pki/oid.h"
#include "lib/pki/profile.h"
#include "lib/pki/verifier.h"

#include <cstdint>
#include <cstdlib>

namespace {

using namespace musubi;

void read_everything(const pki::CertificateView& view) {
    for (const auto& extension : view.extensions()) {
        (void)pki::well_formed_extension(extension);
        (void)pki::key_usage_bits(extension.value);
        (void)pki::basic_constraints(extension.value);
        (void)pki::subject_key_identifier(extension.value);
        (void)pki::authority_key_identifier(extension.value);
        (void)pki::has_policy(extension.value, "x");
        (void)pki::has_purpose(extension.value, "x");
        (void)pki::distribution_point_name(extension.value);
        if (const auto attributes = pki::certified_attributes(extension.value))
            if (!pki::certified_attributes(pki::write_certified_attributes(*attributes))) std::abort();
    }
    if (const auto key = pki::certificate_key(view)) (void)key->bits();
    // A serial number survives its text.
    if (pki::SerialNumber::parse(view.serial.hex()) != view.serial) std::abort();
}

struct NoRevocation final : pki::RevocationSource {
    base::Task<pki::RevocationStatus> status(pki::CertificateIdentity, base::Instant) override {
        pki::RevocationStatus good;
        good.state = pki::RevocationStatus::State::Good;
        co_return good;
    }
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    if (const auto view = pki::parse_certificate(bytes)) read_everything(*view);
    (void)pki::certificates_from_file(bytes);
    (void)pki::certified_attributes(bytes);
    static NoRevocation revocation;
    static pki::Verifier verifier{pki::TrustStore(pki::Deployment::Production), revocation, {16}};
    const auto now = base::Instant::from_milliseconds(1'795'338'000'000);
    for (const auto kind : {pki::CertificateKind::Signature, pki::CertificateKind::UserAuthentication})
        if (base::sync_wait(verifier.verify(bytes, kind, now))) std::abort(); // no authority is pinned here
    pki::TrustStore store(pki::Deployment::Production);
    (void)store.add(bytes, pki::CertificateKind::Signature, pki::Realm::Production);
    return 0;
}
