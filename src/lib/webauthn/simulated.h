// An authenticator in process, for tests of modules that use passkeys: makes and uses ES256 keys as a phone would.
// lib/webauthn itself is tested with what real browsers make.
#pragma once

#include "base/encoding.h"
#include "base/random.h"
#include "lib/crypto/digest.h"
#include "lib/crypto/keys.h"

#include <string>

namespace musubi::webauthn::simulated {

class Authenticator {
  public:
    Authenticator(base::Random& random, std::string origin, std::string party)
        : m_id(random.bytes(20)), m_key(crypto::PrivateKey::generate_ec()), m_origin(std::move(origin)),
          m_party(std::move(party)) {}

    uint8_t flags = 0x05; // present and verified
    uint32_t sign_count = 0;

    std::string id() const { return base::base64url_encode(m_id); }

    /// RegistrationResponseJSON for a challenge (base64url, as the options carry it).
    std::string create(std::string_view challenge) const {
        const std::string point = m_key.public_key().ec_point(); // 04 ‖ x ‖ y
        std::string key("\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20", 10);
        key += point.substr(1, 32) + std::string("\x22\x58\x20", 3) + point.substr(33, 32);
        std::string data = authenticator_data(0x40) + std::string(16, '\0');
        data += std::string{'\0', static_cast<char>(m_id.size())} + m_id + key;
        std::string object = "\xa3\x63"
                             "fmt\x64"
                             "none\x67"
                             "attStmt\xa0\x68"
                             "authData\x58";
        object += static_cast<char>(data.size());
        object += data;
        return R"({"id":")" + id() + R"(","rawId":")" + id() +
               R"(","type":"public-key","clientExtensionResults":{},"response":{"clientDataJSON":")" +
               base::base64url_encode(client_data("webauthn.create", challenge)) + R"(","attestationObject":")" +
               base::base64url_encode(object) + R"(","transports":["internal"]}})";
    }

    /// AuthenticationResponseJSON. `user_handle` is raw bytes; empty leaves it out.
    std::string get(std::string_view challenge, std::string_view user_handle = {}) const {
        const std::string client = client_data("webauthn.get", challenge);
        const std::string data = authenticator_data(0);
        const std::string signature =
            m_key.sign(crypto::SignatureAlgorithm::EcdsaSha256, data + crypto::sha256(client));
        std::string out = R"({"id":")" + id() + R"(","rawId":")" + id() +
                          R"(","type":"public-key","clientExtensionResults":{},"response":{"clientDataJSON":")" +
                          base::base64url_encode(client) + R"(","authenticatorData":")" + base::base64url_encode(data) +
                          R"(","signature":")" + base::base64url_encode(signature) + "\"";
        if (!user_handle.empty()) out += R"(,"userHandle":")" + base::base64url_encode(user_handle) + "\"";
        return out + "}}";
    }

  private:
    std::string client_data(std::string_view type, std::string_view challenge) const {
        return R"({"type":")" + std::string(type) + R"(","challenge":")" + std::string(challenge) + R"(","origin":")" +
               m_origin + R"(","crossOrigin":false})";
    }
    std::string authenticator_data(uint8_t more) const {
        std::string out = crypto::sha256(m_party);
        out += static_cast<char>(flags | more);
        for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(sign_count >> shift);
        return out;
    }
    std::string m_id;
    crypto::PrivateKey m_key;
    std::string m_origin;
    std::string m_party;
};

} // namespace musubi::webauthn::simulated
