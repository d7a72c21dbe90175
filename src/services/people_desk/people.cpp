#include "services/people_desk/people.h"

#include "core/identity/guardianship.h"
#include "core/residents/residents.h"
#include "lib/db/database.h"

namespace musubi::people_desk {
namespace {

constexpr int kMostFound = 20;
constexpr int kPage = 50;

EntryView view_of(const audit::Entry& entry) {
    EntryView view;
    view.id = entry.id.to_string();
    view.at = entry.at;
    view.actor = entry.actor_kind;
    view.who = entry.actor_name.empty() ? entry.actor : entry.actor_name;
    view.organization = entry.organization;
    view.role = entry.role;
    view.operation = entry.operation;
    view.purpose = entry.purpose;
    view.what = entry.object;
    if (entry.person) view.person = entry.person->to_string();
    return view;
}

EntryList page_of(const std::vector<audit::Entry>& entries) {
    EntryList list;
    for (const audit::Entry& entry : entries) list.items.push_back(view_of(entry));
    if (entries.size() == static_cast<size_t>(kPage)) list.next = entries.back().id.to_string();
    return list;
}

base::Result<std::optional<audit::EntryId>> before_in_query(const http::Call& call) {
    const auto text = call.request.query_value("before");
    if (!text || text->empty()) return std::optional<audit::EntryId>();
    auto id = audit::EntryId::parse(*text);
    if (!id) {
        base::Error error = base::invalid("request.fields-invalid");
        error.fields.push_back({"before", "malformed"});
        return error;
    }
    return std::optional(*id);
}

std::optional<std::string> given(const std::optional<std::string>& text) {
    return text && !text->empty() ? text : std::nullopt;
}

base::Task<base::Result<identity::Person>> person_in_path(http::Call& call, db::WriteTx& tx, std::string purpose) {
    const auto id = base::PersonId::parse(call.path_text("id"));
    if (!id) co_return base::not_found("person.not-found");
    auto person = co_await identity::find_person(tx, *id);
    if (!person) co_return base::not_found("person.not-found");
    call.audit.person = person->id;
    call.audit.purpose = std::move(purpose);
    co_return std::move(*person);
}

} // namespace

base::Task<base::Result<FoundList>> search_people(const Dependencies& dependencies, http::Call& call, db::WriteTx& tx,
                                                  SearchBody body) {
    residents::Search search;
    search.name = given(body.name);
    search.kana = given(body.kana);
    search.birth_date = body.birth_date;
    search.address = given(body.address);
    if (!search.name && !search.kana && !search.birth_date && !search.address)
        co_return base::invalid("people.nothing-to-search");
    const auto people = co_await identity::search_persons(tx, search, kMostFound);
    FoundList list;
    call.audit.purpose = body.purpose;
    for (const identity::Person& person : people) {
        list.items.push_back({person.id.to_string(), person.name, person.kana, person.birth_date, person.address});
        call.audit.person = person.id;
        co_await dependencies.audit.record(tx, call, "findPeople");
    }
    // The router's own entry is about the search itself.
    call.audit.person.reset();
    call.audit.object = std::to_string(people.size()) + " found";
    co_return list;
}

base::Task<base::Result<PersonView>> view_person(http::Call& call, db::WriteTx& tx, PurposeBody body) {
    MUSUBI_CO_TRY(const identity::Person person, co_await person_in_path(call, tx, std::move(body.purpose)));
    PersonView view{.id = person.id.to_string(),
                    .name = person.name,
                    .kana = person.kana,
                    .birth_date = person.birth_date,
                    .sex = person.sex,
                    .address = person.address,
                    .source = person.source,
                    .certified_at = person.certified_at,
                    .email = person.email,
                    .telephone = person.telephone,
                    .language = person.language,
                    .created_at = person.created_at,
                    .closed_at = person.closed_at,
                    .children = {},
                    .guardians = {}};
    const base::CivilDate today = base::date_in_japan(call.now);
    const auto children = co_await identity::children_of(tx, person.id, today);
    for (const identity::Person& child : children) view.children.push_back({child.id.to_string(), child.name});
    const auto guardians = co_await identity::guardians_of(tx, person.id, today);
    for (const base::PersonId& id : guardians) {
        const auto guardian = co_await identity::find_person(tx, id);
        if (guardian) view.guardians.push_back({id.to_string(), guardian->name});
    }
    co_return view;
}

base::Task<base::Result<EntryList>> seen_of_person(http::Call& call, db::WriteTx& tx, PurposeBody body) {
    MUSUBI_CO_TRY(const auto before, before_in_query(call));
    MUSUBI_CO_TRY(const identity::Person person, co_await person_in_path(call, tx, std::move(body.purpose)));
    const auto entries = co_await audit::list_for_person(tx, person.id, before, kPage);
    co_return page_of(entries);
}

base::Task<base::Result<EntryList>> audit_list(http::Call& call, db::WriteTx& tx) {
    MUSUBI_CO_TRY(const auto before, before_in_query(call));
    const auto entries = co_await audit::list_all(tx, before, kPage);
    co_return page_of(entries);
}

} // namespace musubi::people_desk
