#include "core/synthetic/health.h"

#include "core/records/fhir.h"
#include "core/synthetic/draw.h"
#include "core/synthetic/tables.h"

#include <algorithm>
#include <cmath>
#include <fmt/core.h>
#include <map>

namespace musubi::synthetic {
namespace {

namespace fhir = records::fhir;
using FhirId = base::Id<struct SyntheticResourceTag>;

/// What stays the same in one person over the years.
struct Constitution {
    double load;                          // general metabolic load, normal
    double habit;                         // inclination to go to checkups, 0 to 1
    double weight_trend;                  // kilograms a year
    std::map<std::string, double> spread; // per item, normal
};

Constitution constitution_of(Draw& draw) {
    Constitution person;
    person.load = draw.normal();
    person.habit = draw.uniform();
    person.weight_trend = 0.35 * draw.normal();
    for (const CheckupItem& item : checkup_items()) person.spread[item.key] = draw.normal();
    return person;
}

std::string printed(double value, int decimals) { return fmt::format("{:.{}f}", value, decimals); }

double rounded(double value, int decimals) {
    const double scale = std::pow(10.0, decimals);
    return std::round(value * scale) / scale;
}

using Values = std::map<std::string, double>;

Values measure(Draw& draw, const Constitution& person, residents::Sex sex, double age, double years_ago) {
    Values values;
    for (const CheckupItem& item : checkup_items()) {
        const double mean = item.mean.of(sex);
        if (mean == 0) continue; // derived below
        double value = mean + item.per_year.of(sex) * (std::clamp(age, 20.0, 90.0) - 45) +
                       item.spread * person.spread.at(item.key) + item.load * person.load + item.noise * draw.normal();
        if (item.key == "weight") value -= person.weight_trend * years_ago;
        values[item.key] = rounded(std::clamp(value, item.least, item.most), item.decimals);
    }
    values["diastolic"] = std::min(values["diastolic"], values["systolic"] - 22);
    const double metres = values["height"] / 100;
    values["bmi"] = rounded(values["weight"] / (metres * metres), 1);
    const double waist_at_22 = sex == residents::Sex::Male ? 79.0 : 76.5;
    values["waist"] = rounded(waist_at_22 + 2.5 * (values["bmi"] - 22) + 1.5 * draw.normal(), 1);
    // Equation of the Japanese Society of Nephrology (2009).
    const double egfr = 194 * std::pow(values["creatinine"], -1.094) * std::pow(std::max(age, 18.0), -0.287) *
                        (sex == residents::Sex::Male ? 1.0 : 0.739);
    values["egfr"] = rounded(std::min(egfr, 150.0), 1);
    return values;
}

fhir::Quantity quantity_of(const CheckupItem& item, std::string_view number) {
    return fhir::quantity(number, item.ucum, item.unit);
}

std::optional<std::vector<fhir::Range>> range_of(const CheckupItem& item, residents::Sex sex) {
    const auto& low = item.low.of(sex);
    const auto& high = item.high.of(sex);
    if (!low && !high) return std::nullopt;
    fhir::Range range;
    if (low) range.low = quantity_of(item, *low);
    if (high) range.high = quantity_of(item, *high);
    return std::vector{range};
}

const CheckupItem& item_named(std::string_view key) {
    const auto& items = checkup_items();
    return *std::find_if(items.begin(), items.end(), [&](const CheckupItem& item) { return item.key == key; });
}

/// Resources of one visit, all on one day and from one place.
class Visit {
  public:
    Visit(Draw& draw, const Subject& subject, const Setting& setting, base::CivilDate day, std::string place)
        : m_draw(draw), m_subject(subject), m_setting(setting), m_day(day), m_place(std::move(place)) {}

    void add(fhir::Observation observation) {
        const std::string id = make_id();
        observation.id = id;
        observation.category.push_back(fhir::concept_of(fhir::kCheckupCategory, fhir::kCheckup, "健診"));
        observation.performer = performers();
        m_results.push_back({"Observation/" + id, {}});
        m_drafts.push_back({"Observation", id, records::Origin::City, json::write(observation)});
    }

