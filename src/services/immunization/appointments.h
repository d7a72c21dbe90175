// Private to services/immunization: planned visits, and a long illness.
#pragma once

#include "base/ids.h"
#include "base/random.h"
#include "lib/db/database.h"
#include "services/immunization/engine.h"

namespace musubi::immunization {

using AppointmentId = base::Id<struct AppointmentTag>;

struct Appointment {
    base::PersonId person;
    AppointmentId id;
    CivilDate on;
    std::optional<std::string> time; // "14:30"
    std::string vaccines;            // ids, one blank between
    std::string place;
    std::optional<base::Instant> removed_at;

    static Appointment from(db::Reader&);
    std::vector<std::string> vaccine_ids() const;
};

/// Living ones on or after `from`, earliest first.
base::Task<std::vector<Appointment>> appointments_of(db::ReadTx& tx, base::PersonId person, CivilDate from);
/// Also when removed.
base::Task<std::optional<Appointment>> find_appointment(db::ReadTx& tx, base::PersonId person, AppointmentId id);
/// Adds, or replaces by id.
base::Task<> put_appointment(db::WriteTx& tx, Appointment appointment, base::Instant now);

struct LongIllnessRow {
    LongIllness illness;
    static LongIllnessRow from(db::Reader&);
};
base::Task<std::optional<LongIllnessRow>> long_illness_of(db::ReadTx& tx, base::PersonId person);
base::Task<> set_long_illness(db::WriteTx& tx, base::PersonId person, std::optional<LongIllness> illness,
                              base::Instant now);

base::Task<> erase_all(db::WriteTx& tx, base::PersonId person);

} // namespace musubi::immunization
