#include "services/health_record/access.h"

namespace musubi::health_record {

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

} // namespace musubi::health_record
