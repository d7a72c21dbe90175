#include "core/person_access/person_access.h"

namespace musubi::person_access {

base::Task<base::Result<Subject>> subject_of(db::ReadTx& tx, const http::Call& call) {
    const auto person = base::PersonId::parse(call.path_text("person"));
    if (!person) co_return base::not_found("person.not-found");
    const auto relation = co_await identity::may_act_for(tx, call.person(), *person, base::date_in_japan(call.now));
    if (!relation) co_return relation.error();
    co_return Subject{*person, *relation};
}

base::Task<base::Result<identity::Person>> person_of(db::ReadTx& tx, const base::PersonId& person) {
    auto found = co_await identity::find_person(tx, person);
    if (!found) co_return base::not_found("person.not-found");
    co_return std::move(*found);
}

void note(http::Call& call, const base::PersonId& person, std::string object) {
    call.audit.person = person;
    call.audit.object = std::move(object);
}

} // namespace musubi::person_access
