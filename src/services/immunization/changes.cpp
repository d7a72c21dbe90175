#include "services/immunization/changes.h"

#include "core/records/fhir.h"
#include "services/immunization/reasons.h"

#include <algorithm>

namespace musubi::immunization {
namespace {

using http::Call;
template <class T> using Reply = base::Task<base::Result<T>>;
constexpr int kFarthestAhead = 3 * 366; // days
constexpr size_t kMostAppointments = 100;
constexpr std::string_view kCvx = "http://hl7.org/fhir/sid/cvx";

base::Error field(std::string path, std::string code) {
    base::Error error = base::invalid("request.fields-invalid");
    error.fields.push_back({std::move(path), std::move(code)});
    return error;
}

bool is_time(const std::string& text) {
    const auto digit = [&](size_t at) { return text[at] >= '0' && text[at] <= '9'; };
    if (text.size() != 5 || text[2] != ':' || !digit(0) || !digit(1) || !digit(3) || !digit(4)) return false;
    return text.substr(0, 2) < "24" && text.substr(3) < "60";
}

/// The body's fields as an appointment's; the person and the id stay.
base::Result<Appointment> filled(Appointment appointment, const VaccineAppointmentBody& body, CivilDate today) {
    if (body.date < today) return field("/date", "in-past");
    if (body.date > today.plus_days(kFarthestAhead)) return field("/date", "out-of-range");
    if (body.time && !is_time(*body.time)) return field("/time", "malformed");
    if (body.vaccines.empty()) return field("/vaccines", "missing");
    std::vector<std::string> ids;
    for (size_t i = 0; i < body.vaccines.size(); ++i) {
        if (current_rules().find(body.vaccines[i]) < 0) return field("/vaccines/" + std::to_string(i), "out-of-range");
        if (std::find(ids.begin(), ids.end(), body.vaccines[i]) == ids.end()) ids.push_back(body.vaccines[i]);
    }
    appointment.vaccines.clear();
    for (const std::string& id : ids) appointment.vaccines += (appointment.vaccines.empty() ? "" : " ") + id;
    appointment.on = body.date;
    appointment.time = body.time;
    appointment.place = body.place.value_or("");
    return appointment;
}

Reply<VaccineAppointmentView> shown(const Call& call, db::ReadTx& tx, Appointment appointment) {
    MUSUBI_CO_TRY(identity::Person person, co_await person_access::person_of(tx, appointment.person));
    const Shown with = shown_for(call);
    const History history = co_await history_of(tx, with.rules, appointment.person);
    const Person subject = co_await subject_for(tx, std::move(person), with.today);
    co_return view_of(with, subject, history, appointment);
}

Reply<Appointment> in_path(Call& call, db::ReadTx& tx) {
    MUSUBI_CO_TRY(const Subject subject, co_await person_access::subject_of(tx, call));
    const auto id = AppointmentId::parse(call.path_text("id"));
    if (!id) co_return base::not_found("immunization.appointment-not-found");
    auto found = co_await find_appointment(tx, subject.person, *id);
    if (!found) co_return base::not_found("immunization.appointment-not-found");
    person_access::note(call, subject.person, "appointment " + id->to_string());
    co_return std::move(*found);
}

/// The Immunization of the path, if it was entered by hand.
Reply<records::Resource> own_dose(Call& call, db::ReadTx& tx) {
    MUSUBI_CO_TRY(const Subject subject, co_await person_access::subject_of(tx, call));
    auto found = co_await records::get(tx, subject.person, "Immunization", std::string(call.path_text("id")));
    if (!found) co_return base::not_found("immunization.dose-not-found");
    if (found->origin != records::Origin::Self) co_return base::forbidden("immunization.dose-not-own");
    person_access::note(call, subject.person, "Immunization/" + found->id);
    co_return std::move(*found);
}

} // namespace

Shown shown_for(const http::Call& call) { return {current_rules(), call.language, base::date_in_japan(call.now)}; }

Reply<VaccineAppointmentView> add_appointment(const Dependencies& to, Call& call, db::WriteTx& tx,
                                              VaccineAppointmentBody body) {
    MUSUBI_CO_TRY(const Subject subject, co_await person_access::subject_of(tx, call));
    const CivilDate today = base::date_in_japan(call.now);
    const auto present = co_await appointments_of(tx, subject.person, today);
    if (present.size() >= kMostAppointments)
        co_return base::error(base::ErrorKind::TooMany, "immunization.too-many-appointments");
    Appointment blank{.person = subject.person,
                      .id = AppointmentId::make(call.now, to.random),
                      .on = today,
                      .time = {},
                      .vaccines = {},
                      .place = {},
                      .removed_at = {}};
    MUSUBI_CO_TRY(const Appointment appointment, filled(std::move(blank), body, today));
    co_await put_appointment(tx, appointment, call.now);
    person_access::note(call, subject.person, "appointment " + appointment.id.to_string());
    call.set_status(201);
    co_return co_await shown(call, tx, appointment);
}

Reply<VaccineAppointmentView> change_appointment(Call& call, db::WriteTx& tx, VaccineAppointmentBody body) {
    MUSUBI_CO_TRY(Appointment found, co_await in_path(call, tx));
    if (found.removed_at) co_return base::not_found("immunization.appointment-not-found");
    MUSUBI_CO_TRY(const Appointment changed, filled(std::move(found), body, base::date_in_japan(call.now)));
    co_await put_appointment(tx, changed, call.now);
    co_return co_await shown(call, tx, changed);
}

Reply<base::Unit> remove_appointment(Call& call, db::WriteTx& tx) {
    MUSUBI_CO_TRY(Appointment found, co_await in_path(call, tx));
    if (found.removed_at) co_return base::success(); // a second click, not a mistake
    found.removed_at = call.now;
    co_await put_appointment(tx, found, call.now);
    co_return base::success();
}

Reply<VaccineAppointmentView> restore_appointment(Call& call, db::WriteTx& tx) {
    MUSUBI_CO_TRY(Appointment found, co_await in_path(call, tx));
    if (found.removed_at) {
        found.removed_at.reset();
        co_await put_appointment(tx, found, call.now);
    }
    co_return co_await shown(call, tx, found);
}

Reply<ReceivedDoseView> add_dose(const Dependencies& to, Call& call, db::WriteTx& tx, ReceivedDoseBody body) {
    MUSUBI_CO_TRY(const Subject subject, co_await person_access::subject_of(tx, call));
    MUSUBI_CO_TRY(const identity::Person person, co_await person_access::person_of(tx, subject.person));
    const Shown with = shown_for(call);
    const int index = with.rules.find(body.vaccine);
    if (index < 0) co_return field("/vaccine", "out-of-range");
    if (body.date > with.today) co_return field("/date", "in-future");
    if (body.date < person.birth_date) co_return field("/date", "before-birth");
    const Vaccine& vaccine = with.rules.vaccines[static_cast<size_t>(index)];
    records::fhir::Immunization shot;
    shot.meta = records::fhir::profile("JP_Immunization");
    shot.vaccine_code =
        records::fhir::concept_of(records::fhir::kVaccine, vaccine.id, plain_name(vaccine, base::Language::Japanese));
    if (body.product) {
        const int product = product_of(vaccine, *body.product, {});
        if (product < 0) co_return field("/product", "out-of-range");
        const Product& known = vaccine.products[static_cast<size_t>(product)];
        shot.vaccine_code.coding.push_back({std::string(kCvx), known.cvx, known.name});
    }
    shot.patient = records::fhir::patient(subject.person.to_string());
    shot.occurrence_date_time = body.date.to_string();
    if (body.place) shot.location = records::fhir::Reference{{}, *body.place};
    if (body.lot) shot.lot_number = *body.lot;
    records::Draft draft;
    draft.type = "Immunization";
    draft.origin = records::Origin::Self;
    draft.body = json::write(shot);
    MUSUBI_CO_TRY(const records::Resource stored,
                  co_await records::put(tx, to.random, subject.person, std::move(draft), call.now));
    person_access::note(call, subject.person, "Immunization/" + stored.id);
    call.set_status(201);
    const History history = co_await history_of(tx, with.rules, subject.person);
    for (const Received& one : history.received)
        if (one.id == stored.id) co_return view_of(with, one);
    co_return base::internal("the stored dose cannot be read back");
}

Reply<base::Unit> remove_dose(Call& call, db::WriteTx& tx) {
    MUSUBI_CO_TRY(const records::Resource dose, co_await own_dose(call, tx));
    if (dose.deleted) co_return base::success();
    const base::PersonId person = *call.audit.person;
    MUSUBI_CO_CHECK(co_await records::remove(tx, person, "Immunization", dose.id, call.now));
    co_return base::success();
}

Reply<base::Unit> restore_dose(Call& call, db::WriteTx& tx) {
    MUSUBI_CO_TRY(const records::Resource dose, co_await own_dose(call, tx));
    if (!dose.deleted) co_return base::success();
    const base::PersonId person = *call.audit.person;
    MUSUBI_CO_CHECK(co_await records::restore(tx, person, "Immunization", dose.id, call.now));
    co_return base::success();
}

Reply<base::Unit> enter_long_illness(Call& call, db::WriteTx& tx, LongIllnessBody body) {
    MUSUBI_CO_TRY(const Subject subject, co_await person_access::subject_of(tx, call));
    MUSUBI_CO_TRY(const identity::Person person, co_await person_access::person_of(tx, subject.person));
    const CivilDate today = base::date_in_japan(call.now);
    std::optional<LongIllness> illness;
    if (body.from) {
        if (*body.from < person.birth_date) co_return field("/from", "before-birth");
        if (*body.from > today) co_return field("/from", "in-future");
        if (body.to && (*body.to < *body.from || *body.to > today)) co_return field("/to", "out-of-range");
        illness = LongIllness{*body.from, body.to};
    } else if (body.to) {
        co_return field("/from", "missing");
    }
    co_await set_long_illness(tx, subject.person, illness, call.now);
    person_access::note(call, subject.person, "long illness");
    co_return base::success();
}

} // namespace musubi::immunization
