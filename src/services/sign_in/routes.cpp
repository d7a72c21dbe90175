#include "services/sign_in/routes.h"

#include "services/sign_in/messages.h"
#include "services/sign_in/service.h"

namespace musubi::sign_in {

std::span<const base::Message> mail_texts() { return messages::kAll; }

void install(http::Router& router, Parts parts, Settings settings) {
    using http::Access;
    using http::Call;
    const auto anyone = Access::anyone(settings.limit);
    const auto service = std::make_shared<Service>(parts, std::move(settings));

    router.reads("GET", "/api/v1/session", "getSession", Access::anyone(),
                 [service](Call& call, db::ReadTx& tx) { return service->session(call, tx); });
    router.writes("POST", "/api/v1/logout", "logout", Access::anyone(),
                  [service](Call& call, db::WriteTx& tx) { return service->logout(call, tx); });

    router.writes("POST", "/api/v1/login/passkey/options", "makePasskeyLogin", anyone,
                  [service](Call& call, db::WriteTx& tx) { return service->passkey_options(call, tx); });
    router.acts("POST", "/api/v1/login/passkey", "loginWithPasskey", anyone,
                [service](Call& call, PasskeyLogin body) { return service->passkey_login(call, std::move(body)); });
    router.writes("POST", "/api/v1/login/card/challenge", "makeCardLogin", anyone,
                  [service](Call& call, db::WriteTx& tx) { return service->card_challenge(call, tx); });
    router.acts("POST", "/api/v1/login/card", "loginWithCard", anyone,
                [service](Call& call, CardLogin body) { return service->card_login(call, std::move(body)); });
    router.acts("POST", "/api/v1/login/password", "loginWithPassword", anyone,
                [service](Call& call, PasswordLogin body) { return service->password_login(call, std::move(body)); });
    router.acts(
        "POST", "/api/v1/login/password/passcode", "loginWithPasscode", anyone,
        [service](Call& call, PasswordPasscode body) { return service->password_passcode(call, std::move(body)); });

    router.writes("POST", "/api/v1/passkeys/options", "makePasskey", Access::citizen(),
                  [service](Call& call, db::WriteTx& tx) { return service->new_passkey_options(call, tx); });
    router.acts("POST", "/api/v1/passkeys", "addPasskey", Access::citizen(),
                [service](Call& call, NewPasskey body) { return service->add_passkey(call, std::move(body)); });
    router.reads("GET", "/api/v1/passkeys", "listPasskeys", Access::citizen(),
                 [service](Call& call, db::ReadTx& tx) { return service->passkeys(call, tx); });
    router.writes("DELETE", "/api/v1/passkeys/{id}", "removePasskey", Access::citizen(),
                  [service](Call& call, db::WriteTx& tx) { return service->remove_passkey(call, tx); });

    router.acts("POST", "/api/v1/staff/login", "loginStaff", anyone,
                [service](Call& call, StaffLogin body) { return service->staff_login(call, std::move(body)); });
    router.acts("POST", "/api/v1/staff/login/passkey", "loginStaffWithPasskey", anyone,
                [service](Call& call, StaffPasskey body) { return service->staff_passkey(call, std::move(body)); });
    router.acts(
        "POST", "/api/v1/staff/login/passkey-setup", "setUpStaffPasskey", anyone,
        [service](Call& call, StaffPasskeySetup body) { return service->staff_passkey_setup(call, std::move(body)); });
}

} // namespace musubi::sign_in
