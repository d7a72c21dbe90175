#include "services/health_record/routes.h"

#include "core/identity/seen.h"
#include "core/records/patient.h"
#include "services/health_record/changes.h"
#include "services/health_record/checkups.h"
#include "services/health_record/summary.h"

#include <algorithm>
#include <fmt/core.h>
#include <memory>

namespace musubi::health_record {

using person_access::look;
using person_access::person_of;
using person_access::Subject;
using person_access::subject_of;
namespace {

using http::Access;
using http::Call;

constexpr int kMostResources = 50'000;
constexpr size_t kLargestCsv = 2 * 1024 * 1024;

base::Task<base::Result<CheckupList>> checkup_list(db::ReadTx& tx, Subject subject) {
    CheckupList list;
    list.items = co_await checkups_of(tx, subject.person);
    co_return list;
}

base::Task<base::Result<VaccinationList>> vaccination_list(db::ReadTx& tx, Subject subject) {
    VaccinationList list;
    list.items = co_await vaccinations_of(tx, subject.person);
    co_return list;
}

/// ?from= and ?to= are days, both included.
base::Result<Span> span_in_query(const Call& call) {
    base::Error error = base::invalid("request.fields-invalid");
    Span span;
    const auto day = [&](std::string_view name) -> std::optional<base::CivilDate> {
        const auto text = call.request.query_value(name);
        if (!text || text->empty()) return std::nullopt;
        auto date = base::CivilDate::parse(*text);
        if (!date) error.fields.push_back({std::string(name), "malformed"});
        return date;
    };
    if (const auto from = day("from")) span.from = base::start_of_day_in_japan(*from);
    if (const auto to = day("to")) span.before = base::start_of_day_in_japan(to->plus_days(1));
    if (!error.fields.empty()) return error;
    return span;
}

base::Task<base::Result<VitalList>> vital_list(const Call& call, db::ReadTx& tx, Subject subject) {
    MUSUBI_CO_TRY(const VitalKind kind, kind_in_path(call));
    MUSUBI_CO_TRY(const Span span, span_in_query(call));
    VitalList list;
    list.items = co_await vitals_of(tx, subject.person, kind, span);
    co_return list;
}

base::Task<base::Result<http::Raw>> bundle(const Dependencies& dependencies, const Call& call, db::ReadTx& tx,
                                           Subject subject) {
    static constexpr std::string_view kTypes[] = {"DiagnosticReport", "Immunization", "Observation", "Patient"};
    const std::string type(call.path_text("type"));
    if (std::find(std::begin(kTypes), std::end(kTypes), type) == std::end(kTypes))
        co_return base::not_found("records.type-unknown");
    std::vector<records::Resource> resources;
    if (type == "Patient") {
        MUSUBI_CO_TRY(const identity::Person person, co_await person_of(tx, subject.person));
        resources.push_back(records::patient_of(person));
    } else {
        records::Filter filter;
        filter.limit = kMostResources;
        resources = co_await records::list(tx, subject.person, type, filter);
    }
    http::Raw answer;
    answer.content_type = "application/fhir+json";
    answer.body = records::searchset(
        resources, fmt::format("{}/api/v1/people/{}/resources", dependencies.public_url, subject.person.to_string()));
    co_return answer;
}

// `acts`, because a look at a child's record is recorded while a look at one's own is not (see core/person_access).
using Kept = std::shared_ptr<const Dependencies>;

void install_readers(http::Router& router, const Kept& to) {
    router.acts("GET", "/api/v1/people/{person}/summary", "readRecordSummary", Access::citizen(), [to](Call& call) {
        return look<SummaryView>(
            to->database, to->audit, call, "readRecordSummary",
            [&call](db::ReadTx& tx, Subject subject) { return summary_of(tx, call.person(), subject, call.now); });
    });
    router.acts("GET", "/api/v1/people/{person}/checkups", "listCheckups", Access::citizen(), [to](Call& call) {
        return look<CheckupList>(to->database, to->audit, call, "listCheckups", &checkup_list);
    });
    router.acts("GET", "/api/v1/people/{person}/vaccinations", "listVaccinations", Access::citizen(), [to](Call& call) {
        return look<VaccinationList>(to->database, to->audit, call, "listVaccinations", &vaccination_list);
    });
    router.acts("GET", "/api/v1/people/{person}/vitals/{kind}", "listVitals", Access::citizen(),
                [to](Call& call) {
                    return look<VitalList>(
                        to->database, to->audit, call, "listVitals",
                        [&call](db::ReadTx& tx, Subject subject) { return vital_list(call, tx, subject); });
                },
                {}, {{"from", "First day, YYYY-MM-DD."}, {"to", "Last day, YYYY-MM-DD."}});
    router.acts("GET", "/api/v1/people/{person}/resources/{type}", "readFhirResources", Access::citizen(),
                [to](Call& call) {
                    return look<http::Raw>(
                        to->database, to->audit, call, "readFhirResources",
                        [to, &call](db::ReadTx& tx, Subject subject) { return bundle(*to, call, tx, subject); });
                });
}

base::Task<base::Result<identity::SeenList>> seen(const Call& call, db::ReadTx& tx) {
    MUSUBI_CO_TRY(const Subject subject, co_await subject_of(tx, call));
    auto list = co_await identity::seen_of(tx, subject.person, call.request.query_value("before"));
    co_return list;
}

void install_changes(http::Router& router, const Kept& to) {
    router.writes(
        "POST", "/api/v1/people/{person}/vitals/{kind}", "enterVital", Access::citizen(),
        [to](Call& call, db::WriteTx& tx, VitalBody body) { return enter_vital(*to, call, tx, std::move(body)); });
    router.writes("DELETE", "/api/v1/people/{person}/vitals/{kind}/{id}", "removeVital", Access::citizen(),
                  [](Call& call, db::WriteTx& tx) { return remove_vital(call, tx); });
    router.writes("POST", "/api/v1/people/{person}/vitals/{kind}/{id}/restore", "restoreVital", Access::citizen(),
                  [](Call& call, db::WriteTx& tx) { return restore_vital(call, tx); });
    router.writes("POST", "/api/v1/people/{person}/vitals/import", "importVitals",
                  Access::citizen(http::Assurance::Letter, http::Limit::per_principal(30, std::chrono::minutes(10))),
                  [to](Call& call, db::WriteTx& tx) { return import_csv(*to, call, tx); }, {kLargestCsv, "text/csv"});
}

struct PersonErased {
    base::PersonId person;
};
template <class Fields> void describe(Fields& fields, PersonErased& event) { fields("person", event.person); }

} // namespace

void install(http::Router& router, Dependencies dependencies) {
    const auto to = std::make_shared<const Dependencies>(std::move(dependencies));
    install_readers(router, to);
    install_changes(router, to);
    router.reads("GET", "/api/v1/people/{person}/seen", "listWhoLooked", Access::citizen(),
                 [](Call& call, db::ReadTx& tx) { return seen(call, tx); },
                 {{"before", "The `next` of the page before."}});
}

base::Task<base::Status> Eraser::deliver(const outbox::MessageId&, const outbox::Event& event) {
    auto payload = json::parse<PersonErased>(event.payload);
    if (!payload) co_return std::move(payload).error();
    const base::PersonId person = payload->person;
    co_await m_database.write([person](db::WriteTx& tx) { return records::erase(tx, person); });
    co_return base::success();
}

} // namespace musubi::health_record
