#include "core/identity/tries.h"
#include "lib/crypto/password.h"
#include "services/card_registration/service.h"

namespace musubi::card_registration {
namespace {

constexpr std::string_view kCode = "registration";
// So many codes a day for one registration: with five tries each, guessing stays hopeless.
constexpr identity::TryRule kMails{12, std::chrono::hours(24)};

} // namespace

base::Task<base::Status> Service::send_passcode(http::Call& call, db::WriteTx& tx, const Registration& registration) {
    const std::string subject = registration.id.to_string();
    auto code = co_await identity::make_code(tx, m_parts.codes, m_parts.random, kCode, subject, "", m_settings.passcode,
                                             call.now);
    if (!code) co_return base::success(); // one was sent a moment ago
    MUSUBI_CO_CHECK(co_await identity::begin_try(tx, "registration-passcode", subject, kMails, call.now));
    outbox::Mail message = mail(registration.email, "registration-passcode", registration.language);
    const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(m_settings.passcode.lifetime).count();
    message.parameters.emplace_back("code", std::string(code->reveal()));
    message.parameters.emplace_back("minutes", std::to_string(minutes));
    co_await m_parts.outbox.mail(tx, message, call.now);
    co_return base::success();
}

Answer<RegistrationView> Service::contact(http::Call& call, Contact body) {
    MUSUBI_CO_TRY(const Registration before, co_await load(call));
    MUSUBI_CO_CHECK(enrolment::require_step(before, {Step::Contact, Step::Passcode}));
    std::optional<std::string> hash;
    if (body.password) {
        const base::Secret& password = *body.password;
        hash = co_await m_parts.pool.run([&password] { return crypto::hash_password(password); });
    }
    co_return co_await m_parts.database.write([&](db::WriteTx& tx) -> Answer<RegistrationView> {
        MUSUBI_CO_TRY(Registration registration, co_await enrolment::load(tx, call.request, call.now));
        MUSUBI_CO_CHECK(enrolment::require_step(registration, {Step::Contact, Step::Passcode}));
        registration.telephone = body.telephone;
        registration.password_hash = hash;
        registration.step = Step::Passcode;
        MUSUBI_CO_CHECK(co_await enrolment::save(tx, m_settings.enrolment, registration, call.now));
        MUSUBI_CO_CHECK(co_await send_passcode(call, tx, registration));
        call.audit.object = "registration " + registration.id.to_string();
        co_await m_parts.audit.record(tx, call, "registerContact");
        co_return enrolment::view(registration);
    });
}

Answer<RegistrationView> Service::resend(http::Call& call) {
    co_return co_await m_parts.database.write([&](db::WriteTx& tx) -> Answer<RegistrationView> {
        MUSUBI_CO_TRY(const Registration registration, co_await enrolment::load(tx, call.request, call.now));
        MUSUBI_CO_CHECK(enrolment::require_step(registration, {Step::Passcode}));
        MUSUBI_CO_CHECK(co_await send_passcode(call, tx, registration));
        call.audit.object = "registration " + registration.id.to_string();
        co_await m_parts.audit.record(tx, call, "resendRegistrationPasscode");
        co_return enrolment::view(registration);
    });
}

Answer<RegistrationView> Service::passcode(http::Call& call, Passcode body) {
    MUSUBI_CO_TRY(const Registration before, co_await load(call));
    if (!before.person) MUSUBI_CO_CHECK(enrolment::require_step(before, {Step::Passcode}));
    const std::string subject = before.id.to_string();
    // A try counts even if everything after it fails: its own transaction.
    const auto check = co_await m_parts.database.write([&](db::WriteTx& tx) {
        return identity::check_code(tx, m_parts.codes, kCode, subject, body.passcode, call.now);
    });
    if (check.outcome == identity::CodeOutcome::Expired) {
        if (before.person) co_return base::conflict("registration.already-completed");
        co_return base::error(base::ErrorKind::Gone, "registration.passcode-expired");
    }
    if (check.outcome == identity::CodeOutcome::Wrong)
        co_return base::error(base::ErrorKind::Unauthenticated, "registration.passcode-wrong")
            .with("triesLeft", std::to_string(check.tries_left));
    const std::string device = identity::describe_device(call.request.header("User-Agent"));
    auto done =
        co_await m_parts.database.write([&](db::WriteTx& tx) -> base::Task<base::Result<enrolment::Completion>> {
            MUSUBI_CO_TRY(Registration registration, co_await enrolment::load(tx, call.request, call.now));
            const bool by_company = registration.way == enrolment::Way::Company;
            const bool first = !registration.person;
            MUSUBI_CO_TRY(auto completion,
                          co_await enrolment::complete(tx, m_parts.random, m_settings.sessions, registration,
                                                       by_company ? identity::Source::Company : identity::Source::Card,
                                                       by_company ? http::Assurance::Letter
                                                                  : http::Assurance::SignatureCertificate,
                                                       device, call.now));
            call.audit.person = completion.person.id;
            call.audit.object = "registration " + registration.id.to_string();
            co_await m_parts.audit.record(tx, call, "completeRegistration");
            if (first) {
                outbox::Mail message = mail(registration.email, "registration-done", registration.language);
                message.key = "registration-done:" + registration.id.to_string();
                message.parameters.emplace_back("link", m_settings.site.public_url + "/");
                message.parameters.emplace_back("telephone", m_settings.site.telephone);
                co_await m_parts.outbox.mail(tx, message, call.now);
            }
            co_return completion;
        });
    if (!done) co_return std::move(done).error();
    identity::set_session_cookie(call, done->session);
    MUSUBI_CO_TRY(const Registration after, co_await load(call));
    co_return enrolment::view(after);
}

} // namespace musubi::card_registration
