#include "base/encoding.h"
#include "lib/crypto/digest.h"
#include "lib/japanese/normalize.h"
#include "services/card_registration/service.h"
#include "services/card_registration/terms.h"

namespace musubi::card_registration {

outbox::Mail Service::mail(std::string to, std::string template_name, std::string language) const {
    outbox::Mail out;
    out.to = std::move(to);
    out.template_name = std::move(template_name);
    out.parameters.emplace_back("city", m_settings.site.name_in(language));
    out.language = std::move(language);
    return out;
}

// A known and an unknown address get the same answer after the same work: one mail each.
Answer<Started> Service::start(http::Call& call, db::WriteTx& tx, Start body) {
    if (!base::parse_language(body.language)) {
        auto refused = base::invalid("request.fields-invalid");
        refused.fields.push_back({"/language", "malformed"});
        co_return refused;
    }
    call.set_status(202);
    // One mail a minute to one address, however often the button is pressed.
    const auto minute = std::to_string(call.now.seconds() / 60);
    const auto once = base::hex_encode(crypto::sha256(japanese::normal_email(body.email))) + ":" + minute;
    const auto known = co_await identity::find_by_email(tx, body.email);
    outbox::Mail message = mail(body.email, known ? "account-exists" : "registration-link", body.language);
    message.key = "registration-start:" + once;
    if (known) {
        message.parameters.emplace_back("link", m_settings.site.public_url + "/login");
    } else {
        const auto begun =
            co_await enrolment::begin(tx, m_parts.random, m_settings.enrolment, body.email, body.language, call.now);
        const auto hours = std::chrono::duration_cast<std::chrono::hours>(m_settings.enrolment.link_lifetime).count();
        message.parameters.emplace_back("link",
                                        m_settings.site.public_url + "/start/r/" + std::string(begun.token.reveal()));
        message.parameters.emplace_back("hours", std::to_string(hours));
        call.audit.object = "registration " + begun.registration.id.to_string();
    }
    co_await m_parts.outbox.mail(tx, message, call.now);
    co_return Started{std::move(body.email)};
}

Answer<RegistrationView> Service::resume(http::Call& call, db::WriteTx& tx, Resume body) {
    MUSUBI_CO_TRY(const Registration registration,
                  co_await enrolment::resume(tx, m_settings.enrolment, body.token.reveal(), call.now));
    enrolment::set_registration_cookie(call, body.token.reveal(), registration);
    call.audit.object = "registration " + registration.id.to_string();
    co_return enrolment::view(registration);
}

Answer<RegistrationView> Service::show(http::Call& call, db::ReadTx& tx) {
    MUSUBI_CO_TRY(const Registration registration, co_await enrolment::load(tx, call.request, call.now));
    co_return enrolment::view(registration);
}

Answer<TermsText> Service::terms(http::Call& call, db::ReadTx&) {
    auto language = call.language;
    if (const auto asked = call.request.query_value("language"))
        language = base::parse_language(*asked).value_or(language);
    co_return terms_text(m_settings.site, m_settings.closing_days, language);
}

Answer<RegistrationView> Service::agree(http::Call& call, db::WriteTx& tx, Terms body) {
    MUSUBI_CO_TRY(Registration registration, co_await enrolment::load(tx, call.request, call.now));
    if (body.version != kTermsVersion)
        co_return base::conflict("registration.terms-outdated").with("version", std::string(kTermsVersion));
    call.audit.object = "registration " + registration.id.to_string() + " terms " + body.version;
    if (registration.step != Step::Terms && registration.terms_version == body.version)
        co_return enrolment::view(registration);
    MUSUBI_CO_CHECK(enrolment::require_step(registration, {Step::Terms}));
    registration.terms_version = body.version;
    registration.step = Step::Way;
    MUSUBI_CO_CHECK(co_await enrolment::save(tx, m_settings.enrolment, registration, call.now));
    co_return enrolment::view(registration);
}

Answer<RegistrationView> Service::choose_way(http::Call& call, db::WriteTx& tx, ChooseWay body) {
    using enrolment::Way;
    MUSUBI_CO_TRY(Registration registration, co_await enrolment::load(tx, call.request, call.now));
    call.audit.object = "registration " + registration.id.to_string();
    MUSUBI_CO_CHECK(enrolment::require_step(registration, {Step::Way, Step::Card, Step::Check, Step::Letter,
                                                           Step::LetterWaiting, Step::Company, Step::CompanyWaiting}));
    const bool by_card = body.way == Way::CardReader || body.way == Way::Phone;
    const Step first = by_card ? Step::Card : body.way == Way::Letter ? Step::Letter : Step::Company;
    const bool under_way = registration.step != Step::Way && registration.way == body.way;
    if (under_way) co_return enrolment::view(registration);
    registration.way = body.way;
    registration.step = first;
    // What another way proved or claimed does not count on this one.
    registration.attributes.reset();
    registration.resident.reset();
    registration.card.reset();
    MUSUBI_CO_CHECK(co_await enrolment::save(tx, m_settings.enrolment, registration, call.now));
    co_return enrolment::view(registration);
}

Answer<RegistrationView> Service::confirm(http::Call& call, db::WriteTx& tx) {
    MUSUBI_CO_TRY(Registration registration, co_await enrolment::load(tx, call.request, call.now));
    call.audit.object = "registration " + registration.id.to_string();
    if (registration.step == Step::Contact || registration.step == Step::Passcode)
        co_return enrolment::view(registration);
    MUSUBI_CO_CHECK(enrolment::require_step(registration, {Step::Check}));
    registration.step = Step::Contact;
    MUSUBI_CO_CHECK(co_await enrolment::save(tx, m_settings.enrolment, registration, call.now));
    co_return enrolment::view(registration);
}

base::Task<base::Result<Registration>> Service::load(http::Call& call) {
    return m_parts.database.read([&call](db::ReadTx& tx) { return enrolment::load(tx, call.request, call.now); });
}

} // namespace musubi::card_registration
