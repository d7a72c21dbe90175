// Comma-separated values (RFC 4180) in UTF-8 or Japanese Windows' Shift_JIS.
#pragma once

#include "base/result.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace musubi::csv {

enum class Encoding { Utf8, ShiftJis };

/// What a file may hold. The defaults fit a roster of a large company.
struct Limits {
    size_t max_bytes = 4 * 1024 * 1024;
    size_t max_rows = 50'000; // the header included
    size_t max_columns = 64;
    size_t max_field_bytes = 4096; // after decoding to UTF-8
};

/// One record. `row` counts from 1 and includes the header, as spreadsheets show it.
struct Record {
    size_t row = 0;
    std::vector<std::string> fields; // UTF-8
};

struct File {
    Encoding encoding = Encoding::Utf8;
    std::vector<Record> records; // lines with nothing on them are left out, but counted
};

/// Errors (Invalid unless said): csv.too-large (TooLarge), csv.encoding-unknown; and with parameters row and column
/// (numbers from 1): csv.too-many-rows, csv.too-many-columns, csv.field-too-long, csv.quote-misplaced,
/// csv.quote-unclosed, csv.control-character, csv.user-defined-character (外字 of the sender's machine).
base::Result<File> parse(std::string_view bytes, const Limits& limits = {});

/// The bytes as UTF-8 without byte order mark, and what they were. Error: csv.encoding-unknown.
base::Result<std::string> to_utf8(std::string_view bytes, Encoding& encoding);

/// Appends one record with CRLF. A field is quoted where it must be; a text that a spreadsheet would run as a formula
/// gets an apostrophe in front, because exported files are opened by double-click.
void append_record(std::string& out, const std::vector<std::string>& fields);

} // namespace musubi::csv
