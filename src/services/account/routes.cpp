#include "services/account/routes.h"

#include "services/account/messages.h"
#include "services/account/service.h"

namespace musubi::account {

std::span<const base::Message> mail_texts() { return messages::kAll; }

void install(http::Router& router, Parts parts, Settings settings) {
    using http::Access;
    using http::Call;
    const auto citizen = Access::citizen();
    const auto mailing =
        Access::citizen(http::Assurance::Letter, http::Limit::per_principal(20, std::chrono::hours(1)));
    const auto copying =
        Access::citizen(http::Assurance::Letter, http::Limit::per_principal(30, std::chrono::hours(1)));
    const auto service = std::make_shared<Service>(std::move(parts), std::move(settings));

    router.reads("GET", "/api/v1/me", "getMe", citizen,
                 [service](Call& call, db::ReadTx& tx) { return service->me(call, tx); });
    router.writes("PATCH", "/api/v1/me", "changeContact", citizen, [service](Call& call, db::WriteTx& tx, Change body) {
        return service->change(call, tx, std::move(body));
    });
    router.acts("POST", "/api/v1/me/password", "changePassword", mailing,
                [service](Call& call, ChangePassword body) { return service->change_password(call, std::move(body)); });
    router.writes("POST", "/api/v1/me/email", "changeEmail", mailing,
                  [service](Call& call, db::WriteTx& tx, ChangeEmail body) {
                      return service->change_email(call, tx, std::move(body));
                  });
    router.acts("POST", "/api/v1/me/email/confirm", "confirmEmail", citizen,
                [service](Call& call, ConfirmEmail body) { return service->confirm_email(call, std::move(body)); });
    router.reads("GET", "/api/v1/me/sessions", "listSessions", citizen,
                 [service](Call& call, db::ReadTx& tx) { return service->sessions(call, tx); });
    router.writes("DELETE", "/api/v1/me/sessions/{id}", "endSession", citizen,
                  [service](Call& call, db::WriteTx& tx) { return service->end_session(call, tx); });
    router.writes("POST", "/api/v1/me/sessions/end-others", "endOtherSessions", citizen,
                  [service](Call& call, db::WriteTx& tx) { return service->end_others(call, tx); });
    router.reads("GET", "/api/v1/me/seen", "listSeen", citizen,
                 [service](Call& call, db::ReadTx& tx) { return service->seen(call, tx); },
                 {{"before", "`next` of the page seen before"}});
    router.acts("GET", "/api/v1/me/export.json", "exportJson", copying,
                [service](Call& call) { return service->export_json(call); });
    router.acts("GET", "/api/v1/me/export.pdf", "exportPdf", copying,
                [service](Call& call) { return service->export_pdf(call); });
    router.writes("POST", "/api/v1/me/close", "closeAccount", Access::citizen(http::Assurance::Passkey),
                  [service](Call& call, db::WriteTx& tx) { return service->close(call, tx); });
    router.writes("POST", "/api/v1/me/reopen", "reopenAccount", citizen,
                  [service](Call& call, db::WriteTx& tx) { return service->reopen(call, tx); });
}

std::vector<jobs::Job> periodic_jobs(Parts parts, Settings settings) {
    const auto service = std::make_shared<Service>(std::move(parts), std::move(settings));
    jobs::Job erase;
    erase.name = "account.erase";
    erase.every = std::chrono::hours(1);
    erase.run = [service](base::Instant now) { return service->erase_due(now); };
    return {erase};
}

} // namespace musubi::account
