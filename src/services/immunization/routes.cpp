#include "services/immunization/routes.h"

#include "services/immunization/changes.h"
#include "services/immunization/fhir_answer.h"

#include <algorithm>
#include <charconv>
#include <memory>

namespace musubi::immunization {
namespace {

using http::Access;
using http::Call;
using Kept = std::shared_ptr<const Dependencies>;

base::Task<base::Result<ImmunizationView>> overview(const Call& call, db::ReadTx& tx, Subject subject) {
    MUSUBI_CO_TRY(identity::Person person, co_await person_access::person_of(tx, subject.person));
    const Shown shown = shown_for(call);
    const History history = co_await history_of(tx, shown.rules, subject.person);
    const Person of = co_await subject_for(tx, std::move(person), shown.today);
    const auto appointments = co_await appointments_of(tx, subject.person, shown.today);
    co_return view_of(shown, of, history, appointments);
}

/// A whole number of the query, `fallback` without one; request.fields-invalid outside its range.
base::Result<int> number_in_query(const Call& call, std::string_view name, int least, int most, int fallback) {
    const auto text = call.request.query_value(name);
    if (!text || text->empty()) return fallback;
    int value = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error == std::errc() && end == text->data() + text->size() && value >= least && value <= most) return value;
    base::Error refused = base::invalid("request.fields-invalid");
    refused.fields.push_back({std::string(name), "out-of-range"});
    return refused;
}

base::Task<base::Result<VisitPlanView>> plan(const Call& call, db::ReadTx& tx, Subject subject) {
    constexpr int kDaysOfMonth = 31;
    MUSUBI_CO_TRY(const int per_visit, number_in_query(call, "perVisit", 1, 6, 2));
    MUSUBI_CO_TRY(const int months, number_in_query(call, "months", 1, 36, 12));
    MUSUBI_CO_TRY(identity::Person person, co_await person_access::person_of(tx, subject.person));
    const Shown shown = shown_for(call);
    const History history = co_await history_of(tx, shown.rules, subject.person);
    const Person of = co_await subject_for(tx, std::move(person), shown.today);
    PlanWish wish{.most_per_visit = per_visit,
                  .from = shown.today.plus_days(1),
                  .until = shown.today.plus_days(months * kDaysOfMonth)};
    const VisitPlan visits = plan_visits(shown.rules, of, history.given, shown.today, wish);
    co_return view_of(shown, visits, wish);
}

base::Task<base::Result<http::Raw>> fhir(const Call& call, db::ReadTx& tx, Subject subject) {
    MUSUBI_CO_TRY(identity::Person person, co_await person_access::person_of(tx, subject.person));
    const Shown shown = shown_for(call);
    const History history = co_await history_of(tx, shown.rules, subject.person);
    const Person of = co_await subject_for(tx, std::move(person), shown.today);
    http::Raw answer;
    answer.content_type = "application/fhir+json";
    answer.body = fhir_bundle(shown, subject.person, of, history);
    co_return answer;
}

void install_readers(http::Router& router, const Kept& to) {
    using person_access::look;
    router.acts("GET", "/api/v1/people/{person}/immunization", "readImmunization", Access::citizen(), [to](Call& call) {
        return look<ImmunizationView>(to->database, to->audit, call, "readImmunization",
                                      [&call](db::ReadTx& tx, Subject subject) { return overview(call, tx, subject); });
    });
    router.acts("GET", "/api/v1/people/{person}/immunization/plan", "planVaccinationVisits", Access::citizen(),
                [to](Call& call) {
                    return look<VisitPlanView>(
                        to->database, to->audit, call, "planVaccinationVisits",
                        [&call](db::ReadTx& tx, Subject subject) { return plan(call, tx, subject); });
                },
                {},
                {{"perVisit", "Most vaccines a visit, 1 to 6; 2 unless said."},
                 {"months", "How far ahead, 1 to 36; 12 unless said."}});
    router.acts("GET", "/api/v1/people/{person}/immunization/fhir", "readImmunizationForecast", Access::citizen(),
                [to](Call& call) {
                    return look<http::Raw>(
                        to->database, to->audit, call, "readImmunizationForecast",
                        [&call](db::ReadTx& tx, Subject subject) { return fhir(call, tx, subject); });
                });
}

void install_changes(http::Router& router, const Kept& to) {
    const std::string base = "/api/v1/people/{person}/immunization/";
    router.writes("POST", base + "appointments", "planVaccination", Access::citizen(),
                  [to](Call& call, db::WriteTx& tx, VaccineAppointmentBody body) {
                      return add_appointment(*to, call, tx, std::move(body));
                  });
    router.writes("PUT", base + "appointments/{id}", "changePlannedVaccination", Access::citizen(),
                  [](Call& call, db::WriteTx& tx, VaccineAppointmentBody body) {
                      return change_appointment(call, tx, std::move(body));
                  });
    router.writes("DELETE", base + "appointments/{id}", "removePlannedVaccination", Access::citizen(),
                  [](Call& call, db::WriteTx& tx) { return remove_appointment(call, tx); });
    router.writes("POST", base + "appointments/{id}/restore", "restorePlannedVaccination", Access::citizen(),
                  [](Call& call, db::WriteTx& tx) { return restore_appointment(call, tx); });
    router.writes(
        "POST", base + "doses", "enterVaccination", Access::citizen(),
        [to](Call& call, db::WriteTx& tx, ReceivedDoseBody body) { return add_dose(*to, call, tx, std::move(body)); });
    router.writes("DELETE", base + "doses/{id}", "removeVaccination", Access::citizen(),
                  [](Call& call, db::WriteTx& tx) { return remove_dose(call, tx); });
    router.writes("POST", base + "doses/{id}/restore", "restoreVaccination", Access::citizen(),
                  [](Call& call, db::WriteTx& tx) { return restore_dose(call, tx); });
    router.writes("PUT", base + "long-illness", "enterLongIllness", Access::citizen(),
                  [](Call& call, db::WriteTx& tx, LongIllnessBody body) {
                      return enter_long_illness(call, tx, std::move(body));
                  });
}

struct PersonErased {
    base::PersonId person;
};
template <class Fields> void describe(Fields& fields, PersonErased& event) { fields("person", event.person); }

} // namespace

void install(http::Router& router, Dependencies dependencies) {
    const auto to = std::make_shared<const Dependencies>(dependencies);
    install_readers(router, to);
    install_changes(router, to);
}

base::Task<base::Status> Eraser::deliver(const outbox::MessageId&, const outbox::Event& event) {
    auto payload = json::parse<PersonErased>(event.payload);
    if (!payload) co_return std::move(payload).error();
    const base::PersonId person = payload->person;
    co_await m_database.write([person](db::WriteTx& tx) { return erase_all(tx, person); });
    co_return base::success();
}

} // namespace musubi::immunization
