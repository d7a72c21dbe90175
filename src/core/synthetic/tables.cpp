#include "core/synthetic/tables.h"

#include "lib/csv/table.h"

#include <charconv>
#include <stdexcept>

namespace musubi::synthetic {
namespace {

// The tables are part of the program: what is wrong in them is a programming error.
csv::Table read(std::string_view text, const std::vector<csv::Column>& columns) {
    auto table = csv::parse_table(text, columns);
    if (!table) throw std::logic_error("core/synthetic/data: " + table.error().code);
    return std::move(*table);
}

std::vector<csv::Column> columns_of(std::initializer_list<std::string_view> names) {
    std::vector<csv::Column> columns;
    for (const std::string_view name : names) columns.push_back({name, {name}, csv::Presence::Required});
    return columns;
}

double number(std::string_view text) {
    double value = 0;
    if (!text.empty()) std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

std::optional<std::string> optional_text(std::string_view text) {
    if (text.empty()) return std::nullopt;
    return std::string(text);
}

std::vector<CheckupItem> read_items() {
    const auto table =
        read(kCheckupItems, columns_of({"key", "jlac10", "name", "ucum", "unit", "decimals", "low_male", "high_male",
                                        "low_female", "high_female", "mean_male", "mean_female", "per_year_male",
                                        "per_year_female", "spread", "noise", "load", "least", "most"}));
    std::vector<CheckupItem> items;
    for (const auto& row : table.rows) {
        const auto text = [&](std::string_view key) { return std::string(table.cell(row, key)); };
        const auto value = [&](std::string_view key) { return number(table.cell(row, key)); };
        const auto limit = [&](std::string_view key) { return optional_text(table.cell(row, key)); };
        CheckupItem item;
        item.key = text("key");
        item.jlac10 = text("jlac10");
        item.name = text("name");
        item.ucum = text("ucum");
        item.unit = text("unit");
        item.decimals = static_cast<int>(value("decimals"));
        item.low = {limit("low_male"), limit("low_female")};
        item.high = {limit("high_male"), limit("high_female")};
        item.mean = {value("mean_male"), value("mean_female")};
        item.per_year = {value("per_year_male"), value("per_year_female")};
        item.spread = value("spread");
        item.noise = value("noise");
        item.load = value("load");
        item.least = value("least");
        item.most = value("most");
        items.push_back(std::move(item));
    }
    return items;
}

std::vector<Vaccination> read_vaccinations() {
    const auto table =
        read(kVaccinations,
             columns_of({"vaccine", "name", "dose", "age_months", "born_from", "born_before", "sex", "probability"}));
    std::vector<Vaccination> rows;
    for (const auto& row : table.rows) {
        rows.push_back({std::string(table.cell(row, "vaccine")), std::string(table.cell(row, "name")),
                        static_cast<int>(number(table.cell(row, "dose"))),
                        static_cast<int>(number(table.cell(row, "age_months"))),
                        base::CivilDate::parse(table.cell(row, "born_from")),
                        base::CivilDate::parse(table.cell(row, "born_before")), std::string(table.cell(row, "sex")),
                        number(table.cell(row, "probability"))});
    }
    return rows;
}

} // namespace

const std::vector<CheckupItem>& checkup_items() {
    static const std::vector<CheckupItem> items = read_items();
    return items;
}

const std::vector<Vaccination>& vaccinations() {
    static const std::vector<Vaccination> rows = read_vaccinations();
    return rows;
}

} // namespace musubi::synthetic
