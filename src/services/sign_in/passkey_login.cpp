#include "base/encoding.h"
#include "core/identity/challenge.h"
#include "services/sign_in/service.h"

namespace musubi::sign_in {
namespace {

constexpr std::string_view kGet = "passkey-get";

base::Error challenge_expired() { return base::error(base::ErrorKind::Gone, "login.challenge-expired"); }
base::Error passkey_unknown() { return base::error(base::ErrorKind::Unauthenticated, "login.passkey-unknown"); }

} // namespace

RequestOptions Service::request_options(std::string_view nonce) const {
    RequestOptions options;
    options.challenge = base::base64url_encode(nonce);
    options.rp_id = m_settings.site.host();
    return options;
}

Answer<RequestOptionsAnswer> Service::passkey_options(http::Call& call, db::WriteTx& tx) {
    const auto challenge = co_await identity::make_challenge(tx, m_parts.random, kGet, "", call.now);
    co_return RequestOptionsAnswer{request_options(challenge.nonce)};
}

base::Result<webauthn::AssertionResult> judge_assertion(const webauthn::RelyingParty& party,
                                                        const AssertionCredential& credential,
                                                        std::string_view challenge, const identity::Passkey& passkey) {
    const auto key = crypto::PublicKey::from_spki(base::base64_decode(passkey.public_key).value_or(""));
    if (!key) return base::internal("stored passkey is unreadable");
    const webauthn::Assertion assertion{base::base64url_decode(credential.id).value_or(""),
                                        base::base64url_decode(credential.response.client_data_json).value_or(""),
                                        base::base64url_decode(credential.response.authenticator_data).value_or(""),
                                        base::base64url_decode(credential.response.signature).value_or("")};
    return webauthn::verify_assertion(party, assertion, challenge, *key, passkey.algorithm,
                                      static_cast<uint32_t>(passkey.sign_count));
}

Answer<SessionView> Service::passkey_login(http::Call& call, PasskeyLogin body) {
    const AssertionCredential& credential = body.credential;
    const std::string client_data = base::base64url_decode(credential.response.client_data_json).value_or("");
    MUSUBI_CO_TRY(const std::string nonce, webauthn::challenge_of(client_data));
    const auto challenge = co_await m_parts.database.write(
        [&](db::WriteTx& tx) { return identity::consume_challenge_by_nonce(tx, nonce, kGet, "", call.now); });
    if (!challenge) co_return challenge_expired();
    auto opened = co_await m_parts.database.write([&](db::WriteTx& tx) -> base::Task<base::Result<Opened>> {
        const auto passkey = co_await identity::find_passkey(tx, credential.id);
        if (!passkey) co_return passkey_unknown();
        auto id = base::PersonId::parse(passkey->owner);
        if (!id) co_return passkey_unknown();
        // The authenticator's own idea of whose key this is must agree (WebAuthn section 7.2 step 6).
        if (credential.response.user_handle) {
            const std::string handle(reinterpret_cast<const char*>(id->bytes().data()), id->bytes().size());
            if (base::base64url_decode(*credential.response.user_handle) != handle) co_return passkey_unknown();
        }
        const auto person = co_await identity::find_person(tx, *id);
        if (!person) co_return passkey_unknown();
        MUSUBI_CO_TRY(const auto result, judge_assertion(party(), credential, nonce, *passkey));
        co_await identity::passkey_used(tx, *passkey, result.sign_count, result.backed_up, call.now);
        co_return co_await open(call, tx, *person, http::Assurance::Passkey, "loginWithPasskey",
                                when_closed(body.reopen));
    });
    if (!opened) co_return std::move(opened).error();
    identity::set_session_cookie(call, opened->session);
    co_return std::move(opened->view);
}

} // namespace musubi::sign_in
