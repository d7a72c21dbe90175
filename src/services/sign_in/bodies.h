// What the routes take and answer. Private to the service. The WebAuthn shapes are those of
// PublicKeyCredential.toJSON() and parse…OptionsFromJSON() (WebAuthn Level 3, section 5.1).
#pragma once

#include "base/secret.h"
#include "core/identity/passkey.h"
#include "lib/http/principal.h"
#include "lib/json/json.h"

#include <optional>
#include <string>
#include <vector>

namespace musubi::sign_in {

struct PersonView {
    std::string id;
    std::string name;
    std::optional<std::string> kana;
};
struct StaffView {
    std::string id;
    std::string name;
    std::vector<std::string> permissions;
};
struct MunicipalityView {
    std::string code;
    std::string name;
    std::string name_english;
    std::string telephone;
    std::string hours;
};
struct SessionView {
    std::string kind; // anonymous, citizen, staff
    std::optional<PersonView> person;
    std::optional<StaffView> staff;
    http::Assurance assurance = http::Assurance::None;
    std::optional<base::Instant> signed_in_at;
    bool demo = false;
    MunicipalityView municipality;
};
template <class Fields> void describe(Fields& fields, PersonView& person) {
    fields("id", person.id);
    fields("name", person.name);
    fields("kana", person.kana);
}
template <class Fields> void describe(Fields& fields, StaffView& staff) {
    fields("id", staff.id);
    fields("name", staff.name);
    fields("permissions", staff.permissions);
}
template <class Fields> void describe(Fields& fields, MunicipalityView& municipality) {
    fields("code", municipality.code);
    fields("name", municipality.name);
    fields("nameEn", municipality.name_english);
    fields("telephone", municipality.telephone);
    fields("hours", municipality.hours);
}
template <class Fields> void describe(Fields& fields, SessionView& session) {
    fields("kind", session.kind, json::Rule{.meaning = "anonymous, citizen or staff"});
    fields("person", session.person);
    fields("staff", session.staff);
    fields("assurance", session.assurance);
    fields("signedInAt", session.signed_in_at);
    fields("demo", session.demo);
    fields("municipality", session.municipality);
}

struct CredentialName {
    std::string type = "public-key";
    std::string id;
};
template <class Fields> void describe(Fields& fields, CredentialName& name) {
    fields("type", name.type);
    fields("id", name.id);
}

struct RequestOptions {
    std::string challenge;
    int32_t timeout = 300'000;
    std::string rp_id;
    std::vector<CredentialName> allow_credentials;
    std::string user_verification = "required";
};
template <class Fields> void describe(Fields& fields, RequestOptions& options) {
    fields("challenge", options.challenge);
    fields("timeout", options.timeout);
    fields("rpId", options.rp_id);
    fields("allowCredentials", options.allow_credentials);
    fields("userVerification", options.user_verification);
}
struct RequestOptionsAnswer {
    RequestOptions public_key;
};
template <class Fields> void describe(Fields& fields, RequestOptionsAnswer& answer) {
    fields("publicKey", answer.public_key);
}

struct PartyEntity {
    std::string id;
    std::string name;
};
struct UserEntity {
    std::string id;
    std::string name;
    std::string display_name;
};
struct KeyParameter {
    std::string type = "public-key";
    int32_t algorithm = 0;
};
struct AuthenticatorSelection {
    std::string resident_key = "required";
    bool require_resident_key = true;
    std::string user_verification = "required";
};
struct CreationOptions {
    PartyEntity party;
    UserEntity user;
    std::string challenge;
    std::vector<KeyParameter> parameters;
    int32_t timeout = 300'000;
    std::vector<CredentialName> exclude_credentials;
    AuthenticatorSelection selection;
    std::string attestation = "none";
};
template <class Fields> void describe(Fields& fields, PartyEntity& party) {
    fields("id", party.id);
    fields("name", party.name);
}
template <class Fields> void describe(Fields& fields, UserEntity& user) {
    fields("id", user.id);
    fields("name", user.name);
    fields("displayName", user.display_name);
}
template <class Fields> void describe(Fields& fields, KeyParameter& parameter) {
    fields("type", parameter.type);
    fields("alg", parameter.algorithm);
}
template <class Fields> void describe(Fields& fields, AuthenticatorSelection& selection) {
    fields("residentKey", selection.resident_key);
    fields("requireResidentKey", selection.require_resident_key);
    fields("userVerification", selection.user_verification);
}
template <class Fields> void describe(Fields& fields, CreationOptions& options) {
    fields("rp", options.party);
    fields("user", options.user);
    fields("challenge", options.challenge);
    fields("pubKeyCredParams", options.parameters);
    fields("timeout", options.timeout);
    fields("excludeCredentials", options.exclude_credentials);
    fields("authenticatorSelection", options.selection);
    fields("attestation", options.attestation);
}
struct CreationOptionsAnswer {
    CreationOptions public_key;
};
template <class Fields> void describe(Fields& fields, CreationOptionsAnswer& answer) {
    fields("publicKey", answer.public_key);
}

inline constexpr json::Rule kBase64url{.max_length = 90'000, .format = "base64url"};

struct AssertionResponse {
    std::string client_data_json;
    std::string authenticator_data;
    std::string signature;
    std::optional<std::string> user_handle;
    std::optional<std::string> attestation_object; // some browsers add it; not used
};
template <class Fields> void describe(Fields& fields, AssertionResponse& response) {
    fields("clientDataJSON", response.client_data_json, kBase64url);
    fields("authenticatorData", response.authenticator_data, kBase64url);
    fields("signature", response.signature, kBase64url);
    fields("userHandle", response.user_handle, kBase64url);
    fields("attestationObject", response.attestation_object, kBase64url);
}
struct AssertionCredential {
    std::string id;
    std::string raw_id;
    std::string type;
    std::optional<std::string> attachment;
    std::optional<json::Raw> extensions;
    AssertionResponse response;
};
template <class Fields> void describe(Fields& fields, AssertionCredential& credential) {
    fields("id", credential.id, kBase64url);
    fields("rawId", credential.raw_id, kBase64url);
    fields("type", credential.type, json::Rule{.max_length = 32});
    fields("authenticatorAttachment", credential.attachment, json::Rule{.max_length = 32});
    fields("clientExtensionResults", credential.extensions);
    fields("response", credential.response);
}

struct AttestationResponse {
    std::string client_data_json;
    std::string attestation_object;
    // What follows repeats the attestation object in other words; the object itself is what counts.
    std::optional<std::string> authenticator_data;
    std::optional<std::vector<std::string>> transports;
    std::optional<std::string> public_key;
    std::optional<int64_t> public_key_algorithm;
};
template <class Fields> void describe(Fields& fields, AttestationResponse& response) {
    fields("clientDataJSON", response.client_data_json, kBase64url);
    fields("attestationObject", response.attestation_object, kBase64url);
    fields("authenticatorData", response.authenticator_data, kBase64url);
    fields("transports", response.transports, json::Rule{.max_items = 16});
    fields("publicKey", response.public_key, kBase64url);
    fields("publicKeyAlgorithm", response.public_key_algorithm);
}
struct AttestationCredential {
    std::string id;
    std::string raw_id;
    std::string type;
    std::optional<std::string> attachment;
    std::optional<json::Raw> extensions;
    AttestationResponse response;
};
template <class Fields> void describe(Fields& fields, AttestationCredential& credential) {
    fields("id", credential.id, kBase64url);
    fields("rawId", credential.raw_id, kBase64url);
    fields("type", credential.type, json::Rule{.max_length = 32});
    fields("authenticatorAttachment", credential.attachment, json::Rule{.max_length = 32});
    fields("clientExtensionResults", credential.extensions);
    fields("response", credential.response);
}

struct PasskeyLogin {
    AssertionCredential credential;
    std::optional<bool> reopen;
};
template <class Fields> void describe(Fields& fields, PasskeyLogin& body) {
    fields("credential", body.credential);
    fields("reopen", body.reopen, json::Rule{.meaning = "true: cancel the closing of the account"});
}

struct ChallengeView {
    std::string challenge_id;
    std::string nonce;
    std::string origin;
    std::string purpose;
    base::Instant expires_at;
};
template <class Fields> void describe(Fields& fields, ChallengeView& challenge) {
    fields("challengeId", challenge.challenge_id);
    fields("nonce", challenge.nonce, json::Rule{.meaning = "base64url; signed together with origin and purpose"});
    fields("origin", challenge.origin);
    fields("purpose", challenge.purpose);
    fields("expiresAt", challenge.expires_at);
}

struct CardLogin {
    std::string challenge_id;
    std::string user_certificate;
    std::string user_signature;
    std::optional<bool> reopen;
};
template <class Fields> void describe(Fields& fields, CardLogin& body) {
    fields("challengeId", body.challenge_id, json::Rule{.max_length = 36});
    fields("userCertificate", body.user_certificate, json::Rule{.max_length = 22000, .format = "base64"});
    fields("userSignature", body.user_signature, json::Rule{.max_length = 1024, .format = "base64"});
    fields("reopen", body.reopen, json::Rule{.meaning = "true: cancel the closing of the account"});
}

struct PasswordLogin {
    std::string email;
    base::Secret password;
};
template <class Fields> void describe(Fields& fields, PasswordLogin& body) {
    fields("email", body.email, json::Rule{.max_length = 254});
    fields("password", body.password, json::Rule{.max_length = 128});
}
/// 202: the passcode is on its way.
struct Sent {
    bool sent = true;
};
template <class Fields> void describe(Fields& fields, Sent& body) { fields("sent", body.sent); }
struct PasswordPasscode {
    std::string passcode;
    std::optional<bool> reopen;
};
template <class Fields> void describe(Fields& fields, PasswordPasscode& body) {
    fields("passcode", body.passcode, json::Rule{.max_length = 16});
    fields("reopen", body.reopen, json::Rule{.meaning = "true: cancel the closing of the account"});
}

struct NewPasskey {
    AttestationCredential credential;
    std::string name;
};
template <class Fields> void describe(Fields& fields, NewPasskey& body) {
    fields("credential", body.credential);
    fields("name", body.name, json::Rule{.max_length = 60, .min_length = 1});
}
struct PasskeyView {
    std::string id;
    std::string name;
    base::Instant created_at;
    std::optional<base::Instant> last_used_at;
};
template <class Fields> void describe(Fields& fields, PasskeyView& passkey) {
    fields("id", passkey.id);
    fields("name", passkey.name);
    fields("createdAt", passkey.created_at);
    fields("lastUsedAt", passkey.last_used_at);
}
struct PasskeyList {
    std::vector<PasskeyView> items;
};
template <class Fields> void describe(Fields& fields, PasskeyList& list) { fields("items", list.items); }

struct StaffLogin {
    std::string account;
    base::Secret password;
};
template <class Fields> void describe(Fields& fields, StaffLogin& body) {
    fields("account", body.account, json::Rule{.max_length = 100});
    fields("password", body.password, json::Rule{.max_length = 128});
}
struct StaffNext {
    std::string next; // passkey, passkey-setup
    json::Raw public_key;
};
template <class Fields> void describe(Fields& fields, StaffNext& next) {
    fields("next", next.next, json::Rule{.meaning = "passkey or passkey-setup"});
    fields("publicKey", next.public_key, json::Rule{.meaning = "options for navigator.credentials.get or .create"});
}
struct StaffPasskey {
    AssertionCredential credential;
};
template <class Fields> void describe(Fields& fields, StaffPasskey& body) { fields("credential", body.credential); }
struct StaffPasskeySetup {
    AttestationCredential credential;
};
template <class Fields> void describe(Fields& fields, StaffPasskeySetup& body) {
    fields("credential", body.credential);
}

} // namespace musubi::sign_in
