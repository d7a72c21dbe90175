// Who may register a child without staff, and until when a guardian acts: data with its sources
// (rules/guardianship.csv).
#pragma once

#include "base/result.h"
#include "base/time.h"

#include <string>
#include <string_view>
#include <vector>

namespace musubi::family {

struct Rules {
    int child_below_age = 15;
    int of_age = 18;
    std::vector<std::string> parent_relations; // 続柄 of those who hold parental authority over the children below
    std::vector<std::string> child_relations;
};

extern const std::string_view kBuiltInRules;

/// A file with the columns rule, value, source. family.rules-malformed (parameter rule), and those of csv::parse_table.
base::Result<Rules> read_rules(std::string_view csv = kBuiltInRules);

/// The first day on which nobody acts for the person any more. Someone born on 29 February comes of age on 1 March in
/// common years, as base::age_on counts.
base::CivilDate acts_until(const Rules& rules, base::CivilDate birth);

} // namespace musubi::family
