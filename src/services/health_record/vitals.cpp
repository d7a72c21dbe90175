#include "services/health_record/vitals.h"

#include "core/records/fhir.h"
#include "services/health_record/fhir_reading.h"

#include <algorithm>
#include <array>

namespace musubi::health_record {
namespace {

namespace fhir = records::fhir;

/// Outside the outer pair a value cannot be a person's; outside the inner pair it is asked for again. The outer limits
/// take in the extremes of medical literature, the inner ones what home devices show to all but a few of a thousand.
struct Limits {
    double possible_from, likely_from, likely_to, possible_to;
    size_t decimals;
};
constexpr Limits kSystolic{30, 70, 220, 350, 0};   // mmHg
constexpr Limits kDiastolic{10, 40, 130, 250, 0};  // mmHg
constexpr Limits kPulse{15, 40, 150, 350, 0};      // per minute
constexpr Limits kWeight{0.3, 2, 180, 650, 2};     // kg
constexpr Limits kHeight{20, 40, 210, 280, 1};     // cm
constexpr Limits kHead{15, 25, 65, 80, 1};         // cm, around the head
constexpr Limits kSteps{0, 0, 60'000, 200'000, 0}; // a day
constexpr base::Duration kClockSlack = std::chrono::minutes(10);

constexpr std::string_view kHeadCircumference = "9843-4";

struct Kind {
    VitalKind kind;
    std::string_view name;
    std::string_view loinc;
    std::string_view code;
    std::string_view unit;
    Limits limits; // of `value`
};
constexpr std::array kKinds = {
    Kind{VitalKind::BloodPressure, "blood-pressure", fhir::kBloodPressure, "http://loinc.org|85354-9", "mmHg", {}},
    Kind{VitalKind::Weight, "weight", fhir::kBodyWeight, "http://loinc.org|29463-7", "kg", kWeight},
    Kind{VitalKind::Height, "height", fhir::kBodyHeight, "http://loinc.org|8302-2", "cm", kHeight},
    Kind{VitalKind::Head, "head", kHeadCircumference, "http://loinc.org|9843-4", "cm", kHead},
    Kind{VitalKind::Steps, "steps", fhir::kSteps, "http://loinc.org|55423-8", "歩", kSteps},
};

const Kind& details(VitalKind kind) {
    return *std::find_if(kKinds.begin(), kKinds.end(), [&](const Kind& one) { return one.kind == kind; });
}

/// Digits, at most six, and the allowed number of decimals: no sign, no exponent.
std::optional<double> plain_number(const std::string& text, size_t decimals) {
    const size_t point = text.find('.');
    const std::string whole = text.substr(0, point);
    const std::string fraction = point == std::string::npos ? "" : text.substr(point + 1);
    const auto digits = [](const std::string& part) {
        return !part.empty() && std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; });
    };
    if (!digits(whole) || whole.size() > 6 || (whole.size() > 1 && whole.front() == '0')) return std::nullopt;
    if (point != std::string::npos && (!digits(fraction) || fraction.size() > decimals)) return std::nullopt;
    return to_double(json::Decimal{text});
}

class Examination {
  public:
    explicit Examination(Confirmation confirmation) : m_confirmation(confirmation) {}

    std::optional<double> number(std::string_view field, const std::optional<std::string>& text, const Limits& limits,
                                 bool required) {
        if (!text) {
            if (required) fault(field, "missing");
            return std::nullopt;
        }
        const auto value = plain_number(*text, limits.decimals);
        if (!value) {
            fault(field, "malformed");
            return std::nullopt;
        }
        if (*value < limits.possible_from || *value > limits.possible_to) {
            fault(field, "impossible");
        } else if ((*value < limits.likely_from || *value > limits.likely_to) && m_confirmation == Confirmation::None) {
            fault(field, "unlikely");
        }
        return value;
    }
    void absent(std::string_view field, const std::optional<std::string>& text) {
        if (text) fault(field, "superfluous");
    }
    void fault(std::string_view field, std::string_view code) {
        faults.push_back({std::string(field), std::string(code)});
    }
    std::vector<VitalFault> faults;

  private:
    Confirmation m_confirmation;
};

std::optional<std::string> component_value(const std::optional<json::Element>& root, std::string_view code) {
    for (const json::Element& component : items(member(root, "component")))
        if (code_of(member(component, "code"), fhir::kLoinc) == code)
            if (const auto value = decimal(member(member(component, "valueQuantity"), "value"))) return value->text;
    return std::nullopt;
}

std::optional<json::Decimal> as_decimal(std::optional<std::string> text) {
    if (!text) return std::nullopt;
    return json::Decimal{std::move(*text)};
}

} // namespace

