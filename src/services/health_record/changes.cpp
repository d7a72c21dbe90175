#include "services/health_record/changes.h"

#include "core/records/fhir.h"

#include <algorithm>
#include <fmt/core.h>

namespace musubi::health_record {

using person_access::note;
using person_access::person_of;
using person_access::Subject;
using person_access::subject_of;
namespace {

std::optional<std::string> text_of(const std::optional<json::Decimal>& decimal) {
    if (!decimal) return std::nullopt;
    return decimal->text;
}

/// "vitals.unlikely" alone asks for confirmation; anything worse is "vitals.invalid".
base::Error error_of(const std::vector<VitalFault>& faults) {
    const bool only_unlikely =
        std::all_of(faults.begin(), faults.end(), [](const VitalFault& fault) { return fault.code == "unlikely"; });
    base::Error error = base::invalid(only_unlikely ? "vitals.unlikely" : "vitals.invalid");
    for (const VitalFault& fault : faults) error.fields.push_back({"/" + fault.field, fault.code});
    return error;
}

base::Result<VitalEntry> entry_of(const VitalBody& body) {
    VitalEntry entry;
    if (const auto date = base::CivilDate::parse(body.at)) {
        entry.at = base::start_of_day_in_japan(*date);
        entry.effective = date->to_string();
    } else if (const auto at = base::Instant::parse(body.at)) {
        entry.at = *at;
        entry.effective = records::fhir::date_time(*at);
    } else {
        return error_of({{"at", "malformed"}});
    }
    entry.systolic = text_of(body.systolic);
    entry.diastolic = text_of(body.diastolic);
    entry.pulse = text_of(body.pulse);
    entry.value = text_of(body.value);
    entry.note = body.note;
    return entry;
}

bool asked(const http::Call& call, std::string_view parameter) { return call.request.query_value(parameter) == "true"; }

/// The resource of the path, if it is of the kind of the path and was entered by hand.
base::Task<base::Result<records::Resource>> own_entry(db::ReadTx& tx, const http::Call& call, Subject subject) {
    MUSUBI_CO_TRY(const VitalKind kind, kind_in_path(call));
    auto resource = co_await records::get(tx, subject.person, "Observation", std::string(call.path_text("id")));
    if (!resource || resource->code != code_of_kind(kind)) co_return base::not_found("vitals.not-found");
    if (resource->origin != records::Origin::Self) co_return base::forbidden("vitals.not-own");
    co_return std::move(*resource);
}

} // namespace

base::Result<VitalKind> kind_in_path(const http::Call& call) {
    const auto kind = vital_kind(call.path_text("kind"));
    if (!kind) return base::not_found("vitals.kind-unknown");
    return *kind;
}

base::Task<base::Result<VitalView>> enter_vital(const Dependencies& dependencies, http::Call& call, db::WriteTx& tx,
                                                VitalBody body) {
    MUSUBI_CO_TRY(const Subject subject, co_await subject_of(tx, call));
    MUSUBI_CO_TRY(const VitalKind kind, kind_in_path(call));
    MUSUBI_CO_TRY(const identity::Person person, co_await person_of(tx, subject.person));
    MUSUBI_CO_TRY(const VitalEntry entry, entry_of(body));
    const auto confirmation = body.confirmed.value_or(false) ? Confirmation::Given : Confirmation::None;
    const auto faults = faults_of(kind, entry, person.birth_date, call.now, confirmation);
    if (!faults.empty()) co_return error_of(faults);

    records::Draft draft;
    draft.type = "Observation";
    draft.origin = records::Origin::Self;
    draft.body = observation_of(kind, entry, subject.person, subject.relation);
    MUSUBI_CO_TRY(const records::Resource stored,
                  co_await records::put(tx, dependencies.random, subject.person, std::move(draft), call.now));
    note(call, subject.person, "Observation/" + stored.id);
    auto view = vital_of(kind, stored);
    if (!view) co_return base::internal("the stored measurement cannot be read back");
    call.set_status(201);
    co_return std::move(*view);
}

base::Task<base::Result<base::Unit>> remove_vital(http::Call& call, db::WriteTx& tx) {
    MUSUBI_CO_TRY(const Subject subject, co_await subject_of(tx, call));
    MUSUBI_CO_TRY(const records::Resource resource, co_await own_entry(tx, call, subject));
    note(call, subject.person, "Observation/" + resource.id);
    // Deleting twice is a second click, not a mistake.
    if (resource.deleted) co_return base::success();
    MUSUBI_CO_CHECK(co_await records::remove(tx, subject.person, "Observation", resource.id, call.now));
    co_return base::success();
}

base::Task<base::Result<VitalView>> restore_vital(http::Call& call, db::WriteTx& tx) {
    MUSUBI_CO_TRY(const Subject subject, co_await subject_of(tx, call));
    MUSUBI_CO_TRY(records::Resource resource, co_await own_entry(tx, call, subject));
    note(call, subject.person, "Observation/" + resource.id);
    if (resource.deleted) {
        auto restored = co_await records::restore(tx, subject.person, "Observation", resource.id, call.now);
        if (!restored) co_return std::move(restored).error();
        resource = std::move(*restored);
    }
    MUSUBI_CO_TRY(const VitalKind kind, kind_in_path(call));
    auto view = vital_of(kind, resource);
    if (!view) co_return base::internal("the restored measurement cannot be read back");
    co_return std::move(*view);
}

base::Task<base::Result<ImportReport>> import_csv(const Dependencies& dependencies, http::Call& call, db::WriteTx& tx) {
    MUSUBI_CO_TRY(const Subject subject, co_await subject_of(tx, call));
    MUSUBI_CO_TRY(const identity::Person person, co_await person_of(tx, subject.person));
    const auto confirmation = asked(call, "confirmed") ? Confirmation::Given : Confirmation::None;
    MUSUBI_CO_TRY(ReadRows rows, read_vitals_csv(call.request.body, person.birth_date, call.now, confirmation));
    const BadRows bad_rows = asked(call, "partial") ? BadRows::LeaveOut : BadRows::RefuseFile;
    MUSUBI_CO_TRY(ImportReport report, co_await import_vitals(tx, dependencies.random, subject.person, subject.relation,
                                                              std::move(rows), bad_rows, call.now));
    note(call, subject.person, fmt::format("csv {}+{}", report.accepted, report.skipped));
    co_return report;
}

} // namespace musubi::health_record
