// The vectors of the ministry's tables, the samples of the rule files, and properties over random lives.
#include "services/immunization/engine.h"

#include "base/random.h"
#include "services/immunization/samples.h"

#include <algorithm>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

namespace musubi::immunization {
namespace {

CivilDate day(std::string_view text) { return CivilDate::parse(text).value(); }

/// The rows below the header, cut at commas; none of these files quotes a cell that is looked at.
std::vector<std::vector<std::string>> rows_of(const std::string& file) {
    std::ifstream in("src/services/immunization/testdata/" + file);
    std::vector<std::vector<std::string>> rows;
    std::string line;
    std::getline(in, line);
    while (std::getline(in, line)) {
        std::vector<std::string> cells;
        std::istringstream cut(line + ",");
        for (std::string cell; std::getline(cut, cell, ',');) cells.push_back(cell);
        rows.push_back(std::move(cells));
    }
    EXPECT_FALSE(rows.empty()) << file;
    return rows;
}

std::string text_of(std::optional<CivilDate> date) { return date ? date->to_string() : ""; }

const Vaccine& vaccine(std::string_view id) {
    return current_rules().vaccines[static_cast<size_t>(current_rules().find(id))];
}
int index_of(std::string_view id) { return current_rules().find(id); }

Given given(std::string_view id, std::string_view on, std::string_view cvx = {}) {
    return {index_of(id), product_of(vaccine(id), cvx, {}), day(on)};
}

VaccineStatus status(const Answer& answer, std::string_view id) {
    return answer.statuses[static_cast<size_t>(index_of(id))];
}

bool has_reason(const std::vector<Reason>& reasons, ReasonCode code) {
    return std::any_of(reasons.begin(), reasons.end(), [&](const Reason& one) { return one.code == code; });
}

TEST(Dates, points_in_time_are_those_of_the_ministrys_examples) {
    for (const auto& row : rows_of("vaccines_jp_datepoint_testvectors.csv")) {
        const auto point = read_point(row[1]);
        ASSERT_TRUE(point.ok()) << row[1];
        EXPECT_EQ(text_of(resolve(*point, day(row[0]))), row[2]) << row[0] << " " << row[1];
    }
}

TEST(Dates, intervals_leave_the_clear_days_the_law_asks_for) {
    for (const auto& row : rows_of("vaccines_jp_interval_testvectors.csv")) {
        const auto interval = read_interval(row[1]);
        ASSERT_TRUE(interval.ok()) << row[1];
        EXPECT_EQ(earliest_after(day(row[0]), *interval).to_string(), row[2]) << row[0] << " " << row[1];
    }
}

TEST(Dates, what_is_no_point_or_interval_is_refused) {
    for (const char* text :
         {"", "m:", "m:-1", "m:3x", "w:6", "w:6.7", "fy:12", "fy:12.middle", "date:2026-02-30", "x:1"})
        EXPECT_FALSE(read_point(text).ok()) << text;
    for (const char* text : {"", "clear:27", "clear:d", "mo:", "mo:1.2", "wk:x", "27d"})
        EXPECT_FALSE(read_interval(text).ok()) << text;
}

TEST(Rules, every_legal_and_standard_window_is_that_of_the_tables) {
    for (const auto& row : rows_of("vaccines_jp_windows_testvectors.csv")) {
        const Vaccine& of = vaccine(row[1]);
        const auto series =
            std::find_if(of.series.begin(), of.series.end(), [&](const Series& one) { return one.id == row[2]; });
        ASSERT_NE(series, of.series.end()) << row[2];
        const DoseRule& dose = series->doses[static_cast<size_t>(std::stoi(row[3]) - 1)];
        const DoseWindow window = window_of(dose, Person{.birth = day(row[0])});
        const std::string what = row[0] + " " + row[2] + " dose " + row[3];
        EXPECT_EQ(text_of(window.from), row[4]) << what;
        EXPECT_EQ(text_of(window.to), row[5]) << what;
        EXPECT_EQ(text_of(window.standard_from), row[6]) << what;
        EXPECT_EQ(text_of(window.standard_to), row[7]) << what;
    }
}

TEST(Rules, the_samples_of_every_rule_file_come_out_as_they_say) {
    const auto samples = read_samples(current_rules(), built_in_rules());
    ASSERT_TRUE(samples.ok()) << samples.error().detail;
    EXPECT_GT(samples->size(), 100U);
    for (const SampleFailure& failure : run_samples(current_rules(), *samples))
        ADD_FAILURE() << failure.file << ", " << failure.name << ": expected " << failure.expected << ", found "
                      << failure.found;
    for (const Vaccine& one : current_rules().vaccines)
        EXPECT_TRUE(std::any_of(samples->begin(), samples->end(),
                                [&](const Sample& sample) { return sample.vaccine == one.id; }))
            << one.id << " has no sample";
}

TEST(Rules, a_wrong_rule_file_is_refused_with_its_name_and_line) {
    std::vector<RuleFile> files(built_in_rules().begin(), built_in_rules().end());
    for (RuleFile& file : files)
        if (file.name == "bcg.toml") file.text.replace(file.text.find("\"m:12\""), 6, "\"mm:12\"");
    const auto rules = read_rules(files);
    ASSERT_FALSE(rules.ok());
    EXPECT_EQ(rules.error().code, "immunization.rules-malformed");
    EXPECT_NE(rules.error().detail.find("bcg.toml"), std::string::npos) << rules.error().detail;
}

TEST(Rules, a_changed_rule_fails_its_samples) {
    std::vector<RuleFile> files(built_in_rules().begin(), built_in_rules().end());
    for (RuleFile& file : files)
        if (file.name == "hepb.toml") file.text.replace(file.text.find("clear:139d"), 10, "clear:138d");
    const auto rules = read_rules(files);
    ASSERT_TRUE(rules.ok());
    const auto samples = read_samples(*rules, files);
    ASSERT_TRUE(samples.ok());
    const auto failures = run_samples(*rules, *samples);
    ASSERT_FALSE(failures.empty());
    EXPECT_EQ(failures.front().file, "hepb.toml");
}

TEST(Engine, a_newborn_is_told_the_first_doses_with_their_days_and_reasons) {
    const Answer answer = evaluate(current_rules(), {.birth = day("2026-08-01")}, {}, day("2026-09-01"));
    const VaccineStatus five = status(answer, "DPTIPVHIB");
    EXPECT_EQ(five.state, State::Later);
    ASSERT_EQ(five.next.size(), 4U);
    EXPECT_EQ(five.next[0].earliest, day("2026-09-30"));
    EXPECT_EQ(five.next[0].latest, day("2034-01-31"));
    EXPECT_EQ(five.next[1].earliest, day("2026-10-21"));
    EXPECT_TRUE(has_reason(five.next[1].reasons, ReasonCode::MinimumInterval));
    EXPECT_EQ(status(answer, "HEPB").state, State::Possible);
    EXPECT_EQ(status(answer, "DPTIPV").state, State::NotForPerson);
    EXPECT_EQ(status(answer, "HIB").state, State::NotForPerson);
    // The last start of rotavirus follows from its last day and the intervals: 20w0d and 24w0d.
    const Proposal rota = status(answer, "ROTA").next.front();
    EXPECT_EQ(rota.latest_to_complete, day("2026-08-01").plus_days(140));
    EXPECT_TRUE(has_reason(rota.reasons, ReasonCode::StartLate));
}

TEST(Engine, the_rules_in_force_on_a_past_day_give_that_days_answer) {
    const Person child{.birth = day("2024-01-10")};
    const Answer before = evaluate(current_rules(), child, {}, day("2024-03-31"));
    EXPECT_EQ(status(before, "DPTIPV").state, State::Due);
    EXPECT_EQ(status(before, "HIB").state, State::Due);
    EXPECT_EQ(status(before, "DPTIPVHIB").state, State::NotForPerson);
    const Answer after = evaluate(current_rules(), child, {}, day("2024-04-01"));
    EXPECT_EQ(status(after, "DPTIPV").state, State::NotForPerson);
    EXPECT_EQ(status(after, "DPTIPVHIB").state, State::Due);
    // Three months before 2023-04-01, two months since.
    const Person older{.birth = day("2022-12-01")};
    const Given at_two_months = given("DPTIPV", "2023-02-10");
    EXPECT_EQ(evaluate(current_rules(), older, {{at_two_months}}, day("2023-02-10")).evaluations.at(0).outcome,
              Outcome::TooEarly);
}

TEST(Engine, a_series_begun_with_the_older_vaccines_goes_on_with_them_and_the_combination_counts_for_both) {
    const std::vector<Given> history = {given("DPTIPV", "2024-02-20"), given("HIB", "2024-02-20"),
                                        given("DPTIPVHIB", "2024-04-10")};
    const Answer answer = evaluate(current_rules(), {.birth = day("2023-12-15")}, history, day("2024-04-20"));
    EXPECT_EQ(status(answer, "DPTIPV").done, 2);
    EXPECT_EQ(status(answer, "HIB").done, 2);
    EXPECT_EQ(status(answer, "DPTIPVHIB").state, State::NotForPerson);
    ASSERT_EQ(answer.evaluations.size(), 4U); // the combination is judged twice
    for (const Evaluation& one : answer.evaluations) EXPECT_EQ(one.outcome, Outcome::Valid);
}

TEST(Engine, different_live_injections_need_27_clear_days_and_any_other_pair_none_since_october_2020) {
    const Person child{.birth = day("2025-01-10")};
    const auto outcome = [&](std::string_view second, std::string_view on) {
        const std::vector<Given> history = {given("MR", "2026-01-10"), given(second, on)};
        return evaluate(current_rules(), child, history, day("2026-03-01")).evaluations.at(1).outcome;
    };
    EXPECT_EQ(outcome("VAR", "2026-02-06"), Outcome::TooEarly);
    EXPECT_EQ(outcome("VAR", "2026-02-07"), Outcome::Valid);
    EXPECT_EQ(outcome("VAR", "2026-01-10"), Outcome::Valid);
    EXPECT_EQ(outcome("JE", "2026-01-11"), Outcome::Valid);
    // Before: six clear days after an inactivated one.
    const std::vector<Given> old = {given("PCV", "2020-09-01"), given("HIB", "2020-09-07")};
    const Answer then = evaluate(current_rules(), {.birth = day("2020-06-20")}, old, day("2020-09-30"));
    EXPECT_EQ(then.evaluations.at(1).outcome, Outcome::TooEarly);
}

TEST(Engine, a_missed_first_period_leaves_the_second) {
    const Answer answer = evaluate(current_rules(), {.birth = day("2020-06-10")}, {}, day("2026-05-01"));
    const VaccineStatus mr = status(answer, "MR");
    ASSERT_EQ(mr.next.size(), 1U);
    EXPECT_EQ(mr.next[0].number, 2);
    EXPECT_EQ(mr.next[0].earliest, day("2026-04-01"));
    EXPECT_EQ(mr.next[0].latest, day("2027-03-31"));
    EXPECT_TRUE(has_reason(mr.reasons, ReasonCode::PeriodMissed));
}

TEST(Engine, who_missed_a_vaccine_for_a_long_illness_has_two_years_after_it) {
    Person child{.birth = day("2023-05-20")};
    EXPECT_EQ(status(evaluate(current_rules(), child, {}, day("2025-06-01")), "BCG").state, State::Missed);
    child.long_illness = LongIllness{day("2023-08-01"), day("2025-03-10")};
    const Answer answer = evaluate(current_rules(), child, {}, day("2025-06-01"));
    const VaccineStatus bcg = status(answer, "BCG");
    ASSERT_FALSE(bcg.next.empty());
    EXPECT_EQ(bcg.next[0].latest, day("2027-03-09"));
    EXPECT_TRUE(bcg.next[0].needs_recognition);
    // Not beyond the limit of the vaccine (BCG: four years), and not for rotavirus.
    child.long_illness->to = day("2025-12-10");
    EXPECT_EQ(status(evaluate(current_rules(), child, {}, day("2026-01-01")), "BCG").next.at(0).latest,
              day("2027-05-19"));
    EXPECT_EQ(status(answer, "ROTA").state, State::Missed);
}

TEST(Engine, the_shortage_extension_of_measles_and_rubella_holds_for_its_cohorts_only) {
    const auto first = [&](std::string_view birth) {
        return status(evaluate(current_rules(), {.birth = day(birth)}, {}, day("2026-11-22")), "MR").next.at(0);
    };
    EXPECT_EQ(first("2023-04-01").number, 1);
    EXPECT_EQ(first("2023-04-01").latest, day("2027-03-31"));
    EXPECT_TRUE(has_reason(first("2023-04-01").reasons, ReasonCode::AskCity));
    EXPECT_EQ(first("2023-04-02").number, 2);
}

TEST(Engine, products_of_rotavirus_do_not_mix_and_one_that_is_not_told_is_said_to_be_assumed) {
    const Person child{.birth = day("2026-01-10")};
    const std::vector<Given> mixed = {given("ROTA", "2026-03-12", "116"), given("ROTA", "2026-04-10", "119")};
    const Answer answer = evaluate(current_rules(), child, mixed, day("2026-04-20"));
    EXPECT_EQ(answer.evaluations.at(1).outcome, Outcome::WrongProduct);
    EXPECT_EQ(status(answer, "ROTA").next.at(0).number, 2);
    const std::vector<Given> untold = {given("ROTA", "2026-03-12")};
    EXPECT_TRUE(has_reason(status(evaluate(current_rules(), child, untold, day("2026-03-20")), "ROTA").reasons,
                           ReasonCode::ProductAssumed));
}

TEST(Engine, catch_up_of_pneumococcal_goes_by_the_age_at_the_first_dose) {
    const auto doses = [&](std::string_view today) {
        const Answer answer = evaluate(current_rules(), {.birth = day("2024-01-15")}, {}, day(today));
        return status(answer, "PCV").next.size();
    };
    EXPECT_EQ(doses("2024-08-14"), 4U);
    EXPECT_EQ(doses("2024-08-15"), 3U);
    EXPECT_EQ(doses("2025-01-15"), 2U);
    EXPECT_EQ(doses("2026-01-15"), 1U);
    EXPECT_EQ(doses("2029-01-15"), 0U);
}

TEST(Engine, a_second_dose_of_hpv_too_soon_makes_three) {
    const Person girl{.birth = day("2013-06-01"), .sex = Sex::Female};
    const std::vector<Given> history = {given("HPV", "2026-04-10", "165"), given("HPV", "2026-07-10", "165")};
    const VaccineStatus hpv = status(evaluate(current_rules(), girl, history, day("2026-07-11")), "HPV");
    EXPECT_EQ(hpv.done, 2);
    ASSERT_EQ(hpv.next.size(), 1U);
    EXPECT_EQ(hpv.next[0].earliest, day("2026-10-10"));
    const Person boy{.birth = day("2013-06-01"), .sex = Sex::Male};
    EXPECT_EQ(status(evaluate(current_rules(), boy, {}, day("2026-07-11")), "HPV").state, State::NotForPerson);
}

TEST(Engine, the_maternal_vaccine_is_proposed_for_the_weeks_of_this_pregnancy) {
    const Person mother{.birth = day("1995-01-01"), .sex = Sex::Female, .due = day("2027-03-01")};
    const VaccineStatus rsv = status(evaluate(current_rules(), mother, {}, day("2026-11-22")), "RSVM");
    ASSERT_EQ(rsv.next.size(), 1U);
    EXPECT_EQ(rsv.next[0].earliest, day("2027-03-01").plus_days(-280 + 196));
    EXPECT_EQ(rsv.next[0].latest, day("2027-03-01").plus_days(-280 + 258));
}

TEST(Engine, shingles_at_65_70_and_so_on_in_the_fiscal_year_and_influenza_anew_each_season) {
    const auto zoster = [&](std::string_view birth) {
        return status(evaluate(current_rules(), {.birth = day(birth)}, {}, day("2026-11-22")), "ZOS").state;
    };
    EXPECT_EQ(zoster("1961-06-01"), State::Due);
    EXPECT_EQ(zoster("1956-06-01"), State::Due);
    EXPECT_EQ(zoster("1959-06-01"), State::Later); // at 70
    const std::vector<Given> last_season = {given("FLU65", "2025-11-10")};
    const Answer answer = evaluate(current_rules(), {.birth = day("1950-01-01")}, last_season, day("2026-11-22"));
    EXPECT_EQ(status(answer, "FLU65").state, State::Due);
    const std::vector<Given> this_season = {given("FLU65", "2026-11-10")};
    EXPECT_EQ(
        status(evaluate(current_rules(), {.birth = day("1950-01-01")}, this_season, day("2026-11-22")), "FLU65").state,
        State::Complete);
}

// ---- properties

struct Life {
    Person person{.birth = CivilDate::from_days(0)};
    std::vector<Given> given;
    CivilDate today = CivilDate::from_days(0);
};

/// A child born from 2016 on with doses that mostly follow the proposals and sometimes come at any time.
Life random_life(base::SeededRandom& random) {
    Life life;
    life.person.birth = day("2016-04-01").plus_days(static_cast<int>(random.below(3700)));
    life.person.sex = random.below(2) == 0 ? Sex::Female : Sex::Male;
    life.today = life.person.birth;
    const CivilDate end = day("2026-11-22");
    while (life.today < end && life.given.size() < 45) {
        if (random.below(12) == 0) {
            const auto vaccine = static_cast<int>(random.below(current_rules().vaccines.size()));
            life.given.push_back({vaccine, -1, life.today});
        } else {
            const Answer answer = evaluate(current_rules(), life.person, life.given, life.today);
            for (const VaccineStatus& one : answer.statuses) {
                const bool now = !one.next.empty() && one.next[0].recommended <= life.today;
                if (now && random.below(3) == 0) life.given.push_back({one.vaccine, -1, life.today});
            }
        }
        life.today = life.today.plus_days(1 + static_cast<int>(random.below(120)));
        if (random.below(60) == 0) break;
    }
    return life;
}

TEST(Properties, no_proposal_lies_outside_its_legal_days_or_in_the_past) {
    base::SeededRandom random(1);
    for (int i = 0; i < 60; ++i) {
        const Life life = random_life(random);
        const Answer answer = evaluate(current_rules(), life.person, life.given, life.today);
        for (const VaccineStatus& status : answer.statuses) {
            CivilDate before = life.today;
            for (const Proposal& next : status.next) {
                EXPECT_GE(next.recommended, next.earliest);
                EXPECT_GE(next.recommended, before);
                if (next.latest) {
                    EXPECT_LE(next.recommended, *next.latest);
                    EXPECT_LE(next.earliest, *next.latest);
                }
                EXPECT_FALSE(next.reasons.empty());
                before = next.recommended.plus_days(1);
            }
            EXPECT_TRUE(!status.next.empty() || !status.reasons.empty());
        }
    }
}

TEST(Properties, a_dose_given_as_proposed_is_judged_valid) {
    base::SeededRandom random(2);
    size_t looked_at = 0;
    for (int i = 0; i < 60; ++i) {
        const Life life = random_life(random);
        const Answer answer = evaluate(current_rules(), life.person, life.given, life.today);
        for (const VaccineStatus& status : answer.statuses) {
            if (status.next.empty()) continue;
            const Proposal& next = status.next.front();
            for (const CivilDate on : {next.recommended, std::max(next.earliest, life.today)}) {
                std::vector<Given> then = life.given;
                then.push_back({status.vaccine, -1, on});
                const Answer judged = evaluate(current_rules(), life.person, then, on);
                for (const Evaluation& one : judged.evaluations) {
                    if (one.given != life.given.size() || one.vaccine != status.vaccine) continue;
                    ++looked_at;
                    EXPECT_EQ(one.outcome, Outcome::Valid)
                        << current_rules().vaccines[static_cast<size_t>(status.vaccine)].id << " dose " << next.number
                        << " on " << on.to_string() << ", born " << life.person.birth.to_string() << ": "
                        << name_of(one.outcome);
                }
            }
        }
    }
    EXPECT_GT(looked_at, 500U);
}

TEST(Properties, the_answer_does_not_depend_on_the_order_in_which_doses_arrive) {
    base::SeededRandom random(3);
    for (int i = 0; i < 40; ++i) {
        const Life life = random_life(random);
        std::vector<size_t> order(life.given.size());
        for (size_t k = 0; k < order.size(); ++k) order[k] = k;
        for (size_t k = order.size(); k > 1; --k) std::swap(order[k - 1], order[random.below(k)]);
        std::vector<Given> shuffled;
        for (const size_t k : order) shuffled.push_back(life.given[k]);
        const Answer one = evaluate(current_rules(), life.person, life.given, life.today);
        const Answer other = evaluate(current_rules(), life.person, shuffled, life.today);
        ASSERT_EQ(one.evaluations.size(), other.evaluations.size());
        for (size_t k = 0; k < one.evaluations.size(); ++k) {
            EXPECT_EQ(one.evaluations[k].outcome, other.evaluations[k].outcome);
            EXPECT_EQ(life.given[one.evaluations[k].given].on, shuffled[other.evaluations[k].given].on);
        }
        for (size_t k = 0; k < one.statuses.size(); ++k) {
            EXPECT_EQ(one.statuses[k].state, other.statuses[k].state);
            ASSERT_EQ(one.statuses[k].next.size(), other.statuses[k].next.size());
            for (size_t n = 0; n < one.statuses[k].next.size(); ++n)
                EXPECT_EQ(one.statuses[k].next[n].recommended, other.statuses[k].next[n].recommended);
        }
    }
}

} // namespace
} // namespace musubi::immunization
