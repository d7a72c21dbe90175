#include "lib/fhir/editable.h"

#include "lib/fhir/numbers.h"
#include "lib/fhir/text_edit.h"

namespace musubi::fhir {

struct Editable::Member {
    std::string name;
    Editable value;
};

Editable::Editable() = default;
Editable::Editable(Node node) : m_node(node) {}
Editable::Editable(const Editable&) = default;
Editable::Editable(Editable&&) noexcept = default;
Editable& Editable::operator=(const Editable&) = default;
Editable& Editable::operator=(Editable&&) noexcept = default;
Editable::~Editable() = default;

Editable Editable::from_text(std::string text) {
    Editable out;
    out.m_state = State::Text;
    out.m_text = std::move(text);
    return out;
}

bool Editable::is_object() const {
    if (m_state == State::Untouched) return m_node.is_object();
    return m_state == State::Object || (m_state == State::Text && m_text.starts_with('{'));
}
bool Editable::is_array() const {
    if (m_state == State::Untouched) return m_node.is_array();
    return m_state == State::Array || (m_state == State::Text && m_text.starts_with('['));
}

void Editable::open() {
    if (m_state == State::Text) {
        // Literals made here hold single values; "[]" is the only container among them that is opened.
        m_state = m_text == "[]" ? State::Array : State::Text;
        return;
    }
    if (m_state != State::Untouched || (!m_node.is_object() && !m_node.is_array())) return;
    m_state = m_node.is_object() ? State::Object : State::Array;
    for (const Node child : m_node) m_members.push_back({std::string(child.name()), Editable(child)});
}

Editable* Editable::member(std::string_view name) {
    open();
    if (m_state != State::Object) return nullptr;
    for (auto& each : m_members)
        if (each.name == name) return &each.value;
    return nullptr;
}

void Editable::set_member(std::string_view name, Editable value) {
    if (Editable* old = member(name)) {
        *old = std::move(value);
    } else {
        m_members.push_back({std::string(name), std::move(value)});
    }
}

bool Editable::remove_member(std::string_view name) {
    open();
    return std::erase_if(m_members, [&](const Member& each) { return each.name == name; }) > 0;
}

size_t Editable::size() {
    open();
    return m_members.size();
}

Editable* Editable::item(size_t index) {
    open();
    return m_state == State::Array && index < m_members.size() ? &m_members[index].value : nullptr;
}

void Editable::insert_item(size_t index, Editable value) {
    open();
    m_members.insert(m_members.begin() + static_cast<std::ptrdiff_t>(index), Member{{}, std::move(value)});
}

void Editable::remove_item(size_t index) {
    open();
    m_members.erase(m_members.begin() + static_cast<std::ptrdiff_t>(index));
}

void Editable::write(std::string& out) const {
    switch (m_state) {
    case State::Untouched:
        out += m_node.raw();
        return;
    case State::Text:
        out += m_text;
        return;
    case State::Object:
    case State::Array:
        break;
    }
    const bool object = m_state == State::Object;
    out += object ? '{' : '[';
    bool first = true;
    for (const auto& each : m_members) {
        if (!first) out += ',';
        first = false;
        if (object) out += json_string(each.name) + ':';
        each.value.write(out);
    }
    out += object ? '}' : ']';
}

bool json_equal(Node a, Node b) {
    if (a.kind() != b.kind()) return false;
    switch (a.kind()) {
    case JsonKind::String:
        return a.string() == b.string();
    case JsonKind::Number: {
        const auto left = parse_number(a.raw());
        const auto right = parse_number(b.raw());
        return left && right ? *left == *right : a.raw() == b.raw();
    }
    case JsonKind::Array: {
        auto at = b.begin();
        const auto end = b.end();
        for (const Node item : a) {
            if (at == end || !json_equal(item, *at)) return false;
            ++at;
        }
        return at == end;
    }
    case JsonKind::Object:
        if (a.size() != b.size()) return false;
        for (const Node member : a) {
            const Node other = b.find(member.name());
            if (!other || !json_equal(member, other)) return false;
        }
        return true;
    default:
        return true;
    }
}

} // namespace musubi::fhir
