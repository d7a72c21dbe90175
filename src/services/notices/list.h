// Uploaded lists: each row is matched with the resident register, and what is doubtful is decided by staff.
#pragma once

#include "lib/event_loop/event_loop.h"
#include "services/notices/store.h"

namespace musubi::notices {

enum class RowCertainty { Sure, Doubtful, None, Refused };
constexpr auto json_names(RowCertainty) {
    return std::array{std::pair{RowCertainty::Sure, "sure"}, std::pair{RowCertainty::Doubtful, "doubtful"},
                      std::pair{RowCertainty::None, "none"}, std::pair{RowCertainty::Refused, "refused"}};
}

struct RowClaim {
    std::string name;
    std::string kana;
    base::CivilDate birth_date;
    residents::Sex sex = residents::Sex::Unknown;
    std::string address;
};
template <class Fields> void describe(Fields& fields, RowClaim& claim) {
    fields("name", claim.name);
    fields("kana", claim.kana);
    fields("birthDate", claim.birth_date);
    fields("sex", claim.sex);
    fields("address", claim.address);
}

struct ListRow {
    int64_t row = 0; // of the file, from 2
    RowClaim claim;
    RowCertainty certainty = RowCertainty::None;
    std::string person; // '' when not known, or not registered here
    static ListRow from(db::Reader&);
};

struct ListReport {
    int64_t rows = 0;
    int64_t sure = 0;
    int64_t doubtful = 0;
    int64_t none = 0;
    int64_t unregistered = 0; // sure, but without an account: paper
};
template <class Fields> void describe(Fields& fields, ListReport& report) {
    fields("rows", report.rows);
    fields("sure", report.sure);
    fields("doubtful", report.doubtful);
    fields("none", report.none);
    fields("unregistered", report.unregistered);
}

/// "csv.*"; "notices.list-invalid" with the row and column of the first cell that cannot be read.
base::Result<std::vector<ListRow>> read_list(std::string_view csv);
/// Sure only when the register has exactly one such person; who is meant then, if registered here.
base::Task<ListRow> match_row(db::ReadTx& tx, ListRow row);

base::Task<> replace_list(db::WriteTx& tx, SendingId sending, const std::vector<ListRow>& rows);
base::Task<ListReport> list_report(db::ReadTx& tx, SendingId sending);
base::Task<std::vector<ListRow>> doubtful_rows(db::ReadTx& tx, SendingId sending);
base::Task<std::optional<ListRow>> find_row(db::ReadTx& tx, SendingId sending, int64_t row);
base::Task<bool> decide_row(db::WriteTx& tx, SendingId sending, int64_t row, std::optional<base::PersonId> person,
                            std::string by);
/// Rows whose person is sure and registered, after `after`.
base::Task<std::vector<ListRow>> sure_rows(db::ReadTx& tx, SendingId sending, int64_t after, int limit);

} // namespace musubi::notices