    void add_item(const CheckupItem& item, const std::string& number) {
        fhir::Observation observation = laboratory(item);
        observation.value_quantity = quantity_of(item, number);
        observation.reference_range = range_of(item, m_subject.sex);
        add(std::move(observation));
    }

    void add_urine(const CheckupItem& item, double probability) {
        static constexpr std::string_view kResults[] = {"－", "±", "＋", "＋＋"};
        int grade = 0;
        while (grade < 3 && m_draw.chance(probability)) ++grade;
        fhir::Observation observation = laboratory(item);
        observation.value_codeable_concept = fhir::concept_of(
            "urn:oid:1.2.392.200119.6.2102", std::to_string(grade + 1), kResults[static_cast<size_t>(grade)]);
        observation.specimen = fhir::Reference{{}, "尿"};
        add(std::move(observation));
    }

    std::vector<records::Draft> finish(std::string_view kind, std::string_view kind_name) {
        fhir::DiagnosticReport report;
        report.id = make_id();
        report.meta = fhir::profile("JP_DiagnosticReport_Common");
        report.category = {fhir::concept_of(fhir::kCheckupCategory, fhir::kCheckup, "健診")};
        report.code = fhir::concept_of(fhir::kCheckupKind, kind, kind_name);
        report.subject = fhir::patient(m_subject.id);
        report.effective_date_time = m_day.to_string();
        report.performer = performers();
        report.result = m_results;
        m_drafts.push_back({"DiagnosticReport", report.id, records::Origin::City, json::write(report)});
        return std::move(m_drafts);
    }

    std::string day() const { return m_day.to_string(); }
    const std::string& subject() const { return m_subject.id; }

  private:
    std::string make_id() { return FhirId::make(base::start_of_day_in_japan(m_day), m_draw.random()).to_string(); }
    std::vector<fhir::Reference> performers() const { return {{{}, m_place}, {{}, m_setting.city}}; }
    fhir::Observation laboratory(const CheckupItem& item) const {
        fhir::Observation observation;
        observation.meta = fhir::profile("JP_Observation_LabResult");
        observation.category = {fhir::concept_of(fhir::kCategory, "laboratory", "Laboratory")};
        observation.code = fhir::concept_of(fhir::kJlac10, item.jlac10, item.name);
        observation.subject = fhir::patient(m_subject.id);
        observation.effective_date_time = day();
        observation.specimen = fhir::Reference{{}, "血液"};
        return observation;
    }

