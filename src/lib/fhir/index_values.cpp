#include "lib/fhir/index_values.h"

#include "lib/fhir/numbers.h"
#include "lib/fhir/symbols.h"
#include "lib/fhir/tables.h"
#include "lib/fhir/units.h"
#include "lib/japanese/normalize.h"

#include <limits>

namespace musubi::fhir {
namespace {

using tables::Primitive;

constexpr int64_t kOpenLow = std::numeric_limits<int64_t>::min();
constexpr int64_t kOpenHigh = std::numeric_limits<int64_t>::max();
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::string_view kUcum = "http://unitsofmeasure.org";

struct Names {
#define MUSUBI_NAME(name) Symbol name = known_symbol(#name)
    MUSUBI_NAME(system);
    MUSUBI_NAME(code);
    MUSUBI_NAME(display);
    MUSUBI_NAME(coding);
    MUSUBI_NAME(text);
    MUSUBI_NAME(value);
    MUSUBI_NAME(type);
    MUSUBI_NAME(use);
    MUSUBI_NAME(url);
    MUSUBI_NAME(reference);
    MUSUBI_NAME(identifier);
    MUSUBI_NAME(start);
    MUSUBI_NAME(end);
    MUSUBI_NAME(event);
    MUSUBI_NAME(repeat);
    MUSUBI_NAME(boundsPeriod);
    MUSUBI_NAME(low);
    MUSUBI_NAME(high);
    MUSUBI_NAME(unit);
    MUSUBI_NAME(comparator);
    MUSUBI_NAME(currency);
    MUSUBI_NAME(family);
    MUSUBI_NAME(given);
    MUSUBI_NAME(prefix);
    MUSUBI_NAME(suffix);
    MUSUBI_NAME(line);
    MUSUBI_NAME(city);
    MUSUBI_NAME(district);
    MUSUBI_NAME(state);
    MUSUBI_NAME(postalCode);
    MUSUBI_NAME(country);
    MUSUBI_NAME(contained);
    MUSUBI_NAME(id);
    MUSUBI_NAME(resourceType);
    MUSUBI_NAME(extension);
    MUSUBI_NAME(valueCode);
    MUSUBI_NAME(deceasedBoolean);
    MUSUBI_NAME(deceasedDateTime);
#undef MUSUBI_NAME
};
const Names& names() {
    static const Names instance;
    return instance;
}

/// The type numbers of the structured types, looked up once.
struct TypeNumbers {
    uint16_t coding = number("Coding");
    uint16_t codeable_concept = number("CodeableConcept");
    uint16_t identifier = number("Identifier");
    uint16_t contact_point = number("ContactPoint");
    uint16_t human_name = number("HumanName");
    uint16_t address = number("Address");
    uint16_t period = number("Period");
    uint16_t timing = number("Timing");
    uint16_t range = number("Range");
    uint16_t money = number("Money");
    uint16_t reference = number("Reference");
    uint16_t resource = number("Resource");

