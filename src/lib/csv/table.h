// A CSV file with a header: named columns, whatever their order.
#pragma once

#include "lib/csv/csv.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace musubi::csv {

enum class Presence { Required, Optional };

/// A column a file may have. `names` are the header texts accepted for it; they are compared without blanks at the ends
/// and without regard to ASCII case. The first is the one shown in messages.
struct Column {
    std::string_view key;
    std::vector<std::string_view> names;
    Presence presence = Presence::Required;
};

/// What is wrong with one cell, for a report of row-by-row errors. `row` counts from 1 with the header; `column` is the
/// header text of the file, empty when the row as a whole is meant.
struct CellError {
    int64_t row = 0;
    std::string column;
    std::string code;
    friend bool operator==(const CellError&, const CellError&) = default;
};
template <class Fields> void describe(Fields& fields, CellError& error) {
    fields("row", error.row);
    fields("column", error.column);
    fields("code", error.code);
}

class Table {
  public:
    struct Row {
        size_t number = 0;
        std::vector<std::string> cells; // in the order of the columns asked for; "" where the file lacks the column
    };
    std::vector<Row> rows;
    Encoding encoding = Encoding::Utf8;

    /// The cell without blanks (also U+3000) at its ends.
    std::string_view cell(const Row& row, std::string_view key) const;
    /// The header text the file uses for this column.
    std::string title(std::string_view key) const;
    bool has(std::string_view key) const;

  private:
    friend base::Result<Table> parse_table(std::string_view, std::span<const Column>, const Limits&);
    std::vector<std::string> m_keys;
    std::vector<std::string> m_titles;
    std::vector<bool> m_present;
};

/// Beyond the errors of `parse`: csv.empty, csv.column-missing (parameter column), csv.column-repeated (column),
/// csv.column-unknown (column), csv.row-length (row, column).
base::Result<Table> parse_table(std::string_view bytes, std::span<const Column> columns, const Limits& limits = {});

/// Without blanks, tabs and ideographic spaces (U+3000) at both ends.
std::string_view trimmed(std::string_view text);

} // namespace musubi::csv
