#include "services/immunization/appointments.h"

#include <sstream>

namespace musubi::immunization {
namespace {

constexpr db::Query kList{
    "immunization.appointments",
    "SELECT person_id, id, on_day, at_time, vaccines, place, removed_at FROM immunization_appointment"
    " WHERE person_id = $1 AND on_day >= $2 AND removed_at IS NULL ORDER BY on_day, at_time, id"};
constexpr db::Query kFind{
    "immunization.appointment",
    "SELECT person_id, id, on_day, at_time, vaccines, place, removed_at FROM immunization_appointment"
    " WHERE person_id = $1 AND id = $2"};
constexpr db::Query kPut{
    "immunization.put-appointment",
    "INSERT INTO immunization_appointment (person_id, id, on_day, at_time, vaccines, place, removed_at, created_at, "
    "changed_at)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)"
    " ON CONFLICT (person_id, id) DO UPDATE SET on_day = excluded.on_day, at_time = excluded.at_time,"
    " vaccines = excluded.vaccines, place = excluded.place, removed_at = excluded.removed_at,"
    " changed_at = excluded.changed_at"};
constexpr db::Query kIllness{"immunization.long-illness",
                             "SELECT from_day, to_day FROM immunization_long_illness WHERE person_id = $1"};
constexpr db::Query kSetIllness{
    "immunization.set-long-illness",
    "INSERT INTO immunization_long_illness (person_id, from_day, to_day, changed_at) VALUES ($1, $2, $3, $4)"
    " ON CONFLICT (person_id) DO UPDATE SET from_day = excluded.from_day, to_day = excluded.to_day,"
    " changed_at = excluded.changed_at"};
constexpr db::Query kEndIllness{"immunization.end-long-illness",
                                "DELETE FROM immunization_long_illness WHERE person_id = $1"};
constexpr db::Query kEraseAppointments{"immunization.erase-appointments",
                                       "DELETE FROM immunization_appointment WHERE person_id = $1"};

} // namespace

Appointment Appointment::from(db::Reader& row) {
    return {.person = row, .id = row, .on = row, .time = row, .vaccines = row, .place = row, .removed_at = row};
}

std::vector<std::string> Appointment::vaccine_ids() const {
    std::istringstream in(vaccines);
    std::vector<std::string> ids;
    for (std::string vaccine; in >> vaccine;) ids.push_back(vaccine);
    return ids;
}

base::Task<std::vector<Appointment>> appointments_of(db::ReadTx& tx, base::PersonId person, CivilDate from) {
    auto list = co_await tx.all<Appointment>(kList, person, from);
    co_return list;
}

base::Task<std::optional<Appointment>> find_appointment(db::ReadTx& tx, base::PersonId person, AppointmentId id) {
    auto found = co_await tx.one<Appointment>(kFind, person, id);
    co_return found;
}

base::Task<> put_appointment(db::WriteTx& tx, Appointment appointment, base::Instant now) {
    co_await tx.run(kPut, appointment.person, appointment.id, appointment.on, appointment.time, appointment.vaccines,
                    appointment.place, appointment.removed_at, now);
}

LongIllnessRow LongIllnessRow::from(db::Reader& row) {
    const CivilDate begin = row;
    const std::optional<CivilDate> end = row;
    return {LongIllness{begin, end}};
}

base::Task<std::optional<LongIllnessRow>> long_illness_of(db::ReadTx& tx, base::PersonId person) {
    auto found = co_await tx.one<LongIllnessRow>(kIllness, person);
    co_return found;
}

base::Task<> set_long_illness(db::WriteTx& tx, base::PersonId person, std::optional<LongIllness> illness,
                              base::Instant now) {
    if (illness) {
        co_await tx.run(kSetIllness, person, illness->from, illness->to, now);
    } else {
        co_await tx.run(kEndIllness, person);
    }
}

base::Task<> erase_all(db::WriteTx& tx, base::PersonId person) {
    co_await tx.run(kEraseAppointments, person);
    co_await tx.run(kEndIllness, person);
}

} // namespace musubi::immunization
