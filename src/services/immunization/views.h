// What the API shows of vaccinations.
#pragma once

#include "core/records/records.h"
#include "lib/json/json.h"
#include "services/immunization/engine.h"

#include <string>
#include <vector>

namespace musubi::immunization {

constexpr auto json_names(Outcome) {
    return std::array{std::pair{Outcome::Valid, "valid"},
                      std::pair{Outcome::TooEarly, "too-early"},
                      std::pair{Outcome::TooLate, "too-late"},
                      std::pair{Outcome::WrongProduct, "wrong-product"},
                      std::pair{Outcome::OutOfWindow, "out-of-window"},
                      std::pair{Outcome::Extraneous, "extraneous"}};
}
constexpr auto json_names(State) {
    return std::array{std::pair{State::NotForPerson, "not-for-person"},
                      std::pair{State::Later, "later"},
                      std::pair{State::Possible, "possible"},
                      std::pair{State::Due, "due"},
                      std::pair{State::Overdue, "overdue"},
                      std::pair{State::Missed, "missed"},
                      std::pair{State::Complete, "complete"}};
}
constexpr auto json_names(Category) {
    return std::array{std::pair{Category::RoutineA, "routine-a"}, std::pair{Category::RoutineB, "routine-b"},
                      std::pair{Category::Voluntary, "voluntary"}};
}

/// The sentence keeps {from}, {to} and {basis} for the reader's calendar, and its readings as {漢字|かんじ}.
struct VaccineReasonView {
    std::string code;
    std::string text;
    std::optional<CivilDate> from, to, basis;
    std::optional<std::string> citation;
};
struct DoseProposalView {
    int64_t number = 1;
    CivilDate earliest;
    CivilDate recommended;
    std::optional<CivilDate> standard_from, standard_to, latest, latest_to_complete;
    bool ask_city = false;
    std::vector<VaccineReasonView> reasons;
};
struct VaccineView {
    std::string id;
    std::string name; // with readings
    Category category = Category::RoutineA;
    State state = State::Later;
    int64_t done = 0;
    int64_t needed = 0;
    std::vector<DoseProposalView> next;
    std::vector<VaccineReasonView> reasons;
};
struct DoseEvaluationView {
    std::string vaccine;
    std::string name;
    Outcome outcome = Outcome::Valid;
    bool counts = false;
    std::optional<int64_t> number;
    std::vector<VaccineReasonView> reasons;
};
struct ReceivedDoseView {
    std::string id;
    std::string date;
    std::string name;
    std::optional<std::string> product, place, lot;
    records::Origin source = records::Origin::City;
    std::string source_name;
    std::vector<DoseEvaluationView> evaluations; // none when the vaccine or the day cannot be told
};
struct AppointmentVaccineView {
    std::string id;
    std::string name;
    Outcome outcome = Outcome::Valid; // if it is given on that day
    std::optional<int64_t> number;
    std::vector<VaccineReasonView> reasons;
};
struct VaccineAppointmentView {
    std::string id;
    CivilDate date;
    std::optional<std::string> time, place;
    std::vector<AppointmentVaccineView> vaccines;
};
struct LongIllnessView {
    CivilDate from;
    std::optional<CivilDate> to;
};
struct ImmunizationView {
    CivilDate today;
    CivilDate birth_date;
    std::vector<VaccineView> vaccines;
    std::vector<ReceivedDoseView> doses;
    std::vector<VaccineAppointmentView> appointments;
    std::optional<LongIllnessView> long_illness;
};
struct PlannedDoseView {
    std::string vaccine;
    std::string name;
    DoseProposalView proposal;
};
struct VaccineVisitView {
    CivilDate date;
    std::vector<PlannedDoseView> doses;
};
struct VisitPlanView {
    int64_t per_visit = 2;
    CivilDate until;
    std::vector<VaccineVisitView> visits;
};

struct VaccineAppointmentBody {
    CivilDate date;
    std::optional<std::string> time, place;
    std::vector<std::string> vaccines;
};
struct ReceivedDoseBody {
    std::string vaccine;
    std::optional<std::string> product, place, lot;
    CivilDate date;
};
struct LongIllnessBody {
    std::optional<CivilDate> from, to;
};

template <class Fields> void describe(Fields& fields, VaccineReasonView& reason) {
    fields("code", reason.code);
    fields("text", reason.text,
           json::Rule{.meaning = "In the language asked for; {from}, {to} and {basis} are dates, "
                                 "{漢字|かんじ} a reading."});
    fields("from", reason.from);
    fields("to", reason.to);
    fields("basis", reason.basis, json::Rule{.meaning = "The day of the dose it rests on."});
    fields("citation", reason.citation);
}
template <class Fields> void describe(Fields& fields, DoseProposalView& proposal) {
    fields("number", proposal.number);
    fields("earliest", proposal.earliest, json::Rule{.meaning = "First lawful day."});
    fields("recommended", proposal.recommended);
    fields("standardFrom", proposal.standard_from);
    fields("standardTo", proposal.standard_to);
    fields("latest", proposal.latest, json::Rule{.meaning = "Last lawful day."});
    fields("latestToComplete", proposal.latest_to_complete);
    fields("askCity", proposal.ask_city);
    fields("reasons", proposal.reasons);
}
template <class Fields> void describe(Fields& fields, VaccineView& vaccine) {
    fields("id", vaccine.id);
    fields("name", vaccine.name);
    fields("category", vaccine.category);
    fields("state", vaccine.state);
    fields("done", vaccine.done);
    fields("needed", vaccine.needed);
    fields("next", vaccine.next, json::Rule{.meaning = "The next dose first; later ones assume the recommended days."});
    fields("reasons", vaccine.reasons);
}
template <class Fields> void describe(Fields& fields, DoseEvaluationView& evaluation) {
    fields("vaccine", evaluation.vaccine);
    fields("name", evaluation.name);
    fields("outcome", evaluation.outcome);
    fields("counts", evaluation.counts);
    fields("number", evaluation.number);
    fields("reasons", evaluation.reasons);
}
template <class Fields> void describe(Fields& fields, ReceivedDoseView& dose) {
    fields("id", dose.id);
    fields("date", dose.date);
    fields("name", dose.name);
    fields("product", dose.product);
    fields("place", dose.place);
    fields("lot", dose.lot);
    fields("source", dose.source);
    fields("sourceName", dose.source_name);
    fields("evaluations", dose.evaluations);
}
template <class Fields> void describe(Fields& fields, AppointmentVaccineView& vaccine) {
    fields("id", vaccine.id);
    fields("name", vaccine.name);
    fields("outcome", vaccine.outcome, json::Rule{.meaning = "What the dose would be worth on that day."});
    fields("number", vaccine.number);
    fields("reasons", vaccine.reasons);
}
template <class Fields> void describe(Fields& fields, VaccineAppointmentView& appointment) {
    fields("id", appointment.id);
    fields("date", appointment.date);
    fields("time", appointment.time);
    fields("place", appointment.place);
    fields("vaccines", appointment.vaccines);
}
template <class Fields> void describe(Fields& fields, LongIllnessView& illness) {
    fields("from", illness.from);
    fields("to", illness.to);
}
template <class Fields> void describe(Fields& fields, ImmunizationView& view) {
    fields("today", view.today);
    fields("birthDate", view.birth_date);
    fields("vaccines", view.vaccines);
    fields("doses", view.doses);
    fields("appointments", view.appointments);
    fields("longIllness", view.long_illness);
}
template <class Fields> void describe(Fields& fields, PlannedDoseView& dose) {
    fields("vaccine", dose.vaccine);
    fields("name", dose.name);
    fields("proposal", dose.proposal);
}
template <class Fields> void describe(Fields& fields, VaccineVisitView& visit) {
    fields("date", visit.date);
    fields("doses", visit.doses);
}
template <class Fields> void describe(Fields& fields, VisitPlanView& plan) {
    fields("perVisit", plan.per_visit);
    fields("until", plan.until);
    fields("visits", plan.visits);
}
template <class Fields> void describe(Fields& fields, VaccineAppointmentBody& body) {
    fields("date", body.date);
    fields("time", body.time, json::Rule{.max_length = 5, .meaning = "HH:MM"});
    fields("place", body.place, json::Rule{.max_length = 100});
    fields("vaccines", body.vaccines, json::Rule{.max_length = 20, .max_items = 12});
}
template <class Fields> void describe(Fields& fields, ReceivedDoseBody& body) {
    fields("vaccine", body.vaccine, json::Rule{.max_length = 20});
    fields("product", body.product, json::Rule{.max_length = 20, .meaning = "CVX code of the product."});
    fields("place", body.place, json::Rule{.max_length = 100});
    fields("lot", body.lot, json::Rule{.max_length = 40});
    fields("date", body.date);
}
template <class Fields> void describe(Fields& fields, LongIllnessBody& body) {
    fields("from", body.from, json::Rule{.meaning = "Absent: there was none."});
    fields("to", body.to);
}

} // namespace musubi::immunization
