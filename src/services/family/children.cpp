#include "services/family/children.h"

#include "core/records/deliveries.h"

#include <algorithm>

namespace musubi::family {
namespace {

MemberView member_of(const identity::Person& person, RelationView relation, int64_t mark) {
    return {person.id.to_string(), person.name, person.kana, person.birth_date, relation, mark};
}

bool contains(const std::vector<std::string>& all, const std::string& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
}

/// Children of the caller's own household by the register who are not yet theirs here. A household shows parenthood
/// only where the register's relations do: head or spouse on one side, child on the other.
base::Task<std::vector<residents::Resident>> children_in_household(const Dependencies& dependencies, db::ReadTx& tx,
                                                                   base::PersonId caller, base::CivilDate today) {
    std::vector<residents::Resident> out;
    const auto guardian = co_await identity::find_person(tx, caller);
    if (!guardian || !guardian->resident) co_return out;
    const Rules& rules = dependencies.rules;
    if (base::age_on(guardian->birth_date, today) < rules.of_age) co_return out;
    const auto own = co_await residents::find(tx, *guardian->resident);
    if (!own || own->standing != residents::Standing::Resident) co_return out;
    if (!contains(rules.parent_relations, own->relation)) co_return out;

    const auto mine = co_await identity::children_of(tx, caller, today);
    const auto household = co_await residents::household_members(tx, own->household);
    for (const residents::Resident& member : household) {
        if (!contains(rules.child_relations, member.relation)) continue;
        if (base::age_on(member.birth_date, today) >= rules.child_below_age) continue;
        const bool known = std::any_of(mine.begin(), mine.end(),
                                       [&](const identity::Person& child) { return child.resident == member.id; });
        if (!known) out.push_back(member);
    }
    co_return out;
}

} // namespace

base::Task<base::Result<MemberList>> members(http::Call& call, db::ReadTx& tx) {
    const auto self = co_await identity::find_person(tx, call.person());
    if (!self) co_return base::not_found("person.not-found");
    MemberList list;
    list.items.push_back(member_of(*self, RelationView::Self, 1));
    const auto children = co_await identity::children_of(tx, self->id, base::date_in_japan(call.now));
    int64_t place = 0;
    for (const identity::Person& child : children)
        list.items.push_back(member_of(child, RelationView::Child, 2 + place++ % 4));
    co_return list;
}

base::Task<base::Result<CandidateList>> candidates(const Dependencies& dependencies, http::Call& call, db::ReadTx& tx) {
    const auto found = co_await children_in_household(dependencies, tx, call.person(), base::date_in_japan(call.now));
    CandidateList list;
    for (const residents::Resident& child : found)
        list.items.push_back({child.id.to_string(), child.name, child.kana, child.birth_date});
    co_return list;
}

base::Task<base::Result<MemberView>> register_child(const Dependencies& dependencies, http::Call& call, db::WriteTx& tx,
                                                    ChildBody body) {
    const auto found = co_await children_in_household(dependencies, tx, call.person(), base::date_in_japan(call.now));
    const auto child = std::find_if(found.begin(), found.end(),
                                    [&](const residents::Resident& one) { return one.id == body.resident; });
    // Also for a resident who exists elsewhere: nobody learns who does.
    if (child == found.end()) co_return base::not_found("family.not-a-candidate");
    MUSUBI_CO_TRY(const identity::Person person,
                  co_await give_guardian(dependencies, tx, *child, call.person(), identity::GuardianshipBasis::Register,
                                         call.now));
    call.audit.person = person.id;
    const auto children = co_await identity::children_of(tx, call.person(), base::date_in_japan(call.now));
    const auto place = std::find_if(children.begin(), children.end(),
                                    [&](const identity::Person& one) { return one.id == person.id; });
    call.set_status(201);
    co_return member_of(person, RelationView::Child, 2 + (place - children.begin()) % 4);
}

base::Task<base::Result<identity::Person>> give_guardian(const Dependencies& dependencies, db::WriteTx& tx,
                                                         residents::Resident child, base::PersonId guardian,
                                                         identity::GuardianshipBasis basis, base::Instant now) {
    const base::CivilDate until = acts_until(dependencies.rules, child.birth_date);
    if (until <= base::date_in_japan(now)) co_return base::conflict("family.of-age");
    auto person = co_await identity::find_by_resident(tx, child.id);
    if (!person) {
        identity::NewPerson fresh{.name = child.name, .birth_date = child.birth_date};
        fresh.kana = child.kana;
        fresh.sex = child.sex;
        fresh.address = child.address;
        fresh.source = identity::Source::Register;
        fresh.resident = child.id;
        auto made = co_await identity::create_person(tx, dependencies.random, fresh, now);
        if (!made) co_return std::move(made).error();
        person = std::move(*made);
        MUSUBI_CO_CHECK(co_await records::adopt(tx, dependencies.random, child.id, person->id, now));
    }
    if (person->id == guardian) co_return base::conflict("family.own-guardian");
    const identity::Guardianship guardianship{guardian, person->id, basis, now, until};
    co_await identity::add_guardianship(tx, guardianship);
    co_return std::move(*person);
}

} // namespace musubi::family
