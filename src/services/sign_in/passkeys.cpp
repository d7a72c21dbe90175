#include "base/encoding.h"
#include "core/identity/challenge.h"
#include "services/sign_in/service.h"

namespace musubi::sign_in {
namespace {

constexpr std::string_view kCreate = "passkey-create";

PasskeyView view_of(const identity::Passkey& passkey) {
    return {passkey.id.to_string(), passkey.name, passkey.created_at, passkey.last_used_at};
}

} // namespace

CreationOptions Service::creation_options(std::string_view nonce, std::string user_handle, std::string name,
                                          std::string display_name,
                                          const std::vector<identity::Passkey>& existing) const {
    CreationOptions options;
    options.party = {m_settings.site.host(), m_settings.site.name};
    options.user = {base::base64url_encode(user_handle), std::move(name), std::move(display_name)};
    options.challenge = base::base64url_encode(nonce);
    options.parameters = {{"public-key", webauthn::kEs256}, {"public-key", webauthn::kRs256}};
    for (const identity::Passkey& passkey : existing)
        options.exclude_credentials.push_back({"public-key", passkey.credential_id});
    return options;
}

Answer<CreationOptionsAnswer> Service::new_passkey_options(http::Call& call, db::WriteTx& tx) {
    const auto person = co_await identity::find_person(tx, call.person());
    if (!person) co_return base::not_found("person.not-found");
    const std::string subject = person->id.to_string();
    const auto challenge = co_await identity::make_challenge(tx, m_parts.random, kCreate, subject, call.now);
    const auto existing = co_await identity::passkeys_of(tx, subject);
    const std::string handle(reinterpret_cast<const char*>(person->id.bytes().data()), person->id.bytes().size());
    co_return CreationOptionsAnswer{
        creation_options(challenge.nonce, handle, person->email.value_or(person->name), person->name, existing)};
}

base::Result<identity::Passkey> judge_new_passkey(const webauthn::RelyingParty& party,
                                                  const AttestationCredential& credential, std::string_view challenge,
                                                  std::string owner, std::string name, base::Random& random,
                                                  base::Instant now) {
    const webauthn::Registration registration{
        base::base64url_decode(credential.id).value_or(""),
        base::base64url_decode(credential.response.client_data_json).value_or(""),
        base::base64url_decode(credential.response.attestation_object).value_or("")};
    MUSUBI_TRY(const auto made, webauthn::verify_registration(party, registration, challenge));
    return identity::Passkey{identity::PasskeyId::make(now, random),
                             std::move(owner),
                             base::base64url_encode(made.id),
                             base::base64_encode(made.key.spki()),
                             made.algorithm,
                             static_cast<int64_t>(made.sign_count),
                             made.backed_up,
                             std::move(name),
                             now,
                             std::nullopt};
}

Answer<PasskeyView> Service::add_passkey(http::Call& call, NewPasskey body) {
    const std::string subject = call.person().to_string();
    const std::string client_data = base::base64url_decode(body.credential.response.client_data_json).value_or("");
    MUSUBI_CO_TRY(const std::string nonce, webauthn::challenge_of(client_data));
    const auto challenge = co_await m_parts.database.write(
        [&](db::WriteTx& tx) { return identity::consume_challenge_by_nonce(tx, nonce, kCreate, subject, call.now); });
    if (!challenge) co_return base::error(base::ErrorKind::Gone, "login.challenge-expired");
    MUSUBI_CO_TRY(const identity::Passkey passkey,
                  judge_new_passkey(party(), body.credential, nonce, subject, body.name, m_parts.random, call.now));
    MUSUBI_CO_CHECK(co_await m_parts.database.write([&](db::WriteTx& tx) -> base::Task<base::Status> {
        if (!co_await identity::add_passkey(tx, passkey)) co_return base::conflict("passkey.already-registered");
        call.audit.object = "passkey " + passkey.id.to_string();
        co_await m_parts.audit.record(tx, call, "addPasskey");
        co_return base::success();
    }));
    call.set_status(201);
    co_return view_of(passkey);
}

Answer<PasskeyList> Service::passkeys(http::Call& call, db::ReadTx& tx) {
    const std::string subject = call.person().to_string();
    PasskeyList list;
    for (const identity::Passkey& passkey : co_await identity::passkeys_of(tx, subject))
        list.items.push_back(view_of(passkey));
    co_return list;
}

Answer<base::Unit> Service::remove_passkey(http::Call& call, db::WriteTx& tx) {
    MUSUBI_CO_TRY(const auto id, call.path<identity::PasskeyId>("id"));
    const std::string subject = call.person().to_string();
    call.audit.object = "passkey " + id.to_string();
    if (!co_await identity::remove_passkey(tx, subject, id)) co_return base::not_found("passkey.not-found");
    co_return base::Unit{};
}

} // namespace musubi::sign_in
