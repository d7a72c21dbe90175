#include "lib/fhir/bundle.h"

#include "lib/fhir/symbols.h"
#include "lib/fhir/text_edit.h"

namespace musubi::fhir {
namespace {

using tables::Primitive;

struct Names {
    Symbol type = known_symbol("type");
    Symbol entry = known_symbol("entry");
    Symbol full_url = known_symbol("fullUrl");
    Symbol resource = known_symbol("resource");
    Symbol resource_type = known_symbol("resourceType");
    Symbol request = known_symbol("request");
    Symbol method = known_symbol("method");
    Symbol url = known_symbol("url");
    Symbol if_match = known_symbol("ifMatch");
    Symbol if_none_match = known_symbol("ifNoneMatch");
    Symbol if_modified_since = known_symbol("ifModifiedSince");
    Symbol if_none_exist = known_symbol("ifNoneExist");
    Symbol reference = known_symbol("reference");
};
const Names& names() {
    static const Names instance;
    return instance;
}

base::Error malformed(std::string path) {
    return std::move(base::invalid("fhir.bundle-malformed")).with("path", std::move(path));
}

/// Visits every string of a resource with the primitive type its element has; strings that fit no element get None.
template <class Visit> class StringWalk {
  public:
    explicit StringWalk(Visit& visit) : m_visit(visit) {}

    void resource(Node node) {
        const auto type = type_named(node.find(names().resource_type).string());
        if (type) object(node, tables::type_of(*type));
    }

  private:
    void object(Node node, const tables::Type& type) {
        for (const Node child : node) {
            if (child.is_extension_part()) {
                extension_part(child);
                continue;
            }
            const tables::Field* field = tables::find_field(type, child.symbol());
            if (field) value(child, type, tables::kTypes[field->type]);
        }
    }
    void value(Node node, const tables::Type& owner, const tables::Type& type) {
        switch (node.kind()) {
        case JsonKind::Array:
            for (const Node item : node) value(item, owner, type);
            break;
        case JsonKind::Object:
            if (type.name == "Resource") {
                resource(node);
            } else {
                object(node, type);
            }
            break;
        case JsonKind::String:
            m_visit(node, type.primitive, owner.name == "Reference" && node.symbol() == names().reference);
            break;
        default:
            break;
        }
    }
    void extension_part(Node node) {
        static const tables::Type& element = []() -> const tables::Type& {
            for (const auto& type : tables::kTypes)
                if (type.name == "Element") return type;
            return tables::kTypes[0];
        }();
        if (node.is_object()) {
            object(node, element);
        } else if (node.is_array()) {
            for (const Node item : node)
                if (item.is_object()) object(item, element);
        }
    }
    Visit& m_visit;
};

using Replacements = std::map<std::string, std::string, std::less<>>;

/// The whole new text, or nothing: an exact key, or a key before "#" or "?".
std::optional<std::string> replaced(std::string_view text, const Replacements& replacements) {
    if (const auto found = replacements.find(text); found != replacements.end()) return found->second;
    const size_t end = text.find_first_of("#?");
    if (end == std::string_view::npos || end == 0) return std::nullopt;
    const auto found = replacements.find(text.substr(0, end));
    if (found == replacements.end()) return std::nullopt;
    return found->second + std::string(text.substr(end));
}

/// href="…" and src="…" of a narrative.
std::optional<std::string> replaced_links(std::string_view html, const Replacements& replacements) {
    std::string out;
    size_t copied = 0;
    for (size_t at = html.find("=\""); at != std::string_view::npos; at = html.find("=\"", at + 2)) {
        const std::string_view before = html.substr(0, at);
        if (!before.ends_with("href") && !before.ends_with("src")) continue;
        const size_t begin = at + 2;
        const size_t end = html.find('"', begin);
        if (end == std::string_view::npos) break;
        const auto link = replaced(html.substr(begin, end - begin), replacements);
        if (!link) continue;
        out.append(html, copied, begin - copied);
        out += *link;
        copied = end;
    }
    if (copied == 0) return std::nullopt;
    out.append(html, copied);
    return out;
}

} // namespace

base::Result<BundleParts> read_bundle(const Document& bundle) {
    if (bundle.type() != ResourceType::Bundle) return malformed("Bundle");
    BundleParts out;
    const Node root = bundle.root();
    out.type = root.find(names().type).string();
    if (out.type.empty()) return malformed("Bundle.type");
    const Node entries = root.find(names().entry);
    if (entries && !entries.is_array()) return malformed("Bundle.entry");
    for (const Node item : entries) {
        const std::string path = "Bundle.entry[" + std::to_string(out.entries.size()) + ']';
        if (!item.is_object()) return malformed(path);
        BundleEntry& entry = out.entries.emplace_back();
        entry.full_url = item.find(names().full_url).string();
        entry.resource = item.find(names().resource);
        if (entry.resource && !entry.resource.is_object()) return malformed(path + ".resource");
        const Node request = item.find(names().request);
        if (request && !request.is_object()) return malformed(path + ".request");
        entry.method = request.find(names().method).string();
        entry.url = request.find(names().url).string();
        entry.if_match = request.find(names().if_match).string();
        entry.if_none_match = request.find(names().if_none_match).string();
        entry.if_modified_since = request.find(names().if_modified_since).string();
        entry.if_none_exist = request.find(names().if_none_exist).string();
    }
    return out;
}

std::string rewrite_references(Node resource, const Replacements& replacements) {
    if (!resource) return {};
    const std::string_view text = resource.raw();
    const size_t offset = resource.position();
    std::vector<Edit> edits;
    auto visit = [&](Node node, Primitive type, bool is_reference) {
        const bool link = is_reference || type == Primitive::Uri || type == Primitive::Url ||
                          type == Primitive::Canonical || type == Primitive::Oid || type == Primitive::Uuid;
        std::optional<std::string> changed;
        if (link) changed = replaced(node.string(), replacements);
        if (type == Primitive::Xhtml) changed = replaced_links(node.string(), replacements);
        if (!changed) return;
        Edit edit = replacement(node, json_string(*changed));
        edit.begin -= offset;
        edit.end -= offset;
        edits.push_back(std::move(edit));
    };
    StringWalk walk(visit);
    walk.resource(resource);
    return edits.empty() ? std::string(text) : apply_edits(text, std::move(edits));
}

std::vector<std::string_view> references_in(Node resource) {
    std::vector<std::string_view> out;
    auto visit = [&](Node node, Primitive, bool is_reference) {
        if (is_reference && !node.string().starts_with('#')) out.push_back(node.string());
    };
    StringWalk walk(visit);
    walk.resource(resource);
    return out;
}

} // namespace musubi::fhir
