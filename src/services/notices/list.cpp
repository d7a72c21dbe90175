#include "services/notices/list.h"

#include "core/residents/residents.h"
#include "lib/csv/table.h"
#include "lib/db/enum_column.h"

namespace musubi::notices {
namespace {

constexpr size_t kMostRows = 20'000;

#define MUSUBI_ROW "SELECT row_number, claim, certainty, person_id FROM notices_list_row WHERE sending_id = $1"
constexpr db::Query kClear{"notices.clear_list", "DELETE FROM notices_list_row WHERE sending_id = $1"};
constexpr db::Query kAdd{"notices.add_row", "INSERT INTO notices_list_row (sending_id, row_number, claim, certainty,"
                                            " person_id) VALUES ($1, $2, $3, $4, $5)"};
constexpr db::Query kReport{"notices.list_report",
                            "SELECT COUNT(*), COALESCE(SUM(CASE certainty WHEN 'sure' THEN 1 ELSE 0 END), 0),"
                            " COALESCE(SUM(CASE certainty WHEN 'doubtful' THEN 1 ELSE 0 END), 0),"
                            " COALESCE(SUM(CASE WHEN certainty IN ('none', 'refused') THEN 1 ELSE 0 END), 0),"
                            " COALESCE(SUM(CASE WHEN certainty = 'sure' AND person_id = '' THEN 1 ELSE 0 END), 0)"
                            " FROM notices_list_row WHERE sending_id = $1"};
constexpr db::Query kDoubtful{"notices.doubtful_rows",
                              MUSUBI_ROW " AND certainty = 'doubtful' ORDER BY row_number LIMIT 100"};
constexpr db::Query kFind{"notices.find_row", MUSUBI_ROW " AND row_number = $2"};
constexpr db::Query kDecide{"notices.decide_row", "UPDATE notices_list_row SET certainty = $3, person_id = $4,"
                                                  " decided_by = $5 WHERE sending_id = $1 AND row_number = $2"
                                                  " AND certainty = 'doubtful'"};
constexpr db::Query kSure{"notices.sure_rows", MUSUBI_ROW " AND row_number > $2 AND certainty = 'sure'"
                                                          " AND person_id <> '' ORDER BY row_number LIMIT $3"};

struct ReportRow {
    ListReport report;
    static ReportRow from(db::Reader& row) {
        ReportRow out;
        for (int64_t* field :
             {&out.report.rows, &out.report.sure, &out.report.doubtful, &out.report.none, &out.report.unregistered})
            *field = row.get<int64_t>();
        return out;
    }
};

residents::Sex read_sex(std::string_view text) {
    if (text == "男" || text == "男性" || text == "male" || text == "1") return residents::Sex::Male;
    if (text == "女" || text == "女性" || text == "female" || text == "2") return residents::Sex::Female;
    return residents::Sex::Unknown;
}

base::Error bad_cell(size_t row, std::string column) {
    return base::invalid("notices.list-invalid").with("row", std::to_string(row)).with("column", std::move(column));
}

} // namespace

ListRow ListRow::from(db::Reader& row) {
    const auto number = row.get<int64_t>();
    auto claim = json::parse<RowClaim>(row.get<std::string>());
    if (!claim) throw db::DatabaseError("a stored row is not what this program writes");
    return {.row = number,
            .claim = std::move(*claim),
            .certainty = db::enum_value<RowCertainty>(row.get<std::string>()),
            .person = row.get<std::string>()};
}

base::Result<std::vector<ListRow>> read_list(std::string_view bytes) {
    static const std::vector<csv::Column> columns = {
        {"name", {"氏名", "名前", "name"}},
        {"kana", {"カナ", "フリガナ", "氏名カナ", "kana"}, csv::Presence::Optional},
        {"birthDate", {"生年月日", "birthDate"}},
        {"sex", {"性別", "sex"}, csv::Presence::Optional},
        {"address", {"住所", "address"}},
    };
    csv::Limits limits;
    limits.max_rows = kMostRows;
    MUSUBI_TRY(const auto table, csv::parse_table(bytes, columns, limits));
    std::vector<ListRow> out;
    for (const auto& row : table.rows) {
        const std::string born(table.cell(row, "birthDate"));
        const auto birth = base::CivilDate::parse(born);
        const auto compact = base::CivilDate::parse_compact(born);
        if (!birth && !compact) return bad_cell(row.number, table.title("birthDate"));
        if (table.cell(row, "name").empty()) return bad_cell(row.number, table.title("name"));
        out.push_back({.row = static_cast<int64_t>(row.number),
                       .claim = {.name = std::string(table.cell(row, "name")),
                                 .kana = std::string(table.cell(row, "kana")),
                                 .birth_date = birth ? *birth : *compact,
                                 .sex = read_sex(table.cell(row, "sex")),
                                 .address = std::string(table.cell(row, "address"))}});
    }
    return out;
}

base::Task<ListRow> match_row(db::ReadTx& tx, ListRow row) {
    const residents::Claim claim{row.claim.name, row.claim.kana, row.claim.birth_date, row.claim.sex,
                                 row.claim.address};
    const auto match = co_await residents::match(tx, claim);
    row.certainty = match.certainty == residents::Certainty::Sure       ? RowCertainty::Sure
                    : match.certainty == residents::Certainty::Doubtful ? RowCertainty::Doubtful
                                                                        : RowCertainty::None;
    if (row.certainty == RowCertainty::Sure) {
        const auto person = co_await identity::find_by_resident(tx, match.candidates.front().id);
        if (person && !person->closed_at) row.person = person->id.to_string();
    }
    co_return row;
}

base::Task<> replace_list(db::WriteTx& tx, SendingId sending, const std::vector<ListRow>& rows) {
    co_await tx.run(kClear, sending);
    for (const ListRow& row : rows) {
        const std::string claim = json::write(row.claim);
        co_await tx.run(kAdd, sending, row.row, claim, db::enum_name(row.certainty), row.person);
    }
}

base::Task<ListReport> list_report(db::ReadTx& tx, SendingId sending) {
    const auto row = co_await tx.one<ReportRow>(kReport, sending);
    co_return row ? row->report : ListReport{};
}
base::Task<std::vector<ListRow>> doubtful_rows(db::ReadTx& tx, SendingId sending) {
    return tx.all<ListRow>(kDoubtful, sending);
}
base::Task<std::optional<ListRow>> find_row(db::ReadTx& tx, SendingId sending, int64_t row) {
    return tx.one<ListRow>(kFind, sending, row);
}
base::Task<bool> decide_row(db::WriteTx& tx, SendingId sending, int64_t row, std::optional<base::PersonId> person,
                            std::string by) {
    const auto certainty = person ? RowCertainty::Sure : RowCertainty::Refused;
    const std::string id = person ? person->to_string() : std::string();
    const int64_t changed = co_await tx.run(kDecide, sending, row, db::enum_name(certainty), id, by);
    co_return changed == 1;
}
base::Task<std::vector<ListRow>> sure_rows(db::ReadTx& tx, SendingId sending, int64_t after, int limit) {
    return tx.all<ListRow>(kSure, sending, after, limit);
}

} // namespace musubi::notices
