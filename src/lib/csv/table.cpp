#include "lib/csv/table.h"

#include <algorithm>

namespace musubi::csv {
namespace {

constexpr std::string_view kIdeographicSpace = "\xE3\x80\x80";

std::string folded(std::string_view text) {
    std::string out(trimmed(text));
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

const Column* find_column(std::span<const Column> columns, std::string_view title) {
    const std::string wanted = folded(title);
    for (const Column& column : columns)
        for (const std::string_view name : column.names)
            if (folded(name) == wanted) return &column;
    return nullptr;
}

} // namespace

std::string_view trimmed(std::string_view text) {
    for (;;) {
        if (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
            text.remove_prefix(1);
        } else if (text.starts_with(kIdeographicSpace)) {
            text.remove_prefix(kIdeographicSpace.size());
        } else if (!text.empty() && (text.back() == ' ' || text.back() == '\t')) {
            text.remove_suffix(1);
        } else if (text.ends_with(kIdeographicSpace)) {
            text.remove_suffix(kIdeographicSpace.size());
        } else {
            return text;
        }
    }
}

base::Result<Table> parse_table(std::string_view bytes, std::span<const Column> columns, const Limits& limits) {
    MUSUBI_TRY(File file, parse(bytes, limits));
    if (file.records.empty()) return base::invalid("csv.empty");
    const Record& header = file.records.front();

    Table table;
    table.encoding = file.encoding;
    std::vector<size_t> target(header.fields.size());
    for (const Column& column : columns) {
        table.m_keys.emplace_back(column.key);
        table.m_titles.emplace_back(column.names.front());
        table.m_present.push_back(false);
    }
    for (size_t i = 0; i < header.fields.size(); ++i) {
        const Column* column = find_column(columns, header.fields[i]);
        if (column == nullptr) return base::invalid("csv.column-unknown").with("column", header.fields[i]);
        target[i] = static_cast<size_t>(column - columns.data());
        if (table.m_present[target[i]]) return base::invalid("csv.column-repeated").with("column", header.fields[i]);
        table.m_present[target[i]] = true;
        table.m_titles[target[i]] = std::string(trimmed(header.fields[i]));
    }
    for (size_t i = 0; i < columns.size(); ++i)
        if (columns[i].presence == Presence::Required && !table.m_present[i])
            return base::invalid("csv.column-missing").with("column", std::string(columns[i].names.front()));

    table.rows.reserve(file.records.size() - 1);
    for (auto record = std::next(file.records.begin()); record != file.records.end(); ++record) {
        if (record->fields.size() != header.fields.size())
            return base::invalid("csv.row-length")
                .with("row", std::to_string(record->row))
                .with("column", std::to_string(std::min(record->fields.size(), header.fields.size()) + 1));
        Table::Row row{record->row, std::vector<std::string>(columns.size())};
        for (size_t i = 0; i < record->fields.size(); ++i) row.cells[target[i]] = std::move(record->fields[i]);
        table.rows.push_back(std::move(row));
    }
    return table;
}

std::string_view Table::cell(const Row& row, std::string_view key) const {
    const auto found = std::find(m_keys.begin(), m_keys.end(), key);
    if (found == m_keys.end()) return {};
    return trimmed(row.cells[static_cast<size_t>(found - m_keys.begin())]);
}

std::string Table::title(std::string_view key) const {
    const auto found = std::find(m_keys.begin(), m_keys.end(), key);
    if (found == m_keys.end()) return {};
    return m_titles[static_cast<size_t>(found - m_keys.begin())];
}

bool Table::has(std::string_view key) const {
    const auto found = std::find(m_keys.begin(), m_keys.end(), key);
    return found != m_keys.end() && m_present[static_cast<size_t>(found - m_keys.begin())];
}

} // namespace musubi::csv
