#include "core/records/body.h"

#include "lib/json/json.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/core.h>

namespace musubi::records {
namespace {

using json::Element;

struct DatedType {
    std::string_view type;
    std::array<std::string_view, 2> members; // the first that is present counts
};
constexpr std::array kDatedTypes = {
    DatedType{"Observation", {"effectiveDateTime", "effectiveInstant"}},
    DatedType{"DiagnosticReport", {"effectiveDateTime", "issued"}},
    DatedType{"Immunization", {"occurrenceDateTime", "recorded"}},
    DatedType{"Condition", {"onsetDateTime", "recordedDate"}},
    DatedType{"Procedure", {"performedDateTime", ""}},
    DatedType{"MedicationRequest", {"authoredOn", ""}},
    DatedType{"MedicationStatement", {"effectiveDateTime", "dateAsserted"}},
    DatedType{"QuestionnaireResponse", {"authored", ""}},
    DatedType{"Composition", {"date", ""}},
    DatedType{"DocumentReference", {"date", ""}},
};
constexpr std::array<std::string_view, 2> kPeriods = {"effectivePeriod", "performedPeriod"};
constexpr std::string_view kLoinc = "http://loinc.org";

base::Error malformed(std::string why) { return base::invalid("records.malformed").because(std::move(why)); }

bool is_object(const std::optional<Element>& element) { return element && element->type() == Element::Type::Object; }
bool is_array(const std::optional<Element>& element) { return element && element->type() == Element::Type::Array; }

std::string text_of(const Element& object, std::string_view member) {
    const auto found = object.find(member);
    return found && found->type() == Element::Type::String ? std::string(found->string()) : std::string();
}

std::string clinical_date(const Element& root, std::string_view type) {
    for (const DatedType& dated : kDatedTypes) {
        if (dated.type != type) continue;
        for (const std::string_view member : dated.members) {
            if (member.empty()) continue;
            if (std::string text = text_of(root, member); !text.empty()) return text;
        }
    }
    for (const std::string_view member : kPeriods)
        if (const auto period = root.find(member); is_object(period)) return text_of(*period, "start");
    return {};
}

/// LOINC is preferred among the codings, because lists of vital signs ask for it; otherwise the first counts.
std::string primary_code(const Element& concept_element) {
    const auto codings = concept_element.find("coding");
    if (!is_array(codings)) return {};
    std::string first;
    for (const Element& coding : codings->items()) {
        if (coding.type() != Element::Type::Object) continue;
        const std::string system = text_of(coding, "system");
        const std::string token = system + "|" + text_of(coding, "code");
        if (system == kLoinc) return token;
        if (first.empty()) first = token;
    }
    return first;
}

std::string first_category(const Element& root) {
    const auto categories = root.find("category");
    if (!is_array(categories)) return {};
    for (const Element& category : categories->items()) {
        if (category.type() != Element::Type::Object) continue;
        const std::string token = primary_code(category);
        if (const size_t bar = token.rfind('|'); bar != std::string::npos) return token.substr(bar + 1);
    }
    return {};
}

void append_member(std::string& out, std::string_view name, const Element& value) {
    out.push_back(',');
    json::append_string(out, name);
    out.push_back(':');
    out += value.raw();
}

base::Status take_meta(const Element& meta, Analysis& analysis) {
    if (meta.type() != Element::Type::Object) return malformed("meta is not an object");
    for (const auto& [name, value] : meta.members())
        if (name != "versionId" && name != "lastUpdated") append_member(analysis.meta_members, name, value);
    return base::success();
}

} // namespace

bool valid_id(std::string_view id) {
    return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    });
}

std::optional<base::Instant> beginning_of(std::string_view text) {
    std::string day(text);
    if (day.size() == 4) day += "-01";
    if (day.size() == 7) day += "-01";
    if (day.size() != 10) return base::Instant::parse(text);
    const auto date = base::CivilDate::parse(day);
    if (!date) return std::nullopt;
    return base::start_of_day_in_japan(*date);
}

base::Result<Analysis> analyse(std::string_view body) {
    const auto document = json::Document::parse(body);
    if (!document) return malformed(document.error().code);
    const Element root = document->root();
    if (root.type() != Element::Type::Object) return malformed("not an object");

    Analysis analysis;
    analysis.type = text_of(root, "resourceType");
    analysis.id = text_of(root, "id");
    if (analysis.type.empty()) return malformed("no resourceType");
    for (const auto& [name, value] : root.members()) {
        if (name == "resourceType" || name == "id") continue;
        if (name == "meta") {
            MUSUBI_CHECK(take_meta(value, analysis));
            continue;
        }
        append_member(analysis.members, name, value);
    }
    for (const std::string_view member : {"subject", "patient"})
        if (const auto subject = root.find(member); is_object(subject))
            analysis.subject = text_of(*subject, "reference");
    analysis.effective = clinical_date(root, analysis.type);
    if (!analysis.effective.empty()) {
        analysis.effective_at = beginning_of(analysis.effective);
        if (!analysis.effective_at) return malformed("not a FHIR date");
    }
    const auto code = root.find(analysis.type == "Immunization" ? "vaccineCode" : "code");
    if (is_object(code)) analysis.code = primary_code(*code);
    analysis.category = first_category(root);
    return analysis;
}

std::string compose(const Analysis& analysis, std::string_view id, int64_t version, base::Instant updated_at) {
    return fmt::format(R"({{"resourceType":"{}","id":"{}","meta":{{"versionId":"{}","lastUpdated":"{}"{}}}{}}})",
                       analysis.type, id, version, updated_at.to_string(), analysis.meta_members, analysis.members);
}

} // namespace musubi::records
