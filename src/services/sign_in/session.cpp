#include "services/sign_in/service.h"

#include "lib/crypto/password.h"

namespace musubi::sign_in {

Service::Service(Parts parts, Settings settings)
    : m_parts(parts), m_settings(std::move(settings)),
      m_dummy_hash(crypto::hash_password(base::Secret(parts.random.token(16)))) {}

SessionView Service::empty_view() const {
    const identity::Site& site = m_settings.site;
    SessionView view;
    view.kind = "anonymous";
    view.demo = site.demo;
    view.municipality = {site.municipality_code, site.name, site.name_english, site.telephone, site.hours};
    return view;
}

Answer<SessionView> Service::session(http::Call& call, db::ReadTx& tx) {
    SessionView view = empty_view();
    const http::Principal& principal = call.principal;
    view.assurance = principal.assurance;
    if (auto id = identity::SessionId::parse(principal.session_id))
        if (const auto session = co_await identity::find_session(tx, *id)) view.signed_in_at = session->signed_in_at;
    if (principal.kind == http::PrincipalKind::Citizen) {
        const auto person = co_await identity::find_person(tx, call.person());
        if (!person) co_return empty_view();
        view.kind = "citizen";
        view.person = PersonView{person->id.to_string(), person->name, person->kana};
    } else if (principal.kind == http::PrincipalKind::Staff) {
        const auto staff = co_await identity::find_staff(tx, call.staff());
        if (!staff) co_return empty_view();
        view.kind = "staff";
        view.staff = StaffView{staff->id.to_string(), staff->name, principal.permissions};
    }
    co_return view;
}

Answer<base::Unit> Service::logout(http::Call& call, db::WriteTx& tx) {
    if (auto id = identity::SessionId::parse(call.principal.session_id))
        co_await identity::end_session(tx, call.principal.subject, *id);
    identity::clear_session_cookie(call);
    co_return base::Unit{};
}

base::Task<base::Result<Service::Opened>> Service::open(http::Call& call, db::WriteTx& tx,
                                                        const identity::Person& person, http::Assurance assurance,
                                                        std::string_view operation, WhenClosed when_closed) {
    const std::string subject = person.id.to_string();
    if (person.closed_at) {
        if (when_closed == WhenClosed::Refuse)
            co_return base::error(base::ErrorKind::Gone, "login.account-closed")
                .with("eraseAt", person.erase_at ? person.erase_at->to_string() : "");
        co_await identity::reopen_person(tx, person.id);
    }
    // The session this browser had before ends: signing in again must not leave an old one behind.
    if (auto before = identity::SessionId::parse(call.principal.session_id))
        co_await identity::end_session(tx, call.principal.subject, *before);
    const std::string device = identity::describe_device(call.request.header("User-Agent"));
    // In two steps: g++ 12 destroys the parts of an aggregate twice when it is built around a co_await.
    auto session = co_await identity::start_session(tx, m_parts.random, m_settings.sessions, person.id, assurance,
                                                    device, call.now);
    Opened opened{std::move(session), empty_view()};
    opened.view.kind = "citizen";
    opened.view.person = PersonView{subject, person.name, person.kana};
    opened.view.assurance = assurance;
    opened.view.signed_in_at = call.now;
    audit::NewEntry entry;
    entry.person = person.id;
    entry.actor_kind = audit::ActorKind::Citizen;
    entry.actor = subject;
    entry.operation = operation;
    entry.object = person.closed_at ? "reopened" : device;
    entry.request_id = call.request_id;
    co_await audit::record(tx, m_parts.random, entry, call.now);
    co_return opened;
}

} // namespace musubi::sign_in
