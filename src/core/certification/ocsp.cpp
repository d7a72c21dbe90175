#include "core/certification/ocsp.h"

namespace musubi::certification {
namespace {

base::Task<base::Result<std::string>> ask(Wire& wire, pki::CertificateKind kind, std::string request) {
    const std::string path = "/v1/ocsp/" + std::string(pki::to_string(kind));
    MUSUBI_CO_TRY(Answer answer, co_await wire.post(path, "application/ocsp-request", std::move(request)));
    if (answer.status != 200)
        co_return base::error(base::ErrorKind::Unavailable, "certification.answer-malformed")
            .because("OCSP status " + std::to_string(answer.status));
    co_return std::move(answer.body);
}

} // namespace

pki::OcspSource ocsp_source(Wire& wire, base::Random& random, pki::OcspClientOptions options) {
    return pki::OcspSource([&wire](const pki::Authority& issuer,
                                   std::string request) { return ask(wire, issuer.kind, std::move(request)); },
                           random, options);
}

} // namespace musubi::certification
