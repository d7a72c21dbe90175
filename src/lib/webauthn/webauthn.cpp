#include "lib/webauthn/webauthn.h"

#include "base/encoding.h"
#include "base/secret.h"
#include "lib/json/json.h"
#include "lib/pki/certificate.h"
#include "lib/webauthn/authenticator_data.h"
#include "lib/webauthn/cbor.h"

#include <algorithm>

namespace musubi::webauthn {
namespace {

base::Error malformed(const char* why) { return base::invalid("passkey.malformed").because(why); }
base::Error attestation_invalid(const char* why) { return base::invalid("passkey.attestation-invalid").because(why); }
base::Error refused(const char* code) { return base::error(base::ErrorKind::Unauthenticated, code); }

struct ClientData {
    std::string type;
    std::string challenge;
    std::string origin;
    bool other_origin_frame = false;
};

// Section 5.8.1. Unknown members are allowed: browsers add some on purpose.
base::Result<ClientData> parse_client_data(std::string_view text) {
    json::Limits limits;
    limits.max_bytes = 8192;
    limits.max_depth = 8;
    auto document = json::Document::parse(text, limits);
    if (!document) return malformed("client data is not JSON");
    const json::Element root = document->root();
    using Type = json::Element::Type;
    if (root.type() != Type::Object) return malformed("client data is not an object");
    const auto string_of = [&root](std::string_view key) -> std::optional<std::string> {
        const auto found = root.find(key);
        if (!found || found->type() != Type::String) return std::nullopt;
        return std::string(found->string());
    };
    auto type = string_of("type");
    auto challenge = string_of("challenge");
    auto origin = string_of("origin");
    if (!type || !challenge || !origin) return malformed("client data lacks a member");
    auto decoded = base::base64url_decode(*challenge);
    if (!decoded || decoded->size() < 16 || decoded->size() > 64) return malformed("challenge");
    ClientData out{std::move(*type), std::move(*decoded), std::move(*origin), false};
    if (const auto cross = root.find("crossOrigin"))
        out.other_origin_frame = cross->type() != Type::Bool || cross->boolean();
    if (root.find("topOrigin")) out.other_origin_frame = true;
    return out;
}

base::Status check_client_data(const RelyingParty& party, const ClientData& data, std::string_view type,
                               std::string_view challenge) {
    if (data.type != type) return malformed("client data of another ceremony");
    if (!base::equal_in_constant_time(data.challenge, challenge)) return refused("passkey.challenge-wrong");
    const bool known = std::find(party.origins.begin(), party.origins.end(), data.origin) != party.origins.end();
    if (!known || data.other_origin_frame) return refused("passkey.origin-wrong");
    return base::success();
}

base::Status check_authenticator_data(const RelyingParty& party, const AuthenticatorData& data) {
    if (!base::equal_in_constant_time(data.party_hash, crypto::sha256(party.id)))
        return refused("passkey.origin-wrong");
    if ((data.flags & kUserPresent) == 0 || (data.flags & kUserVerified) == 0)
        return refused("passkey.user-not-verified");
    return base::success();
}

crypto::SignatureAlgorithm signature_algorithm(int32_t algorithm) {
    return algorithm == kRs256 ? crypto::SignatureAlgorithm::RsaPkcs1Sha256 : crypto::SignatureAlgorithm::EcdsaSha256;
}

struct AttestationObject {
    std::string_view format;
    std::string_view statement; // CBOR map
    std::string_view authenticator_data;
};

base::Result<AttestationObject> parse_attestation_object(std::string_view bytes) {
    if (bytes.size() > 64 * 1024) return malformed("attestation object too large");
    CborReader reader(bytes);
    if (reader.map() != 3) return malformed("attestation object");
    AttestationObject out;
    for (int i = 0; i < 3; ++i) {
        const auto key = reader.text();
        if (!key) return malformed("attestation object");
        if (*key == "fmt" && out.format.empty()) {
            const auto value = reader.text();
            if (!value || value->empty()) return malformed("attestation format");
            out.format = *value;
        } else if (*key == "attStmt" && out.statement.empty()) {
            const auto before = reader.rest();
            CborReader map = reader;
            if (!map.map() || !reader.skip()) return malformed("attestation statement");
            out.statement = before.substr(0, before.size() - reader.rest().size());
        } else if (*key == "authData" && out.authenticator_data.empty()) {
            const auto value = reader.bytes();
            if (!value || value->empty()) return malformed("authenticator data");
            out.authenticator_data = *value;
        } else {
            return malformed("attestation object");
        }
    }
    if (!reader.at_end()) return malformed("bytes after attestation object");
    return out;
}

// Section 8.2.
base::Result<Attestation> verify_packed(std::string_view statement, std::string_view signed_bytes,
                                        const CredentialKey& credential) {
    CborReader reader(statement);
    const auto members = reader.map();
    std::optional<int64_t> algorithm;
    std::optional<std::string_view> signature;
    std::optional<std::string_view> leaf;
    for (int64_t i = 0; i < members.value_or(0); ++i) {
        const auto key = reader.text();
        if (!key) return attestation_invalid("statement");
        if (*key == "alg" && !algorithm) {
            algorithm = reader.integer();
            if (!algorithm) return attestation_invalid("alg");
        } else if (*key == "sig" && !signature) {
            signature = reader.bytes();
            if (!signature) return attestation_invalid("sig");
        } else if (*key == "x5c" && !leaf) {
            const auto count = reader.array();
            if (!count || *count < 1) return attestation_invalid("x5c");
            leaf = reader.bytes();
            if (!leaf) return attestation_invalid("x5c");
            for (int64_t c = 1; c < *count; ++c)
                if (!reader.bytes()) return attestation_invalid("x5c");
        } else {
            return attestation_invalid("statement");
        }
    }
    if (!algorithm || !signature) return attestation_invalid("statement");
    if (*algorithm != kEs256 && *algorithm != kRs256) return attestation_invalid("algorithm");
    const auto used = signature_algorithm(static_cast<int32_t>(*algorithm));
    if (leaf) {
        auto certificate = pki::parse_certificate(*leaf);
        if (!certificate) return attestation_invalid("certificate");
        auto key = pki::certificate_key(*certificate);
        if (!key || !key->verify(used, signed_bytes, *signature))
            return attestation_invalid("signature of certificate");
        return Attestation::Certificate;
    }
    if (*algorithm != credential.algorithm || !credential.key.verify(used, signed_bytes, *signature))
        return attestation_invalid("self signature");
    return Attestation::Self;
}

} // namespace

base::Result<std::string> challenge_of(std::string_view client_data_json) {
    MUSUBI_TRY(auto data, parse_client_data(client_data_json));
    return std::move(data.challenge);
}

base::Result<Credential> verify_registration(const RelyingParty& party, const Registration& registration,
                                             std::string_view challenge) {
    MUSUBI_TRY(const auto client, parse_client_data(registration.client_data_json));
    MUSUBI_CHECK(check_client_data(party, client, "webauthn.create", challenge));
    MUSUBI_TRY(const auto object, parse_attestation_object(registration.attestation_object));
    MUSUBI_TRY(const auto data, parse_authenticator_data(object.authenticator_data));
    MUSUBI_CHECK(check_authenticator_data(party, data));
    if (!data.credential) return malformed("no credential");
    if (data.credential->id != registration.credential_id) return malformed("two credential ids");

    Attestation attestation = Attestation::None;
    if (object.format == "none") {
        CborReader statement(object.statement);
        if (statement.map() != 0) return attestation_invalid("statement of none");
    } else if (object.format == "packed") {
        const std::string signed_bytes =
            std::string(object.authenticator_data) + crypto::sha256(registration.client_data_json);
        MUSUBI_TRY(attestation, verify_packed(object.statement, signed_bytes, data.credential->key));
    } else {
        return attestation_invalid("format");
    }
    return Credential{std::string(data.credential->id),     data.credential->key.key,
                      data.credential->key.algorithm,       data.sign_count,
                      (data.flags & kBackupEligible) != 0,  (data.flags & kBackedUp) != 0,
                      std::string(data.credential->aaguid), attestation};
}

base::Result<AssertionResult> verify_assertion(const RelyingParty& party, const Assertion& assertion,
                                               std::string_view challenge, const crypto::PublicKey& key,
                                               int32_t algorithm, uint32_t stored_sign_count) {
    MUSUBI_TRY(const auto client, parse_client_data(assertion.client_data_json));
    MUSUBI_CHECK(check_client_data(party, client, "webauthn.get", challenge));
    MUSUBI_TRY(const auto data, parse_authenticator_data(assertion.authenticator_data));
    MUSUBI_CHECK(check_authenticator_data(party, data));
    if (algorithm != kEs256 && algorithm != kRs256) return base::invalid("passkey.algorithm-unsupported");
    const std::string signed_bytes = assertion.authenticator_data + crypto::sha256(assertion.client_data_json);
    if (!key.verify(signature_algorithm(algorithm), signed_bytes, assertion.signature))
        return refused("passkey.signature-invalid");
    const bool counts = data.sign_count != 0 || stored_sign_count != 0;
    if (counts && data.sign_count <= stored_sign_count) return refused("passkey.counter-went-back");
    return AssertionResult{data.sign_count, (data.flags & kBackedUp) != 0};
}

} // namespace musubi::webauthn
