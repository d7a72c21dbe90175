#include "lib/webauthn/webauthn.h"

#include "base/encoding.h"
#include "lib/json/json.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace musubi::webauthn {
namespace {

/// What Chromium's virtual authenticator made (testdata/make.mjs).
struct Vector {
    std::string name;
    int32_t algorithm;
    std::string challenge;
    Registration registration;
    std::string public_key;
    std::string second_challenge;
    Assertion assertion;
};

std::string text_of(const json::Element& element, std::string_view key) {
    const auto found = element.find(key);
    return found ? std::string(found->string()) : std::string();
}
std::string bytes_of(const json::Element& element, std::string_view key) {
    return base::base64_decode(text_of(element, key)).value_or("");
}

const std::vector<Vector>& vectors() {
    static const auto all = [] {
        std::ifstream file("src/lib/webauthn/testdata/chromium.json");
        std::stringstream text;
        text << file.rdbuf();
        auto document = json::Document::parse(text.str());
        EXPECT_TRUE(document.ok());
        std::vector<Vector> out;
        for (const auto& item : document->root().find("cases")->items()) {
            Vector vector;
            vector.name = text_of(item, "name");
            vector.algorithm = static_cast<int32_t>(*item.find("algorithm")->integer());
            vector.challenge = bytes_of(item, "challenge");
            vector.registration = {bytes_of(item, "id"), bytes_of(item, "clientDataJSON"),
                                   bytes_of(item, "attestationObject")};
            vector.public_key = bytes_of(item, "publicKey");
            if (const auto assertion = item.find("assertion")) {
                vector.second_challenge = bytes_of(*assertion, "challenge");
                vector.assertion = {vector.registration.credential_id, bytes_of(*assertion, "clientDataJSON"),
                                    bytes_of(*assertion, "authenticatorData"), bytes_of(*assertion, "signature")};
            }
            out.push_back(std::move(vector));
        }
        return out;
    }();
    return all;
}

const Vector& vector_named(std::string_view name) {
    for (const Vector& vector : vectors())
        if (vector.name == name) return vector;
    throw std::runtime_error("no such vector");
}

const RelyingParty kParty{"localhost", {"http://localhost:18080"}};

std::string code_of(const auto& result) { return result.ok() ? "ok" : result.error().code; }

TEST(Webauthn, accepts_what_chromium_registers_and_signs) {
    for (const char* name : {"es256 none", "es256 packed", "rs256 none"}) {
        const Vector& vector = vector_named(name);
        const auto credential = verify_registration(kParty, vector.registration, vector.challenge);
        ASSERT_TRUE(credential.ok()) << name << " " << code_of(credential) << " " << credential.error().detail;
        EXPECT_EQ(credential->id, vector.registration.credential_id);
        EXPECT_EQ(credential->algorithm, vector.algorithm);
        EXPECT_EQ(credential->key.spki(), vector.public_key) << "the key as the browser itself reports it";
        const auto result = verify_assertion(kParty, vector.assertion, vector.second_challenge, credential->key,
                                             credential->algorithm, credential->sign_count);
        ASSERT_TRUE(result.ok()) << name << " " << code_of(result);
    }
    EXPECT_EQ(
        verify_registration(kParty, vector_named("es256 packed").registration, vector_named("es256 packed").challenge)
            ->attestation,
        Attestation::Certificate);
}

TEST(Webauthn, finds_the_challenge_to_consume) {
    const Vector& vector = vector_named("es256 none");
    EXPECT_EQ(*challenge_of(vector.registration.client_data_json), vector.challenge);
    EXPECT_EQ(code_of(challenge_of("{}")), "passkey.malformed");
    EXPECT_EQ(code_of(challenge_of("nonsense")), "passkey.malformed");
}

TEST(Webauthn, refuses_another_challenge_origin_party_or_ceremony) {
    const Vector& vector = vector_named("es256 none");
    EXPECT_EQ(code_of(verify_registration(kParty, vector.registration, std::string(32, 'x'))),
              "passkey.challenge-wrong");
    const RelyingParty elsewhere{"localhost", {"https://phr.example.jp"}};
    EXPECT_EQ(code_of(verify_registration(elsewhere, vector.registration, vector.challenge)), "passkey.origin-wrong");
    const RelyingParty other_id{"phr.example.jp", {"http://localhost:18080"}};
    EXPECT_EQ(code_of(verify_registration(other_id, vector.registration, vector.challenge)), "passkey.origin-wrong");
    const auto credential = verify_registration(kParty, vector.registration, vector.challenge);
    Assertion wrong_ceremony = vector.assertion;
    wrong_ceremony.client_data_json = vector.registration.client_data_json;
    EXPECT_EQ(code_of(verify_assertion(kParty, wrong_ceremony, vector.challenge, credential->key, kEs256, 0)),
              "passkey.malformed");
}

TEST(Webauthn, refuses_a_key_used_without_proof_of_the_person) {
    const Vector& vector = vector_named("not verified");
    EXPECT_EQ(code_of(verify_registration(kParty, vector.registration, vector.challenge)), "passkey.user-not-verified");
}

TEST(Webauthn, refuses_a_frame_of_another_site) {
    const Vector& vector = vector_named("es256 none");
    Registration framed = vector.registration;
    const auto at = framed.client_data_json.find("\"crossOrigin\":false");
    ASSERT_NE(at, std::string::npos);
    framed.client_data_json.replace(at, 19, "\"crossOrigin\":true");
    EXPECT_EQ(code_of(verify_registration(kParty, framed, vector.challenge)), "passkey.origin-wrong");
}

TEST(Webauthn, refuses_a_changed_signature_another_key_and_a_counter_that_went_back) {
    const Vector& vector = vector_named("es256 none");
    const auto credential = verify_registration(kParty, vector.registration, vector.challenge);
    Assertion changed = vector.assertion;
    changed.signature.back() = static_cast<char>(changed.signature.back() ^ 1);
    EXPECT_EQ(code_of(verify_assertion(kParty, changed, vector.second_challenge, credential->key, kEs256, 0)),
              "passkey.signature-invalid");
    const auto other =
        verify_registration(kParty, vector_named("es256 packed").registration, vector_named("es256 packed").challenge);
    EXPECT_EQ(code_of(verify_assertion(kParty, vector.assertion, vector.second_challenge, other->key, kEs256, 0)),
              "passkey.signature-invalid");
    EXPECT_EQ(code_of(verify_assertion(kParty, vector.assertion, vector.second_challenge, credential->key, kEs256,
                                       UINT32_MAX)),
              "passkey.counter-went-back");
}

// Every cut and every single changed byte is refused with a code, except where the change touches bytes that nothing
// signs in format none (the key, the id, the counter): those are the new credential's own business.
TEST(Webauthn, withstands_cut_and_changed_bytes) {
    for (const char* name : {"es256 none", "es256 packed", "rs256 none"}) {
        const Vector& vector = vector_named(name);
        const std::string& object = vector.registration.attestation_object;
        for (size_t length = 0; length < object.size(); ++length) {
            Registration cut = vector.registration;
            cut.attestation_object = object.substr(0, length);
            EXPECT_FALSE(verify_registration(kParty, cut, vector.challenge).ok()) << name << " " << length;
        }
        const auto credential = verify_registration(kParty, vector.registration, vector.challenge);
        for (size_t at = 0; at < vector.assertion.authenticator_data.size(); ++at) {
            Assertion changed = vector.assertion;
            changed.authenticator_data[at] = static_cast<char>(changed.authenticator_data[at] ^ 0x20);
            EXPECT_FALSE(
                verify_assertion(kParty, changed, vector.second_challenge, credential->key, vector.algorithm, 0).ok())
                << name << " " << at;
        }
    }
    const Vector& packed = vector_named("es256 packed");
    for (size_t at = 0; at < packed.registration.attestation_object.size(); ++at) {
        Registration changed = packed.registration;
        changed.attestation_object[at] = static_cast<char>(changed.attestation_object[at] ^ 0x01);
        const auto result = verify_registration(kParty, changed, packed.challenge);
        if (result.ok()) {
            EXPECT_EQ(result->key.spki(), packed.public_key) << at; // inside the certificate, whose make is not judged
        }
    }
}

} // namespace
} // namespace musubi::webauthn