    static uint16_t number(std::string_view name) {
        for (size_t i = 0; i < tables::kTypes.size(); ++i)
            if (tables::kTypes[i].name == name) return static_cast<uint16_t>(i);
        return 0;
    }
};
const TypeNumbers& types() {
    static const TypeNumbers instance;
    return instance;
}

template <class Visit> void for_items(Node node, Visit&& visit) {
    if (node.is_array()) {
        for (const Node item : node) visit(item);
    } else if (node) {
        visit(node);
    }
}

std::string_view scalar_text(Node node) {
    if (!node) return {};
    switch (node.kind()) {
    case JsonKind::String:
        return node.string();
    case JsonKind::True:
    case JsonKind::False:
    case JsonKind::Number:
        return node.raw();
    default:
        return {};
    }
}

void append_all(std::string& out, Node node) {
    for_items(node, [&](Node item) { out += item.string(); });
}

std::optional<double> number_of(Node node) {
    return node && node.kind() == JsonKind::Number ? parse_number(node.raw()) : std::nullopt;
}

void set_unit(IndexValue& value, Node quantity) {
    value.system = canonical_system(quantity.find(names().system).string());
    value.code = quantity.find(names().code).string();
    value.text = quantity.find(names().unit).string();
    if (value.code.empty()) value.code = value.text;
    if (value.system != kUcum) return;
    if (const auto base = base_unit(value.code)) {
        value.base_unit = base->unit;
        value.base_low = value.number_low * base->factor + base->offset;
        value.base_high = value.number_high * base->factor + base->offset;
    }
}

} // namespace

void ValueReader::read(Node node, const tables::PathAction& action, Sink& sink) {
    switch (action.kind) {
    case SearchKind::Token:
        action.type == 0 ? deceased(node, sink) : token(node, action, sink);
        break;
    case SearchKind::String:
        string(node, action.type, sink);
        break;
    case SearchKind::Date:
        date(node, action.type, sink);
        break;
    case SearchKind::Number:
        number(node, action.type, sink);
        break;
    case SearchKind::Quantity:
        quantity(node, action.type, sink);
        break;
    case SearchKind::Reference:
        reference(node, action, sink);
        break;
    case SearchKind::Uri:
        uri(node, sink);
        break;
    case SearchKind::Composite:
    case SearchKind::Special:
        break;
    }
}

void ValueReader::put(const IndexValue& value, Sink& sink) { sink.push_back(m_writer.add(value)); }

// ---- tokens

void ValueReader::put_token(std::string_view system, std::string_view code, std::string_view folded_text, Sink& sink) {
    if (system.empty() && code.empty() && folded_text.empty()) return;
    IndexValue value;
    value.kind = SearchKind::Token;
    value.system = canonical_system(system);
    value.code = code;
    value.text = folded_text;
    put(value, sink);
}

void ValueReader::coding(Node node, std::string_view concept_text, Sink& sink) {
    std::string text = fold_string(node.find(names().display).string());
    const std::string whole = fold_string(concept_text);
    if (text.empty()) {
        text = whole;
    } else if (!whole.empty() && whole != text) {
        text += '\n' + whole;
    }
    put_token(node.find(names().system).string(), node.find(names().code).string(), text, sink);
}

void ValueReader::identifier(Node node, Sink& sink) {
    IndexValue value;
    value.kind = SearchKind::Token;
    value.system = canonical_system(node.find(names().system).string());
    value.code = node.find(names().value).string();
    const Node type = node.find(names().type);
    const std::string text = fold_string(type.find(names().text).string());
    value.text = text;
    if (value.code.empty() && value.system.empty()) return;
    bool typed = false;
    for (const Node item : type.find(names().coding)) {
        value.extra_system = canonical_system(item.find(names().system).string());
        value.extra_code = item.find(names().code).string();
        typed = true;
        put(value, sink);
    }
    if (!typed) put(value, sink);
}

void ValueReader::token(Node node, const tables::PathAction& action, Sink& sink) {
    const uint16_t type = action.type;
    if (type == types().codeable_concept) {
        const std::string_view text = node.find(names().text).string();
        const Node codings = node.find(names().coding);
        for (const Node item : codings) coding(item, text, sink);
        if (!codings.first() && !text.empty()) put_token({}, {}, fold_string(text), sink);
    } else if (type == types().coding) {
        coding(node, {}, sink);
    } else if (type == types().identifier) {
        identifier(node, sink);
    } else if (type == types().contact_point) {
        put_token(node.find(names().use).string(), node.find(names().value).string(), {}, sink);
    } else {
        put_token(tables::system_named(action.system), scalar_text(node), {}, sink);
    }
}

/// Patient.deceased.exists() and Patient.deceased != false: always has a value.
void ValueReader::deceased(Node node, Sink& sink) {
    const bool dead = node.find(names().deceasedDateTime) || node.find(names().deceasedBoolean).is_true();
    put_token({}, dead ? "true" : "false", {}, sink);
}

// ---- strings

void ValueReader::put_string(std::string_view raw, Sink& sink) {
    if (raw.empty()) return;
    const std::string folded = fold_string(raw);
    IndexValue value;
    value.kind = SearchKind::String;
    value.raw = raw;
    value.text = folded;
    put(value, sink);
}

void ValueReader::parts(Node node, std::initializer_list<Symbol> members, Sink& sink) {
    for (const Symbol member : members)
        for_items(node.find(member), [&](Node item) { put_string(item.string(), sink); });
}

void ValueReader::string(Node node, uint16_t type, Sink& sink) {
    if (type == types().human_name) {
        parts(node, {names().text, names().family, names().given, names().prefix, names().suffix}, sink);
        // 山田太郎 finds 山田 and 太郎 apart (family first), a western full name the other way round.
        std::string joined(node.find(names().family).string());
        const std::string family = joined;
        append_all(joined, node.find(names().given));
        if (joined.size() > family.size() && !family.empty()) {
            put_string(joined, sink);
            std::string reversed = joined.substr(family.size());
            reversed += family;
            put_string(reversed, sink);
        }
    } else if (type == types().address) {
        parts(node,
              {names().text, names().line, names().city, names().district, names().state, names().postalCode,
               names().country},
              sink);
        // 見本県見本市本町 finds what is kept in parts.
        std::string joined(node.find(names().state).string());
        const size_t state = joined.size();
        append_all(joined, node.find(names().city));
        const size_t city = joined.size();
        append_all(joined, node.find(names().line));
        if (joined.size() > city && city > 0) {
            put_string(joined, sink);
            if (state > 0 && city > state) put_string(std::string_view(joined).substr(state), sink);
        }
    } else {
        put_string(scalar_text(node), sink);
    }
}

// ---- dates

void ValueReader::put_date(int64_t low, int64_t high, Sink& sink) {
    IndexValue value;
    value.kind = SearchKind::Date;
    value.low = low;
    value.high = high;
    put(value, sink);
}

void ValueReader::period(Node node, Sink& sink) {
    const Node start = node.find(names().start);
    const Node end = node.find(names().end);
    if (!start && !end) return;
    const auto from = parse_date(start.string());
    const auto to = parse_date(end.string());
    if ((start && !from) || (end && !to)) return;
    const int64_t low = from ? from->low : kOpenLow;
    const int64_t high = to ? to->high : kOpenHigh;
    if (low < high) put_date(low, high, sink);
}

void ValueReader::date(Node node, uint16_t type, Sink& sink) {
    if (type == types().period) {
        period(node, sink);
    } else if (type == types().timing) {
        int64_t low = kOpenHigh;
        int64_t high = kOpenLow;
        for (const Node item : node.find(names().event)) {
            if (const auto range = parse_date(item.string())) {
                low = std::min(low, range->low);
                high = std::max(high, range->high);
            }
        }
        if (low < high) put_date(low, high, sink);
        if (const Node bounds = node.find(names().repeat).find(names().boundsPeriod)) period(bounds, sink);
    } else if (const auto range = parse_date(node.string())) {
        put_date(range->low, range->high, sink);
    }
}

// ---- numbers and quantities

void ValueReader::number(Node node, uint16_t type, Sink& sink) {
    IndexValue value;
    value.kind = SearchKind::Number;
    if (type == types().range) {
        const auto low = number_of(node.find(names().low).find(names().value));
        const auto high = number_of(node.find(names().high).find(names().value));
        if (!low && !high) return;
        value.number_low = low.value_or(-kInfinity);
        value.number_high = high.value_or(kInfinity);
    } else {
        const auto exact = number_of(node);
        if (!exact) return;
        value.number_low = value.number_high = *exact;
        value.raw = node.raw();
    }
    put(value, sink);
}

void ValueReader::quantity(Node node, uint16_t type, Sink& sink) {
    IndexValue value;
    value.kind = SearchKind::Quantity;
    if (type == types().range) {
        const Node low_part = node.find(names().low);
        const Node high_part = node.find(names().high);
        const auto low = number_of(low_part.find(names().value));
        const auto high = number_of(high_part.find(names().value));
        if (!low && !high) return;
        value.number_low = low.value_or(-kInfinity);
        value.number_high = high.value_or(kInfinity);
        set_unit(value, low ? low_part : high_part);
        put(value, sink);
        return;
    }
    const auto exact = number_of(node.find(names().value));
    if (!exact) return;
    const std::string_view comparator = node.find(names().comparator).string();
    const bool below = comparator.starts_with('<');
    const bool above = comparator.starts_with('>');
    value.number_low = below ? -kInfinity : *exact;
    value.number_high = above ? kInfinity : *exact;
    if (type == types().money) {
        value.system = "urn:iso:std:iso:4217";
        value.code = value.text = node.find(names().currency).string();
    } else {
        set_unit(value, node);
    }
    put(value, sink);
}

// ---- references

ResourceType ValueReader::contained_type(std::string_view id) const {
    for (const Node resource : m_document.root().find(names().contained))
        if (resource.find(names().id).string() == id)
            return type_named(resource.find(names().resourceType).string()).value_or(ResourceType::None);
    return ResourceType::None;
}

/// "http://…/Measure/x|2.0": a canonical url and its version.
void ValueReader::canonical(std::string_view text, IndexValue& value) const {
    const size_t bar = text.find('|');
    value.raw = text;
    if (const auto parts = parse_reference(text.substr(0, bar)); parts.form == ReferenceParts::Form::Relative) {
        value.target = parts.type;
        value.code = parts.id;
        value.version = parts.version;
        return;
    }
    value.code = text.substr(0, bar);
    value.text = value.code;
    if (bar != std::string_view::npos) value.version = text.substr(bar + 1);
}

void ValueReader::literal(std::string_view text, IndexValue& value) const {
    value.raw = text;
    const ReferenceParts parts = parse_reference(text);
    value.code = parts.id;
    value.target = parts.type;
    value.version = parts.version;
    switch (parts.form) {
    case ReferenceParts::Form::Relative:
        break;
    case ReferenceParts::Form::Absolute:
        if (parts.base != m_options.own_base) value.text = parts.base;
        break;
    case ReferenceParts::Form::Contained:
        value.target = contained_type(parts.id);
        value.text = "#";
        break;
    case ReferenceParts::Form::Urn:
    case ReferenceParts::Form::Other:
        value.code = value.text = text;
        break;
    }
}

void ValueReader::reference(Node node, const tables::PathAction& action, Sink& sink) {
    IndexValue value;
    value.kind = SearchKind::Reference;
    if (node.is_string()) {
        canonical(node.string(), value);
    } else if (action.type == types().resource) {
        value.target = type_named(node.find(names().resourceType).string()).value_or(ResourceType::None);
        value.code = node.find(names().id).string();
        if (value.target == ResourceType::None || value.code.empty()) return;
    } else {
        if (const std::string_view text = node.find(names().reference).string(); !text.empty()) literal(text, value);
        if (value.target == ResourceType::None)
            value.target = type_named(node.find(names().type).string()).value_or(ResourceType::None);
        const Node logical = node.find(names().identifier);
        value.extra_system = canonical_system(logical.find(names().system).string());
        value.extra_code = logical.find(names().value).string();
        if (value.code.empty() && value.extra_code.empty()) return;
    }
    if (action.resolves != 0 && static_cast<uint16_t>(value.target) != action.resolves) return;
    put(value, sink);
}

void ValueReader::uri(Node node, Sink& sink) {
    const std::string_view text = node.string();
    if (text.empty()) return;
    IndexValue value;
    value.kind = SearchKind::Uri;
    const size_t bar = text.find('|');
    value.code = text.substr(0, bar);
    if (bar != std::string_view::npos) value.version = text.substr(bar + 1);
    put(value, sink);
}

std::string fold_string(std::string_view text) { return japanese::fold_for_search(text); }
std::string fold_token(std::string_view code) { return japanese::fold_width_and_case(code); }

} // namespace musubi::fhir
