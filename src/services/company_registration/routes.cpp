#include "services/company_registration/routes.h"

#include "core/enrolment/registration_view.h"
#include "lib/db/enum_column.h"
#include "services/company_registration/messages.h"
#include "services/company_registration/views.h"

#include <algorithm>
#include <memory>

namespace musubi::company_registration {
namespace {

using enrolment::Registration;
using enrolment::RegistrationView;
using enrolment::Step;
using http::Access;
using http::Call;
template <class T> using Answer = base::Task<base::Result<T>>;

constexpr size_t kMostReported = 100;
constexpr size_t kLargestRoster = 4 * 1024 * 1024;

base::Error field_error(std::string path, std::string code) {
    base::Error error = base::invalid("request.fields-invalid");
    error.fields.push_back({std::move(path), std::move(code)});
    return error;
}

/// Codes are typed by hand: case does not matter.
std::string upper(std::string text) {
    for (char& c : text)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return text;
}

CompanyView view_of(const Company& company) {
    return {company.id.to_string(), company.name,        company.code,
            company.contract_from,  company.contract_to, company.employees};
}

// ---- the person who registers

Answer<RegistrationView> ask(const Dependencies& to, Call& call, db::WriteTx& tx, EmployeeBody body) {
    MUSUBI_CO_TRY(Registration registration, co_await enrolment::load(tx, call.request, call.now));
    MUSUBI_CO_CHECK(enrolment::require_step(registration, {Step::Company, Step::CompanyWaiting}));
    const auto company = co_await find_company_by_code(tx, upper(body.company_code));
    if (!company) co_return base::not_found("company.unknown");
    if (!under_contract(*company, base::date_in_japan(call.now))) co_return base::forbidden("company.contract-ended");
    const auto employee = co_await find_employee(tx, company->id, body.employee_number);
    if (!employee || !agrees(*employee, body.name, body.kana, body.birth_date))
        co_return base::forbidden("company.not-on-roster");
    const Request request{.id = RequestId::make(call.now, to.random),
                          .registration = registration.id,
                          .requested_at = call.now,
                          .status = Status::New,
                          .company = company->id,
                          .employee_number = body.employee_number,
                          .name = body.name,
                          .kana = body.kana,
                          .birth_date = body.birth_date,
                          .reason = std::nullopt};
    const bool stored = co_await put_request(tx, request, call.now);
    if (!stored) co_return base::conflict("company.already-approved");
    registration.telephone = body.telephone;
    registration.step = Step::CompanyWaiting;
    MUSUBI_CO_CHECK(co_await enrolment::save(tx, to.enrolment, registration, call.now));
    call.audit.object = "registration " + registration.id.to_string();
    co_return enrolment::view(registration);
}

// ---- companies and rosters

base::Result<CompanyId> company_in_path(Call& call) {
    const auto id = CompanyId::parse(call.path_text("id"));
    if (!id) return base::not_found("companies.not-found");
    call.audit.object = "company " + id->to_string();
    return *id;
}

Answer<CompanyList> list_companies(db::ReadTx& tx) {
    const auto all = co_await all_companies(tx);
    CompanyList list;
    for (const Company& company : all) list.items.push_back(view_of(company));
    co_return list;
}

base::Status check_period(const Company& company) {
    if (company.contract_to && *company.contract_to < company.contract_from)
        return field_error("/contractTo", "before-contract-from");
    return base::success();
}

Answer<CompanyView> create_company(const Dependencies& to, Call& call, db::WriteTx& tx, NewCompanyBody body) {
    const std::string code = upper(body.code);
    const bool plain = std::all_of(code.begin(), code.end(),
                                   [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-'; });
    if (!plain) co_return field_error("/code", "malformed");
    const Company company{CompanyId::make(call.now, to.random), code, body.name, body.contract_from, body.contract_to};
    MUSUBI_CO_CHECK(check_period(company));
    MUSUBI_CO_CHECK(co_await add_company(tx, company, call.now));
    call.audit.object = "company " + company.id.to_string();
    call.set_status(201);
    co_return view_of(company);
}

Answer<CompanyView> edit_company(Call& call, db::WriteTx& tx, ChangeCompanyBody body) {
    MUSUBI_CO_TRY(const CompanyId id, company_in_path(call));
    auto company = co_await find_company(tx, id);
    if (!company) co_return base::not_found("companies.not-found");
    if (body.name) company->name = *body.name;
    if (body.contract_from) company->contract_from = *body.contract_from;
    if (body.contract_to) company->contract_to = body.contract_to;
    MUSUBI_CO_CHECK(check_period(*company));
    co_await change_company(tx, *company);
    co_return view_of(*company);
}

Answer<RosterReport> upload_roster(Call& call, db::WriteTx& tx) {
    MUSUBI_CO_TRY(const CompanyId id, company_in_path(call));
    const auto company = co_await find_company(tx, id);
    if (!company) co_return base::not_found("companies.not-found");
    MUSUBI_CO_TRY(Roster roster, read_roster(call.request.body));
    RosterReport report;
    report.error_count = static_cast<int64_t>(roster.errors.size());
    report.errors = std::move(roster.errors);
    if (report.errors.size() > kMostReported) report.errors.resize(kMostReported);
    if (report.error_count > 0) co_return report;
    co_await replace_roster(tx, id, roster.employees);
    report.accepted = static_cast<int64_t>(roster.employees.size());
    call.audit.object += " roster of " + std::to_string(report.accepted);
    co_return report;
}

Answer<EmployeeList> show_roster(Call& call, db::WriteTx& tx) {
    MUSUBI_CO_TRY(const CompanyId id, company_in_path(call));
    const auto company = co_await find_company(tx, id);
    if (!company) co_return base::not_found("companies.not-found");
    const auto employees = co_await roster_of(tx, id);
    EmployeeList list;
    for (const Employee& one : employees) list.items.push_back({one.number, one.name, one.kana, one.birth_date});
    co_return list;
}

// ---- requests

Answer<RequestList> list_requests(Call& call, db::WriteTx& tx) {
    const auto requests = co_await new_requests(tx);
    RequestList list;
    for (const Request& request : requests) {
        const auto company = co_await find_company(tx, request.company);
        const auto employee = co_await find_employee(tx, request.company, request.employee_number);
        RequestView view{.id = request.id.to_string(),
                         .at = request.requested_at,
                         .company_id = request.company.to_string(),
                         .company_name = company ? company->name : "",
                         .employee_number = request.employee_number,
                         .name = request.name,
                         .kana = request.kana,
                         .birth_date = request.birth_date};
        view.on_roster = employee && agrees(*employee, request.name, request.kana, request.birth_date);
        list.items.push_back(std::move(view));
    }
    call.audit.object = std::to_string(requests.size()) + " requests";
    co_return list;
}

Answer<Request> request_in_path(Call& call, db::ReadTx& tx) {
    const auto id = RequestId::parse(call.path_text("id"));
    if (!id) co_return base::not_found("companies.request-not-found");
    auto request = co_await find_request(tx, *id);
    if (!request) co_return base::not_found("companies.request-not-found");
    call.audit.object = "company request " + id->to_string();
    co_return std::move(*request);
}

Answer<base::Unit> tell(const Dependencies& to, db::WriteTx& tx, Request request, Registration registration,
                        std::string template_name, std::string company, base::Instant now) {
    const base::Instant until = now + to.enrolment.work_lifetime;
    const auto token = co_await enrolment::issue_link(tx, to.random, registration.id, until);
    outbox::Mail mail;
    mail.to = registration.email;
    mail.template_name = std::move(template_name);
    mail.language = registration.language;
    mail.key = mail.template_name + ":" + request.id.to_string() + ":" + std::to_string(now.milliseconds());
    const bool english = registration.language == "en" && !to.city_english.empty();
    mail.parameters = {{"city", english ? to.city_english : to.city},
                       {"telephone", to.telephone},
                       {"company", company},
                       {"link", to.public_url + "/start/r/" + std::string(token.reveal())}};
    co_await to.outbox.mail(tx, mail, now);
    co_return base::success();
}

Answer<base::Unit> approve(const Dependencies& to, Call& call, db::WriteTx& tx) {
    MUSUBI_CO_TRY(Request request, co_await request_in_path(call, tx));
    const auto company = co_await find_company(tx, request.company);
    if (!company || !under_contract(*company, base::date_in_japan(call.now)))
        co_return base::forbidden("company.contract-ended");
    const auto employee = co_await find_employee(tx, request.company, request.employee_number);
    if (!employee || !agrees(*employee, request.name, request.kana, request.birth_date))
        co_return base::forbidden("company.not-on-roster");
    const bool taken = co_await already_approved(tx, request);
    if (taken) co_return base::conflict("company.employee-already-registered");
    auto registration = co_await enrolment::find(tx, request.registration);
    if (!registration) co_return base::error(base::ErrorKind::Gone, "registration.link-expired");

    request.status = Status::Approved;
    const bool decided = co_await decide(tx, request, call.now);
    if (!decided) co_return base::conflict("companies.request-decided");
    enrolment::Attributes attributes{.name = employee->name, .address = "", .birth_date = employee->birth_date};
    attributes.kana = employee->kana.empty() ? request.kana : employee->kana;
    registration->attributes = std::move(attributes);
    registration->way = enrolment::Way::Company;
    registration->step = Step::Contact;
    MUSUBI_CO_CHECK(co_await enrolment::save(tx, to.enrolment, *registration, call.now));
    MUSUBI_CO_CHECK(co_await tell(to, tx, request, *registration, "company-approved", company->name, call.now));
    co_return base::success();
}

Answer<base::Unit> reject(const Dependencies& to, Call& call, db::WriteTx& tx, RejectBody body) {
    MUSUBI_CO_TRY(Request request, co_await request_in_path(call, tx));
    const std::string reason(db::enum_name(body.reason));
    request.status = Status::Rejected;
    request.reason = reason;
    const bool decided = co_await decide(tx, request, call.now);
    if (!decided) co_return base::conflict("companies.request-decided");
    auto registration = co_await enrolment::find(tx, request.registration);
    if (!registration || registration->person) co_return base::success();
    registration->step = body.reason == RefusalReason::DetailsDiffer ? Step::Company : Step::Way;
    MUSUBI_CO_CHECK(co_await enrolment::save(tx, to.enrolment, *registration, call.now));
    MUSUBI_CO_CHECK(co_await tell(to, tx, request, *registration, "company-refused-" + reason, "", call.now));
    co_return base::success();
}

} // namespace

void install(http::Router& router, Dependencies dependencies) {
    const auto to = std::make_shared<const Dependencies>(std::move(dependencies));
    // Few tries: the answer tells whether somebody is on a roster.
    router.writes("POST", "/api/v1/registration/company", "askThroughCompany",
                  Access::anyone(http::Limit::per_address(30, std::chrono::minutes(10))),
                  [to](Call& call, db::WriteTx& tx, EmployeeBody body) { return ask(*to, call, tx, std::move(body)); });

    const auto office = Access::staff("companies.manage");
    router.reads("GET", "/api/v1/staff/companies", "listCompanies", office,
                 [](Call&, db::ReadTx& tx) { return list_companies(tx); });
    router.writes("POST", "/api/v1/staff/companies", "createCompany", office,
                  [to](Call& call, db::WriteTx& tx, NewCompanyBody body) {
                      return create_company(*to, call, tx, std::move(body));
                  });
    router.writes(
        "PATCH", "/api/v1/staff/companies/{id}", "changeCompany", office,
        [](Call& call, db::WriteTx& tx, ChangeCompanyBody body) { return edit_company(call, tx, std::move(body)); });
    router.writes("POST", "/api/v1/staff/companies/{id}/roster", "uploadRoster", office,
                  [](Call& call, db::WriteTx& tx) { return upload_roster(call, tx); }, {kLargestRoster, "text/csv"});
    // `writes`, because these show people's data and every look at them is recorded.
    router.writes("GET", "/api/v1/staff/companies/{id}/roster", "readRoster", office,
                  [](Call& call, db::WriteTx& tx) { return show_roster(call, tx); });
    router.writes("GET", "/api/v1/staff/company-requests", "listCompanyRequests", office,
                  [](Call& call, db::WriteTx& tx) { return list_requests(call, tx); });
    router.writes("POST", "/api/v1/staff/company-requests/{id}/approve", "approveCompanyRequest", office,
                  [to](Call& call, db::WriteTx& tx) { return approve(*to, call, tx); });
    router.writes("POST", "/api/v1/staff/company-requests/{id}/reject", "rejectCompanyRequest", office,
                  [to](Call& call, db::WriteTx& tx, RejectBody body) { return reject(*to, call, tx, body); });
}

base::Task<int64_t> waiting(db::ReadTx& tx) {
    static constexpr db::Query kCount{"company_registration.waiting",
                                      "SELECT COUNT(*) FROM company_registration_request WHERE status = 'new'"};
    const auto count = co_await tx.one<int64_t>(kCount);
    co_return count.value_or(0);
}

std::span<const base::Message> mail_texts() { return messages::kAll; }

} // namespace musubi::company_registration
