// The vaccination engine: what each dose given counts for, and what comes next, with reasons. A function of its
// arguments: no clock, no database. One child takes some microseconds.
#pragma once

#include "services/immunization/rules.h"

#include <vector>

namespace musubi::immunization {

/// Whether a dose is what the law asks for at that point. TooLate: past the age limit, OutOfWindow: outside a window of
/// the calendar, before the rule was in force, or not for this person.
enum class Outcome : uint8_t { Valid, TooEarly, TooLate, WrongProduct, OutOfWindow, Extraneous };

enum class ReasonCode : uint8_t {
    Window,            // from/to: routine on these days
    Standard,          // from/to: the standard time
    MinimumInterval,   // from: first day, basis: the dose it counts from, interval
    StandardInterval,  // from/to, basis
    LiveInterval,      // from: first day, basis: date of the other live injection, other: that vaccine
    PhysicianInterval, // shorter interval when the physician finds it necessary
    BeforeWindow,      // from
    AfterWindow,       // to
    NotInForce,        // from or to
    NotForCohort,
    NotForSex,
    NotForRequirement,
    ProductNotInForce, // from/to of the product
    ProductMixed,      // basis: the dose before
    ProductAssumed,    // the record does not say which product: number of doses may differ
    StartAge,          // series chosen by the age at the first dose: basis
    DoseLeftOut,       // number: the dose left out because of age
    Complete,
    Duplicate,
    OtherSeries,       // other: continued with that vaccine
    StartLate,         // from: first doses are not recommended from this day on
    LastDayToComplete, // to: later starts cannot be completed
    Extension,         // from/to
    AskCity,           // the city has to recognise it
    LongIllness,       // to
    Season,            // from/to
    PeriodMissed,      // number: the dose whose time has passed
    TooLateToComplete,
    NeedsPregnancy,
};

struct Reason {
    ReasonCode code = ReasonCode::Window;
    std::optional<CivilDate> from, to, basis;
    Interval interval;
    int16_t number = 0;
    int16_t other = -1; // index of another vaccine
    int16_t series = -1;
};

struct LongIllness {
    CivilDate from;
    std::optional<CivilDate> to; // absent: it lasts
};

struct Person {
    CivilDate birth;
    Sex sex = Sex::Unknown;
    std::optional<CivilDate> due; // of the present pregnancy
    std::optional<LongIllness> long_illness;
    bool disability = false;     // heart, kidney, breathing; grade 1
    bool hiv_disability = false; // immune function
};

struct Given {
    int vaccine = 0;
    int product = -1; // index among the vaccine's products; -1: not told
    CivilDate on;
};

struct Evaluation {
    size_t given = 0; // index into the doses handed over
    int vaccine = 0;  // the series it is judged in
    Outcome outcome = Outcome::Valid;
    bool counts = false;
    int number = 0; // of the dose in its series; 0 when it is none
    int series = -1;
    std::vector<Reason> reasons;
};

enum class State : uint8_t {
    NotForPerson, // other cohort, sex, or a rule not in force
    Later,        // not yet lawful
    Possible,     // lawful, before the standard time
    Due,          // in the standard time
    Overdue,      // after it, still lawful
    Missed,       // the last lawful day has passed
    Complete,
};

/// The next dose. All days inclusive; `recommended` is never before `earliest` or after `latest`.
struct Proposal {
    int number = 1;
    int series = 0;
    CivilDate earliest;    // first lawful day
    CivilDate recommended; // first day that is lawful, standard and not past
    std::optional<CivilDate> standard_from, standard_to;
    std::optional<CivilDate> latest;             // last lawful day
    std::optional<CivilDate> latest_to_complete; // last day that leaves time for the doses after it
    bool needs_recognition = false;
    std::vector<Reason> reasons;
};

struct VaccineStatus {
    int vaccine = 0;
    State state = State::NotForPerson;
    int series = -1;
    int done = 0;               // counted doses
    int needed = 0;             // doses of the series for this person, without those left out or missed
    std::vector<Proposal> next; // the next dose first; those after it assume that each is given on its recommended day
    std::vector<Reason> reasons;
};

struct Answer {
    std::vector<Evaluation> evaluations; // by date, then by the order of the vaccines
    std::vector<VaccineStatus> statuses; // one per vaccine, in the order of the rules
};

/// Judges by the rules in force on each dose's day, and proposes by those in force on `today`. Doses after `today` are
/// not looked at. The order of `given` does not matter.
Answer evaluate(const Rules& rules, const Person& person, std::span<const Given> given, CivilDate today);

/// The legal and standard windows of a dose, as the tables of the ministry show them.
struct DoseWindow {
    std::optional<CivilDate> from, to, standard_from, standard_to;
};
DoseWindow window_of(const DoseRule& dose, const Person& person);

} // namespace musubi::immunization