    Draw& m_draw;
    const Subject& m_subject;
    const Setting& m_setting;
    base::CivilDate m_day;
    std::string m_place;
    std::vector<fhir::Reference> m_results;
    std::vector<records::Draft> m_drafts;
};

void append(std::vector<records::Draft>& to, std::vector<records::Draft> from) {
    std::move(from.begin(), from.end(), std::back_inserter(to));
}

fhir::Observation with_range(fhir::Observation observation, std::optional<std::vector<fhir::Range>> range) {
    observation.reference_range = std::move(range);
    return observation;
}

void add_adult_results(Visit& visit, const Values& values, residents::Sex sex) {
    const auto number = [&](std::string_view key) {
        return printed(values.at(std::string(key)), item_named(key).decimals);
    };
    visit.add(fhir::body_height(visit.subject(), visit.day(), number("height")));
    visit.add(fhir::body_weight(visit.subject(), visit.day(), number("weight")));
    fhir::Observation pressure =
        fhir::blood_pressure(visit.subject(), visit.day(), number("systolic"), number("diastolic"), std::nullopt);
    (*pressure.component)[0].reference_range = range_of(item_named("systolic"), sex);
    (*pressure.component)[1].reference_range = range_of(item_named("diastolic"), sex);
    visit.add(std::move(pressure));
    for (const std::string_view key : {"bmi", "waist"}) {
        const CheckupItem& item = item_named(key);
        fhir::Observation body = fhir::body_weight(visit.subject(), visit.day(), number(key));
        const bool is_bmi = key == "bmi";
        body.category[1] = fhir::concept_of(fhir::kBodyCategory, is_bmi ? "body-mass-index" : "abdominal-circumference",
                                            is_bmi ? "肥満度" : "腹囲");
        body.code = fhir::concept_of(fhir::kJlac10, item.jlac10, item.name);
        body.value_quantity = quantity_of(item, number(key));
        visit.add(with_range(std::move(body), range_of(item, sex)));
    }
    for (const std::string_view key : {"triglycerides", "hdl", "ldl", "ast", "alt", "ggt", "glucose", "hba1c",
                                       "creatinine", "egfr", "haemoglobin", "haematocrit", "red_cells"})
        visit.add_item(item_named(key), number(key));
    visit.add_urine(item_named("urine_protein"), values.at("urine_protein"));
    visit.add_urine(item_named("urine_sugar"), values.at("urine_sugar"));
}

struct AdultKind {
    int from_age, to_age;
    std::string_view kind, name;
    double attendance; // average, between persons
};
constexpr AdultKind kAdultKinds[] = {
    {20, 39, "young-adult", "若年健康診査", 0.25},
    {40, 74, "specific-health", "特定健康診査", 0.55},
    {75, 120, "late-elderly", "後期高齢者健康診査", 0.40},
};

/// A working day near the one given, so that nobody was examined on a Sunday.
base::CivilDate working_day(base::CivilDate day) {
    const std::chrono::weekday weekday{std::chrono::sys_days(day.ymd())};
    const unsigned index = weekday.iso_encoding();
    return index > 5 ? day.plus_days(static_cast<int>(8 - index)) : day;
}

int months_between(base::CivilDate from, base::CivilDate to) {
    const int months = (to.year() - from.year()) * 12 + static_cast<int>(to.month()) - static_cast<int>(from.month());
    return to.day() < from.day() ? months - 1 : months;
}

void add_adult_checkups(std::vector<records::Draft>& out, Draw& draw, const Constitution& person,
                        const Subject& subject, const Setting& setting) {
    static constexpr const char* kPlaces[] = {"保健センター", "市民病院 健診センター", "みなとクリニック（見本）"};
    // Japanese fiscal years begin on 1 April; the age that counts is that at their end (特定健診).
    const int this_fiscal_year = setting.today.month() >= 4 ? setting.today.year() : setting.today.year() - 1;
    const int usual_place = draw.between(0, 2);
    const int usual_day = draw.between(0, 180); // from 15 May on
    for (int year = this_fiscal_year - setting.years + 1; year <= this_fiscal_year; ++year) {
        const int age = base::age_on(subject.birth_date, *base::CivilDate::of(year + 1, 3, 31));
        const auto kind = std::find_if(std::begin(kAdultKinds), std::end(kAdultKinds),
                                       [&](const AdultKind& one) { return age >= one.from_age && age <= one.to_age; });
        const int shift = draw.between(-14, 14);
        const bool goes =
            draw.uniform() * 0.5 + person.habit * 0.5 > 1 - (kind == std::end(kAdultKinds) ? 0 : kind->attendance);
        if (kind == std::end(kAdultKinds)) continue;
        if (!goes && setting.attendance == Attendance::Believable) continue;
        const base::CivilDate day = working_day(base::CivilDate::of(year, 5, 15)->plus_days(usual_day + shift));
        if (day > setting.today) continue;
        const double years_ago = (setting.today.days_since_epoch() - day.days_since_epoch()) / 365.25;
        const double exact_age = (day.days_since_epoch() - subject.birth_date.days_since_epoch()) / 365.25;
        Visit visit(draw, subject, setting, day, setting.city + " " + kPlaces[usual_place]);
        add_adult_results(visit, measure(draw, person, subject.sex, exact_age, years_ago), subject.sex);
        append(out, visit.finish(kind->kind, kind->name));
    }
}

struct InfantKind {
    int age_months;
    std::string_view kind, name;
    BySex<double> height, weight; // means of the 2000 growth survey of the ministry (平成12年乳幼児身体発育調査)
    double height_spread, weight_spread;
};
constexpr InfantKind kInfantKinds[] = {
    {4, "infant-4-months", "4か月児健康診査", {64.2, 62.6}, {7.1, 6.6}, 2.3, 0.9},
    {18, "infant-18-months", "1歳6か月児健康診査", {80.5, 79.4}, {10.5, 9.9}, 2.8, 1.2},
    {42, "infant-3-years", "3歳児健康診査", {96.9, 95.9}, {14.7, 14.1}, 3.7, 1.8},
};

void add_infant_checkups(std::vector<records::Draft>& out, Draw& draw, const Constitution& person,
                         const Subject& subject, const Setting& setting) {
    for (const InfantKind& kind : kInfantKinds) {
        const base::CivilDate day =
            working_day(subject.birth_date.plus_days(kind.age_months * 61 / 2 + draw.between(5, 25)));
        const bool goes = draw.chance(0.95);
        if (!goes && setting.attendance == Attendance::Believable) continue;
        if (day > setting.today) continue;
        const double height =
            kind.height.of(subject.sex) + kind.height_spread * 0.8 * person.spread.at("height") + 0.3 * draw.normal();
        const double weight =
            kind.weight.of(subject.sex) + kind.weight_spread * 0.8 * person.spread.at("weight") + 0.1 * draw.normal();
        Visit visit(draw, subject, setting, day, setting.city + " 保健センター");
        visit.add(fhir::body_height(subject.id, visit.day(), printed(height, 1)));
        visit.add(fhir::body_weight(subject.id, visit.day(), printed(std::max(weight, 2.5), 1)));
        append(out, visit.finish(kind.kind, kind.name));
    }
}

class Ledger {
  public:
    Ledger(Draw& draw, const Subject& subject, const Setting& setting, std::vector<records::Draft>& out)
        : m_draw(draw), m_subject(subject), m_setting(setting), m_out(out) {}

