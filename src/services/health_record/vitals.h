// Blood pressure, weight, height, head and steps that people enter themselves, next to those measured at checkups.
#pragma once

#include "core/identity/guardianship.h"
#include "services/health_record/views.h"

#include <string_view>

namespace musubi::health_record {

enum class VitalKind { BloodPressure, Weight, Height, Head, Steps };
std::optional<VitalKind> vital_kind(std::string_view name); // "blood-pressure", "weight", "height", "head", "steps"
std::string_view name_of_kind(VitalKind kind);
/// records::Resource::code of the kind's Observations.
std::string_view code_of_kind(VitalKind kind);
std::string_view unit_of_kind(VitalKind kind);

/// What is entered: numbers as text, so that "62.50" stays "62.50".
struct VitalEntry {
    std::string effective; // a day, or an instant with zone (FHIR dateTime)
    base::Instant at;
    std::optional<std::string> systolic, diastolic, pulse, value;
    std::optional<std::string> note;
};

/// Whether a value that is possible but rare was confirmed by the person.
enum class Confirmation { None, Given };

/// What is wrong with an entry, all of it. Field names as in VitalValues, or "at". Codes: missing, superfluous,
/// malformed, impossible, unlikely (unless confirmed), order (systolic not above diastolic), in-future, before-birth.
struct VitalFault {
    std::string field;
    std::string code;
};
std::vector<VitalFault> faults_of(VitalKind kind, const VitalEntry& entry, base::CivilDate birth_date,
                                  base::Instant now, Confirmation confirmation);

/// The FHIR Observation. `entered_by` is how the one who entered it stands to the person.
std::string observation_of(VitalKind kind, const VitalEntry& entry, const base::PersonId& person,
                           identity::Relation entered_by);
/// Nothing when the resource is not of this kind.
std::optional<VitalView> vital_of(VitalKind kind, const records::Resource& resource);

struct Span {
    std::optional<base::Instant> from;   // inclusive
    std::optional<base::Instant> before; // exclusive
};
/// Newest first.
base::Task<std::vector<VitalView>> vitals_of(db::ReadTx& tx, base::PersonId person, VitalKind kind, Span span,
                                             int limit = 5000);

} // namespace musubi::health_record
