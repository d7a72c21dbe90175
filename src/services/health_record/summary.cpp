#include "services/health_record/summary.h"

#include "core/records/fhir.h"
#include "services/health_record/checkups.h"
#include "services/health_record/vitals.h"

#include <algorithm>

namespace musubi::health_record {

using person_access::person_of;
using person_access::Subject;
namespace {

CountsView counts_of(const std::vector<records::TypeCount>& found) {
    CountsView counts;
    const auto add = [&](const records::TypeCount& one, VitalKind kind, int64_t& count) {
        if (one.type == "Observation" && one.code == code_of_kind(kind)) count += one.count;
    };
    for (const records::TypeCount& one : found) {
        if (one.type == "Immunization") counts.vaccinations += one.count;
        if (one.type == "DiagnosticReport" && one.code.starts_with(records::fhir::kCheckupKind))
            counts.checkups += one.count;
        add(one, VitalKind::BloodPressure, counts.blood_pressure);
        add(one, VitalKind::Weight, counts.weight);
        add(one, VitalKind::Height, counts.height);
        add(one, VitalKind::Steps, counts.steps);
    }
    return counts;
}

base::Task<std::optional<VitalView>> latest(db::ReadTx& tx, base::PersonId person, VitalKind kind, Span span) {
    auto found = co_await vitals_of(tx, person, kind, span, 1);
    if (found.empty()) co_return std::nullopt;
    co_return std::move(found.front());
}

} // namespace

base::Task<base::Result<SummaryView>> summary_of(db::ReadTx& tx, base::PersonId caller, Subject subject,
                                                 base::Instant now) {
    MUSUBI_CO_TRY(const identity::Person person, co_await person_of(tx, subject.person));
    SummaryView summary{
        .person = {person.id.to_string(), person.name, person.kana, person.birth_date,
                   subject.relation == identity::Relation::Self ? RelationView::Self : RelationView::Child}};
    if (subject.relation == identity::Relation::Child) {
        const auto children = co_await identity::children_of(tx, caller, base::date_in_japan(now));
        const auto child = std::find_if(children.begin(), children.end(),
                                        [&](const identity::Person& one) { return one.id == subject.person; });
        summary.person.mark = 2 + (child - children.begin()) % 4;
    }
    const auto found = co_await records::counts(tx, subject.person);
    summary.counts = counts_of(found);
    summary.vaccination_count = summary.counts.vaccinations;
    auto checkups = co_await checkups_of(tx, subject.person, 1);
    if (!checkups.empty()) summary.latest_checkup = std::move(checkups.front());
    const Span any_time;
    summary.latest_blood_pressure = co_await latest(tx, subject.person, VitalKind::BloodPressure, any_time);
    summary.latest_weight = co_await latest(tx, subject.person, VitalKind::Weight, any_time);
    Span today;
    today.from = base::start_of_day_in_japan(base::date_in_japan(now));
    const auto steps = co_await latest(tx, subject.person, VitalKind::Steps, today);
    if (steps) summary.steps_today = steps->values.value;
    co_return summary;
}

} // namespace musubi::health_record
