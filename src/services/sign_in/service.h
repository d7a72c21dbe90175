// The ways in. Private to the service: routes.cpp binds them to paths.
#pragma once

#include "core/identity/passkey.h"
#include "core/identity/person.h"
#include "core/identity/staff.h"
#include "lib/webauthn/webauthn.h"
#include "services/sign_in/bodies.h"
#include "services/sign_in/routes.h"

namespace musubi::sign_in {

template <class T> using Answer = base::Task<base::Result<T>>;

class Service {
  public:
    Service(Parts parts, Settings settings);

    // session.cpp
    Answer<SessionView> session(http::Call& call, db::ReadTx& tx);
    Answer<base::Unit> logout(http::Call& call, db::WriteTx& tx);

    // passkey_login.cpp
    Answer<RequestOptionsAnswer> passkey_options(http::Call& call, db::WriteTx& tx);
    Answer<SessionView> passkey_login(http::Call& call, PasskeyLogin body);

    // passkeys.cpp
    Answer<CreationOptionsAnswer> new_passkey_options(http::Call& call, db::WriteTx& tx);
    Answer<PasskeyView> add_passkey(http::Call& call, NewPasskey body);
    Answer<PasskeyList> passkeys(http::Call& call, db::ReadTx& tx);
    Answer<base::Unit> remove_passkey(http::Call& call, db::WriteTx& tx);

    // card_login.cpp
    Answer<ChallengeView> card_challenge(http::Call& call, db::WriteTx& tx);
    Answer<SessionView> card_login(http::Call& call, CardLogin body);

    // password_login.cpp
    Answer<Sent> password_login(http::Call& call, PasswordLogin body);
    Answer<SessionView> password_passcode(http::Call& call, PasswordPasscode body);

    // staff_login.cpp
    Answer<StaffNext> staff_login(http::Call& call, StaffLogin body);
    Answer<SessionView> staff_passkey(http::Call& call, StaffPasskey body);
    Answer<SessionView> staff_passkey_setup(http::Call& call, StaffPasskeySetup body);

  private:
    struct Opened {
        identity::NewSession session;
        SessionView view;
    };
    enum class WhenClosed { Refuse, Reopen };
    static WhenClosed when_closed(const std::optional<bool>& reopen) {
        return reopen.value_or(false) ? WhenClosed::Reopen : WhenClosed::Refuse;
    }
    /// Starts a session for a proven person and records it. "login.account-closed" (parameter eraseAt).
    base::Task<base::Result<Opened>> open(http::Call& call, db::WriteTx& tx, const identity::Person& person,
                                          http::Assurance assurance, std::string_view operation,
                                          WhenClosed when_closed);
    base::Task<Opened> open_staff(http::Call& call, db::WriteTx& tx, const identity::Staff& staff,
                                  std::string_view operation);
    base::Task<base::Result<identity::Person>> owner_of(db::WriteTx& tx, const identity::Certificate& certificate,
                                                        const std::optional<pki::SerialNumber>& predecessor,
                                                        base::Instant now);
    base::Task<base::Result<std::optional<pki::SerialNumber>>>
    known_predecessor(const identity::Certificate& certificate, const pki::SerialNumber& serial);
    base::Task<base::Result<base::StaffId>> consume_staff_ticket(http::Call& call);
    base::Task<> note_refusal(http::Call& call, const pki::Refusal& refusal, std::string_view der);
    SessionView empty_view() const;
    webauthn::RelyingParty party() const { return {m_settings.site.host(), {m_settings.site.public_url}}; }
    RequestOptions request_options(std::string_view nonce) const;
    CreationOptions creation_options(std::string_view nonce, std::string user_handle, std::string name,
                                     std::string display_name, const std::vector<identity::Passkey>& existing) const;

    Parts m_parts;
    Settings m_settings;
    std::string m_dummy_hash; // verified against when nobody is found, so that the answer takes as long
};

/// The passkey a browser made, ready to be kept. "passkey.*".
base::Result<identity::Passkey> judge_new_passkey(const webauthn::RelyingParty& party,
                                                  const AttestationCredential& credential, std::string_view challenge,
                                                  std::string owner, std::string name, base::Random& random,
                                                  base::Instant now);
/// Judges an assertion against a stored passkey. "passkey.*".
base::Result<webauthn::AssertionResult> judge_assertion(const webauthn::RelyingParty& party,
                                                        const AssertionCredential& credential,
                                                        std::string_view challenge, const identity::Passkey& passkey);

} // namespace musubi::sign_in
