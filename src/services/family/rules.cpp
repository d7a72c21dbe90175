#include "services/family/rules.h"

#include "lib/csv/table.h"

#include <charconv>

namespace musubi::family {
namespace {

bool read_age(std::string_view text, int& age) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), age);
    return error == std::errc() && end == text.data() + text.size() && age >= 1 && age <= 30;
}

} // namespace

base::Result<Rules> read_rules(std::string_view csv) {
    static const std::vector<csv::Column> columns = {{"rule", {"rule"}}, {"value", {"value"}}, {"source", {"source"}}};
    MUSUBI_TRY(const csv::Table table, csv::parse_table(csv, columns));
    Rules rules;
    for (const auto& row : table.rows) {
        const std::string rule(table.cell(row, "rule"));
        const auto value = table.cell(row, "value");
        bool good = !value.empty();
        if (rule == "child-below-age") {
            good = read_age(value, rules.child_below_age);
        } else if (rule == "of-age") {
            good = read_age(value, rules.of_age);
        } else if (rule == "parent-relation") {
            rules.parent_relations.emplace_back(value);
        } else if (rule == "child-relation") {
            rules.child_relations.emplace_back(value);
        } else {
            good = false;
        }
        if (!good) return base::invalid("family.rules-malformed").with("rule", rule);
    }
    return rules;
}

base::CivilDate acts_until(const Rules& rules, base::CivilDate birth) {
    const int year = birth.year() + rules.of_age;
    if (const auto birthday = base::CivilDate::of(year, birth.month(), birth.day())) return *birthday;
    return *base::CivilDate::of(year, 3, 1);
}

} // namespace musubi::family
