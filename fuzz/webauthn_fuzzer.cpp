// Attestation objects and authenticator data come from any browser, before anybody is signed in.
#include "lib/webauthn/webauthn.h"

#include <cstddef>
#include <cstdint>
#include <string>

using namespace musubi;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static const webauthn::RelyingParty party{"localhost", {"http://localhost:18080"}};
    static const auto key = crypto::PublicKey::from_spki(crypto::PrivateKey::generate_ec().public_key().spki());
    const std::string bytes(reinterpret_cast<const char*>(data), size);
    const std::string challenge(32, 'c');
    const std::string client_create =
        R"({"type":"webauthn.create","challenge":"Y2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2M","origin":"http://localhost:18080"})";
    std::string client_get = client_create;
    client_get.replace(client_get.find("webauthn.create"), 15, "webauthn.get");
    (void)webauthn::challenge_of(bytes);
    const webauthn::Registration registration{bytes.substr(0, 16), client_create, bytes};
    (void)webauthn::verify_registration(party, registration, challenge);
    const webauthn::Assertion assertion{"id", client_get, bytes, bytes};
    (void)webauthn::verify_assertion(party, assertion, challenge, *key, webauthn::kEs256, 0);
    return 0;
}
