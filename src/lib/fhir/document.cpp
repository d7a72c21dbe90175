#include "lib/fhir/document.h"

#include "lib/fhir/definitions.h"
#include "lib/fhir/symbols.h"
#include "lib/fhir/text_edit.h"

#include <algorithm>

namespace musubi::fhir {
namespace {

struct Names {
    Symbol resource_type = known_symbol("resourceType");
    Symbol id = known_symbol("id");
    Symbol meta = known_symbol("meta");
    Symbol version_id = known_symbol("versionId");
    Symbol last_updated = known_symbol("lastUpdated");
};
const Names& names() {
    static const Names instance;
    return instance;
}

base::Error not_a_resource(std::string_view reason) {
    return std::move(base::invalid("fhir.not-a-resource")).with("reason", std::string(reason));
}

// Ids, version numbers and instants need no escaping.
std::string quoted(std::string_view text) { return '"' + std::string(text) + '"'; }

} // namespace

bool is_id(std::string_view text) {
    if (text.empty() || text.size() > 64) return false;
    return std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    });
}

base::Result<Document> Document::parse(std::string text, const Limits& limits) {
    MUSUBI_TRY(Tree tree, Tree::parse(std::move(text), limits));
    Document document(std::move(tree));
    const Node root = document.root();
    if (!root.is_object()) return not_a_resource("not-an-object");
    const Node type = root.find(names().resource_type);
    if (!type.is_string()) return not_a_resource("resource-type-missing");
    const auto known = type_named(type.string());
    if (!known) return not_a_resource("resource-type-unknown");
    document.m_type = *known;
    if (const Node id = root.find(names().id); id && !is_id(id.string())) return not_a_resource("id-malformed");
    return document;
}

base::Result<Document> Document::from_part(Node part, const Limits& limits) {
    if (!part) return not_a_resource("resource-missing");
    return parse(std::string(part.raw()), limits);
}

std::string_view Document::id() const { return root().find(names().id).string(); }
std::string_view Document::version_id() const { return root().find(names().meta).find(names().version_id).string(); }
std::string_view Document::last_updated() const {
    return root().find(names().meta).find(names().last_updated).string();
}

std::string Document::with_stamp(const Stamp& stamp) const {
    std::vector<Edit> edits;
    const Node type = root().find(names().resource_type);
    const size_t after_type = type.position() + type.raw().size();
    std::string new_members;
    if (const Node id = root().find(names().id)) {
        edits.push_back(replacement(id, quoted(stamp.id)));
    } else {
        new_members += ",\"id\":" + quoted(stamp.id);
    }
    const std::string version = "\"versionId\":" + quoted(stamp.version_id);
    const std::string updated = "\"lastUpdated\":" + quoted(stamp.last_updated);
    const Node meta = root().find(names().meta);
    if (!meta) {
        new_members += ",\"meta\":{" + version + ',' + updated + '}';
    } else if (!meta.is_object()) {
        edits.push_back(replacement(meta, '{' + version + ',' + updated + '}'));
    } else {
        std::string inner;
        const auto set = [&](Symbol symbol, const std::string& member, std::string_view value) {
            if (const Node old = meta.find(symbol)) {
                edits.push_back(replacement(old, quoted(value)));
            } else {
                inner += member + ',';
            }
        };
        set(names().version_id, version, stamp.version_id);
        set(names().last_updated, updated, stamp.last_updated);
        if (!meta.first() && !inner.empty()) inner.pop_back();
        if (!inner.empty()) edits.push_back({meta.position() + 1, meta.position() + 1, inner});
    }
    if (!new_members.empty()) edits.push_back({after_type, after_type, new_members});
    return apply_edits(text(), std::move(edits));
}

ReferenceParts parse_reference(std::string_view reference) {
    ReferenceParts out;
    if (reference.empty()) return out;
    if (reference.front() == '#') {
        out.form = ReferenceParts::Form::Contained;
        out.id = reference.substr(1);
        return out;
    }
    if (reference.starts_with("urn:")) {
        out.form = ReferenceParts::Form::Urn;
        out.id = reference;
        return out;
    }
    std::string_view rest = reference.substr(0, reference.find('#'));
    if (const size_t history = rest.find("/_history/"); history != std::string_view::npos) {
        out.version = rest.substr(history + 10);
        rest = rest.substr(0, history);
    }
    const size_t slash = rest.rfind('/');
    if (slash == std::string_view::npos || !is_id(rest.substr(slash + 1))) return out;
    const std::string_view before = rest.substr(0, slash);
    const size_t type_slash = before.rfind('/');
    const auto type = type_named(type_slash == std::string_view::npos ? before : before.substr(type_slash + 1));
    if (!type) return out;
    if (type_slash != std::string_view::npos) {
        out.base = before.substr(0, type_slash);
        if (!out.base.starts_with("http://") && !out.base.starts_with("https://")) return {};
    }
    out.form = out.base.empty() ? ReferenceParts::Form::Relative : ReferenceParts::Form::Absolute;
    out.type = *type;
    out.id = rest.substr(slash + 1);
    return out;
}

} // namespace musubi::fhir
