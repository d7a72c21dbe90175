// The invariants of R4 that decide whether a record can be read and trusted: those of the types that Musubi keeps, in
// the words of the specification ("per-1", "obs-6"). Each is one line of code.
#include "lib/fhir/index.h"
#include "lib/fhir/numbers.h"
#include "lib/fhir/validator.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace musubi::fhir {
namespace {

std::string_view text_of(const Typed& value, std::string_view element) {
    return value_of(value, element).node.string();
}
bool is(const Typed& value, std::string_view element, std::string_view text) { return text_of(value, element) == text; }
std::optional<double> number_of(const Typed& value, std::string_view element) {
    const Node node = value_of(value, element).node;
    return node && node.kind() == JsonKind::Number ? parse_number(node.raw()) : std::nullopt;
}
bool has_coding(const Typed& value, std::string_view element, std::string_view system,
                std::initializer_list<std::string_view> codes) {
    for (const Typed& each : values_of(value, element))
        for (const Typed& coding : values_of(each, "coding"))
            if (is(coding, "system", system) &&
                std::find(codes.begin(), codes.end(), text_of(coding, "code")) != codes.end())
                return true;
    return false;
}

/// Fails the rule unless `good`.
struct Rules {
    Validator& validator;
    void operator()(bool good, std::string_view key, const char* words) const {
        if (!good) validator.error("invariant", key, words);
    }
};

constexpr std::string_view kUcum = "http://unitsofmeasure.org";

// ---- data types

void quantity(const Rules& rule, const Typed& v) {
    rule(!has(v, "code") || has(v, "system"), "qty-3", "a coded unit needs its system");
}
void duration(const Rules& rule, const Typed& v) {
    quantity(rule, v);
    rule(!has(v, "code") || (is(v, "system", kUcum) && has(v, "value")), "drt-1",
         "a coded duration needs UCUM and a value");
}
void age(const Rules& rule, const Typed& v) {
    quantity(rule, v);
    rule((has(v, "code") || !has(v, "value")) && (!has(v, "system") || is(v, "system", kUcum)) &&
             number_of(v, "value").value_or(1) > 0,
         "age-1", "an age is a positive number of a UCUM time unit");
}
void period(const Rules& rule, const Typed& v) {
    const auto start = parse_date(text_of(v, "start"));
    const auto end = parse_date(text_of(v, "end"));
    rule(!start || !end || start->low < end->high, "per-1", "a period ends before it begins");
}
void range(const Rules& rule, const Typed& v) {
    const auto low = number_of(value_of(v, "low"), "value");
    const auto high = number_of(value_of(v, "high"), "value");
    rule(!low || !high || *low <= *high || text_of(value_of(v, "low"), "code") != text_of(value_of(v, "high"), "code"),
         "rng-2", "a range's low is above its high");
}
void ratio(const Rules& rule, const Typed& v) {
    rule(has(v, "numerator") == has(v, "denominator") && (has(v, "numerator") || has(v, "extension")), "rat-1",
         "numerator and denominator belong together");
}
void attachment(const Rules& rule, const Typed& v) {
    rule(!has(v, "data") || has(v, "contentType"), "att-1", "data need a content type");
}
void contact_point(const Rules& rule, const Typed& v) {
    rule(!has(v, "value") || has(v, "system"), "cpt-2", "a value needs its system");
}
void extension(const Rules& rule, const Typed& v) {
    rule(has(v, "extension") != has(v, "value"), "ext-1", "an extension has either a value or extensions");
}
void expression(const Rules& rule, const Typed& v) {
    rule(has(v, "expression") || has(v, "reference"), "exp-1", "an expression or a reference to one is needed");
}
void timing_repeat(const Rules& rule, const Typed& v) {
    rule(!has(v, "duration") || has(v, "durationUnit"), "tim-1", "a duration needs its unit");
    rule(!has(v, "period") || has(v, "periodUnit"), "tim-2", "a period needs its unit");
    rule(number_of(v, "duration").value_or(0) >= 0, "tim-4", "a duration is not negative");
    rule(number_of(v, "period").value_or(0) >= 0, "tim-5", "a period is not negative");
    rule(!has(v, "periodMax") || has(v, "period"), "tim-6", "periodMax needs a period");
    rule(!has(v, "durationMax") || has(v, "duration"), "tim-7", "durationMax needs a duration");
    rule(!has(v, "countMax") || has(v, "count"), "tim-8", "countMax needs a count");
    rule(!has(v, "timeOfDay") || !has(v, "when"), "tim-10", "a time of day and a meal do not go together");
    const auto when = values_of(v, "when");
    const bool meals = std::any_of(when.begin(), when.end(), [](const Typed& each) {
        const std::string_view code = each.node.string();
        return code == "C" || code == "CM" || code == "CD" || code == "CV";
    });
    rule(!has(v, "offset") || (!when.empty() && !meals), "tim-9", "an offset needs an event that is no meal");
}

// ---- records of health

void observation(const Rules& rule, const Typed& v) {
    rule(!has(v, "dataAbsentReason") || !has(v, "value"), "obs-6",
         "a reason for no value and a value exclude each other");
    if (!has(v, "value")) return;
    const auto same = [](const Typed& a, const Typed& b) {
        return text_of(a, "system") == text_of(b, "system") && text_of(a, "code") == text_of(b, "code");
    };
    for (const Typed& component : values_of(v, "component"))
        for (const Typed& coding : values_of(value_of(component, "code"), "coding"))
            for (const Typed& own : values_of(value_of(v, "code"), "coding"))
                rule(!same(coding, own), "obs-7", "a component repeats the code of the observation that has a value");
}
void reference_range(const Rules& rule, const Typed& v) {
    rule(has(v, "low") || has(v, "high") || has(v, "text"), "obs-3", "a reference range needs low, high or text");
}
void condition(const Rules& rule, const Typed& v) {
    constexpr std::string_view kClinical = "http://terminology.hl7.org/CodeSystem/condition-clinical";
    constexpr std::string_view kVerification = "http://terminology.hl7.org/CodeSystem/condition-ver-status";
    rule(!has(v, "abatement") || has_coding(v, "clinicalStatus", kClinical, {"resolved", "remission", "inactive"}),
         "con-4", "what has abated is not active");
    rule(!has_coding(v, "verificationStatus", kVerification, {"entered-in-error"}) || !has(v, "clinicalStatus"),
         "con-5", "what was entered in error has no clinical status");
}
void allergy(const Rules& rule, const Typed& v) {
    const bool in_error =
        has_coding(v, "verificationStatus", "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification",
                   {"entered-in-error"});
    rule(in_error || has(v, "clinicalStatus"), "ait-1", "a clinical status is needed");
    rule(!in_error || !has(v, "clinicalStatus"), "ait-2", "what was entered in error has no clinical status");
}
void immunization_education(const Rules& rule, const Typed& v) {
    rule(has(v, "documentType") || has(v, "reference"), "imm-1", "a document type or a reference is needed");
}
void recommendation(const Rules& rule, const Typed& v) {
    rule(has(v, "vaccineCode") || has(v, "targetDisease"), "imr-1", "a vaccine or a disease is needed");
}
void family_history(const Rules& rule, const Typed& v) {
    rule(!has(v, "age") || !has(v, "born"), "fhs-1", "age and birth exclude each other");
    rule(has(v, "age") || !has(v, "estimatedAge"), "fhs-2", "only an age can be estimated");
}
void dispense(const Rules& rule, const Typed& v) {
    const auto handed = parse_date(text_of(v, "whenHandedOver"));
    const auto prepared = parse_date(text_of(v, "whenPrepared"));
    rule(!handed || !prepared || handed->high > prepared->low, "mdd-1", "handed over before it was prepared");
}
void care_plan_activity(const Rules& rule, const Typed& v) {
    rule(!has(v, "detail") || !has(v, "reference"), "cpl-3", "a detail and a reference exclude each other");
}
void service_request(const Rules& rule, const Typed& v) {
    rule(!has(v, "orderDetail") || has(v, "code"), "prr-1", "order details need a code");
}

// ---- people, visits, papers

void organization(const Rules& rule, const Typed& v) {
    rule(has(v, "identifier") || has(v, "name"), "org-1", "an identifier or a name is needed");
    for (const Typed& each : values_of(v, "address"))
        rule(!is(each, "use", "home"), "org-2", "an organisation has no home");
    for (const Typed& each : values_of(v, "telecom"))
        rule(!is(each, "use", "home"), "org-3", "an organisation has no home");
}
void patient_contact(const Rules& rule, const Typed& v) {
    rule(has(v, "name") || has(v, "telecom") || has(v, "address") || has(v, "organization"), "pat-1",
         "a contact needs details");
}
void appointment(const Rules& rule, const Typed& v) {
    const std::string_view status = text_of(v, "status");
    rule(has(v, "start") == has(v, "end"), "app-2", "start and end belong together");
    rule((has(v, "start") && has(v, "end")) || status == "proposed" || status == "cancelled" || status == "waitlist",
         "app-3", "a booked appointment needs its time");
    rule(!has(v, "cancelationReason") || status == "no-show" || status == "cancelled", "app-4",
         "only what is cancelled has a reason for it");
}
void appointment_participant(const Rules& rule, const Typed& v) {
    rule(has(v, "type") || has(v, "actor"), "app-1", "a type or an actor is needed");
}
void consent(const Rules& rule, const Typed& v) {
    rule(has(v, "policy") || has(v, "policyRule"), "ppc-1", "a policy or a policy rule is needed");
}
void audit_entity(const Rules& rule, const Typed& v) {
    rule(!has(v, "name") || !has(v, "query"), "sev-1", "a name and a query exclude each other");
}
void section(const Rules& rule, const Typed& v) {
    rule(has(v, "text") || has(v, "entry") || has(v, "section"), "cmp-1", "a section needs content");
    rule(!has(v, "emptyReason") || !has(v, "entry"), "cmp-2", "only an empty section says why");
}
void group(const Rules& rule, const Typed& v) {
    rule(!has(v, "member") || value_of(v, "actual").node.is_true(), "grp-1", "only actual groups have members");
}
void list(const Rules& rule, const Typed& v) {
    rule(!has(v, "emptyReason") || !has(v, "entry"), "lst-1", "only an empty list says why");
}
void response_item(const Rules& rule, const Typed& v) {
    rule(!has(v, "answer") || !has(v, "item"), "qrs-1", "answers and items exclude each other");
}

void questionnaire_item(const Rules& rule, const Typed& v) {
    const std::string_view type = text_of(v, "type");
    rule(type != "group" || has(v, "item"), "que-1", "a group needs items");
    rule(type != "display" || !has(v, "item"), "que-1", "a displayed text has no items");
    rule(type != "display" || !has(v, "code"), "que-3", "a displayed text has no code");
    rule(!has(v, "answerOption") || !has(v, "answerValueSet"), "que-4", "options and a value set exclude each other");
    rule(type != "display" || (!has(v, "required") && !has(v, "repeats")), "que-6", "a displayed text is not answered");
    rule((type != "group" && type != "display") || !has(v, "initial"), "que-8",
         "groups and texts have no initial value");
    rule(type != "display" || !has(v, "readOnly"), "que-9", "a displayed text is not read-only");
    rule(!has(v, "answerOption") || !has(v, "initial"), "que-11", "with options the initial one is marked there");
    rule(values_of(v, "enableWhen").size() <= 2 || has(v, "enableBehavior"), "que-12",
         "several conditions need all or any");
}
void collect_link_ids(const Typed& v, std::unordered_set<std::string_view>& seen, bool& distinct, size_t depth = 0) {
    for (const Typed& item : values_of(v, "item")) {
        distinct = seen.insert(text_of(item, "linkId")).second && distinct;
        if (depth < 64) collect_link_ids(item, seen, distinct, depth + 1);
    }
}
void questionnaire(const Rules& rule, const Typed& v) {
    std::unordered_set<std::string_view> seen;
    bool distinct = true;
    collect_link_ids(v, seen, distinct);
    rule(distinct, "que-2", "link ids must be distinct");
}

void bundle(const Rules& rule, const Typed& v) {
    const std::string_view type = text_of(v, "type");
    const bool found = type == "searchset" || type == "history";
    const bool asks = type == "batch" || type == "transaction" || type == "history";
    const bool answers = type == "batch-response" || type == "transaction-response" || type == "history";
    rule(!has(v, "total") || found, "bdl-1", "only search results and histories have a total");
    std::unordered_set<std::string> urls;
    for (const Typed& entry : values_of(v, "entry")) {
        rule(!has(entry, "search") || type == "searchset", "bdl-2", "only search results say how they were found");
        rule(has(entry, "request") == asks, "bdl-3", "requests stand in batches, transactions and histories");
        rule(has(entry, "response") == answers, "bdl-4", "responses stand in responses and histories");
        if (type == "history" || !has(entry, "fullUrl")) continue;
        std::string key(text_of(entry, "fullUrl"));
        key += '\n';
        key += entry.node.find("resource").find("meta").find("versionId").string();
        rule(urls.insert(std::move(key)).second, "bdl-7", "a full url may stand once");
    }
    if (type != "document" && type != "message") return;
    const std::string_view first = value_of(v, "entry").node.find("resource").find("resourceType").string();
    rule(type != "document" || first == "Composition", "bdl-11", "a document begins with its Composition");
    rule(type != "message" || first == "MessageHeader", "bdl-12", "a message begins with its MessageHeader");
    if (type != "document") return;
    const Typed identifier = value_of(v, "identifier");
    rule(has(identifier, "system") && has(identifier, "value"), "bdl-9", "a document has an identifier");
    rule(has(v, "timestamp"), "bdl-10", "a document has a date");
}
void bundle_entry(const Rules& rule, const Typed& v) {
    rule(has(v, "resource") || has(v, "request") || has(v, "response"), "bdl-5", "an entry needs content");
    rule(text_of(v, "fullUrl").find("/_history/") == std::string_view::npos, "bdl-8", "a full url names no version");
}

using Check = void (*)(const Rules&, const Typed&);

const std::vector<Check>& checks() {
    static const std::unordered_map<std::string_view, Check> by_name = {
        {"Quantity", quantity},
        {"Duration", duration},
        {"Age", age},
        {"Period", period},
        {"Range", range},
        {"Ratio", ratio},
        {"Attachment", attachment},
        {"ContactPoint", contact_point},
        {"Extension", extension},
        {"Expression", expression},
        {"Timing.repeat", timing_repeat},
        {"Observation", observation},
        {"Observation.referenceRange", reference_range},
        {"Condition", condition},
        {"AllergyIntolerance", allergy},
        {"Immunization.education", immunization_education},
        {"ImmunizationRecommendation.recommendation", recommendation},
        {"FamilyMemberHistory", family_history},
        {"MedicationDispense", dispense},
        {"CarePlan.activity", care_plan_activity},
        {"ServiceRequest", service_request},
        {"Organization", organization},
        {"Patient.contact", patient_contact},
        {"Appointment", appointment},
        {"Appointment.participant", appointment_participant},
        {"Consent", consent},
        {"AuditEvent.entity", audit_entity},
        {"Composition.section", section},
        {"Group", group},
        {"List", list},
        {"QuestionnaireResponse.item", response_item},
        {"Questionnaire", questionnaire},
        {"Questionnaire.item", questionnaire_item},
        {"Bundle", bundle},
        {"Bundle.entry", bundle_entry}};
    static const std::vector<Check> by_number = [] {
        std::vector<Check> out;
        for (const auto& type : tables::kTypes) {
            const auto found = by_name.find(type.name);
            out.push_back(found == by_name.end() ? nullptr : found->second);
        }
        return out;
    }();
    return by_number;
}

/// dom-4, dom-5: what is contained has no version or security of its own.
void contained_resources(const Rules& rule, const Typed& v) {
    for (const Typed& inner : values_of(v, "contained")) {
        const Node meta = inner.node.find("meta");
        rule(!meta.find("versionId") && !meta.find("lastUpdated"), "dom-4", "a contained resource has no version");
        rule(!meta.find("security"), "dom-5", "a contained resource has no security labels");
        rule(!inner.node.find("contained"), "dom-2", "a contained resource contains no others");
    }
}

} // namespace

void check_invariants(Validator& validator, const Typed& value) {
    const Rules rules{validator};
    if (value.type->kind == tables::TypeKind::Resource) contained_resources(rules, value);
    const auto number = static_cast<size_t>(value.type - tables::kTypes.data());
    if (const Check check = checks()[number]) check(rules, value);
}

} // namespace musubi::fhir
