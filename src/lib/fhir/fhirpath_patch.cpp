#include "lib/fhir/patch.h"

#include "lib/fhir/editable.h"
#include "lib/fhir/numbers.h"
#include "lib/fhir/path_evaluator.h"
#include "lib/fhir/symbols.h"
#include "lib/fhir/text_edit.h"

namespace musubi::fhir {
namespace {

constexpr size_t kMaxOperations = 200;

base::Error malformed(std::string_view reason) {
    return std::move(base::invalid("fhir.patch-malformed")).with("reason", std::string(reason));
}

/// The parts of one operation (R4 section 3.1.0.8.3).
struct Operation {
    std::string_view type;
    std::string_view path;
    std::string_view name;
    std::string_view value_suffix; // "HumanName" of valueHumanName; empty for a value in parts
    std::optional<std::string> value;
    std::optional<size_t> index;
    std::optional<size_t> source;
    std::optional<size_t> destination;
};

/// The value[x] of a part with its type's name, or its parts as an object.
std::optional<std::pair<std::string_view, std::string>> value_of(Node part, size_t depth = 0) {
    for (const Node member : part)
        if (!member.is_extension_part() && member.name().starts_with("value") && member.name().size() > 5)
            return std::pair(member.name().substr(5), std::string(member.raw()));
    const Node inner = part.find("part");
    if (!inner.is_array() || depth > 8) return std::nullopt;
    std::vector<std::pair<std::string_view, std::vector<std::string>>> members;
    for (const Node each : inner) {
        const std::string_view name = each.find("name").string();
        auto value = value_of(each, depth + 1);
        if (name.empty() || find_symbol(name) == 0 || !value) return std::nullopt;
        auto at =
            std::find_if(members.begin(), members.end(), [&](const auto& member) { return member.first == name; });
        if (at == members.end()) at = members.insert(at, {name, {}});
        at->second.push_back(std::move(value->second));
    }
    std::string out = "{";
    for (const auto& [name, values] : members) {
        if (out.size() > 1) out += ',';
        out += json_string(name) + ':';
        for (size_t i = 0; i < values.size(); ++i) out += (values.size() == 1 ? "" : i == 0 ? "[" : ",") + values[i];
        if (values.size() > 1) out += ']';
    }
    return std::pair(std::string_view(), out + '}');
}

std::optional<size_t> position(Node part) {
    const Node value = part.find("valueInteger");
    const auto number = value && value.kind() == JsonKind::Number ? parse_number(value.raw()) : std::nullopt;
    if (!number || *number < 0 || *number > 1e6) return std::nullopt;
    return static_cast<size_t>(*number);
}

base::Result<Operation> read_operation(Node parameter) {
    Operation out;
    if (parameter.find("name").string() != "operation") return malformed("not-an-operation");
    for (const Node part : parameter.find("part")) {
        const std::string_view name = part.find("name").string();
        if (name == "type")
            out.type = part.find("valueCode").string();
        else if (name == "path")
            out.path = part.find("valueString").string();
        else if (name == "name")
            out.name = part.find("valueString").string();
        else if (name == "index")
            out.index = position(part);
        else if (name == "source")
            out.source = position(part);
        else if (name == "destination")
            out.destination = position(part);
        else if (name == "value") {
            auto value = value_of(part);
            if (!value) return malformed("value-malformed");
            out.value_suffix = value->first;
            out.value = std::move(value->second);
        } else {
            return malformed("part-unknown");
        }
    }
    if (out.type.empty() || out.path.empty()) return malformed("part-missing");
    return out;
}

/// Where a node stands: the names and indexes from the root.
struct Place {
    std::string_view name; // of a member; empty for an array item
    size_t index = 0;
};
using Places = std::vector<Place>;

Places place_of(Node root, uint32_t wanted) {
    Places out;
    Node at = root;
    while (at.index() != wanted) {
        Node inside;
        size_t index = 0;
        for (const Node child : at) {
            if (child.index() > wanted) break;
            if (inside) ++index;
            inside = child;
        }
        if (!inside) return {};
        out.push_back(at.is_array() ? Place{{}, index} : Place{inside.name(), 0});
        at = inside;
    }
    return out;
}

Editable* open(Editable& root, const Places& places, size_t count) {
    Editable* at = &root;
    for (size_t i = 0; i < count && at; ++i)
        at = places[i].name.empty() ? at->item(places[i].index) : at->member(places[i].name);
    return at;
}

class PathPatch {
  public:
    PathPatch(const Document& target, const Operation& operation, size_t number)
        : m_target(target), m_operation(operation), m_number(number), m_root(target.root()) {}

    base::Result<std::string> run() {
        MUSUBI_TRY(m_items, evaluate_items(m_target, m_operation.path));
        for (const auto& item : m_items)
            if (!item.node) return malformed("path-selects-no-element");
        base::Status status = base::success();
        if (m_operation.type == "add")
            status = add();
        else if (m_operation.type == "insert")
            status = insert();
        else if (m_operation.type == "delete")
            status = remove();
        else if (m_operation.type == "replace")
            status = replace();
        else if (m_operation.type == "move")
            status = move();
        else
            return malformed("type-unknown");
        MUSUBI_CHECK(std::move(status));
        return m_root.text();
    }