    void add(const std::string& vaccine, const std::string& name, int dose, base::CivilDate day) {
        static constexpr const char* kPlaces[] = {"みなと小児科（見本）", "みほん内科クリニック（見本）", "市民病院"};
        static constexpr const char* kMakers[] = {"見本製薬", "みほんバイオ", "模擬ワクチン研究所"};
        day = working_day(day);
        const int place = m_draw.between(0, 2);
        const int maker = m_draw.between(0, 2);
        const std::string lot = fmt::format("{}{:03}{}", static_cast<char>('A' + m_draw.between(0, 25)),
                                            m_draw.between(1, 999), static_cast<char>('A' + m_draw.between(0, 25)));
        if (day > m_setting.today || day < m_subject.birth_date) return;
        fhir::Immunization shot;
        shot.id = FhirId::make(base::start_of_day_in_japan(day), m_draw.random()).to_string();
        shot.meta = fhir::profile("JP_Immunization");
        shot.vaccine_code = fhir::concept_of(fhir::kVaccine, vaccine, name);
        shot.patient = fhir::patient(m_subject.id);
        shot.occurrence_date_time = day.to_string();
        shot.location = fhir::Reference{{}, kPlaces[place]};
        shot.manufacturer = fhir::Reference{{}, kMakers[maker]};
        shot.lot_number = lot;
        shot.performer = std::vector<fhir::Performer>{{fhir::Reference{{}, m_setting.city}}};
        shot.protocol_applied = std::vector<fhir::Dose>{{dose}};
        m_out.push_back({"Immunization", shot.id, records::Origin::City, json::write(shot)});
    }

