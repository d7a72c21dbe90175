#include "services/growth/routes.h"

#include "core/person_access/person_access.h"
#include "core/records/fhir.h"
#include "services/growth/views.h"

#include <algorithm>
#include <charconv>
#include <fmt/core.h>
#include <map>
#include <memory>

namespace musubi::growth {
namespace {

using http::Access;
using http::Call;
using person_access::Subject;
constexpr int kMostEntries = 2000;

constexpr db::Query kBirth{"growth.birth", "SELECT gestation FROM growth_birth WHERE person_id = $1"};
constexpr db::Query kSetBirth{"growth.set-birth",
                              "INSERT INTO growth_birth (person_id, gestation, changed_at) VALUES ($1, $2, $3)"
                              " ON CONFLICT (person_id) DO UPDATE SET gestation = excluded.gestation,"
                              " changed_at = excluded.changed_at"};
constexpr db::Query kForgetBirth{"growth.forget-birth", "DELETE FROM growth_birth WHERE person_id = $1"};

struct Kind {
    Measure measure;
    std::string_view code;
    std::string_view unit;
};
constexpr Kind kKinds[] = {{Measure::Height, "http://loinc.org|8302-2", "cm"},
                           {Measure::Weight, "http://loinc.org|29463-7", "kg"},
                           {Measure::Head, "http://loinc.org|9843-4", "cm"}};

/// The quantity of an Observation, in kg or cm; grams are turned into kg.
std::optional<double> value_of(const records::Resource& resource) {
    const auto document = json::Document::parse(resource.body);
    if (!document || document->root().type() != json::Element::Type::Object) return std::nullopt;
    const auto quantity = document->root().find("valueQuantity");
    if (!quantity || quantity->type() != json::Element::Type::Object) return std::nullopt;
    const auto number = quantity->find("value");
    if (!number || (number->type() != json::Element::Type::Integer && number->type() != json::Element::Type::Decimal))
        return std::nullopt;
    double value = 0;
    const std::string_view text = number->number_text();
    if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc()) return std::nullopt;
    const auto code = quantity->find("code");
    if (code && code->type() == json::Element::Type::String && code->string() == "g") value /= 1000;
    return value;
}

json::Decimal decimal(double value, int digits) { return {fmt::format("{:.{}f}", value, digits)}; }

struct About {
    base::CivilDate birth;
    std::optional<int> gestation;
    std::optional<Sex> sex;
};

std::vector<CurvePointView> shown(const Curve& curve) {
    std::vector<CurvePointView> points;
    points.reserve(curve.points.size());
    for (const CurvePoint& point : curve.points) {
        CurvePointView view{decimal(point.months, 1), {}};
        for (const double value : point.values) view.values.push_back(decimal(value, 2));
        points.push_back(std::move(view));
    }
    return points;
}

struct Measured {
    double value;
    double months; // of the age that counts
};
using ByDay = std::map<std::string, Measured>;

base::Task<GrowthMeasureView> measure(db::ReadTx& tx, base::PersonId person, About about, Kind kind, ByDay& by_day) {
    records::Filter filter;
    filter.code = std::string(kind.code);
    filter.limit = kMostEntries;
    const auto resources = co_await records::list(tx, person, "Observation", filter);
    GrowthMeasureView view;
    view.measure = kind.measure;
    view.unit = std::string(kind.unit);
    const Curve* curve = about.sex ? &curve_of(kind.measure, *about.sex) : nullptr;
    if (curve) {
        view.survey = curve->survey;
        view.curve = shown(*curve);
    }
    for (auto resource = resources.rbegin(); resource != resources.rend(); ++resource) {
        const auto value = value_of(*resource);
        const base::CivilDate day = base::date_in_japan(resource->effective_at);
        if (!value || day < about.birth || resource->effective.size() < 10) continue;
        GrowthEntryView entry;
        entry.date = day.to_string();
        const double months = months_between(about.birth, day);
        entry.months = decimal(months, 2);
        double counted = months;
        if (const auto due = corrected_birth(about.birth, about.gestation, day)) {
            counted = day < *due ? -1 : months_between(*due, day);
            if (counted >= 0) entry.corrected_months = decimal(counted, 2);
        }
        entry.value = decimal(*value, kind.measure == Measure::Weight ? 2 : 1);
        if (curve) entry.position = position_of(*curve, counted, *value);
        entry.source = resource->origin;
        view.entries.push_back(std::move(entry));
        by_day.insert_or_assign(day.to_string(), Measured{*value, counted});
    }
    co_return view;
}

base::Task<base::Result<GrowthView>> growth(const Call& call, db::ReadTx& tx, Subject subject) {
    MUSUBI_CO_TRY(const identity::Person person, co_await person_access::person_of(tx, subject.person));
    const auto gestation = co_await tx.one<int64_t>(kBirth, subject.person);
    About about{person.birth_date, {}, {}};
    if (gestation) about.gestation = static_cast<int>(*gestation);
    if (person.sex == identity::Sex::Male) about.sex = Sex::Male;
    if (person.sex == identity::Sex::Female) about.sex = Sex::Female;
    GrowthView view{.birth_date = person.birth_date,
                    .today = base::date_in_japan(call.now),
                    .gestation = {},
                    .corrected_birth_date = {},
                    .measures = {},
                    .kaup = {}};
    if (gestation) view.gestation = GestationView{*gestation / 7, *gestation % 7};
    view.corrected_birth_date = corrected_birth(about.birth, about.gestation, view.today);
    std::array<ByDay, 3> by_day;
    for (const Kind& kind : kKinds) {
        GrowthMeasureView one =
            co_await measure(tx, subject.person, about, kind, by_day[static_cast<size_t>(kind.measure)]);
        view.measures.push_back(std::move(one));
    }
    for (const auto& [day, height] : by_day[0]) {
        const auto weight = by_day[1].find(day);
        if (weight == by_day[1].end() || height.value <= 0) continue;
        const double index = kaup_index(weight->second.value, height.value);
        view.kaup.push_back({day, decimal(index, 1), kaup_band(index, height.months)});
    }
    co_return view;
}

base::Task<base::Result<base::Unit>> enter_birth(Call& call, db::WriteTx& tx, WeeksAtBirthBody body) {
    MUSUBI_CO_TRY(const Subject subject, co_await person_access::subject_of(tx, call));
    if (body.weeks) {
        const int64_t days = *body.weeks * 7 + body.days.value_or(0);
        co_await tx.run(kSetBirth, subject.person, days, call.now);
    } else {
        co_await tx.run(kForgetBirth, subject.person);
    }
    person_access::note(call, subject.person, "weeks of pregnancy at birth");
    co_return base::success();
}

struct PersonErased {
    base::PersonId person;
};
template <class Fields> void describe(Fields& fields, PersonErased& event) { fields("person", event.person); }

} // namespace

void install(http::Router& router, Dependencies dependencies) {
    const auto to = std::make_shared<const Dependencies>(dependencies);
    router.acts("GET", "/api/v1/people/{person}/growth", "readGrowth", Access::citizen(), [to](Call& call) {
        return person_access::look<GrowthView>(
            to->database, to->audit, call, "readGrowth",
            [&call](db::ReadTx& tx, Subject subject) { return growth(call, tx, subject); });
    });
    router.writes("PUT", "/api/v1/people/{person}/growth/birth", "enterWeeksAtBirth", Access::citizen(),
                  [](Call& call, db::WriteTx& tx, WeeksAtBirthBody body) { return enter_birth(call, tx, body); });
}

base::Task<base::Status> Eraser::deliver(const outbox::MessageId&, const outbox::Event& event) {
    auto payload = json::parse<PersonErased>(event.payload);
    if (!payload) co_return std::move(payload).error();
    const base::PersonId person = payload->person;
    co_await m_database.write([person](db::WriteTx& tx) -> base::Task<> { co_await tx.run(kForgetBirth, person); });
    co_return base::success();
}

} // namespace musubi::growth
