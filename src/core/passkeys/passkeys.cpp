#include "core/passkeys/passkeys.h"

#include "base/encoding.h"
#include "lib/crypto/keys.h"

#include <utility>

namespace musubi::passkeys {
namespace {

struct Entity {
    std::string id;
    std::string name;
};
template <class Fields> void describe(Fields& fields, Entity& entity) {
    fields("id", entity.id);
    fields("name", entity.name);
}
struct User {
    std::string id;
    std::string name;
    std::string display_name;
};
template <class Fields> void describe(Fields& fields, User& user) {
    fields("id", user.id);
    fields("name", user.name);
    fields("displayName", user.display_name);
}
struct Algorithm {
    std::string type = "public-key";
    int64_t algorithm = 0;
};
template <class Fields> void describe(Fields& fields, Algorithm& algorithm) {
    fields("type", algorithm.type);
    fields("alg", algorithm.algorithm);
}
struct Descriptor {
    std::string type = "public-key";
    std::string id;
};
template <class Fields> void describe(Fields& fields, Descriptor& descriptor) {
    fields("type", descriptor.type);
    fields("id", descriptor.id);
}
struct Selection {
    std::string resident_key = "required";
    bool require_resident_key = true;
    std::string user_verification = "required";
};
template <class Fields> void describe(Fields& fields, Selection& selection) {
    fields("residentKey", selection.resident_key);
    fields("requireResidentKey", selection.require_resident_key);
    fields("userVerification", selection.user_verification);
}
constexpr int64_t kTimeoutMilliseconds = 120'000;

struct CreationOptions {
    Entity party;
    User user;
    std::string challenge;
    std::vector<Algorithm> algorithms;
    int64_t timeout = kTimeoutMilliseconds;
    std::vector<Descriptor> excluded;
    Selection selection;
    std::string attestation = "none";
};
template <class Fields> void describe(Fields& fields, CreationOptions& options) {
    fields("rp", options.party);
    fields("user", options.user);
    fields("challenge", options.challenge);
    fields("pubKeyCredParams", options.algorithms);
    fields("timeout", options.timeout);
    fields("excludeCredentials", options.excluded);
    fields("authenticatorSelection", options.selection);
    fields("attestation", options.attestation);
}
struct RequestOptions {
    std::string challenge;
    int64_t timeout = kTimeoutMilliseconds;
    std::string party_id;
    std::vector<Descriptor> allowed;
    std::string user_verification = "required";
};
template <class Fields> void describe(Fields& fields, RequestOptions& options) {
    fields("challenge", options.challenge);
    fields("timeout", options.timeout);
    fields("rpId", options.party_id);
    fields("allowCredentials", options.allowed);
    fields("userVerification", options.user_verification);
}

std::vector<Descriptor> descriptors(const std::vector<identity::Passkey>& passkeys) {
    std::vector<Descriptor> out;
    for (const auto& passkey : passkeys) {
        Descriptor descriptor;
        descriptor.id = passkey.credential_id;
        out.push_back(std::move(descriptor));
    }
    return out;
}

base::Error malformed() { return base::invalid("passkey.malformed"); }

/// The challenge inside the answer, used up whatever happens next.
base::Task<base::Result<identity::Challenge>> use_up(db::Database& database, const std::string& client_data,
                                                     std::string purpose, std::string subject, base::Instant now) {
    MUSUBI_CO_TRY(const std::string nonce, webauthn::challenge_of(client_data));
    auto challenge = co_await database.write([&](db::WriteTx& tx) {
        return identity::consume_challenge_by_nonce(tx, nonce, purpose, subject, now);
    });
    if (!challenge) co_return base::error(base::ErrorKind::Gone, "passkey.challenge-wrong");
    co_return std::move(*challenge);
}

} // namespace

json::Raw creation_options(const Site& site, const identity::Challenge& challenge, const Owner& owner,
                           const std::vector<identity::Passkey>& existing) {
    CreationOptions options;
    options.party.id = site.party.id;
    options.party.name = site.name;
    options.user.id = base::base64url_encode(owner.id);
    options.user.name = owner.account;
    options.user.display_name = owner.display_name;
    options.challenge = base::base64url_encode(challenge.nonce);
    for (const int32_t number : {webauthn::kEs256, webauthn::kRs256}) {
        Algorithm algorithm;
        algorithm.algorithm = number;
        options.algorithms.push_back(std::move(algorithm));
    }
    options.excluded = descriptors(existing);
    return json::Raw{json::write(options)};
}

json::Raw request_options(const Site& site, const identity::Challenge& challenge,
                          const std::vector<identity::Passkey>& allowed) {
    RequestOptions options;
    options.challenge = base::base64url_encode(challenge.nonce);
    options.party_id = site.party.id;
    options.allowed = descriptors(allowed);
    return json::Raw{json::write(options)};
}

base::Task<base::Result<identity::Passkey>> judge_new(db::Database& database, base::Random& random, const Site& site,
                                                      std::string purpose, std::string subject, std::string owner,
                                                      Credential credential, std::string name, base::Instant now) {
    const auto id = base::base64url_decode(credential.raw_id);
    const auto client_data = base::base64url_decode(credential.response.client_data_json);
    const auto attestation = base::base64url_decode(credential.response.attestation_object.value_or(""));
    if (!id || !client_data || !attestation || credential.type != "public-key") co_return malformed();
    MUSUBI_CO_TRY(const identity::Challenge challenge,
                  co_await use_up(database, *client_data, std::move(purpose), std::move(subject), now));
    MUSUBI_CO_TRY(const webauthn::Credential made,
                  webauthn::verify_registration(site.party, {*id, *client_data, *attestation}, challenge.nonce));
    co_return identity::Passkey{.id = identity::PasskeyId::make(now, random),
                                .owner = std::move(owner),
                                .credential_id = base::base64url_encode(made.id),
                                .public_key = base::base64_encode(made.key.spki()),
                                .algorithm = made.algorithm,
                                .sign_count = made.sign_count,
                                .backed_up = made.backed_up,
                                .name = std::move(name),
                                .created_at = now,
                                .last_used_at = std::nullopt};
}

base::Task<base::Result<Use>> judge_use(db::Database& database, const Site& site, std::string purpose,
                                        std::string subject, Credential credential, base::Instant now) {
    const auto id = base::base64url_decode(credential.raw_id);
    const auto client_data = base::base64url_decode(credential.response.client_data_json);
    const auto data = base::base64url_decode(credential.response.authenticator_data.value_or(""));
    const auto signature = base::base64url_decode(credential.response.signature.value_or(""));
    if (!id || !client_data || !data || !signature || credential.type != "public-key") co_return malformed();
    MUSUBI_CO_TRY(const identity::Challenge challenge,
                  co_await use_up(database, *client_data, std::move(purpose), std::move(subject), now));
    const std::string credential_id = base::base64url_encode(*id);
    auto passkey =
        co_await database.read([&](db::ReadTx& tx) { return identity::find_passkey(tx, credential_id); });
    if (!passkey) co_return base::not_found("passkey.unknown");
    const auto key_der = base::base64_decode(passkey->public_key);
    if (!key_der) co_return base::internal("stored passkey is not base64");
    MUSUBI_CO_TRY(const crypto::PublicKey key, crypto::PublicKey::from_spki(*key_der));
    MUSUBI_CO_TRY(const webauthn::AssertionResult used,
                  webauthn::verify_assertion(site.party, {*id, *client_data, *data, *signature}, challenge.nonce, key,
                                             passkey->algorithm, static_cast<uint32_t>(passkey->sign_count)));
    co_return Use{std::move(*passkey), used.sign_count, used.backed_up};
}

} // namespace musubi::passkeys
