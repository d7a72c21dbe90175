#include "services/log_proofs/routes.h"

#include "core/identity/guardianship.h"

namespace musubi::log_proofs {

struct LogView {
    std::string key;
    std::string address;
};
template <class Fields> void describe(Fields& fields, LogView& view) {
    fields("key", view.key, json::Rule{.meaning = "the log's verifier key as C2SP signed-note writes it"});
    fields("address", view.address, json::Rule{.meaning = "where its checkpoint and tiles are (C2SP tlog-tiles)"});
}

namespace {

using http::Access;
using http::Call;
template <class T> using Answer = base::Task<base::Result<T>>;

Answer<base::PersonId> person_in_path(const Call& call, db::ReadTx& tx) {
    const auto person = base::PersonId::parse(call.path_text("person"));
    if (!person) co_return base::not_found("person.not-found");
    const auto relation = co_await identity::may_act_for(tx, call.person(), *person, base::date_in_japan(call.now));
    if (!relation) co_return relation.error();
    co_return *person;
}

http::Raw file(std::string content_type, std::string name, std::string body) {
    http::Raw out;
    out.content_type = std::move(content_type);
    out.body = std::move(body);
    out.headers = {{"Content-Disposition", "attachment; filename=\"" + name + "\""}, {"Cache-Control", "no-store"}};
    return out;
}

Answer<LogView> view(const audit::Log& log) { co_return LogView{log.key().to_string(), "/log"}; }

Answer<http::Raw> proof(const Call& call, db::ReadTx& tx) {
    MUSUBI_CO_TRY(const base::PersonId person, co_await person_in_path(call, tx));
    const auto entry = audit::EntryId::parse(call.path_text("entry"));
    if (!entry) co_return base::not_found("log.entry-not-found");
    MUSUBI_CO_TRY(std::string text, co_await audit::entry_proof(tx, person, *entry));
    co_return file("text/plain; charset=utf-8", "entry-" + entry->to_string() + ".tlog-proof", std::move(text));
}

Answer<http::Raw> history(const Call& call, db::ReadTx& tx) {
    MUSUBI_CO_TRY(const base::PersonId person, co_await person_in_path(call, tx));
    MUSUBI_CO_TRY(const audit::History whole, co_await audit::history_of_person(tx, person));
    co_return file("application/json", "log-history.json", json::write(whole) + "\n");
}

} // namespace

void install(http::Router& router, const audit::Log& log) {
    const auto citizen =
        Access::citizen(http::Assurance::Letter, http::Limit::per_principal(120, std::chrono::minutes(1)));
    router.acts("GET", "/api/v1/log", "describeLog", citizen, [&log](Call&) { return view(log); });
    router.reads("GET", "/api/v1/people/{person}/log/entries/{entry}/proof", "downloadEntryProof", citizen,
                 [](Call& call, db::ReadTx& tx) { return proof(call, tx); });
    router.reads("GET", "/api/v1/people/{person}/log/history", "downloadLogHistory", citizen,
                 [](Call& call, db::ReadTx& tx) { return history(call, tx); });
}

} // namespace musubi::log_proofs
