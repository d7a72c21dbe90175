#include "services/growth/curves.h"

#include <gtest/gtest.h>

namespace musubi::growth {
namespace {

base::CivilDate day(std::string_view text) { return base::CivilDate::parse(text).value(); }

TEST(Curves, are_those_of_the_surveys_named_and_rise_from_percentile_to_percentile) {
    for (const Measure measure : {Measure::Height, Measure::Weight, Measure::Head})
        for (const Sex sex : {Sex::Male, Sex::Female}) {
            const Curve& curve = curve_of(measure, sex);
            EXPECT_EQ(curve.survey, measure == Measure::Head ? Survey::Japan2010 : Survey::Japan2023);
            EXPECT_EQ(curve.points.size(), measure == Measure::Head ? 33U : 24U);
            double before = -1;
            for (const CurvePoint& point : curve.points) {
                EXPECT_GT(point.months, before);
                before = point.months;
                for (size_t i = 1; i < point.values.size(); ++i) EXPECT_GT(point.values[i], point.values[i - 1]);
            }
        }
    EXPECT_DOUBLE_EQ(curve_of(Measure::Weight, Sex::Male).points[0].values[3], 3.06); // at birth
    EXPECT_DOUBLE_EQ(curve_of(Measure::Weight, Sex::Male).points[2].values[3], 4.8);  // 1 to 2 months
    EXPECT_DOUBLE_EQ(at_age(curve_of(Measure::Head, Sex::Male), 3.5)->values[3], 41.4);
}

TEST(Curves, a_value_lies_between_its_percentiles_and_the_outermost_belong_inside) {
    const Curve& curve = curve_of(Measure::Weight, Sex::Male);
    EXPECT_EQ(position_of(curve, 1.5, 4.8), Position::From50To75);
    EXPECT_EQ(position_of(curve, 1.5, 3.76), Position::From3To10);
    EXPECT_EQ(position_of(curve, 1.5, 3.75), Position::Below3);
    EXPECT_EQ(position_of(curve, 1.5, 5.8), Position::From90To97);
    EXPECT_EQ(position_of(curve, 1.5, 5.81), Position::Above97);
    EXPECT_FALSE(position_of(curve, 200, 50).has_value());
}

TEST(Curves, between_two_ages_the_curve_is_a_straight_line) {
    const Curve& curve = curve_of(Measure::Weight, Sex::Male);
    const CurvePoint& one = curve.points[5];
    const CurvePoint& other = curve.points[6];
    const auto middle = at_age(curve, (one.months + other.months) / 2);
    ASSERT_TRUE(middle.has_value());
    EXPECT_NEAR(middle->values[3], (one.values[3] + other.values[3]) / 2, 1e-9);
}

TEST(Age, months_are_counted_as_people_count_them) {
    EXPECT_DOUBLE_EQ(months_between(day("2026-01-31"), day("2026-01-31")), 0);
    EXPECT_DOUBLE_EQ(months_between(day("2026-01-31"), day("2026-02-28")), 1);
    EXPECT_DOUBLE_EQ(months_between(day("2026-05-20"), day("2026-11-20")), 6);
    EXPECT_NEAR(months_between(day("2026-05-20"), day("2026-11-22")), 6 + 2.0 / 30, 1e-9);
}

TEST(Age, a_child_born_early_is_compared_from_the_due_date_until_two_years_after_it) {
    const auto birth = day("2026-05-20");
    EXPECT_EQ(corrected_birth(birth, 32 * 7, day("2026-11-22")), birth.plus_days(56));
    EXPECT_FALSE(corrected_birth(birth, 37 * 7, day("2026-11-22")).has_value());
    EXPECT_FALSE(corrected_birth(birth, std::nullopt, day("2026-11-22")).has_value());
    EXPECT_TRUE(corrected_birth(birth, 32 * 7, day("2028-07-14")).has_value());
    EXPECT_FALSE(corrected_birth(birth, 32 * 7, day("2028-07-15")).has_value());
}

TEST(Kaup, is_weight_by_the_square_of_the_height_and_judged_from_three_months_to_school) {
    EXPECT_NEAR(kaup_index(7.9, 68.0), 17.08, 0.01);
    EXPECT_EQ(kaup_band(14.99, 12), KaupBand::Below);
    EXPECT_EQ(kaup_band(15, 12), KaupBand::Inside);
    EXPECT_EQ(kaup_band(19, 12), KaupBand::Above);
    EXPECT_FALSE(kaup_band(17, 2.9).has_value());
    EXPECT_FALSE(kaup_band(17, 72).has_value());
}

} // namespace
} // namespace musubi::growth
