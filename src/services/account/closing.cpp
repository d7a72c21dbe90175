#include "core/certification/decision.h"
#include "core/enrolment/enrolment.h"
#include "services/account/service.h"

namespace musubi::account {

Answer<Me> Service::close(http::Call& call, db::WriteTx& tx) {
    const base::PersonId id = call.person();
    const auto person = co_await identity::find_person(tx, id);
    if (!person) co_return base::not_found("person.not-found");
    if (!person->closed_at) {
        const base::Instant erase_at = call.now + m_settings.closing_grace;
        co_await identity::close_person(tx, id, call.now, erase_at);
        // This session stays, so that the page can offer to undo it; all others end.
        std::optional<identity::SessionId> here;
        if (auto current = identity::SessionId::parse(call.principal.session_id)) here = *current;
        co_await identity::end_sessions(tx, call.principal.subject, here);
        std::vector<std::pair<std::string, std::string>> parameters;
        parameters.emplace_back("date", base::date_in_japan(erase_at).to_string());
        parameters.emplace_back("link", m_settings.site.public_url + "/login");
        co_await tell(tx, *person, "account-closed", parameters, call.now);
    }
    auto me = co_await read_me(tx, id, call.now);
    co_return std::move(*me);
}

Answer<Me> Service::reopen(http::Call& call, db::WriteTx& tx) {
    const base::PersonId id = call.person();
    if (co_await identity::reopen_person(tx, id))
        if (const auto person = co_await identity::find_person(tx, id)) {
            std::vector<std::pair<std::string, std::string>> nothing;
            co_await tell(tx, *person, "account-reopened", nothing, call.now);
        }
    auto me = co_await read_me(tx, id, call.now);
    if (!me) co_return base::not_found("person.not-found");
    co_return std::move(*me);
}

// One transaction for each person: whoever is gone is gone everywhere.
base::Task<base::Status> Service::erase_due(base::Instant now) {
    const auto due =
        co_await m_parts.database.read([now](db::ReadTx& tx) { return identity::due_for_erasure(tx, now, 50); });
    for (const base::PersonId& person : due) {
        co_await m_parts.database.write([&](db::WriteTx& tx) -> base::Task<> {
            const std::string subject = person.to_string();
            for (const exporting::Eraser& erase : m_parts.erasers) co_await erase(tx, person);
            co_await enrolment::erase_of(tx, person);
            co_await certification::erase_decisions(tx, subject);
            co_await identity::erase_person(tx, person, now);
            // Services that erase on their own hear of it after the commit.
            outbox::Event event{"identity.person-erased", R"({"person":")" + subject + R"("})", subject};
            co_await m_parts.outbox.event(tx, event, now);
            audit::NewEntry entry;
            entry.person = person;
            entry.actor_kind = audit::ActorKind::System;
            entry.actor = "account.erase";
            entry.operation = "erasePerson";
            co_await audit::record(tx, m_parts.random, entry, now);
        });
    }
    co_return base::success();
}

} // namespace musubi::account
