#include "services/company_registration/companies.h"

#include "lib/db/enum_column.h"
#include "lib/japanese/normalize.h"

#include <algorithm>
#include <set>

namespace musubi::company_registration {
namespace {

constexpr db::Query kAdd{
    "company_registration.add",
    "INSERT INTO company_registration_company (id, code, name, contract_from, contract_to, created_at)"
    " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING"};
constexpr db::Query kChange{"company_registration.change",
                            "UPDATE company_registration_company SET name = $2, contract_from = $3, contract_to = $4"
                            " WHERE id = $1"};
#define MUSUBI_COMPANY_SELECT                                                                                          \
    "SELECT c.id, c.code, c.name, c.contract_from, c.contract_to,"                                                     \
    " (SELECT COUNT(*) FROM company_registration_employee e WHERE e.company_id = c.id)"                                \
    " FROM company_registration_company c"
constexpr db::Query kFind{"company_registration.find", MUSUBI_COMPANY_SELECT " WHERE c.id = $1"};
constexpr db::Query kFindByCode{"company_registration.find_by_code", MUSUBI_COMPANY_SELECT " WHERE c.code = $1"};
constexpr db::Query kAll{"company_registration.all", MUSUBI_COMPANY_SELECT " ORDER BY c.name, c.id"};

constexpr db::Query kEmpty{"company_registration.empty_roster",
                           "DELETE FROM company_registration_employee WHERE company_id = $1"};
constexpr db::Query kEmploy{"company_registration.employ",
                            "INSERT INTO company_registration_employee (company_id, number, name, kana, birth_date)"
                            " VALUES ($1, $2, $3, $4, $5)"};
constexpr db::Query kRoster{"company_registration.roster",
                            "SELECT number, name, kana, birth_date FROM company_registration_employee"
                            " WHERE company_id = $1 ORDER BY number"};
constexpr db::Query kEmployee{"company_registration.employee",
                              "SELECT number, name, kana, birth_date FROM company_registration_employee"
                              " WHERE company_id = $1 AND number = $2"};

#define MUSUBI_COMPANY_REQUEST_COLUMNS                                                                                 \
    "id, registration_id, requested_at, status, company_id, employee_number, name, kana, birth_date, reason"
constexpr db::Query kPutRequest{
    "company_registration.put_request",
    "INSERT INTO company_registration_request (" MUSUBI_COMPANY_REQUEST_COLUMNS ", changed_at)"
    " VALUES ($1, $2, $3, 'new', $4, $5, $6, $7, $8, NULL, $3)"
    " ON CONFLICT (registration_id) DO UPDATE SET requested_at = excluded.requested_at, status = 'new',"
    " company_id = excluded.company_id, employee_number = excluded.employee_number, name = excluded.name,"
    " kana = excluded.kana, birth_date = excluded.birth_date, reason = NULL, changed_at = excluded.changed_at"
    " WHERE company_registration_request.status <> 'approved'"};
constexpr db::Query kFindRequest{"company_registration.find_request",
                                 "SELECT " MUSUBI_COMPANY_REQUEST_COLUMNS " FROM company_registration_request"
                                 " WHERE id = $1"};
constexpr db::Query kNewRequests{"company_registration.new_requests",
                                 "SELECT " MUSUBI_COMPANY_REQUEST_COLUMNS " FROM company_registration_request"
                                 " WHERE status = 'new' ORDER BY requested_at, id LIMIT 500"};
constexpr db::Query kDecide{"company_registration.decide",
                            "UPDATE company_registration_request SET status = $2, reason = $3, changed_at = $4"
                            " WHERE id = $1 AND status = 'new'"};
constexpr db::Query kApproved{"company_registration.approved",
                              "SELECT COUNT(*) FROM company_registration_request WHERE company_id = $1"
                              " AND employee_number = $2 AND status = 'approved' AND id <> $3"};

constexpr csv::Limits kRosterLimits{
    .max_bytes = 4 * 1024 * 1024, .max_rows = 20'001, .max_columns = 16, .max_field_bytes = 1000};
constexpr size_t kLongest = 240; // bytes of one field: 80 characters

/// 1985-04-01, 1985/4/1, 19850401.
std::optional<base::CivilDate> date_of(std::string_view text) {
    if (text.find_first_of("/-") == std::string_view::npos) return base::CivilDate::parse_compact(text);
    std::string padded;
    for (size_t begin = 0; begin <= text.size();) {
        const size_t end = std::min(text.find_first_of("/-", begin), text.size());
        const std::string_view part = text.substr(begin, end - begin);
        if (!padded.empty()) padded += '-';
        if (part.size() == 1) padded += '0';
        padded += part;
        begin = end + 1;
    }
    return base::CivilDate::parse(padded);
}

class RosterReader {
  public:
    RosterReader(const csv::Table& table, Roster& roster) : m_table(table), m_roster(roster) {}

    void read(const csv::Table::Row& row) {
        const size_t errors_before = m_roster.errors.size();
        for (const std::string_view column : {"number", "name", "kana"}) check_text(row, column);
        const auto birth_date = date_of(m_table.cell(row, "birthDate"));
        if (!birth_date) fault(row, "birthDate", m_table.cell(row, "birthDate").empty() ? "missing" : "date-malformed");
        std::string number(m_table.cell(row, "number"));
        if (!number.empty() && !m_seen.insert(number).second) fault(row, "number", "repeated");
        if (m_roster.errors.size() != errors_before) return;
        m_roster.employees.push_back({std::move(number), std::string(m_table.cell(row, "name")),
                                      std::string(m_table.cell(row, "kana")), *birth_date});
    }

  private:
    void check_text(const csv::Table::Row& row, std::string_view column) {
        const auto cell = m_table.cell(row, column);
        if (cell.empty() && column != "kana") fault(row, column, "missing");
        if (cell.size() > kLongest) fault(row, column, "too-long");
    }
    void fault(const csv::Table::Row& row, std::string_view column, std::string code) {
        m_roster.errors.push_back({static_cast<int64_t>(row.number), m_table.title(column), std::move(code)});
    }
    const csv::Table& m_table;
    Roster& m_roster;
    std::set<std::string> m_seen;
};

} // namespace

db::Value to_value(Status status) { return db::to_value(db::enum_name(status)); }
Status from_column(const std::string& text, Status*) { return db::enum_value<Status>(text); }

Company Company::from(db::Reader& row) {
    return {.id = row,
            .code = row,
            .name = row,
            .contract_from = row,
            .contract_to = row.get<std::optional<base::CivilDate>>(),
            .employees = row};
}
Employee Employee::from(db::Reader& row) { return {.number = row, .name = row, .kana = row, .birth_date = row}; }
Request Request::from(db::Reader& row) {
    return {.id = row,
            .registration = row,
            .requested_at = row,
            .status = row.get<Status>(),
            .company = row,
            .employee_number = row,
            .name = row,
            .kana = row,
            .birth_date = row,
            .reason = row.get<std::optional<std::string>>()};
}

bool under_contract(const Company& company, base::CivilDate today) {
    return company.contract_from <= today && (!company.contract_to || today <= *company.contract_to);
}

base::Task<base::Result<base::Unit>> add_company(db::WriteTx& tx, const Company& company, base::Instant now) {
    const int64_t added =
        co_await tx.run(kAdd, company.id, company.code, company.name, company.contract_from, company.contract_to, now);
    if (added == 0) co_return base::conflict("companies.code-taken");
    co_return base::success();
}
base::Task<> change_company(db::WriteTx& tx, const Company& company) {
    co_await tx.run(kChange, company.id, company.name, company.contract_from, company.contract_to);
}
base::Task<std::optional<Company>> find_company(db::ReadTx& tx, const CompanyId& id) {
    co_return co_await tx.one<Company>(kFind, id);
}
base::Task<std::optional<Company>> find_company_by_code(db::ReadTx& tx, std::string code) {
    co_return co_await tx.one<Company>(kFindByCode, code);
}
base::Task<std::vector<Company>> all_companies(db::ReadTx& tx) { co_return co_await tx.all<Company>(kAll); }

base::Result<Roster> read_roster(std::string_view bytes) {
    static const std::vector<csv::Column> columns = {
        {"number", {"社員番号", "従業員番号", "employeeNumber"}},
        {"name", {"氏名", "name"}},
        {"kana", {"カナ", "フリガナ", "氏名カナ", "kana"}, csv::Presence::Optional},
        {"birthDate", {"生年月日", "birthDate"}},
    };
    MUSUBI_TRY(const csv::Table table, csv::parse_table(bytes, columns, kRosterLimits));
    Roster roster;
    RosterReader reader(table, roster);
    for (const auto& row : table.rows) reader.read(row);
    return roster;
}

base::Task<> replace_roster(db::WriteTx& tx, const CompanyId& company, const std::vector<Employee>& employees) {
    co_await tx.run(kEmpty, company);
    for (const Employee& employee : employees)
        co_await tx.run(kEmploy, company, employee.number, employee.name, employee.kana, employee.birth_date);
}
base::Task<std::vector<Employee>> roster_of(db::ReadTx& tx, const CompanyId& company) {
    co_return co_await tx.all<Employee>(kRoster, company);
}
base::Task<std::optional<Employee>> find_employee(db::ReadTx& tx, const CompanyId& company, std::string number) {
    co_return co_await tx.one<Employee>(kEmployee, company, number);
}

bool agrees(const Employee& employee, std::string_view name, std::string_view kana, base::CivilDate birth_date) {
    if (employee.birth_date != birth_date) return false;
    if (japanese::normal_name(employee.name) == japanese::normal_name(name)) return true;
    const std::string known = japanese::normal_kana(employee.kana);
    return !known.empty() && known == japanese::normal_kana(kana);
}

base::Task<bool> put_request(db::WriteTx& tx, const Request& request, base::Instant now) {
    co_return co_await tx.run(kPutRequest, request.id, request.registration, now, request.company,
                              request.employee_number, request.name, request.kana, request.birth_date) > 0;
}
base::Task<std::optional<Request>> find_request(db::ReadTx& tx, const RequestId& id) {
    co_return co_await tx.one<Request>(kFindRequest, id);
}
base::Task<std::vector<Request>> new_requests(db::ReadTx& tx) { co_return co_await tx.all<Request>(kNewRequests); }
base::Task<bool> decide(db::WriteTx& tx, const Request& request, base::Instant now) {
    co_return co_await tx.run(kDecide, request.id, request.status, request.reason, now) > 0;
}
base::Task<bool> already_approved(db::ReadTx& tx, const Request& request) {
    const auto count = co_await tx.one<int64_t>(kApproved, request.company, request.employee_number, request.id);
    co_return count.value_or(0) > 0;
}

} // namespace musubi::company_registration
