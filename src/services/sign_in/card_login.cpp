#include "base/encoding.h"
#include "core/certification/decision.h"
#include "core/identity/challenge.h"
#include "lib/card_challenge/card_challenge.h"
#include "services/sign_in/service.h"

namespace musubi::sign_in {
namespace {

constexpr std::string_view kPurpose = "authenticate";
// A card lives ten years and is renewed at most every few years: a longer chain is a fault on the other side.
constexpr int kLongestChain = 5;

base::Error certificate_unknown() { return base::error(base::ErrorKind::Unauthenticated, "login.certificate-unknown"); }

} // namespace

Answer<ChallengeView> Service::card_challenge(http::Call& call, db::WriteTx& tx) {
    const auto made = co_await identity::make_challenge(tx, m_parts.random, kPurpose, "", call.now);
    co_return ChallengeView{made.id.to_string(), base::base64url_encode(made.nonce), m_settings.site.public_url,
                            std::string(kPurpose), made.expires_at};
}

Answer<SessionView> Service::card_login(http::Call& call, CardLogin body) {
    const auto challenge = co_await m_parts.database.write(
        [&](db::WriteTx& tx) { return identity::consume_challenge(tx, body.challenge_id, kPurpose, "", call.now); });
    if (!challenge) co_return base::error(base::ErrorKind::Gone, "login.challenge-expired");
    const std::string der = base::base64_decode(body.user_certificate).value_or("");
    const std::string signature = base::base64_decode(body.user_signature).value_or("");
    const auto verified = co_await m_parts.verifier.verify(der, pki::CertificateKind::UserAuthentication, call.now);
    if (!verified) {
        co_await note_refusal(call, verified.refusal(), der);
        co_return verified.refusal().error();
    }
    const std::string text = card_challenge::challenge_digest_input(
        m_settings.site.public_url, card_challenge::Purpose::Authenticate, challenge->nonce);
    const auto proof = pki::verify_signature(*verified, text, signature, call.now);
    if (!proof) {
        co_await note_refusal(call, proof.refusal(), der);
        co_return proof.refusal().error();
    }
    const identity::Certificate certificate{certification::issuer_key(verified->issuer()),
                                            verified->serial().hex(),
                                            identity::CertificateType::User,
                                            verified->not_before(),
                                            verified->not_after(),
                                            identity::CertificateStatus::Active,
                                            std::nullopt};
    MUSUBI_CO_TRY(const auto predecessor, co_await known_predecessor(certificate, verified->serial()));
    auto opened = co_await m_parts.database.write([&](db::WriteTx& tx) -> base::Task<base::Result<Opened>> {
        MUSUBI_CO_TRY(const identity::Person person, co_await owner_of(tx, certificate, predecessor, call.now));
        auto decision = certification::decision_for(*verified, person.id.to_string(), "login");
        co_await certification::record_decision(tx, m_parts.random, std::move(decision), call.now);
        co_return co_await open(call, tx, person, http::Assurance::UserCertificate, "loginWithCard",
                                when_closed(body.reopen));
    });
    if (!opened) co_return std::move(opened).error();
    identity::set_session_cookie(call, opened->session);
    co_return std::move(opened->view);
}

// For a certificate this server has not seen, asks the certification side which one it replaced, until one is known:
// a renewed card is the same person (the Individual Number is not needed for it).
base::Task<base::Result<std::optional<pki::SerialNumber>>>
Service::known_predecessor(const identity::Certificate& certificate, const pki::SerialNumber& serial) {
    std::optional<pki::SerialNumber> none;
    pki::SerialNumber current = serial;
    for (int step = 0; step <= kLongestChain; ++step) {
        const std::string text = current.hex();
        const auto owner = co_await m_parts.database.read(
            [&](db::ReadTx& tx) { return identity::find_by_certificate(tx, certificate.issuer, text); });
        if (owner && step == 0) co_return none;
        if (owner) co_return std::optional(current);
        if (step == kLongestChain) break;
        MUSUBI_CO_TRY(const auto before,
                      co_await m_parts.certification.predecessor(pki::CertificateKind::UserAuthentication, current));
        if (!before) break;
        current = *before;
    }
    co_return certificate_unknown();
}

base::Task<base::Result<identity::Person>> Service::owner_of(db::WriteTx& tx, const identity::Certificate& certificate,
                                                             const std::optional<pki::SerialNumber>& predecessor,
                                                             base::Instant now) {
    const std::string known = predecessor ? predecessor->hex() : certificate.serial;
    const auto owner = co_await identity::find_by_certificate(tx, certificate.issuer, known);
    if (!owner) co_return certificate_unknown();
    auto person = co_await identity::find_person(tx, *owner);
    if (!person) co_return certificate_unknown();
    if (predecessor) {
        identity::Certificate renewed = certificate;
        renewed.predecessor = known;
        if (!co_await identity::link_certificate(tx, person->id, renewed, now)) co_return certificate_unknown();
        audit::NewEntry entry;
        entry.person = person->id;
        entry.actor_kind = audit::ActorKind::System;
        entry.actor = "certificate-renewal";
        entry.operation = "linkRenewedCertificate";
        entry.object = "certificate " + certificate.serial + " after " + known;
        co_await audit::record(tx, m_parts.random, entry, now);
        if (person->email) {
            outbox::Mail mail;
            mail.to = *person->email;
            mail.template_name = "new-certificate";
            mail.language = person->language;
            mail.key = "new-certificate:" + certificate.issuer + ":" + certificate.serial;
            mail.parameters.emplace_back("city", m_settings.site.name_in(person->language));
            mail.parameters.emplace_back("telephone", m_settings.site.telephone);
            co_await m_parts.outbox.mail(tx, mail, now);
        }
    }
    co_return std::move(*person);
}

base::Task<> Service::note_refusal(http::Call& call, const pki::Refusal& refusal, std::string_view der) {
    std::string issuer, serial;
    // Only what the authority is proven to have issued may change what is known here.
    if (refusal.check == pki::Check::Revoked)
        if (const auto parsed = pki::parse_certificate(der)) {
            issuer = base::hex_encode(crypto::sha256(parsed->issuer));
            serial = parsed->serial.hex();
        }
    co_await m_parts.database.write([&](db::WriteTx& tx) -> base::Task<> {
        std::optional<base::PersonId> person;
        if (!serial.empty()) {
            person = co_await identity::find_by_certificate(tx, issuer, serial);
            co_await identity::mark_certificate(tx, issuer, serial, identity::CertificateStatus::Revoked);
        }
        auto decision = certification::decision_for(refusal, person ? person->to_string() : "", "login");
        co_await certification::record_decision(tx, m_parts.random, std::move(decision), call.now);
        audit::NewEntry entry;
        entry.person = person;
        entry.actor_kind = audit::ActorKind::Anonymous;
        entry.operation = "loginWithCard";
        entry.object = refusal.error().code;
        entry.request_id = call.request_id;
        co_await audit::record(tx, m_parts.random, entry, call.now);
    });
}

} // namespace musubi::sign_in
