#include "core/identity/guardianship.h"

#include "core/identity/person_columns.h"

namespace musubi::identity {
namespace {

constexpr db::Query kAdd{"identity.add_guardianship",
                         "INSERT INTO identity_guardianship (guardian_id, child_id, basis, since, until)"
                         " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (guardian_id, child_id)"
                         " DO UPDATE SET ended_at = NULL, basis = excluded.basis"
                         " WHERE identity_guardianship.ended_at IS NOT NULL"};
constexpr db::Query kEnd{"identity.end_guardianship", "UPDATE identity_guardianship SET ended_at = $3"
                                                      " WHERE guardian_id = $1 AND child_id = $2 AND ended_at IS NULL"};
constexpr db::Query kChildren{"identity.children_of", MUSUBI_PERSON_COLUMNS
                              " WHERE id IN (SELECT child_id FROM identity_guardianship WHERE guardian_id = $1"
                              " AND ended_at IS NULL AND until > $2) AND erased_at IS NULL ORDER BY birth_date, id"};
constexpr db::Query kGuardians{"identity.guardians_of",
                               "SELECT guardian_id FROM identity_guardianship"
                               " WHERE child_id = $1 AND ended_at IS NULL AND until > $2 ORDER BY guardian_id"};
constexpr db::Query kMayAct{"identity.may_act", "SELECT 1 FROM identity_guardianship WHERE guardian_id = $1"
                                                " AND child_id = $2 AND ended_at IS NULL AND until > $3"};

} // namespace

Guardianship Guardianship::from(db::Reader& row) {
    return {.guardian = row, .child = row, .basis = row.get<GuardianshipBasis>(), .since = row, .until = row};
}

base::Task<> add_guardianship(db::WriteTx& tx, const Guardianship& guardianship) {
    co_await tx.run(kAdd, guardianship.guardian, guardianship.child, guardianship.basis, guardianship.since,
                    guardianship.until);
}

base::Task<> end_guardianship(db::WriteTx& tx, const base::PersonId& guardian, const base::PersonId& child,
                              base::Instant now) {
    co_await tx.run(kEnd, guardian, child, now);
}

base::Task<std::vector<Person>> children_of(db::ReadTx& tx, const base::PersonId& guardian, base::CivilDate today) {
    return tx.all<Person>(kChildren, guardian, today);
}

base::Task<std::vector<base::PersonId>> guardians_of(db::ReadTx& tx, const base::PersonId& child,
                                                     base::CivilDate today) {
    return tx.all<base::PersonId>(kGuardians, child, today);
}

base::Task<base::Result<Relation>> may_act_for(db::ReadTx& tx, const base::PersonId& caller,
                                               const base::PersonId& person, base::CivilDate today) {
    if (caller == person) co_return Relation::Self;
    const auto found = co_await tx.one<int64_t>(kMayAct, caller, person, today);
    if (!found) co_return base::not_found("person.not-found");
    co_return Relation::Child;
}

base::CivilDate comes_of_age(base::CivilDate birth) {
    // Born on 29 February, of age on 1 March of a common year.
    if (const auto birthday = base::CivilDate::of(birth.year() + 18, birth.month(), birth.day())) return *birthday;
    return *base::CivilDate::of(birth.year() + 18, 3, 1);
}

} // namespace musubi::identity
