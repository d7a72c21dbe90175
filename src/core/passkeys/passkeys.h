// Making and using passkeys. Each function that judges first uses up the challenge in a transaction of its own, so that
// one challenge is worth one try.
#pragma once

#include "base/random.h"
#include "core/identity/challenge.h"
#include "core/identity/passkey.h"
#include "lib/db/database.h"
#include "lib/json/json.h"
#include "lib/webauthn/webauthn.h"

#include <optional>
#include <string>
#include <vector>

namespace musubi::passkeys {

/// The site as authenticators know it.
struct Site {
    webauthn::RelyingParty party;
    std::string name; // shown by the authenticator: "見本市 むすび"
};

/// PublicKeyCredential.toJSON(): RegistrationResponseJSON or AuthenticationResponseJSON.
struct CredentialResponse {
    std::string client_data_json; // all base64url
    std::optional<std::string> attestation_object;
    std::optional<std::vector<std::string>> transports;
    std::optional<std::string> authenticator_data;
    std::optional<std::string> signature;
    std::optional<std::string> user_handle;
    std::optional<std::string> public_key;
    std::optional<int64_t> public_key_algorithm;
};
struct Credential {
    std::string id;
    std::string raw_id;
    std::string type;
    CredentialResponse response;
    std::optional<std::string> authenticator_attachment;
    std::optional<json::Raw> client_extension_results;
};
template <class Fields> void describe(Fields& fields, CredentialResponse& response) {
    const json::Rule bytes{.max_length = 16'384, .format = "base64url"};
    fields("clientDataJSON", response.client_data_json, bytes);
    fields("attestationObject", response.attestation_object, bytes);
    fields("transports", response.transports, json::Rule{.max_items = 16});
    fields("authenticatorData", response.authenticator_data, bytes);
    fields("signature", response.signature, bytes);
    fields("userHandle", response.user_handle, bytes);
    fields("publicKey", response.public_key, bytes);
    fields("publicKeyAlgorithm", response.public_key_algorithm);
}
template <class Fields> void describe(Fields& fields, Credential& credential) {
    const json::Rule bytes{.max_length = 2048, .format = "base64url"};
    fields("id", credential.id, bytes);
    fields("rawId", credential.raw_id, bytes);
    fields("type", credential.type, json::Rule{.max_length = 32});
    fields("response", credential.response);
    fields("authenticatorAttachment", credential.authenticator_attachment, json::Rule{.max_length = 32});
    fields("clientExtensionResults", credential.client_extension_results);
}

/// Who a new passkey will belong to. `handle` is the stable id the authenticator keeps: no name in it.
struct Owner {
    std::string id; // PersonId or StaffId as text
    std::string account;
    std::string display_name;
};

/// PublicKeyCredentialCreationOptionsJSON. `existing` are excluded, so that one authenticator holds one passkey.
json::Raw creation_options(const Site& site, const identity::Challenge& challenge, const Owner& owner,
                           const std::vector<identity::Passkey>& existing);
/// PublicKeyCredentialRequestOptionsJSON. Without `allowed` the authenticator offers what it has for this site.
json::Raw request_options(const Site& site, const identity::Challenge& challenge,
                          const std::vector<identity::Passkey>& allowed);

/// Judges a new credential made for a challenge of this purpose and subject; the caller stores what comes back.
/// "passkey.challenge-wrong" (Gone) when the challenge is unknown, used or too old, and the codes of lib/webauthn.
base::Task<base::Result<identity::Passkey>> judge_new(db::Database& database, base::Random& random, const Site& site,
                                                      std::string purpose, std::string subject, std::string owner,
                                                      Credential credential, std::string name, base::Instant now);

/// A passkey that was used just now. Hand it to identity::passkey_used in the transaction that relies on it.
struct Use {
    identity::Passkey passkey;
    int64_t sign_count = 0;
    bool backed_up = false;
};
/// "passkey.unknown" (NotFound) for a credential nobody has registered here, and as above.
base::Task<base::Result<Use>> judge_use(db::Database& database, const Site& site, std::string purpose,
                                        std::string subject, Credential credential, base::Instant now);

} // namespace musubi::passkeys
