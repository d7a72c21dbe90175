#include "core/identity/tries.h"
#include "lib/crypto/password.h"
#include "services/account/service.h"

namespace musubi::account {
namespace {

constexpr std::string_view kEmailCode = "email-change";
constexpr identity::TryRule kMails{10, std::chrono::hours(1)};

base::Error gone() { return base::not_found("person.not-found"); }

std::string status_of(const identity::Certificate& certificate, base::Instant now) {
    if (certificate.status == identity::CertificateStatus::Revoked) return "revoked";
    if (certificate.status == identity::CertificateStatus::Superseded) return "superseded";
    return certificate.not_after < now ? "expired" : "active";
}

} // namespace

base::Task<std::optional<Me>> read_me(db::ReadTx& tx, base::PersonId id, base::Instant now) {
    const auto person = co_await identity::find_person(tx, id);
    if (!person) co_return std::nullopt;
    Me me{PersonView{person->id.to_string(), person->name, person->kana, person->birth_date, person->sex,
                     person->address, person->source, person->certified_at},
          person->email,
          person->telephone,
          person->has_password,
          person->language,
          {},
          std::nullopt};
    for (const identity::Certificate& certificate : co_await identity::certificates_of(tx, id)) {
        const size_t tail = certificate.serial.size() > 4 ? certificate.serial.size() - 4 : 0;
        me.certificates.push_back(
            {certificate.type, certificate.serial.substr(tail), certificate.not_after, status_of(certificate, now)});
    }
    if (person->closed_at && person->erase_at) me.closing = ClosingView{*person->closed_at, *person->erase_at};
    co_return me;
}

base::Task<> Service::tell(db::WriteTx& tx, const identity::Person& person, std::string template_name,
                           std::vector<std::pair<std::string, std::string>> parameters, base::Instant now) {
    if (!person.email) co_return;
    outbox::Mail mail;
    mail.to = *person.email;
    mail.template_name = std::move(template_name);
    mail.language = person.language;
    mail.parameters = std::move(parameters);
    mail.parameters.emplace_back("city", m_settings.site.name_in(person.language));
    mail.parameters.emplace_back("telephone", m_settings.site.telephone);
    co_await m_parts.outbox.mail(tx, mail, now);
}

Answer<Me> Service::me(http::Call& call, db::ReadTx& tx) {
    auto me = co_await read_me(tx, call.person(), call.now);
    if (!me) co_return gone();
    co_return std::move(*me);
}

Answer<Me> Service::change(http::Call& call, db::WriteTx& tx, Change body) {
    if (body.language && !base::parse_language(*body.language)) {
        auto refused = base::invalid("request.fields-invalid");
        refused.fields.push_back({"/language", "malformed"});
        co_return refused;
    }
    const identity::ContactChange change{body.telephone, body.language};
    const base::PersonId id = call.person();
    co_await identity::change_contact(tx, id, change);
    call.audit.object = std::string(body.telephone ? "telephone " : "") + (body.language ? "language" : "");
    auto me = co_await read_me(tx, id, call.now);
    if (!me) co_return gone();
    co_return std::move(*me);
}

Answer<base::Unit> Service::change_password(http::Call& call, ChangePassword body) {
    const base::PersonId id = call.person();
    const auto before =
        co_await m_parts.database.read([&](db::ReadTx& tx) { return identity::password_hash_of(tx, id); });
    if (before) {
        if (!body.current) co_return base::error(base::ErrorKind::Forbidden, "account.password-needed");
        const std::string subject = id.to_string();
        MUSUBI_CO_CHECK(co_await m_parts.database.write([&](db::WriteTx& tx) {
            return identity::begin_try(tx, "change-password", subject, identity::TryRule(), call.now);
        }));
        const base::Secret& current = *body.current;
        const std::string& hash = *before;
        const bool right = co_await m_parts.pool.run([&] { return crypto::verify_password(hash, current); });
        if (!right) co_return base::error(base::ErrorKind::Forbidden, "account.password-wrong");
    }
    const base::Secret& fresh = body.fresh;
    const std::string hash = co_await m_parts.pool.run([&] { return crypto::hash_password(fresh); });
    co_await m_parts.database.write([&](db::WriteTx& tx) -> base::Task<> {
        const std::string subject = id.to_string();
        co_await identity::change_password(tx, id, hash);
        co_await identity::forget_tries(tx, "change-password", subject);
        // Whoever knew the old password is signed out everywhere else.
        std::optional<identity::SessionId> here;
        if (auto current = identity::SessionId::parse(call.principal.session_id)) here = *current;
        co_await identity::end_sessions(tx, subject, here);
        if (const auto person = co_await identity::find_person(tx, id)) {
            std::vector<std::pair<std::string, std::string>> nothing;
            co_await tell(tx, *person, "password-changed", nothing, call.now);
        }
        co_await m_parts.audit.record(tx, call, "changePassword");
    });
    co_return base::Unit{};
}

Answer<Sent> Service::change_email(http::Call& call, db::WriteTx& tx, ChangeEmail body) {
    const base::PersonId id = call.person();
    const std::string subject = id.to_string();
    const auto person = co_await identity::find_person(tx, id);
    if (!person) co_return gone();
    call.set_status(202);
    const auto code = co_await identity::make_code(tx, m_parts.codes, m_parts.random, kEmailCode, subject, body.email,
                                                   m_settings.code, call.now);
    if (!code) co_return Sent{}; // one was sent a moment ago
    MUSUBI_CO_CHECK(co_await identity::begin_try(tx, "email-change", subject, kMails, call.now));
    const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(m_settings.code.lifetime).count();
    outbox::Mail mail;
    mail.to = body.email;
    mail.template_name = "email-code";
    mail.language = person->language;
    mail.parameters.emplace_back("city", m_settings.site.name_in(person->language));
    mail.parameters.emplace_back("code", std::string(code->reveal()));
    mail.parameters.emplace_back("minutes", std::to_string(minutes));
    co_await m_parts.outbox.mail(tx, mail, call.now);
    co_return Sent{};
}

Answer<Me> Service::confirm_email(http::Call& call, ConfirmEmail body) {
    const base::PersonId id = call.person();
    const std::string subject = id.to_string();
    const auto check = co_await m_parts.database.write([&](db::WriteTx& tx) {
        return identity::check_code(tx, m_parts.codes, kEmailCode, subject, body.code, call.now);
    });
    if (check.outcome == identity::CodeOutcome::Expired)
        co_return base::error(base::ErrorKind::Gone, "account.code-expired");
    if (check.outcome == identity::CodeOutcome::Wrong)
        co_return base::error(base::ErrorKind::Forbidden, "account.code-wrong")
            .with("triesLeft", std::to_string(check.tries_left));
    co_return co_await m_parts.database.write([&](db::WriteTx& tx) -> Answer<Me> {
        const auto before = co_await identity::find_person(tx, id);
        if (!before) co_return gone();
        if (!co_await identity::change_email(tx, id, check.payload)) co_return base::conflict("account.email-taken");
        if (before->email && *before->email != check.payload) {
            std::vector<std::pair<std::string, std::string>> nothing;
            co_await tell(tx, *before, "email-changed", nothing, call.now);
        }
        call.audit.object = "email";
        co_await m_parts.audit.record(tx, call, "confirmEmail");
        auto me = co_await read_me(tx, id, call.now);
        co_return std::move(*me);
    });
}

Answer<SessionList> Service::sessions(http::Call& call, db::ReadTx& tx) {
    SessionList list;
    const std::string subject = call.principal.subject;
    for (const identity::Session& session :
         co_await identity::sessions_of(tx, m_settings.sessions, subject, call.now)) {
        const std::string id = session.id.to_string();
        list.items.push_back({id, id == call.principal.session_id, session.signed_in_at, session.last_seen_at,
                              session.device, session.assurance});
    }
    co_return list;
}

Answer<base::Unit> Service::end_session(http::Call& call, db::WriteTx& tx) {
    MUSUBI_CO_TRY(const auto id, call.path<identity::SessionId>("id"));
    call.audit.object = "session " + id.to_string();
    if (!co_await identity::end_session(tx, call.principal.subject, id))
        co_return base::not_found("account.session-not-found");
    co_return base::Unit{};
}

Answer<base::Unit> Service::end_others(http::Call& call, db::WriteTx& tx) {
    std::optional<identity::SessionId> here;
    if (auto current = identity::SessionId::parse(call.principal.session_id)) here = *current;
    const int64_t ended = co_await identity::end_sessions(tx, call.principal.subject, here);
    call.audit.object = std::to_string(ended) + " sessions";
    co_return base::Unit{};
}

Answer<identity::SeenList> Service::seen(http::Call& call, db::ReadTx& tx) {
    return identity::seen_of(tx, call.person(), call.request.query_value("before"));
}

} // namespace musubi::account
