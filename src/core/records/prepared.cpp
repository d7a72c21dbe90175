#include "core/records/prepared.h"

#include "base/encoding.h"
#include "core/records/body.h"
#include "lib/fhir/definitions.h"
#include "lib/fhir/index.h"

#include <algorithm>
#include <array>
#include <vector>

namespace musubi::records {
namespace {

using r4::Node;

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
constexpr std::array<std::string_view, 3> kPeriods = {"effectivePeriod", "performedPeriod", "period"};
constexpr std::string_view kLoinc = "http://loinc.org";
constexpr std::string_view kConfidentiality = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";

base::Error malformed(std::string why) { return base::invalid("records.malformed").because(std::move(why)); }

std::string text_of(Node object, std::string_view member) { return std::string(object.find(member).string()); }

std::string clinical_date(Node root, std::string_view type) {
    for (const DatedType& dated : kDatedTypes) {
        if (dated.type != type) continue;
        for (const std::string_view member : dated.members) {
            if (member.empty()) continue;
            if (std::string text = text_of(root, member); !text.empty()) return text;
        }
    }
    for (const std::string_view member : kPeriods)
        if (const Node period = root.find(member); period.is_object()) return text_of(period, "start");
    return {};
}

/// LOINC is preferred among the codings, because lists of vital signs ask for it; otherwise the first counts.
std::string primary_code(Node of) {
    std::string first;
    for (const Node coding : of.find("coding")) {
        if (!coding.is_object()) continue;
        const std::string system = text_of(coding, "system");
        std::string token = system + "|" + text_of(coding, "code");
        if (system == kLoinc) return token;
        if (first.empty()) first = std::move(token);
    }
    return first;
}

std::string first_category(Node root) {
    const Node categories = root.find("category");
    if (!categories.is_array()) return {};
    for (const Node category : categories) {
        const std::string token = primary_code(category);
        if (const size_t bar = token.rfind('|'); bar != std::string::npos) return token.substr(bar + 1);
    }
    return {};
}

bool is_restricted(Node root) {
    for (const Node label : root.find("meta").find("security")) {
        const std::string_view code = label.find("code").string();
        if ((code == "R" || code == "V") && label.find("system").string() == kConfidentiality) return true;
    }
    return false;
}

void append_member(std::string& out, Node member) {
    out += ",\"";
    out += member.name();
    out += "\":";
    out += member.raw();
}

/// What follows "lastUpdated" in the stored form.
std::string rest_of(Node root) {
    std::string out;
    const Node meta = root.find("meta");
    for (const Node member : meta)
        if (member.name() != "versionId" && member.name() != "lastUpdated") append_member(out, member);
    out.push_back('}');
    for (const Node member : root) {
        const std::string_view name = member.name();
        if (name != "resourceType" && name != "id" && name != "meta") append_member(out, member);
    }
    out.push_back('}');
    return out;
}

/// Of a resource that names several patients in one place (Group.member) nobody is the owner.
std::optional<std::string> patient_of(r4::ResourceType type, const r4::IndexView& index) {
    if (r4::patient_compartment(type).empty()) return std::nullopt;
    for (const uint16_t parameter : owner_parameters(type)) {
        std::optional<std::string> found;
        bool several = false;
        index.for_each(parameter, [&](const r4::IndexValue& value) {
            if (value.target != r4::ResourceType::Patient || !value.text.empty() || value.code.empty()) return true;
            if (found && *found != value.code) several = true;
            found = std::string(value.code);
            return !several;
        });
        if (several) return std::nullopt;
        if (found) return found;
    }
    return std::nullopt;
}

} // namespace

std::optional<base::Instant> beginning_of(std::string_view text) {
    std::string day(text);
    if (day.size() == 4) day += "-01";
    if (day.size() == 7) day += "-01";
    if (day.size() != 10) return base::Instant::parse(text);
    const auto date = base::CivilDate::parse(day);
    if (!date) return std::nullopt;
    return base::start_of_day_in_japan(*date);
}

std::vector<uint16_t> owner_parameters(r4::ResourceType type) {
    std::vector<uint16_t> out;
    for (const std::string_view code : {"patient", "subject", "beneficiary"})
        if (const auto* parameter = r4::find_search_parameter(type, code)) out.push_back(parameter->id);
    const auto more = r4::patient_compartment(type);
    out.insert(out.end(), more.begin(), more.end());
    return out;
}

base::Result<Prepared> prepare(const r4::Document& document, std::string_view own_base) {
    const Node root = document.root();
    const Node meta = root.find("meta");
    if (meta && !meta.is_object()) return malformed("meta is not an object");
    Prepared out;
    out.type = document.type();
    out.id = document.id();
    r4::IndexOptions options;
    options.own_base = own_base;
    out.index_values = r4::extract_index(document, options);
    out.patient = out.type == r4::ResourceType::Patient ? std::optional(out.id)
                                                        : patient_of(out.type, r4::IndexView(out.index_values));
    out.restricted = is_restricted(root);
    out.effective = clinical_date(root, r4::name_of(out.type));
    if (!out.effective.empty()) {
        out.effective_at = beginning_of(out.effective);
        if (!out.effective_at) return malformed("not a FHIR date");
    }
    out.code = primary_code(root.find(out.type == r4::ResourceType::Immunization ? "vaccineCode" : "code"));
    out.category = first_category(root);
    out.packing = kNewestDictionary;
    out.packed = pack(rest_of(root));
    return out;
}

base::Result<Prepared> prepare(std::string body, std::string_view own_base) {
    const auto document = r4::Document::parse(std::move(body));
    if (!document) {
        if (document.error().code == "fhir.too-large") return document.error();
        return malformed(document.error().code);
    }
    return prepare(*document, own_base);
}

} // namespace musubi::records
