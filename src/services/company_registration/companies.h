// Companies with a contract, their rosters, and the requests of their employees.
#pragma once

#include "base/ids.h"
#include "core/enrolment/enrolment.h"
#include "lib/csv/table.h"
#include "lib/db/database.h"

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace musubi::company_registration {

using CompanyId = base::Id<struct CompanyTag>;
using RequestId = base::Id<struct CompanyRequestTag>;

struct Company {
    CompanyId id;
    std::string code; // upper case; what employees type
    std::string name;
    base::CivilDate contract_from;
    std::optional<base::CivilDate> contract_to; // last day
    int64_t employees = 0;

    static Company from(db::Reader&);
};
/// True on the days of the contract, the first and the last included.
bool under_contract(const Company& company, base::CivilDate today);

/// companies.code-taken (Conflict).
base::Task<base::Result<base::Unit>> add_company(db::WriteTx& tx, const Company& company, base::Instant now);
base::Task<> change_company(db::WriteTx& tx, const Company& company);
base::Task<std::optional<Company>> find_company(db::ReadTx& tx, const CompanyId& id);
base::Task<std::optional<Company>> find_company_by_code(db::ReadTx& tx, std::string code);
base::Task<std::vector<Company>> all_companies(db::ReadTx& tx);

struct Employee {
    std::string number;
    std::string name;
    std::string kana; // empty when the company does not give it
    base::CivilDate birth_date;

    static Employee from(db::Reader&);
};
struct Roster {
    std::vector<Employee> employees;
    std::vector<csv::CellError> errors; // codes: missing, repeated, date-malformed, too-long
};
/// A file with the columns 社員番号, 氏名, カナ (may be absent), 生年月日. Errors of the file as a whole:
/// csv::parse_table.
base::Result<Roster> read_roster(std::string_view bytes);
/// In place of the whole earlier roster.
base::Task<> replace_roster(db::WriteTx& tx, const CompanyId& company, const std::vector<Employee>& employees);
base::Task<std::vector<Employee>> roster_of(db::ReadTx& tx, const CompanyId& company);
base::Task<std::optional<Employee>> find_employee(db::ReadTx& tx, const CompanyId& company, std::string number);
/// Whether the claim is this employee: birth date exactly, and name or kana after normalisation.
bool agrees(const Employee& employee, std::string_view name, std::string_view kana, base::CivilDate birth_date);

enum class Status { New, Approved, Rejected };
constexpr auto json_names(Status) {
    return std::array{std::pair{Status::New, "new"}, std::pair{Status::Approved, "approved"},
                      std::pair{Status::Rejected, "rejected"}};
}
db::Value to_value(Status status);
Status from_column(const std::string& text, Status*);

struct Request {
    RequestId id;
    enrolment::RegistrationId registration;
    base::Instant requested_at;
    Status status = Status::New;
    CompanyId company;
    std::string employee_number;
    std::string name;
    std::string kana;
    base::CivilDate birth_date;
    std::optional<std::string> reason;

    static Request from(db::Reader&);
};
/// Adds or replaces the request of a registration; false when it was approved.
base::Task<bool> put_request(db::WriteTx& tx, const Request& request, base::Instant now);
base::Task<std::optional<Request>> find_request(db::ReadTx& tx, const RequestId& id);
/// Oldest first.
base::Task<std::vector<Request>> new_requests(db::ReadTx& tx);
/// False when it is decided already.
base::Task<bool> decide(db::WriteTx& tx, const Request& request, base::Instant now);
/// Whether another registration was approved for the same employee.
base::Task<bool> already_approved(db::ReadTx& tx, const Request& request);

} // namespace musubi::company_registration
