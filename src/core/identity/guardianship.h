// Who acts for whom: parents and other legal representatives (法定代理人) for children.
#pragma once

#include "core/identity/person.h"

namespace musubi::identity {

enum class GuardianshipBasis { Register, Staff }; // same household by the register, or confirmed by staff
constexpr auto json_names(GuardianshipBasis) {
    return std::array{std::pair{GuardianshipBasis::Register, "register"}, std::pair{GuardianshipBasis::Staff, "staff"}};
}
db::Value to_value(GuardianshipBasis basis);
GuardianshipBasis from_column(const std::string& text, GuardianshipBasis*);

struct Guardianship {
    base::PersonId guardian;
    base::PersonId child;
    GuardianshipBasis basis = GuardianshipBasis::Register;
    base::Instant since;
    base::CivilDate until; // first day it no longer holds: the day the child becomes of age (18, 民法 4 条)

    static Guardianship from(db::Reader&);
};

/// Again the same pair changes nothing.
base::Task<> add_guardianship(db::WriteTx& tx, const Guardianship& guardianship);
base::Task<> end_guardianship(db::WriteTx& tx, const base::PersonId& guardian, const base::PersonId& child,
                              base::Instant now);
/// The children, eldest first, for whom `guardian` may act on `today`.
base::Task<std::vector<Person>> children_of(db::ReadTx& tx, const base::PersonId& guardian, base::CivilDate today);
base::Task<std::vector<base::PersonId>> guardians_of(db::ReadTx& tx, const base::PersonId& child,
                                                     base::CivilDate today);

enum class Relation { Self, Child };
/// The one question every service asks before it touches a person's data on a citizen's call: the person is the caller
/// or a child the caller acts for. Anyone else's answer is NotFound "person.not-found", so that nobody learns who
/// exists.
base::Task<base::Result<Relation>> may_act_for(db::ReadTx& tx, const base::PersonId& caller,
                                               const base::PersonId& person, base::CivilDate today);

/// The 18th birthday.
base::CivilDate comes_of_age(base::CivilDate birth);

} // namespace musubi::identity
