#include "lib/fhir/validation.h"

#include "lib/fhir/primitives.h"
#include "lib/fhir/symbols.h"
#include "lib/fhir/text_edit.h"
#include "lib/fhir/validator.h"

#include <algorithm>
#include <array>

namespace musubi::fhir {
namespace {

using tables::TypeKind;

struct Names {
    Symbol resource_type = known_symbol("resourceType");
    Symbol contained = known_symbol("contained");
    Symbol meta = known_symbol("meta");
    Symbol profile = known_symbol("profile");
    Symbol reference = known_symbol("reference");
    Symbol type = known_symbol("type");
    Symbol id = known_symbol("id");
    Symbol url = known_symbol("url");
};
const Names& names() {
    static const Names instance;
    return instance;
}

const tables::Type& type_named_in_tables(std::string_view name) {
    for (const auto& type : tables::kTypes)
        if (type.name == name) return type;
    return tables::kTypes[0];
}

const tables::Profile* find_profile(std::string_view url) {
    url = url.substr(0, url.find('|'));
    for (const auto& profile : tables::kProfiles)
        if (profile.url == url) return &profile;
    return nullptr;
}

bool is_same_element(std::string_view element, std::string_view wanted) {
    return element == wanted ||
           (element.size() == wanted.size() + 3 && element.ends_with("[x]") && element.starts_with(wanted));
}

std::string name_in_words(const tables::Type& type) { return std::string(type.name); }

} // namespace

std::vector<Typed> values_of(const Typed& parent, std::string_view element) {
    std::vector<Typed> out;
    if (!parent.node.is_object()) return out;
    for (const Node member : parent.node) {
        const tables::Field* field =
            member.is_extension_part() ? nullptr : tables::find_field(*parent.type, member.symbol());
        if (!field || !is_same_element(tables::kElements[field->element].name, element)) continue;
        const tables::Type* type = &tables::kTypes[field->type];
        const auto add = [&](Node node) {
            const tables::Type* actual = type;
            if (type->name == "Resource")
                actual = &tables::type_of(
                    type_named(node.find(names().resource_type).string()).value_or(ResourceType::None));
            out.push_back({node, actual});
        };
        if (!member.is_array()) {
            add(member);
            continue;
        }
        for (const Node item : member) add(item);
    }
    return out;
}

Typed value_of(const Typed& parent, std::string_view element) {
    if (!parent.node.is_object()) return {};
    for (const Node member : parent.node) {
        const tables::Field* field =
            member.is_extension_part() ? nullptr : tables::find_field(*parent.type, member.symbol());
        if (!field || !is_same_element(tables::kElements[field->element].name, element)) continue;
        return {member.is_array() ? member.first() : member, &tables::kTypes[field->type]};
    }
    return {};
}

void Validator::report(Severity severity, std::string_view code, std::string_view rule, std::string diagnostics) {
    if (m_issues.size() >= m_options.max_issues) return;
    m_issues.push_back({severity, code, m_path, std::string(rule), std::move(diagnostics)});
}

std::vector<Issue> Validator::run() {
    m_path = std::string(name_of(m_document.type()));
    check_resource(m_document.root());
    return std::move(m_issues);
}

void Validator::check_resource(Node node) {
    const auto type = type_named(node.find(names().resource_type).string());
    if (!node.is_object() || !type) return error("structure", "resource-type", "not a resource of a known type");
    const Node outer = m_resource;
    m_resource = node;
    const Typed resource{node, &tables::type_of(*type)};
    check_object(resource);
    check_claimed_profiles(resource);
    m_resource = outer;
}

void Validator::check_claimed_profiles(const Typed& resource) {
    if (m_options.profiles == Profiles::BaseOnly && m_options.also.empty()) return;
    const bool outermost = resource.node.index() == 0;
    const auto check = [&](std::string_view url) {
        const tables::Profile* profile = find_profile(url);
        if (!profile) return;
        if (&tables::kTypes[profile->type] != resource.type)
            return error("structure", "profile-type", "the profile named is for another type");
        check_profile(*profile, resource);
    };
    if (m_options.profiles == Profiles::Claimed)
        for (const Node url : resource.node.find(names().meta).find(names().profile)) check(url.string());
    if (outermost)
        for (const auto& url : m_options.also) check(url);
}

void Validator::check_object(const Typed& value) {
    if (!value.node.is_object())
        return error("structure", "type", "expected an object of type " + name_in_words(*value.type));
    if (!value.node.first()) return error("structure", "ele-1", "an element must have a value or children");
    const bool is_resource = value.type->kind == TypeKind::Resource;
    for (const Node member : value.node) {
        if (is_resource && member.symbol() == names().resource_type && !member.is_extension_part()) continue;
        const tables::Field* field = tables::find_field(*value.type, member.symbol());
        if (!field) {
            error("structure", "unknown-element",
                  "no element of this name (member " + std::to_string(member.index()) + ")");
            continue;
        }
        const Step step(*this, member.name());
        if (member.is_extension_part()) {
            check_extension_part(value, member, *field);
        } else {
            check_member(value, member, *field);
        }
    }
    check_counts(value);
    check_invariants(*this, value);
}

void Validator::check_counts(const Typed& value) {
    // How often each element of the type stands here; a choice counts all its names together.
    std::array<uint16_t, 256> names_seen{};
    std::array<uint32_t, 256> items{};
    for (const Node member : value.node) {
        const tables::Field* field = tables::find_field(*value.type, member.symbol());
        if (!field) continue;
        const size_t at = field->element - size_t{value.type->first_element};
        if (at >= items.size()) continue;
        if (!member.is_extension_part()) ++names_seen[at];
        const auto count = static_cast<uint32_t>(member.is_array() ? member.size() : 1);
        items[at] = std::max(items[at], count);
    }
    for (size_t i = 0; i < value.type->element_count && i < items.size(); ++i) {
        const tables::Element& element = tables::kElements[value.type->first_element + i];
        if (items[i] < element.minimum) {
            const Step step(*this, element.name);
            error("required", "cardinality", "at least " + std::to_string(element.minimum) + " needed");
        } else if (element.maximum != 255 && items[i] > element.maximum) {
            const Step step(*this, element.name);
            error("structure", "cardinality", "at most " + std::to_string(element.maximum) + " allowed");
        }
        if (names_seen[i] > 1) {
            const Step step(*this, element.name);
            error("structure", "choice", "only one of the types may be there");
        }
    }
}

void Validator::check_member(const Typed& parent, Node member, const tables::Field& field) {
    const tables::Element& element = tables::kElements[field.element];
    const bool many = (element.flags & tables::kMany) != 0;
    if (many != member.is_array())
        return error("structure", "list", many ? "expected a list" : "a list is not allowed here");
    if (many) return check_list(parent, member, field);
    check_value(member, field);
}

void Validator::check_list(const Typed& parent, Node member, const tables::Field& field) {
    if (!member.first()) return error("structure", "list", "a list may not be empty");
    size_t index = 0;
    for (const Node item : member) {
        const Step step(*this, index);
        // A primitive without a value has its extensions in the list beside it.
        if (item.kind() == JsonKind::Null) {
            const Node beside = parent.node.find('_' + std::string(member.name()));
            if (tables::kTypes[field.type].kind != TypeKind::Primitive || !beside.is_array() ||
                !beside.item(index).is_object())
                error("structure", "null", "null stands only for a primitive that has extensions");
        } else {
            check_value(item, field);
        }
        ++index;
    }
}

void Validator::check_extension_part(const Typed& parent, Node member, const tables::Field& field) {
    const tables::Element& element = tables::kElements[field.element];
    if (tables::kTypes[field.type].kind != TypeKind::Primitive)
        return error("structure", "unknown-element", "only primitives have a part with an underscore");
    static const tables::Type& kElement = type_named_in_tables("Element");
    const bool many = (element.flags & tables::kMany) != 0;
    if (many != member.is_array())
        return error("structure", "list", many ? "expected a list" : "a list is not allowed here");
    if (!many) return check_object({member, &kElement});
    const Node beside = parent.node.find(member.symbol());
    if (beside.is_array() && beside.size() != member.size())
        return error("structure", "list", "the two lists differ in length");
    size_t index = 0;
    for (const Node item : member) {
        const Step step(*this, index++);
        if (item.kind() != JsonKind::Null) check_object({item, &kElement});
    }
}

void Validator::check_value(Node node, const tables::Field& field) {
    const tables::Element& element = tables::kElements[field.element];
    const Typed value{node, &tables::kTypes[field.type]};
    if (value.type->kind == TypeKind::Primitive) {
        if (!is_well_formed(value.type->primitive, node)) {
            const bool narrative = value.type->primitive == tables::Primitive::Xhtml;
            return error(narrative ? "invariant" : "value", narrative ? "txt-1" : "format",
                         "not a well-formed " + name_in_words(*value.type));
        }
    } else if (value.type->name == "Resource") {
        const bool outer = m_contained;
        const bool contained = node.symbol() == names().contained || (m_resource.find(names().contained).is_array() &&
                                                                      m_path.find(".contained[") != std::string::npos);
        if (contained && outer) error("invariant", "dom-2", "a contained resource may not contain others");
        m_contained = contained;
        check_resource(node);
        m_contained = outer;
        return;
    } else {
        check_object(value);
        if (value.type->name == "Reference") check_reference(value, element);
        if (value.type->name == "Extension" && m_options.profiles == Profiles::Claimed)
            if (const tables::Profile* profile = find_profile(node.find(names().url).string()))
                check_profile(*profile, value);
    }
    if (element.binding != 0) check_binding(value, element);
}

void Validator::check_reference(const Typed& reference, const tables::Element& element) {
    const std::string_view text = reference.node.find(names().reference).string();
    const ReferenceParts parts = parse_reference(text);
    if (parts.form == ReferenceParts::Form::Contained && !parts.id.empty()) {
        for (const Node resource : m_document.root().find(names().contained))
            if (resource.find(names().id).string() == parts.id) return;
        for (const Node resource : m_resource.find(names().contained))
            if (resource.find(names().id).string() == parts.id) return;
        // A contained resource may also point to one beside it, or a bundle's entry to its own.
        if (m_document.type() != ResourceType::Bundle && m_document.type() != ResourceType::Parameters)
            error("invariant", "ref-1", "no contained resource of this id");
        return;
    }
    ResourceType type = parts.type;
    if (type == ResourceType::None)
        type = type_named(reference.node.find(names().type).string()).value_or(ResourceType::None);
    if (type == ResourceType::None || element.target_count == 0) return;
    const auto targets = tables::kElementTargets.subspan(element.first_target, element.target_count);
    if (std::find(targets.begin(), targets.end(), static_cast<uint16_t>(type)) == targets.end())
        error("structure", "reference-target", "a reference to this type is not allowed here");
}

bool Validator::in_binding(uint16_t binding, const Typed& value, bool& known) const {
    known = !tables::kValueSets[binding].open;
    if (!known) return true;
    const auto coding_fits = [&](Node coding) {
        const std::string_view system = coding.find("system").string();
        return tables::contains(binding, system, coding.find("code").string()).value_or(true);
    };
    if (value.node.is_string()) return tables::contains(binding, {}, value.node.string()).value_or(true);
    if (value.type->name == "Coding" || value.type->name == "Quantity") return coding_fits(value.node);
    if (value.type->name != "CodeableConcept") return true;
    const Node codings = value.node.find("coding");
    return std::any_of(codings.begin(), codings.end(), coding_fits);
}

void Validator::check_binding(const Typed& value, const tables::Element& element) {
    if (!value.node.is_string() && !value.node.is_object()) return;
    bool known = false;
    if (!in_binding(element.binding, value, known))
        error("code-invalid", "binding", "not in " + std::string(tables::kValueSets[element.binding].url));
}

std::vector<Issue> validate(const Document& document, const ValidationOptions& options) {
    return Validator(document, options).run();
}

bool is_valid(const std::vector<Issue>& issues) {
    return std::none_of(issues.begin(), issues.end(), [](const Issue& issue) {
        return issue.severity == Severity::Error || issue.severity == Severity::Fatal;
    });
}

std::vector<std::string_view> known_profiles() {
    std::vector<std::string_view> out;
    for (const auto& profile : tables::kProfiles) out.push_back(profile.url);
    return out;
}

std::string operation_outcome(const std::vector<Issue>& issues) {
    constexpr std::array<std::string_view, 4> kSeverities = {"fatal", "error", "warning", "information"};
    std::string out = R"({"resourceType":"OperationOutcome","issue":[)";
    for (const auto& issue : issues) {
        if (out.back() != '[') out += ',';
        out += R"({"severity":")" + std::string(kSeverities[static_cast<size_t>(issue.severity)]) + R"(","code":")" +
               std::string(issue.code) + '"';
        if (!issue.rule.empty()) out += R"(,"details":{"text":)" + json_string(issue.rule) + '}';
        if (!issue.diagnostics.empty()) out += R"(,"diagnostics":)" + json_string(issue.diagnostics);
        if (!issue.expression.empty()) out += R"(,"expression":[)" + json_string(issue.expression) + ']';
        out += '}';
    }
    if (issues.empty()) out += R"({"severity":"information","code":"informational","details":{"text":"All OK"}})";
    return out + "]}";
}

} // namespace musubi::fhir
