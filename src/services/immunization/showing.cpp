#include "services/immunization/showing.h"

#include "services/immunization/reasons.h"

namespace musubi::immunization {
namespace {

std::optional<std::string> if_any(const std::string& text) {
    return text.empty() ? std::optional<std::string>() : std::optional(text);
}

const std::string& name_of(const Shown& shown, int vaccine) {
    return shown.rules.vaccines[static_cast<size_t>(vaccine)].names[static_cast<size_t>(shown.language)];
}

std::vector<VaccineReasonView> reasons_of(const Shown& shown, int vaccine, const std::vector<Reason>& reasons) {
    std::vector<VaccineReasonView> views;
    views.reserve(reasons.size());
    for (const Reason& reason : reasons)
        views.push_back({std::string(code_of(reason.code)), template_of(shown.rules, reason, shown.language),
                         reason.from, reason.to, reason.basis, if_any(citation_of(shown.rules, vaccine, reason))});
    return views;
}

DoseProposalView proposal_of(const Shown& shown, int vaccine, const Proposal& proposal) {
    return {proposal.number,
            proposal.earliest,
            proposal.recommended,
            proposal.standard_from,
            proposal.standard_to,
            proposal.latest,
            proposal.latest_to_complete,
            proposal.needs_recognition,
            reasons_of(shown, vaccine, proposal.reasons)};
}

/// What belongs on this person's page: neither what was never for them nor what is decades away.
bool shows(const VaccineStatus& status) {
    if (status.done > 0) return true;
    if (status.state == State::NotForPerson) return false;
    return status.state != State::Later || !status.next.empty();
}

std::optional<int64_t> number_of(const Evaluation& evaluation) {
    return evaluation.number > 0 ? std::optional<int64_t>(evaluation.number) : std::nullopt;
}

} // namespace

ReceivedDoseView view_of(const Shown&, const Received& received) {
    ReceivedDoseView dose;
    dose.id = received.id;
    dose.date = received.date;
    dose.name = received.name;
    dose.product = if_any(received.product);
    dose.place = if_any(received.place);
    dose.lot = if_any(received.lot);
    dose.source = received.origin;
    dose.source_name = received.source_name;
    return dose;
}

ImmunizationView view_of(const Shown& shown, const Person& person, const History& history,
                         const std::vector<Appointment>& appointments) {
    const Answer answer = evaluate(shown.rules, person, history.given, shown.today);
    ImmunizationView view{.today = shown.today,
                          .birth_date = person.birth,
                          .vaccines = {},
                          .doses = {},
                          .appointments = {},
                          .long_illness = {}};
    for (const VaccineStatus& status : answer.statuses) {
        if (!shows(status)) continue;
        const Vaccine& vaccine = shown.rules.vaccines[static_cast<size_t>(status.vaccine)];
        VaccineView one;
        one.id = vaccine.id;
        one.name = name_of(shown, status.vaccine);
        one.category = vaccine.category;
        one.state = status.state;
        one.done = status.done;
        one.needed = status.needed;
        for (const Proposal& next : status.next) one.next.push_back(proposal_of(shown, status.vaccine, next));
        one.reasons = reasons_of(shown, status.vaccine, status.reasons);
        view.vaccines.push_back(std::move(one));
    }
    for (const Received& received : history.received) {
        ReceivedDoseView dose = view_of(shown, received);
        for (const Evaluation& evaluation : answer.evaluations) {
            if (!received.given || evaluation.given != static_cast<size_t>(*received.given)) continue;
            const Vaccine& vaccine = shown.rules.vaccines[static_cast<size_t>(evaluation.vaccine)];
            dose.evaluations.push_back({vaccine.id, name_of(shown, evaluation.vaccine), evaluation.outcome,
                                        evaluation.counts, number_of(evaluation),
                                        reasons_of(shown, evaluation.vaccine, evaluation.reasons)});
        }
        view.doses.push_back(std::move(dose));
    }
    for (const Appointment& one : appointments) view.appointments.push_back(view_of(shown, person, history, one));
    if (person.long_illness) view.long_illness = LongIllnessView{person.long_illness->from, person.long_illness->to};
    return view;
}

VaccineAppointmentView view_of(const Shown& shown, const Person& person, const History& history,
                               const Appointment& appointment) {
    VaccineAppointmentView view{
        appointment.id.to_string(), appointment.on, appointment.time, if_any(appointment.place), {}};
    std::vector<Given> given = history.given;
    const size_t before = given.size();
    for (const std::string& id : appointment.vaccine_ids())
        if (const int vaccine = shown.rules.find(id); vaccine >= 0) given.push_back({vaccine, -1, appointment.on});
    const Answer answer = evaluate(shown.rules, person, given, appointment.on);
    for (size_t i = before; i < given.size(); ++i) {
        for (const Evaluation& evaluation : answer.evaluations) {
            if (evaluation.given != i) continue;
            view.vaccines.push_back({shown.rules.vaccines[static_cast<size_t>(given[i].vaccine)].id,
                                     name_of(shown, given[i].vaccine), evaluation.outcome, number_of(evaluation),
                                     reasons_of(shown, evaluation.vaccine, evaluation.reasons)});
            break; // a combination is one injection, whatever it counts for
        }
    }
    return view;
}

VisitPlanView view_of(const Shown& shown, const VisitPlan& plan, const PlanWish& wish) {
    VisitPlanView view{wish.most_per_visit, wish.until, {}};
    for (const Visit& visit : plan.visits) {
        VaccineVisitView one{visit.on, {}};
        for (const PlannedDose& dose : visit.doses)
            one.doses.push_back({shown.rules.vaccines[static_cast<size_t>(dose.vaccine)].id,
                                 name_of(shown, dose.vaccine), proposal_of(shown, dose.vaccine, dose.proposal)});
        view.visits.push_back(std::move(one));
    }
    return view;
}

} // namespace musubi::immunization
