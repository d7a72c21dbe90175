#include "apps/card_agent/consents.h"

#include "base/encoding.h"
#include "lib/card/errors.h"
#include "lib/card/jpki.h"
#include "lib/json/json.h"

namespace musubi::card_agent {

namespace {

using base::ErrorKind;
using card_challenge::Purpose;

base::Error gone() { return base::error(ErrorKind::Gone, "consent.gone"); }

// Failures after which the site is told at once: the person cannot mend them in this window.
bool final_for_site(const std::string& code) {
    return code == "card.pin-blocked" || code == "card.signature-certificate-missing";
}

// What the page may give as the reason for leaving.
bool reason_allowed(const std::string& code) {
    return code == "card.pin-blocked" || code == "card.signature-certificate-missing" ||
           code == "card.reader-missing" || code == "card.not-inserted" || code == "card.removed" ||
           code == "card.not-a-my-number-card" || code == "card.communication";
}

void append_bytes(std::string& out, std::string_view name, const std::string& bytes) {
    out += out.back() == '{' ? "\"" : ",\"";
    out += name;
    out += "\":\"" + base::base64_encode(bytes) + "\"";
}

base::Status check_last_try(card::Jpki& jpki, const Question& question, const Typed& typed) {
    if (typed.last_try_accepted) return base::success();
    MUSUBI_TRY(const auto user, jpki.tries_left(card::Credential::UserAuthentication));
    unsigned signature = card::kUnlimitedTries;
    if (question.purpose == Purpose::Register) {
        MUSUBI_TRY(signature, jpki.tries_left(card::Credential::Signature));
    }
    if (user == 1 || signature == 1) return base::error(ErrorKind::StepUpRequired, "consent.last-try");
    return base::success();
}

base::Result<std::string> use_card(card::Transport& transport, const Question& question, const Typed& typed) {
    MUSUBI_TRY(auto jpki, card::Jpki::open(transport));
    MUSUBI_CHECK(check_last_try(jpki, question, typed));
    const auto digest = card_challenge::challenge_digest(question.origin, question.purpose, question.nonce);
    std::string result = "\"result\":{";
    if (question.purpose == Purpose::Authenticate) {
        MUSUBI_TRY(const auto proof, card::authenticate(jpki, digest, typed.pin));
        append_bytes(result, "userCertificate", proof.certificate);
        append_bytes(result, "userSignature", proof.signature);
    } else {
        MUSUBI_TRY(const auto proof, card::read_and_sign(jpki, digest, typed.pin, typed.signature_password));
        append_bytes(result, "signatureCertificate", proof.signature.certificate);
        append_bytes(result, "signatureSignature", proof.signature.signature);
        append_bytes(result, "userCertificate", proof.user_authentication.certificate);
        append_bytes(result, "userSignature", proof.user_authentication.signature);
    }
    return result + "}";
}

} // namespace

std::string error_object(const base::Error& error) {
    std::string out = "{\"code\":";
    json::append_string(out, error.code);
    out += ",\"parameters\":{";
    for (const auto& [name, value] : error.parameters) {
        if (out.back() != '{') out += ',';
        // Public names are in camel case everywhere outside of C++.
        json::append_string(out, name == "tries_left" ? "triesLeft" : name);
        out += ':';
        json::append_string(out, value);
    }
    return out + "}}";
}

std::string error_member(const base::Error& error) { return "\"error\":" + error_object(error); }

void Consents::finish(const std::string& id, const std::string& message_tail) {
    const auto found = m_entries.find(id);
    if (found == m_entries.end()) return;
    if (const auto peer = found->second.question.peer.lock())
        peer->send("{\"id\":" + found->second.question.request_id + "," + message_tail + "}");
    m_entries.erase(found);
}

void Consents::finish_with_error(const std::string& id, const base::Error& error) { finish(id, error_member(error)); }

base::Result<std::string> Consents::ask(Question question) {
    const std::lock_guard lock(m_mutex);
    for (auto entry = m_entries.begin(); entry != m_entries.end();) {
        const auto here = entry++;
        if (here->second.question.peer.lock() == question.peer.lock())
            finish_with_error(here->first, base::error(ErrorKind::Conflict, "consent.replaced"));
    }
    if (m_entries.size() >= kMaximum) return base::error(ErrorKind::TooMany, "consent.busy");
    auto id = m_random.token(32);
    m_entries[id] = Entry{std::move(question), {}, m_clock.now()};
    return id;
}

base::Result<Consents::Page> Consents::open(const std::string& id) {
    const std::lock_guard lock(m_mutex);
    const auto found = m_entries.find(id);
    if (found == m_entries.end() || !found->second.page_token.empty()) return gone();
    found->second.page_token = m_random.token(32);
    return Page{found->second.question, found->second.page_token};
}

base::Result<Question> Consents::find(const std::string& id, std::string_view page_token) {
    const std::lock_guard lock(m_mutex);
    const auto found = m_entries.find(id);
    if (found == m_entries.end() || found->second.page_token.empty() ||
        !base::equal_in_constant_time(found->second.page_token, page_token))
        return gone();
    return found->second.question;
}

base::Status Consents::allow(const std::string& id, std::string_view page_token, const Typed& typed,
                             const std::function<base::Result<std::unique_ptr<card::Transport>>()>& open_card) {
    MUSUBI_TRY(const auto question, find(id, page_token));
    {
        const std::lock_guard lock(m_mutex);
        const auto found = m_entries.find(id);
        if (found == m_entries.end()) return gone();
        if (found->second.busy) return base::conflict("consent.busy");
        found->second.busy = true;
    }
    // The card is slow: the lock is not held meanwhile, and the question may have been taken back in between.
    auto done = [&]() -> base::Result<std::string> {
        MUSUBI_TRY(const auto transport, open_card());
        return use_card(*transport, question, typed);
    }();
    const std::lock_guard lock(m_mutex);
    const auto found = m_entries.find(id);
    if (found == m_entries.end()) return gone();
    found->second.busy = false;
    if (done) {
        finish(id, *done);
        return base::success();
    }
    if (final_for_site(done.error().code)) finish_with_error(id, done.error());
    return std::move(done).error();
}

void Consents::refuse(const std::string& id, std::string_view page_token, const std::string& reason) {
    if (!find(id, page_token)) return;
    const std::lock_guard lock(m_mutex);
    const auto found = m_entries.find(id);
    if (found == m_entries.end() || found->second.busy) return;
    finish_with_error(id, base::error(ErrorKind::Forbidden, reason_allowed(reason) ? reason : "consent.refused"));
}

void Consents::cancel(const std::shared_ptr<loopback::Peer>& peer, std::string_view code) {
    const std::lock_guard lock(m_mutex);
    for (auto entry = m_entries.begin(); entry != m_entries.end();) {
        const auto here = entry++;
        if (here->second.question.peer.lock() == peer)
            finish_with_error(here->first, base::error(ErrorKind::Conflict, std::string(code)));
    }
}

void Consents::expire() {
    const std::lock_guard lock(m_mutex);
    for (auto entry = m_entries.begin(); entry != m_entries.end();) {
        const auto here = entry++;
        const bool old = here->second.asked + kLifetime < m_clock.now();
        if ((old && !here->second.busy) || here->second.question.peer.expired())
            finish_with_error(here->first, base::error(ErrorKind::Gone, "consent.timeout"));
    }
}

} // namespace musubi::card_agent
