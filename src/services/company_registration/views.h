// What the API of companies takes and shows.
#pragma once

#include "lib/json/json.h"
#include "services/company_registration/companies.h"

namespace musubi::company_registration {

struct EmployeeBody {
    std::string company_code;
    std::string employee_number;
    std::string name;
    std::string kana;
    base::CivilDate birth_date;
    std::string telephone;
};
struct NewCompanyBody {
    std::string name;
    std::string code;
    base::CivilDate contract_from;
    std::optional<base::CivilDate> contract_to;
};
struct ChangeCompanyBody {
    std::optional<std::string> name;
    std::optional<base::CivilDate> contract_from;
    std::optional<base::CivilDate> contract_to;
};
enum class RefusalReason { NotOnRoster, DetailsDiffer, ContractEnded, Withdrawn };
constexpr auto json_names(RefusalReason) {
    return std::array{std::pair{RefusalReason::NotOnRoster, "not-on-roster"},
                      std::pair{RefusalReason::DetailsDiffer, "details-differ"},
                      std::pair{RefusalReason::ContractEnded, "contract-ended"},
                      std::pair{RefusalReason::Withdrawn, "withdrawn"}};
}
struct RejectBody {
    RefusalReason reason = RefusalReason::DetailsDiffer;
};
struct CompanyView {
    std::string id;
    std::string name;
    std::string code;
    base::CivilDate contract_from;
    std::optional<base::CivilDate> contract_to;
    int64_t employees = 0;
};
struct CompanyList {
    std::vector<CompanyView> items;
};
struct EmployeeView {
    std::string employee_number;
    std::string name;
    std::string kana;
    base::CivilDate birth_date;
};
struct EmployeeList {
    std::vector<EmployeeView> items;
};
struct RosterReport {
    int64_t accepted = 0; // people on the roster now; 0 when nothing was saved
    int64_t error_count = 0;
    std::vector<csv::CellError> errors; // the first hundred
};
struct RequestView {
    std::string id;
    base::Instant at;
    std::string company_id;
    std::string company_name;
    std::string employee_number;
    std::string name;
    std::string kana;
    base::CivilDate birth_date;
    bool on_roster = false; // still, and with the same details
};
struct RequestList {
    std::vector<RequestView> items;
};

template <class Fields> void describe(Fields& fields, EmployeeBody& body) {
    fields("companyCode", body.company_code, json::Rule{.max_length = 20, .min_length = 1});
    fields("employeeNumber", body.employee_number, json::Rule{.max_length = 80, .min_length = 1});
    fields("name", body.name, json::Rule{.max_length = 80, .min_length = 1});
    fields("kana", body.kana, json::Rule{.max_length = 80, .min_length = 1});
    fields("birthDate", body.birth_date);
    fields("telephone", body.telephone, json::Rule{.max_length = 20, .format = "telephone"});
}
template <class Fields> void describe(Fields& fields, NewCompanyBody& body) {
    fields("name", body.name, json::Rule{.max_length = 80, .min_length = 1});
    fields("code", body.code, json::Rule{.max_length = 20, .min_length = 2});
    fields("contractFrom", body.contract_from);
    fields("contractTo", body.contract_to, json::Rule{.meaning = "Last day; absent while none is fixed."});
}
template <class Fields> void describe(Fields& fields, ChangeCompanyBody& body) {
    fields("name", body.name, json::Rule{.max_length = 80, .min_length = 1});
    fields("contractFrom", body.contract_from);
    fields("contractTo", body.contract_to);
}
template <class Fields> void describe(Fields& fields, RejectBody& body) { fields("reason", body.reason); }
template <class Fields> void describe(Fields& fields, CompanyView& company) {
    fields("id", company.id);
    fields("name", company.name);
    fields("code", company.code);
    fields("contractFrom", company.contract_from);
    fields("contractTo", company.contract_to);
    fields("employees", company.employees);
}
template <class Fields> void describe(Fields& fields, CompanyList& list) { fields("items", list.items); }
template <class Fields> void describe(Fields& fields, EmployeeView& employee) {
    fields("employeeNumber", employee.employee_number);
    fields("name", employee.name);
    fields("kana", employee.kana);
    fields("birthDate", employee.birth_date);
}
template <class Fields> void describe(Fields& fields, EmployeeList& list) { fields("items", list.items); }
template <class Fields> void describe(Fields& fields, RosterReport& report) {
    fields("accepted", report.accepted);
    fields("errorCount", report.error_count);
    fields("errors", report.errors);
}
template <class Fields> void describe(Fields& fields, RequestView& request) {
    fields("id", request.id);
    fields("at", request.at);
    fields("companyId", request.company_id);
    fields("companyName", request.company_name);
    fields("employeeNumber", request.employee_number);
    fields("name", request.name);
    fields("kana", request.kana);
    fields("birthDate", request.birth_date);
    fields("onRoster", request.on_roster);
}
template <class Fields> void describe(Fields& fields, RequestList& list) { fields("items", list.items); }

} // namespace musubi::company_registration
