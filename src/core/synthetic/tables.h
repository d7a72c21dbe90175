// Private to core/synthetic: the tables of data/, read once.
#pragma once

#include "base/time.h"
#include "core/residents/residents.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace musubi::synthetic {

extern const std::string_view kCheckupItems;
extern const std::string_view kVaccinations;

/// One value of a quantity for men and women.
template <class T> struct BySex {
    T male{};
    T female{};
    const T& of(residents::Sex sex) const { return sex == residents::Sex::Male ? male : female; }
};

/// How one item of a checkup is distributed: mean at age 45 and change per year of age, spread between persons, noise
/// between the years of one person, and how strongly it follows the person's general metabolic load.
struct CheckupItem {
    std::string key, jlac10, name, ucum, unit;
    int decimals = 0;
    BySex<std::optional<std::string>> low, high; // limits of the reference range, inclusive, as printed
    BySex<double> mean, per_year;
    double spread = 0, noise = 0, load = 0, least = 0, most = 0;
};
const std::vector<CheckupItem>& checkup_items();

struct Vaccination {
    std::string vaccine, name;
    int dose = 1;
    int age_months = 0;
    std::optional<base::CivilDate> born_from, born_before;
    std::string sex; // empty: both
    double probability = 0;
};
const std::vector<Vaccination>& vaccinations();

} // namespace musubi::synthetic
