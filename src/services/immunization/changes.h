// Private to services/immunization: what a person or guardian enters.
#pragma once

#include "core/person_access/person_access.h"
#include "services/immunization/routes.h"
#include "services/immunization/showing.h"

namespace musubi::immunization {

using person_access::Subject;

Shown shown_for(const http::Call& call);

base::Task<base::Result<VaccineAppointmentView>> add_appointment(const Dependencies& to, http::Call& call,
                                                                 db::WriteTx& tx, VaccineAppointmentBody body);
base::Task<base::Result<VaccineAppointmentView>> change_appointment(http::Call& call, db::WriteTx& tx,
                                                                    VaccineAppointmentBody body);
base::Task<base::Result<base::Unit>> remove_appointment(http::Call& call, db::WriteTx& tx);
base::Task<base::Result<VaccineAppointmentView>> restore_appointment(http::Call& call, db::WriteTx& tx);

base::Task<base::Result<ReceivedDoseView>> add_dose(const Dependencies& to, http::Call& call, db::WriteTx& tx,
                                                    ReceivedDoseBody body);
base::Task<base::Result<base::Unit>> remove_dose(http::Call& call, db::WriteTx& tx);
base::Task<base::Result<base::Unit>> restore_dose(http::Call& call, db::WriteTx& tx);

base::Task<base::Result<base::Unit>> enter_long_illness(http::Call& call, db::WriteTx& tx, LongIllnessBody body);

} // namespace musubi::immunization
