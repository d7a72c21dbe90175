// Any bytes as an OCSP question and as an answer. A question that was read must be answerable; no answer may ever count
// without the authority's signature.
#include "lib/pki/issuing.h"
#include "lib/pki/ocsp.h"
#include "lib/pki/testing.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace musubi;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    static const auto now = base::Instant::from_milliseconds(1'795'338'000'000);
    static const pki::testing::SampleAuthority authority(pki::CertificateKind::UserAuthentication, pki::Realm::Test,
                                                         now, 0);
    static const auto key = crypto::PrivateKey::generate_ec();
    if (const auto request = pki::parse_ocsp_request(bytes)) {
        std::vector<pki::OcspAnswer> answers;
        for (const auto& id : request->certificates) answers.push_back({id, {}});
        const auto response = pki::write_ocsp_response(answers, now, request->nonce, {key, "", std::string(20, 'h')});
        const auto verdict = pki::verify_ocsp_response(response, authority.authority(), request->certificates[0].serial,
                                                       request->nonce, now);
        if (verdict || verdict.refusal().check != pki::Check::IssuerSignature) std::abort();
    }
    if (pki::verify_ocsp_response(bytes, authority.authority(), pki::SerialNumber::of(2), "nonce", now)) std::abort();
    return 0;
}
