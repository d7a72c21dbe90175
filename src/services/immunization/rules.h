// The vaccination rules: data with their sources (rules/*.toml, one file per vaccine), read and checked at start. A
// city may replace a file; its samples must pass before it takes effect (samples.h).
#pragma once

#include "services/immunization/dates.h"

#include <array>
#include <span>
#include <string>
#include <vector>

namespace musubi::immunization {

enum class Category : uint8_t { RoutineA, RoutineB, Voluntary }; // 予防接種法 2 条 2 項, 3 項; 任意接種
enum class Sex : uint8_t { Unknown, Male, Female };
enum class Per : uint8_t { Life, Season, Pregnancy };
enum class Mixing : uint8_t { Any, SameProduct, NeverBack };
/// What has to hold about the person beside age before a window counts.
enum class Requirement : uint8_t { None, Recognition, Disability, HivDisability };

struct Span {
    std::optional<CivilDate> from, to; // both inclusive
    bool holds(CivilDate day) const { return (!from || day >= *from) && (!to || day <= *to); }
};

/// One stretch of days on which a dose is a routine one. Beside the first, doses may have further ones: extensions for
/// birth cohorts, transitional ages, special circumstances.
struct Window {
    std::string id; // empty for the first
    Point from, to;
    Span born;
    Span in_force;
    Span begun_between; // some dose of the vaccine was given in these days
    Requirement requires_ = Requirement::None;
};

struct IntervalRule {
    static constexpr int kLastPrimary = -1;
    int from_dose = 0; // a dose's number, or kLastPrimary
    Interval min, standard_min, standard_max;
    Interval physician_min; // shorter, when the physician finds it necessary
    Interval catch_up_min;  // instead of `min` when a primary dose was left out because of age
};

struct DoseRule {
    int number = 1;
    std::string phase; // primary, booster, period, single, annual
    int period = 1;    // 第1期, 第2期: each is an entitlement of its own
    std::vector<Window> windows;
    Point standard_from, standard_to;
    Point start_not_recommended_from;
    Point skip_if_after;          // the dose is left out when it would be given later
    Point skip_if_previous_after; // … when the one before was given later
    std::vector<IntervalRule> intervals;
};

struct Series {
    std::string id;
    std::string confidence;
    bool is_default = false;
    Point start_from, start_to; // chosen by the age at the first dose
    std::vector<int> start_products;
    Span cohort;
    Span in_force;
    int fallback = -1; // index of the series that takes over when dose 2 came too soon
    std::vector<DoseRule> doses;
};

struct Product {
    std::string cvx;
    std::string name;
    std::vector<std::string> words; // in lower case; found in what a record calls the vaccine
    Span in_force;
    bool live_injection = false;
};

struct Vaccine {
    std::string id;
    std::array<std::string, 3> names; // by base::Language; with readings
    Category category = Category::RoutineA;
    std::string route;
    bool live = false;
    bool live_injection = false;
    Span born, in_force;
    Sex sex = Sex::Unknown; // Unknown: everybody
    std::vector<std::string> cvx;
    Mixing mixing = Mixing::Any;
    Per per = Per::Life;
    int season_from = 0, season_to = 0; // month * 100 + day
    std::vector<int> counts_for;        // vaccines whose series a dose of this one continues
    std::vector<int> not_if_begun;
    int combination = -1; // the vaccine, perhaps this one, that has this one among its `not_if_begun`, or has any
    std::optional<CivilDate> only_if_begun_from;
    std::vector<int> begun_with;
    std::vector<int> complete_by_product;
    bool long_illness = true;
    Point long_illness_until;
    int least_age_years = 0; // no window begins at a lower age; set when read
    std::string cite_window, cite_interval, cite_standard;
    std::vector<Product> products; // in the order in which they came
    std::vector<Series> series;
};

/// Between different vaccines.
struct PairRule {
    enum class Class : uint8_t { LiveInjection, Live, Inactivated, Any };
    Class first = Class::Any, second = Class::Any;
    Interval min;
    Span in_force; // of the later dose
};

struct Rules {
    std::vector<Vaccine> vaccines;
    std::vector<PairRule> pairs;
    std::string cite_pairs;
    int long_illness_years = 2;
    std::string cite_long_illness;

    int find(std::string_view id) const; // -1
    int find_cvx(std::string_view cvx) const;
};

struct RuleFile {
    std::string name; // "hepb.toml"
    std::string text;
};
std::span<const RuleFile> built_in_rules();

/// immunization.rules-malformed; `detail` names file, line and what is wrong.
base::Result<Rules> read_rules(std::span<const RuleFile> files);
/// The compiled-in rules; they were checked by the tests of this module.
const Rules& current_rules();

int product_of(const Vaccine& vaccine, std::string_view cvx, std::string_view words); // -1: not told
bool is_live_injection(const Vaccine& vaccine, int product);

} // namespace musubi::immunization
