#include "base/encoding.h"
#include "core/identity/tries.h"
#include "lib/crypto/password.h"
#include "services/sign_in/service.h"

namespace musubi::sign_in {
namespace {

constexpr std::string_view kCode = "login";
constexpr std::string_view kAttemptCookie = "musubi_login";
constexpr identity::TryRule kMails{10, std::chrono::hours(1)};

base::Error password_wrong() { return base::error(base::ErrorKind::Unauthenticated, "login.password-wrong"); }

struct Found {
    std::optional<identity::Person> person;
    std::optional<std::string> hash;
};

} // namespace

// An unknown address, one without a password and a wrong password are one answer after one hash.
Answer<Sent> Service::password_login(http::Call& call, PasswordLogin body) {
    MUSUBI_CO_CHECK(co_await m_parts.database.write([&](db::WriteTx& tx) {
        return identity::begin_try(tx, "password", body.email, identity::TryRule(), call.now);
    }));
    const auto found = co_await m_parts.database.read([&](db::ReadTx& tx) -> base::Task<Found> {
        Found out;
        out.person = co_await identity::find_by_email(tx, body.email);
        if (out.person) out.hash = co_await identity::password_hash_of(tx, out.person->id);
        co_return out;
    });
    const std::string& hash = found.hash ? *found.hash : m_dummy_hash;
    const base::Secret& password = body.password;
    const bool right = co_await m_parts.pool.run([&] { return crypto::verify_password(hash, password); });
    if (!right || !found.hash) co_return password_wrong();

    const base::Secret attempt(m_parts.random.token(32));
    const std::string subject = base::hex_encode(crypto::sha256(attempt.reveal()));
    const identity::Person& person = *found.person;
    const auto sent = co_await m_parts.database.write([&](db::WriteTx& tx) -> base::Task<base::Status> {
        co_await identity::forget_tries(tx, "password", body.email);
        MUSUBI_CO_CHECK(co_await identity::begin_try(tx, "login-passcode", person.id.to_string(), kMails, call.now));
        const std::string payload = person.id.to_string();
        const auto code = co_await identity::make_code(tx, m_parts.codes, m_parts.random, kCode, subject, payload,
                                                       m_settings.passcode, call.now);
        outbox::Mail mail;
        mail.to = *person.email;
        mail.template_name = "login-passcode";
        mail.language = person.language;
        const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(m_settings.passcode.lifetime).count();
        mail.parameters.emplace_back("city", m_settings.site.name_in(person.language));
        mail.parameters.emplace_back("code", std::string(code->reveal()));
        mail.parameters.emplace_back("minutes", std::to_string(minutes));
        co_await m_parts.outbox.mail(tx, mail, call.now);
        co_return base::success();
    });
    if (!sent) co_return sent.error();
    http::CookieOptions options;
    options.lifetime = m_settings.passcode.lifetime;
    call.set_cookie(std::string(kAttemptCookie), std::string(attempt.reveal()), options);
    call.set_status(202);
    co_return Sent{};
}

Answer<SessionView> Service::password_passcode(http::Call& call, PasswordPasscode body) {
    const auto attempt = call.request.cookie(kAttemptCookie);
    const std::string subject = base::hex_encode(crypto::sha256(attempt.value_or("")));
    const auto check = co_await m_parts.database.write([&](db::WriteTx& tx) {
        return identity::check_code(tx, m_parts.codes, kCode, subject, body.passcode, call.now);
    });
    if (check.outcome == identity::CodeOutcome::Expired)
        co_return base::error(base::ErrorKind::Gone, "login.passcode-expired");
    if (check.outcome == identity::CodeOutcome::Wrong)
        co_return base::error(base::ErrorKind::Unauthenticated, "login.passcode-wrong")
            .with("triesLeft", std::to_string(check.tries_left));
    auto opened = co_await m_parts.database.write([&](db::WriteTx& tx) -> base::Task<base::Result<Opened>> {
        auto id = base::PersonId::parse(check.payload);
        if (!id) co_return password_wrong();
        const auto person = co_await identity::find_person(tx, *id);
        if (!person) co_return password_wrong();
        co_await identity::forget_tries(tx, "login-passcode", check.payload);
        co_return co_await open(call, tx, *person, http::Assurance::Letter, "loginWithPassword",
                                when_closed(body.reopen));
    });
    if (!opened) co_return std::move(opened).error();
    identity::set_session_cookie(call, opened->session);
    co_return std::move(opened->view);
}

} // namespace musubi::sign_in
