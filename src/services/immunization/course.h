// Private to services/immunization: the course of one vaccine, shared by looking back (evaluation.cpp) and ahead
// (forecast.cpp).
#pragma once

#include "services/immunization/engine.h"

#include <array>
#include <cstddef>
#include <new>
#include <type_traits>

namespace musubi::immunization {

struct Shot {
    size_t given = 0; // index in what was handed over
    int vaccine = 0;
    int product = -1;
    CivilDate on;
};

/// The season of a day: 10-01 of a year to its last day in the next one. Absent outside any season.
struct Season {
    CivilDate from, to;
};
std::optional<Season> season_of(const Vaccine& vaccine, CivilDate day);
Season next_season(const Vaccine& vaccine, CivilDate day); // the present one, or the one that begins next

/// What one rule's evaluation knows of the person beside the rule.
struct Circumstances {
    const Rules& rules;
    const Person& person;
    const Vaccine& vaccine;
    std::span<const Shot> shots;  // of this vaccine's course, by date
    std::optional<Season> season; // when counted per season
};

/// A window as days.
struct Days {
    CivilDate from = CivilDate::from_days(0);
    std::optional<CivilDate> to;
    const Window* window = nullptr;
    bool long_illness = false;
    bool holds(CivilDate day) const { return day >= from && (!to || day <= *to); }
};
/// The windows that apply to the person, in the order of the rule. At most kMostWindows.
constexpr size_t kMostWindows = 16;
static_assert(std::is_trivially_destructible_v<Days>);
struct DaysList {
    DaysList() {} // NOLINT(modernize-use-equals-default): the room stays untouched; most doses have one window
    void add(const Days& days) { new (room + sizeof(Days) * count++) Days(days); }
    const Days* begin() const { return std::launder(reinterpret_cast<const Days*>(room)); }
    const Days* end() const { return begin() + count; }
    bool empty() const { return count == 0; }
    /// Open-ended windows have no last day.
    std::optional<CivilDate> last() const;

    size_t count = 0;
    alignas(Days) std::byte room[sizeof(Days) * kMostWindows];
};
DaysList windows_for(const Circumstances& of, const DoseRule& dose);

struct Counted {
    int number = 0; // in the series
    CivilDate on = CivilDate::from_days(0);
    int product = -1;
};

/// Where a course stands.
struct Course {
    int series = -1;
    std::array<Counted, 12> counted;
    size_t count = 0;
    size_t at = 0; // the next dose of the series
    uint32_t left_out = 0, missed = 0;
    bool primary_left_out = false;
    std::optional<CivilDate> last_given; // counted or not

    const Counted* dose(int number) const;
    void count_dose(const Counted& dose);
};

/// By the age at the first dose, its product, the person's cohort and the rules in force on `law_day`. -1: none.
int choose_series(const Vaccine& vaccine, const Person& person, CivilDate start, int product, CivilDate law_day);

/// The first day all minimum intervals within the vaccine allow; what binds goes to `reason`. `physician` takes the
/// shorter intervals a physician may choose.
enum class Judging { Everybody, Physician };
std::optional<CivilDate> earliest_by_intervals(const Series& series, const Course& course, const DoseRule& dose,
                                               Judging judging, Reason* reason);
/// The counted dose an interval starts from.
const Counted* base_of(const IntervalRule& rule, const Series& series, const Course& course);

/// Whether the dose is left out when given on `day`.
bool left_out(const Circumstances& of, const Course& course, const DoseRule& dose, CivilDate day);
void leave_out(Course& course, const Series& series);
/// The first dose of a later period; the end of the series when there is none.
size_t next_period(const Series& series, size_t at);

/// The first day on which the rules between different vaccines allow `shot` after what was given before it.
std::optional<CivilDate> earliest_by_pairs(const Rules& rules, std::span<const Shot> all, const Shot& shot,
                                           Reason* reason);

/// What one vaccine's doses were worth, and where that leaves the course.
struct Walk {
    Course course;
    bool complete_by_product = false;
};
Walk walk(const Circumstances& of, std::span<const Shot> all, CivilDate today, std::vector<Evaluation>& out);

/// `begins`: where the course stands before the first proposal.
VaccineStatus forecast(const Circumstances& of, int vaccine, const Walk& walked, std::span<const Shot> all,
                       CivilDate today, Course* begins = nullptr);
/// The next dose of a course not before `floor`, without regard to other vaccines. Moves the course over doses left
/// out.
std::optional<Proposal> next_dose(const Circumstances& of, int vaccine, Course& course, CivilDate floor);

/// Doses up to `today`, by date.
std::vector<Shot> sorted(std::span<const Given> given, CivilDate today);

/// One vaccine this person is on the course of, as handed to a visitor of all courses.
class CourseVisitor {
  public:
    virtual ~CourseVisitor() = default;
    virtual void course(const Circumstances& of, int vaccine) = 0;
    /// The vaccine is not for this person because `other` is taken in its place.
    virtual void replaced(int vaccine, int other, bool refuse_doses) = 0;
};
void visit_courses(const Rules& rules, const Person& person, std::span<const Shot> shots, CivilDate today,
                   CourseVisitor& visitor);

} // namespace musubi::immunization
