#include "base/encoding.h"
#include "core/certification/decision.h"
#include "core/identity/challenge.h"
#include "core/residents/residents.h"
#include "lib/card_challenge/card_challenge.h"
#include "services/card_registration/service.h"

namespace musubi::card_registration {
namespace {

constexpr std::string_view kPurpose = "register";

residents::Sex sex_of(pki::CertifiedAttributes::Sex sex) {
    using Sex = pki::CertifiedAttributes::Sex;
    if (sex == Sex::Male) return residents::Sex::Male;
    return sex == Sex::Female ? residents::Sex::Female : residents::Sex::Unknown;
}

identity::Certificate certificate_of(const pki::VerifiedCertificate& verified, identity::CertificateType type) {
    return {certification::issuer_key(verified.issuer()),
            verified.serial().hex(),
            type,
            verified.not_before(),
            verified.not_after(),
            identity::CertificateStatus::Active,
            std::nullopt};
}

} // namespace

struct Service::Verified {
    pki::VerifiedPair pair;
    identity::Certificate signature;
    identity::Certificate user;
};

Answer<ChallengeView> Service::challenge(http::Call& call, db::WriteTx& tx) {
    MUSUBI_CO_TRY(const Registration registration, co_await enrolment::load(tx, call.request, call.now));
    MUSUBI_CO_CHECK(enrolment::require_step(registration, {Step::Card, Step::Check}));
    const std::string subject = registration.id.to_string();
    call.audit.object = "registration " + subject;
    const auto made = co_await identity::make_challenge(tx, m_parts.random, kPurpose, subject, call.now);
    co_return ChallengeView{made.id.to_string(), base::base64url_encode(made.nonce), m_settings.site.public_url,
                            std::string(kPurpose), made.expires_at};
}

// The order matters: the nonce is used up first and durably, then the certificates and signatures are judged, then the
// certification side is asked, and only then is anything kept (checklist in doc/threat-model.md).
Answer<RegistrationView> Service::card(http::Call& call, Card body) {
    MUSUBI_CO_TRY(const Registration registration, co_await load(call));
    if (registration.step == Step::Done) co_return base::conflict("registration.already-completed");
    auto verified = co_await verify(call, registration, body);
    if (!verified) {
        // A repeated submit of the card that was accepted already gets the same answer.
        if (verified.error().code == "registration.challenge-expired" && registration.card) {
            const std::string der = base::base64_decode(body.user_certificate).value_or("");
            const auto known = pki::parse_certificate(der);
            if (known && known->serial.hex() == registration.card->user.serial) co_return enrolment::view(registration);
        }
        co_return std::move(verified).error();
    }
    const auto same = co_await m_parts.certification.same_holder(verified->pair.signature.certificate().serial(),
                                                                 verified->pair.user.certificate().serial());
    if (!same) co_return same.error();
    if (!*same) co_return base::conflict("registration.certificates-differ");
    co_return co_await m_parts.database.write([&](db::WriteTx& tx) { return accept_card(call, tx, *verified); });
}

base::Task<base::Result<Service::Verified>> Service::verify(http::Call& call, const Registration& registration,
                                                            const Card& body) {
    MUSUBI_CO_CHECK(enrolment::require_step(registration, {Step::Card, Step::Check, Step::Contact, Step::Passcode}));
    const std::string subject = registration.id.to_string();
    const auto challenge = co_await m_parts.database.write([&](db::WriteTx& tx) {
        return identity::consume_challenge(tx, body.challenge_id, kPurpose, subject, call.now);
    });
    if (!challenge) co_return base::error(base::ErrorKind::Gone, "registration.challenge-expired");
    const std::string signature_certificate = base::base64_decode(body.signature_certificate).value_or("");
    const std::string signature_signature = base::base64_decode(body.signature_signature).value_or("");
    const std::string user_certificate = base::base64_decode(body.user_certificate).value_or("");
    const std::string user_signature = base::base64_decode(body.user_signature).value_or("");
    const std::string text = card_challenge::challenge_digest_input(
        m_settings.site.public_url, card_challenge::Purpose::Register, challenge->nonce);
    const pki::SignedPair signed_pair{signature_certificate, signature_signature, user_certificate, user_signature};
    auto pair = co_await pki::verify_pair(m_parts.verifier, signed_pair, text, call.now);
    if (!pair) {
        co_await note_refusal(call, registration, pair.refusal());
        co_return pair.refusal().error();
    }
    const auto signature = certificate_of(pair->signature.certificate(), identity::CertificateType::Signature);
    const auto user = certificate_of(pair->user.certificate(), identity::CertificateType::User);
    co_return Verified{std::move(*std::move(pair)), signature, user};
}

base::Task<base::Result<RegistrationView>> Service::accept_card(http::Call& call, db::WriteTx& tx,
                                                                const Verified& verified) {
    MUSUBI_CO_TRY(Registration registration, co_await enrolment::load(tx, call.request, call.now));
    MUSUBI_CO_CHECK(enrolment::require_step(registration, {Step::Card, Step::Check, Step::Contact, Step::Passcode}));
    const std::string subject = registration.id.to_string();
    for (const pki::VerifiedSignature* part : {&verified.pair.signature, &verified.pair.user}) {
        auto decision = certification::decision_for(part->certificate(), subject, "registration");
        co_await certification::record_decision(tx, m_parts.random, std::move(decision), call.now);
    }
    for (const identity::Certificate* certificate : {&verified.signature, &verified.user})
        if (co_await identity::find_by_certificate(tx, certificate->issuer, certificate->serial))
            co_return base::conflict("registration.already-registered");
    const pki::CertifiedAttributes& certified = *verified.pair.signature.certificate().attributes();
    const residents::Attributes wanted{certified.name,       certified.name_substitutes,
                                       certified.address,    certified.address_substitutes,
                                       certified.birth_date, sex_of(certified.sex)};
    const auto found = co_await residents::find_by_attributes(tx, wanted);
    if (found.empty()) co_return base::forbidden("registration.not-a-resident");
    // Two people of one name, birth date and address: only the office can tell them apart.
    if (found.size() > 1) co_return base::conflict("registration.ambiguous");
    if (co_await identity::find_by_resident(tx, found[0].id))
        co_return base::conflict("registration.already-registered");
    registration.attributes = enrolment::Attributes{certified.name,       certified.name_has_substitutes(),
                                                    found[0].kana,        certified.address,
                                                    certified.birth_date, wanted.sex};
    registration.resident = found[0].id;
    registration.card = enrolment::CardEvidence{verified.signature, verified.user};
    registration.step = Step::Check;
    MUSUBI_CO_CHECK(co_await enrolment::save(tx, m_settings.enrolment, registration, call.now));
    call.audit.object = "registration " + subject;
    co_await m_parts.audit.record(tx, call, "registerCard");
    co_return enrolment::view(registration);
}

base::Task<> Service::note_refusal(http::Call& call, const Registration& registration, const pki::Refusal& refusal) {
    const std::string subject = registration.id.to_string();
    call.audit.object = "registration " + subject + " " + refusal.error().code;
    co_await m_parts.database.write([&](db::WriteTx& tx) -> base::Task<> {
        auto decision = certification::decision_for(refusal, subject, "registration");
        co_await certification::record_decision(tx, m_parts.random, std::move(decision), call.now);
        co_await m_parts.audit.record(tx, call, "registerCard");
    });
}

} // namespace musubi::card_registration
