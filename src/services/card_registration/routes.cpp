#include "services/card_registration/routes.h"

#include "services/card_registration/messages.h"
#include "services/card_registration/service.h"

namespace musubi::card_registration {

std::span<const base::Message> mail_texts() { return messages::kAll; }

void install(http::Router& router, Parts parts, Settings settings) {
    using http::Access;
    using http::Call;
    const auto starting = Access::anyone(settings.start_limit);
    const auto working = Access::anyone(settings.work_limit);
    const auto service = std::make_shared<Service>(parts, std::move(settings));

    router.writes(
        "POST", "/api/v1/registrations", "startRegistration", starting,
        [service](Call& call, db::WriteTx& tx, Start body) { return service->start(call, tx, std::move(body)); });
    router.writes(
        "POST", "/api/v1/registrations/resume", "resumeRegistration", working,
        [service](Call& call, db::WriteTx& tx, Resume body) { return service->resume(call, tx, std::move(body)); });
    router.reads("GET", "/api/v1/registration", "getRegistration", working,
                 [service](Call& call, db::ReadTx& tx) { return service->show(call, tx); });
    router.reads("GET", "/api/v1/terms", "getTerms", working,
                 [service](Call& call, db::ReadTx& tx) { return service->terms(call, tx); },
                 {{"language", "ja, ja-easy or en; else the language of the call"}});
    router.writes(
        "POST", "/api/v1/registration/terms", "agreeToTerms", working,
        [service](Call& call, db::WriteTx& tx, Terms body) { return service->agree(call, tx, std::move(body)); });
    router.writes(
        "POST", "/api/v1/registration/way", "chooseRegistrationWay", working,
        [service](Call& call, db::WriteTx& tx, ChooseWay body) { return service->choose_way(call, tx, body); });
    router.writes("POST", "/api/v1/registration/challenge", "makeRegistrationChallenge", working,
                  [service](Call& call, db::WriteTx& tx) { return service->challenge(call, tx); });
    router.acts("POST", "/api/v1/registration/card", "registerCard", working,
                [service](Call& call, Card body) { return service->card(call, std::move(body)); });
    router.writes("POST", "/api/v1/registration/check", "confirmAttributes", working,
                  [service](Call& call, db::WriteTx& tx) { return service->confirm(call, tx); });
    router.acts("POST", "/api/v1/registration/contact", "registerContact", working,
                [service](Call& call, Contact body) { return service->contact(call, std::move(body)); });
    router.acts("POST", "/api/v1/registration/passcode", "completeRegistration", working,
                [service](Call& call, Passcode body) { return service->passcode(call, std::move(body)); });
    router.acts("POST", "/api/v1/registration/passcode/resend", "resendRegistrationPasscode", working,
                [service](Call& call) { return service->resend(call); });
}

} // namespace musubi::card_registration