std::optional<VitalKind> vital_kind(std::string_view name) {
    for (const Kind& kind : kKinds)
        if (kind.name == name) return kind.kind;
    return std::nullopt;
}
std::string_view name_of_kind(VitalKind kind) { return details(kind).name; }
std::string_view code_of_kind(VitalKind kind) { return details(kind).code; }
std::string_view unit_of_kind(VitalKind kind) { return details(kind).unit; }

std::vector<VitalFault> faults_of(VitalKind kind, const VitalEntry& entry, base::CivilDate birth_date,
                                  base::Instant now, Confirmation confirmation) {
    Examination examination(confirmation);
    if (kind == VitalKind::BloodPressure) {
        const auto systolic = examination.number("systolic", entry.systolic, kSystolic, true);
        const auto diastolic = examination.number("diastolic", entry.diastolic, kDiastolic, true);
        examination.number("pulse", entry.pulse, kPulse, false);
        examination.absent("value", entry.value);
        if (systolic && diastolic && *systolic <= *diastolic) examination.fault("diastolic", "order");
    } else {
        examination.number("value", entry.value, details(kind).limits, true);
        examination.absent("systolic", entry.systolic);
        examination.absent("diastolic", entry.diastolic);
        examination.absent("pulse", entry.pulse);
    }
    if (entry.at > now + kClockSlack) examination.fault("at", "in-future");
    if (base::date_in_japan(entry.at) < birth_date) examination.fault("at", "before-birth");
    return std::move(examination.faults);
}

std::string observation_of(VitalKind kind, const VitalEntry& entry, const base::PersonId& person,
                           identity::Relation entered_by) {
    const std::string subject = person.to_string();
    fhir::Observation observation;
    switch (kind) {
    case VitalKind::BloodPressure:
        observation =
            fhir::blood_pressure(subject, entry.effective, entry.systolic.value_or("0"), entry.diastolic.value_or("0"),
                                 entry.pulse ? std::optional<std::string_view>(*entry.pulse) : std::nullopt);
        break;
    case VitalKind::Weight:
        observation = fhir::body_weight(subject, entry.effective, entry.value.value_or("0"));
        break;
    case VitalKind::Height:
        observation = fhir::body_height(subject, entry.effective, entry.value.value_or("0"));
        break;
    case VitalKind::Head:
        observation = fhir::body_height(subject, entry.effective, entry.value.value_or("0"));
        observation.category.back() = fhir::concept_of(fhir::kBodyCategory, "head-circumference", "頭囲");
        observation.code = fhir::concept_of(fhir::kLoinc, kHeadCircumference, "頭囲");
        break;
    case VitalKind::Steps:
        observation = fhir::steps(subject, entry.effective, entry.value.value_or("0"));
        break;
    }
    const bool own = entered_by == identity::Relation::Self;
    fhir::Reference performer;
    if (own) performer = fhir::patient(subject);
    performer.display = own ? "本人" : "保護者";
    observation.performer = std::vector<fhir::Reference>{performer};
    if (entry.note && !entry.note->empty()) observation.note = std::vector<fhir::Annotation>{{*entry.note}};
    return json::write(observation);
}

std::optional<VitalView> vital_of(VitalKind kind, const records::Resource& resource) {
    if (resource.code != code_of_kind(kind)) return std::nullopt;
    const auto document = json::Document::parse(resource.body);
    if (!document) return std::nullopt;
    const json::Element root = document->root();
    VitalView view;
    view.id = resource.id;
    view.at = resource.effective_at;
    view.date = base::date_in_japan(resource.effective_at).to_string();
    view.unit = unit_of_kind(kind);
    view.source = resource.origin;
    if (kind == VitalKind::BloodPressure) {
        view.values.systolic = as_decimal(component_value(root, fhir::kSystolic));
        view.values.diastolic = as_decimal(component_value(root, fhir::kDiastolic));
        view.values.pulse = as_decimal(component_value(root, fhir::kPulse));
        if (!view.values.systolic && !view.values.diastolic) return std::nullopt;
    } else {
        view.values.value = decimal(member(member(root, "valueQuantity"), "value"));
        if (!view.values.value) return std::nullopt;
    }
    const auto performers = displays(member(root, "performer"));
    if (!performers.empty()) view.source_name = performers.back();
    if (const auto notes = items(member(root, "note")); !notes.empty()) view.note = text(member(notes.front(), "text"));
    return view;
}

base::Task<std::vector<VitalView>> vitals_of(db::ReadTx& tx, base::PersonId person, VitalKind kind, Span span,
                                             int limit) {
    records::Filter filter;
    filter.code = std::string(code_of_kind(kind));
    filter.from = span.from;
    filter.before = span.before;
    filter.limit = limit;
    const auto resources = co_await records::list(tx, person, "Observation", filter);
    std::vector<VitalView> views;
    for (const records::Resource& resource : resources)
        if (auto view = vital_of(kind, resource)) views.push_back(std::move(*view));
    co_return views;
}

} // namespace musubi::health_record