  private:
    base::Error not_applicable() const {
        return std::move(base::invalid("fhir.patch-not-applicable"))
            .with("operation", std::to_string(m_number))
            .with("path", std::string(m_operation.path));
    }

    /// "deceased" with a dateTime is the member "deceasedDateTime".
    const tables::Field* field_named(const tables::Type& type, std::string& member) const {
        member = std::string(m_operation.name);
        if (const auto* field = tables::find_field(type, find_symbol(member))) return field;
        member += m_operation.value_suffix;
        return tables::find_field(type, find_symbol(member));
    }

    base::Status add() {
        if (m_items.size() != 1 || !m_items[0].node.is_object()) return not_applicable();
        if (!m_operation.value || m_operation.name.empty()) return malformed("part-missing");
        std::string member;
        const tables::Field* field = field_named(tables::kTypes[m_items[0].type], member);
        if (!field) return not_applicable();
        const Places places = place_of(m_target.root(), m_items[0].node.index());
        Editable* parent = open(m_root, places, places.size());
        if (!parent) return not_applicable();
        if ((tables::kElements[field->element].flags & tables::kMany) == 0) {
            if (parent->member(member)) return not_applicable();
            parent->set_member(member, Editable::from_text(*m_operation.value));
            return base::success();
        }
        if (!parent->member(member)) parent->set_member(member, Editable::from_text("[]"));
        Editable* list = parent->member(member);
        if (!list->is_array()) return not_applicable();
        list->insert_item(list->size(), Editable::from_text(*m_operation.value));
        return base::success();
    }

    /// The list that the selected items are in; they must be all of one list.
    Editable* list_of_items() {
        if (m_items.empty()) return nullptr;
        const Places places = place_of(m_target.root(), m_items[0].node.index());
        if (places.empty() || !places.back().name.empty()) return nullptr;
        Editable* list = open(m_root, places, places.size() - 1);
        return list && list->is_array() && list->size() == m_items.size() ? list : nullptr;
    }

    base::Status insert() {
        Editable* list = list_of_items();
        if (!m_operation.value || !m_operation.index) return malformed("part-missing");
        if (!list || *m_operation.index > list->size()) return not_applicable();
        list->insert_item(*m_operation.index, Editable::from_text(*m_operation.value));
        return base::success();
    }

    base::Status move() {
        Editable* list = list_of_items();
        if (!m_operation.source || !m_operation.destination) return malformed("part-missing");
        if (!list || *m_operation.source >= list->size() || *m_operation.destination >= list->size())
            return not_applicable();
        Editable item = *list->item(*m_operation.source);
        list->remove_item(*m_operation.source);
        list->insert_item(*m_operation.destination, std::move(item));
        return base::success();
    }

    base::Status remove() {
        if (m_items.empty()) return base::success(); // what is not there is deleted already
        if (m_items.size() != 1) return not_applicable();
        const Places places = place_of(m_target.root(), m_items[0].node.index());
        if (places.empty()) return not_applicable();
        Editable* parent = open(m_root, places, places.size() - 1);
        if (!parent) return not_applicable();
        if (!places.back().name.empty()) {
            parent->remove_member(places.back().name);
            parent->remove_member('_' + std::string(places.back().name));
            return base::success();
        }
        parent->remove_item(places.back().index);
        if (parent->size() == 0 && places.size() >= 2) // R4 has no empty lists
            open(m_root, places, places.size() - 2)->remove_member(places[places.size() - 2].name);
        return base::success();
    }

    base::Status replace() {
        if (!m_operation.value) return malformed("part-missing");
        if (m_items.size() != 1) return not_applicable();
        const Places places = place_of(m_target.root(), m_items[0].node.index());
        if (places.empty()) return not_applicable();
        *open(m_root, places, places.size()) = Editable::from_text(*m_operation.value);
        return base::success();
    }

    const Document& m_target;
    const Operation& m_operation;
    size_t m_number;
    Editable m_root;
    PathItems m_items;
};

} // namespace

base::Result<std::string> apply_fhirpath_patch(const Document& target, const Document& parameters) {
    if (parameters.type() != ResourceType::Parameters) return malformed("not-parameters");
    std::string text = target.text();
    size_t number = 0;
    for (const Node parameter : parameters.root().find("parameter")) {
        if (number == kMaxOperations) return malformed("too-many-operations");
        MUSUBI_TRY(const Operation operation, read_operation(parameter));
        // Each operation sees what the one before it made.
        MUSUBI_TRY(const Document current, Document::parse(std::move(text)));
        MUSUBI_TRY(text, PathPatch(current, operation, number++).run());
    }
    return text;
}

} // namespace musubi::fhir
