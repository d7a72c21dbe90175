// Any bytes through the CSV reader. What it accepts must survive being written and read again.
#include "lib/csv/csv.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace musubi;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const csv::Limits limits{.max_bytes = 1 << 16, .max_rows = 500, .max_columns = 20, .max_field_bytes = 500};
    const auto file = csv::parse(bytes, limits);
    if (!file) return 0;
    std::string text;
    for (const auto& record : file->records) csv::append_record(text, record.fields);
    const auto again = csv::parse(text);
    // An apostrophe may have been put before a formula; the shape stays.
    if (!again || again->records.size() > file->records.size()) std::abort();
    return 0;
}
