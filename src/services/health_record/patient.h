// The person as a FHIR Patient (JP_Patient of JP Core). Made when asked for, so that it is never older than the person.
#pragma once

#include "core/identity/person.h"
#include "core/records/records.h"

namespace musubi::health_record {

records::Resource patient_of(const identity::Person& person);

} // namespace musubi::health_record
