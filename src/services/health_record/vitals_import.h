// Home measurements from a CSV file: columns date, time, kind, value, systolic, diastolic, pulse (or their Japanese
// names).
#pragma once

#include "lib/csv/table.h"
#include "services/health_record/vitals.h"

namespace musubi::health_record {

struct ImportReport {
    int64_t accepted = 0; // saved now
    int64_t skipped = 0;  // already in the record, or twice in the file
    int64_t error_count = 0;
    std::vector<csv::CellError> errors; // the first hundred
};
template <class Fields> void describe(Fields& fields, ImportReport& report) {
    fields("accepted", report.accepted);
    fields("skipped", report.skipped);
    fields("errorCount", report.error_count);
    fields("errors", report.errors);
}

struct ImportRow {
    VitalKind kind = VitalKind::Weight;
    VitalEntry entry;
};
struct ReadRows {
    std::vector<ImportRow> rows;
    std::vector<csv::CellError> errors;
};
/// Errors of the file as a whole are those of csv::parse_table. Cell codes: date-malformed, time-malformed,
/// kind-unknown, and those of faults_of.
base::Result<ReadRows> read_vitals_csv(std::string_view bytes, base::CivilDate birth_date, base::Instant now,
                                       Confirmation confirmation);

/// What to do with the good rows of a file that has bad ones.
enum class BadRows { RefuseFile, LeaveOut };

/// Saves in this transaction what is not in the record yet. With bad rows and RefuseFile nothing is saved.
base::Task<base::Result<ImportReport>> import_vitals(db::WriteTx& tx, base::Random& random, base::PersonId person,
                                                     identity::Relation entered_by, ReadRows read, BadRows bad_rows,
                                                     base::Instant now);

} // namespace musubi::health_record
