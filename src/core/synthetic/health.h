// Synthetic health data for the demo city and for tests: what a city could hold about a resident, as FHIR resources in
// the shape its systems deliver. A function of its arguments: the same seed and resident give the same record.
// The values are invented; they follow age, sex and each other believably, and mean nothing medically.
#pragma once

#include "base/time.h"
#include "core/records/records.h"
#include "core/residents/residents.h"

#include <cstdint>
#include <string>
#include <vector>

namespace musubi::synthetic {

/// Whom the data are about. `id` is the resident's (for deliveries) or the person's id; the random draw depends on it.
struct Subject {
    std::string id;
    base::CivilDate birth_date;
    residents::Sex sex = residents::Sex::Unknown;
};

/// Whether everybody goes to every checkup, or as many as in a real city.
enum class Attendance { Believable, Always };

struct Setting {
    base::CivilDate today;
    int years = 5;
    std::string city = "見本市";
    Attendance attendance = Attendance::Believable;
};

/// Checkups (one DiagnosticReport each with its Observations) and vaccinations, as the city holds them. Every draft has
/// an id. Checkups: of infants at 4 months, 18 months and 3 years (母子保健法 12 条, 13 条), of people from 40 to 74
/// (高齢者の医療の確保に関する法律 20 条), from 75, and the city's own from 20 to 39.
std::vector<records::Draft> city_record(uint64_t seed, const Subject& subject, const Setting& setting);

/// What a person may have entered: blood pressure twice a week for three months, weight weekly, steps daily for a
/// month.
std::vector<records::Draft> home_record(uint64_t seed, const Subject& subject, const Setting& setting);

} // namespace musubi::synthetic
