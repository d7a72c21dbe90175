// Growth curves of the national surveys, and where a child's value lies.
#pragma once

#include "base/time.h"

#include <array>
#include <optional>
#include <string_view>
#include <vector>

namespace musubi::growth {

enum class Measure { Height, Weight, Head };
enum class Survey { Japan2023, Japan2010 };
enum class Sex { Male, Female };

extern const std::string_view kPercentiles2023;
extern const std::string_view kHead2010;

constexpr std::array<int, 7> kPercentiles = {3, 10, 25, 50, 75, 90, 97};

/// The seven percentiles at one age.
struct CurvePoint {
    double months = 0;
    std::array<double, 7> values{};
};
struct Curve {
    Survey survey = Survey::Japan2023;
    std::vector<CurvePoint> points; // by age
};
const Curve& curve_of(Measure measure, Sex sex);

/// Where a value lies among children of that age: between two neighbouring percentiles, or outside the outermost.
enum class Position { Below3, From3To10, From10To25, From25To50, From50To75, From75To90, From90To97, Above97 };

/// The seven percentiles at an age, interpolated; nothing outside the survey's ages.
std::optional<CurvePoint> at_age(const Curve& curve, double months);
std::optional<Position> position_of(const Curve& curve, double months, double value);

/// Months since birth with their fraction: whole months as people count them, days of the month begun by its length.
double months_between(base::CivilDate birth, base::CivilDate day);

/// カウプ指数: weight in kg by the square of the height in m.
double kaup_index(double kilograms, double centimetres);
/// 15 to 19 is called ordinary from three months on (乳幼児身体発育評価マニュアル); a guide, and not used before.
enum class KaupBand { Below, Inside, Above };
std::optional<KaupBand> kaup_band(double index, double months);

/// A child born before 37 weeks is compared by the age counted from the due date until two years after it.
constexpr int kTermDays = 37 * 7;
constexpr int kDueDays = 40 * 7;
std::optional<base::CivilDate> corrected_birth(base::CivilDate birth, std::optional<int> gestation_days,
                                               base::CivilDate on);

} // namespace musubi::growth