  private:
    Draw& m_draw;
    const Subject& m_subject;
    const Setting& m_setting;
    std::vector<records::Draft>& m_out;
};

void add_scheduled_vaccinations(Ledger& ledger, Draw& draw, const Subject& subject) {
    std::string refused; // a series that was broken off is not continued
    for (const Vaccination& one : vaccinations()) {
        const bool given = draw.chance(one.probability);
        const int shift = draw.between(2, 24);
        if (one.born_from && subject.birth_date < *one.born_from) continue;
        if (one.born_before && subject.birth_date >= *one.born_before) continue;
        if (one.sex == "female" && subject.sex != residents::Sex::Female) continue;
        if (!given) refused = one.vaccine;
        if (refused == one.vaccine) continue;
        ledger.add(one.vaccine, one.name, one.dose,
                   subject.birth_date.plus_days(one.age_months * 30437 / 1000 + shift));
    }
}

void add_seasonal_vaccinations(Ledger& ledger, Draw& draw, const Subject& subject, const Setting& setting) {
    const bool takes_flu = draw.chance(0.6);
    const bool takes_covid = draw.chance(0.35);
    for (int year = setting.today.year() - setting.years; year <= setting.today.year(); ++year) {
        const base::CivilDate season = *base::CivilDate::of(year, 10, 10);
        const int flu_day = draw.between(0, 60);
        const int covid_day = draw.between(0, 60);
        if (base::age_on(subject.birth_date, season) < 65) continue;
        if (takes_flu) ledger.add("FLU65", "インフルエンザ（高齢者）", 1, season.plus_days(flu_day));
        if (takes_covid && year >= 2024) ledger.add("COVID65", "新型コロナ（高齢者）", 1, season.plus_days(covid_day));
    }
    // The special vaccinations of 2021 and 2022 (予防接種法 附則 7 条, repealed) stand in every city's ledger.
    const int first = draw.between(0, 120);
    const int doses = draw.chance(0.8) ? draw.between(2, 3) : 0;
    if (base::age_on(subject.birth_date, *base::CivilDate::of(2021, 7, 1)) < 12) return;
    const base::CivilDate start = base::CivilDate::of(2021, 6, 1)->plus_days(first);
    static constexpr int kAfter[] = {0, 21, 230};
    for (int dose = 0; dose < doses; ++dose)
        ledger.add("COVID19", "新型コロナワクチン（特例臨時接種）", dose + 1, start.plus_days(kAfter[dose]));
}

records::Draft entered(Draw& draw, fhir::Observation observation, base::Instant at) {
    observation.id = FhirId::make(at, draw.random()).to_string();
    const std::string id = *observation.id;
    return {"Observation", id, records::Origin::Self, json::write(observation)};
}

} // namespace

std::vector<records::Draft> city_record(uint64_t seed, const Subject& subject, const Setting& setting) {
    Draw draw(seed, subject.id);
    const Constitution person = constitution_of(draw);
    std::vector<records::Draft> out;
    add_adult_checkups(out, draw, person, subject, setting);
    if (months_between(subject.birth_date, setting.today) < 12 * 15)
        add_infant_checkups(out, draw, person, subject, setting);
    Ledger ledger(draw, subject, setting, out);
    add_scheduled_vaccinations(ledger, draw, subject);
    add_seasonal_vaccinations(ledger, draw, subject, setting);
    return out;
}

std::vector<records::Draft> home_record(uint64_t seed, const Subject& subject, const Setting& setting) {
    Draw draw(seed, subject.id);
    const Constitution person = constitution_of(draw);
    const double age = base::age_on(subject.birth_date, setting.today);
    const Values values = measure(draw, person, subject.sex, age, 0);
    std::vector<records::Draft> out;
    for (int days_ago = 90; days_ago >= 1; --days_ago) {
        const base::CivilDate day = setting.today.plus_days(-days_ago);
        const base::Instant morning =
            base::start_of_day_in_japan(day) + std::chrono::minutes(6 * 60 + draw.between(20, 100));
        const std::string at = fhir::date_time(morning);
        const double systolic = values.at("systolic") - 4 + 4 * draw.normal();
        const double diastolic = std::min(values.at("diastolic") - 2 + 3 * draw.normal(), systolic - 20);
        const double pulse = 68 + 5 * draw.normal();
        const double weight = values.at("weight") + 0.4 * draw.normal();
        const double steps = std::max(400.0, 6500 + 2300 * draw.normal());
        if (days_ago % 7 == 2 || days_ago % 7 == 5)
            out.push_back(entered(
                draw,
                fhir::blood_pressure(subject.id, at, printed(systolic, 0), printed(diastolic, 0), printed(pulse, 0)),
                morning));
        if (days_ago % 7 == 3)
            out.push_back(entered(draw, fhir::body_weight(subject.id, at, printed(weight, 1)), morning));
        if (days_ago <= 30)
            out.push_back(entered(draw, fhir::steps(subject.id, day.to_string(), printed(steps, 0)), morning));
    }
    return out;
}

} // namespace musubi::synthetic
