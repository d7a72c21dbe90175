#include "lib/fhir/projection.h"

#include "lib/fhir/symbols.h"
#include "lib/fhir/text_edit.h"

namespace musubi::fhir {
namespace {

constexpr std::string_view kTag =
    R"({"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"SUBSETTED"})";

struct Names {
    Symbol resource_type = known_symbol("resourceType");
    Symbol id = known_symbol("id");
    Symbol meta = known_symbol("meta");
    Symbol text = known_symbol("text");
    Symbol tag = known_symbol("tag");
    Symbol code = known_symbol("code");
};
const Names& names() {
    static const Names instance;
    return instance;
}

void add_member(std::string& out, std::string_view member) {
    if (out.back() != '{') out += ',';
    out += member;
}

std::string tagged_meta(Node meta) {
    if (!meta.is_object()) return std::string("\"meta\":{\"tag\":[") + std::string(kTag) + "]}";
    std::string out = "\"meta\":{";
    bool has_tag = false;
    for (const Node member : meta) {
        if (member.symbol() != names().tag || member.is_extension_part() || !member.is_array()) {
            add_member(out, member_text(member));
            continue;
        }
        has_tag = true;
        std::string tags(member.raw().substr(0, member.raw().size() - 1));
        bool already = false;
        for (const Node item : member) already = already || item.find(names().code).string() == "SUBSETTED";
        if (!already) tags += (member.first() ? "," : "") + std::string(kTag);
        add_member(out, "\"tag\":" + tags + ']');
    }
    if (!has_tag) add_member(out, "\"tag\":[" + std::string(kTag) + ']');
    return out + '}';
}

const tables::Element* element_of(const tables::Type& type, Symbol symbol, const tables::Type** child_type = nullptr) {
    const tables::Field* field = tables::find_field(type, symbol);
    if (!field) return nullptr;
    if (child_type) *child_type = &tables::kTypes[field->type];
    return &tables::kElements[field->element];
}

// ---- _summary=true, all the way down

void append_summary(std::string& out, Node node, const tables::Type& type);

void append_value(std::string& out, Node node, const tables::Type& type) {
    const bool whole = type.kind == tables::TypeKind::Primitive || type.name == "Extension" || type.name == "Resource";
    if (node.is_array() && !whole) {
        out += '[';
        for (const Node item : node) {
            if (out.back() != '[') out += ',';
            append_value(out, item, type);
        }
        out += ']';
    } else if (node.is_object() && !whole) {
        append_summary(out, node, type);
    } else {
        out += node.raw();
    }
}

bool is_summary(const tables::Element* element) {
    return element && ((element->flags & tables::kSummary) != 0 || element->minimum > 0);
}

void append_summary(std::string& out, Node node, const tables::Type& type) {
    out += '{';
    for (const Node member : node) {
        const tables::Type* child_type = nullptr;
        if (!is_summary(element_of(type, member.symbol(), &child_type))) continue;
        if (out.back() != '{') out += ',';
        if (member.is_extension_part()) {
            out += member_text(member);
            continue;
        }
        out += '"';
        out += member.name();
        out += "\":";
        append_value(out, member, *child_type);
    }
    out += '}';
}

// ---- the top level

enum class Keep { No, Whole, Summarised };

Keep decide(const tables::Type& type, Node member, Summary summary, const std::vector<std::string>& wanted) {
    if (member.symbol() == names().resource_type || member.symbol() == names().id) return Keep::Whole;
    const tables::Element* element = element_of(type, member.symbol());
    const bool mandatory = element && element->minimum > 0;
    if (!wanted.empty()) {
        if (mandatory || (element && (element->flags & tables::kModifier) != 0)) return Keep::Whole;
        std::string_view name = element ? element->name : member.name();
        if (name.ends_with("[x]")) name.remove_suffix(3);
        for (const auto& each : wanted)
            if (each == name || each == member.name()) return Keep::Whole;
        return Keep::No;
    }
    switch (summary) {
    case Summary::Text:
        return mandatory || member.symbol() == names().text ? Keep::Whole : Keep::No;
    case Summary::Data:
        return member.symbol() == names().text ? Keep::No : Keep::Whole;
    case Summary::True:
        return is_summary(element) ? Keep::Summarised : Keep::No;
    default:
        return Keep::Whole;
    }
}

/// The names that apply to this type.
std::vector<std::string> names_for(std::string_view type, const std::vector<std::string>& elements) {
    std::vector<std::string> out;
    for (const auto& each : elements) {
        const size_t dot = each.find('.');
        if (dot == std::string::npos) {
            out.push_back(each);
        } else if (std::string_view(each).substr(0, dot) == type) {
            out.push_back(each.substr(dot + 1));
        }
    }
    return out;
}

} // namespace

std::string project(const Document& document, Summary summary, const std::vector<std::string>& elements) {
    const auto wanted = names_for(name_of(document.type()), elements);
    if (wanted.empty() && (summary == Summary::None || summary == Summary::Count)) return document.text();
    const tables::Type& type = tables::type_of(document.type());
    const Node root = document.root();
    const std::string meta = tagged_meta(root.find(names().meta));
    std::string out = "{";
    add_member(out, member_text(root.find(names().resource_type)));
    if (const Node id = root.find(names().id)) add_member(out, member_text(id));
    add_member(out, meta);
    for (const Node member : root) {
        const bool placed = member.symbol() == names().resource_type || member.symbol() == names().id ||
                            member.symbol() == names().meta;
        if (placed && !member.is_extension_part()) continue;
        const Keep keep = decide(type, member, summary, wanted);
        if (keep == Keep::No) continue;
        if (keep == Keep::Whole || member.is_extension_part()) {
            add_member(out, member_text(member));
            continue;
        }
        const tables::Type* child_type = nullptr;
        (void)element_of(type, member.symbol(), &child_type);
        add_member(out, "\"" + std::string(member.name()) + "\":");
        append_value(out, member, *child_type);
    }
    return out + '}';
}

} // namespace musubi::fhir
