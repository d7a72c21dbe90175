#include "lib/fhir/path.h"

#include "lib/fhir/numbers.h"
#include "lib/fhir/path_evaluator.h"
#include "lib/fhir/symbols.h"

#include <algorithm>
#include <array>

namespace musubi::fhir {
namespace {

constexpr size_t kMaxDepth = 32;
constexpr size_t kMaxLength = 4000;
constexpr size_t kMaxWork = 200'000; // items looked at; a path over a large resource ends here

uint16_t type_number(std::string_view name) {
    for (size_t i = 0; i < tables::kTypes.size(); ++i) {
        const std::string_view known = tables::kTypes[i].name;
        if (known.size() == name.size() &&
            std::equal(known.begin(), known.end(), name.begin(), [](char a, char b) { return (a | 32) == (b | 32); }))
            return static_cast<uint16_t>(i);
    }
    return 0;
}

PathItem truth(bool value) { return {{}, 0, value}; }

std::optional<std::string_view> text_of(const PathItem& item) {
    if (const auto* text = std::get_if<std::string>(&item.literal)) return *text;
    if (item.node.is_string()) return item.node.string();
    return std::nullopt;
}
std::optional<double> number_of(const PathItem& item) {
    if (const auto* number = std::get_if<double>(&item.literal)) return *number;
    if (item.node && item.node.kind() == JsonKind::Number) return parse_number(item.node.raw());
    return std::nullopt;
}
std::optional<bool> truth_of(const PathItem& item) {
    if (const auto* value = std::get_if<bool>(&item.literal)) return *value;
    if (item.node && item.node.kind() == JsonKind::True) return true;
    if (item.node && item.node.kind() == JsonKind::False) return false;
    return std::nullopt;
}
bool equal(const PathItem& a, const PathItem& b) {
    if (const auto left = text_of(a), right = text_of(b); left && right) return *left == *right;
    if (const auto left = number_of(a), right = number_of(b); left && right) return *left == *right;
    if (const auto left = truth_of(a), right = truth_of(b); left && right) return *left == *right;
    return a.node && b.node && a.node.raw() == b.node.raw();
}
/// A condition holds for one true, or for one thing that is there.
bool holds(const PathItems& items) { return items.size() == 1 ? truth_of(items[0]).value_or(true) : !items.empty(); }

class Evaluator {
  public:
    Evaluator(const Document& document, std::string_view expression) : m_document(document), m_text(expression) {}

    base::Result<PathItems> run() {
        if (m_text.size() > kMaxLength) return refusal("too-long");
        const PathItem root{m_document.root(), type_index(m_document.type()), {}};
        PathItems out = expression({root}, 0);
        skip();
        if (!m_reason && m_at != m_text.size()) fail("unexpected-text");
        if (m_reason) return refusal(m_reason);
        return out;
    }

  private:
    static uint16_t type_index(ResourceType type) {
        return static_cast<uint16_t>(&tables::type_of(type) - tables::kTypes.data());
    }
    base::Error refusal(std::string_view reason) const {
        return std::move(base::invalid("fhir.path-malformed"))
            .with("position", std::to_string(m_at))
            .with("reason", std::string(reason));
    }
    PathItems fail(const char* reason) {
        if (!m_reason) m_reason = reason;
        m_at = m_text.size();
        return {};
    }

    // ---- reading

    void skip() {
        while (m_at < m_text.size() && (m_text[m_at] == ' ' || m_text[m_at] == '\n' || m_text[m_at] == '\t')) ++m_at;
    }
    bool take(std::string_view sign) {
        skip();
        if (!m_text.substr(m_at).starts_with(sign)) return false;
        m_at += sign.size();
        return true;
    }
    static bool is_name(char c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; }
    static bool is_name_part(char c) { return is_name(c) || c == '_' || (c >= '0' && c <= '9'); }
    bool take_word(std::string_view word) {
        skip();
        const std::string_view rest = m_text.substr(m_at);
        if (!rest.starts_with(word) || (rest.size() > word.size() && is_name_part(rest[word.size()]))) return false;
        m_at += word.size();
        return true;
    }
    std::string_view name() {
        skip();
        const size_t begin = m_at;
        while (m_at < m_text.size() && is_name_part(m_text[m_at])) ++m_at;
        return m_text.substr(begin, m_at - begin);
    }
    std::optional<std::string> quoted() {
        if (!take("'")) return std::nullopt;
        std::string out;
        for (; m_at < m_text.size() && m_text[m_at] != '\''; ++m_at) {
            if (m_text[m_at] == '\\' && m_at + 1 < m_text.size()) ++m_at;
            out += m_text[m_at];
        }
        if (m_at == m_text.size()) {
            fail("string-unfinished");
            return std::nullopt;
        }
        ++m_at;
        return out;
    }

    // ---- operators, loosest first; `context` is what names and $this begin from

    PathItems expression(const PathItems& context, size_t depth) {
        if (depth > kMaxDepth) return fail("too-deep");
        PathItems left = conjunction(context, depth);
        while (!m_reason && take_word("or")) {
            const PathItems right = conjunction(context, depth);
            left = {truth(holds(left) || holds(right))};
        }
        return left;
    }
    PathItems conjunction(const PathItems& context, size_t depth) {
        PathItems left = equality(context, depth);
        while (!m_reason && take_word("and")) {
            const PathItems right = equality(context, depth);
            left = {truth(holds(left) && holds(right))};
        }
        return left;
    }
    PathItems equality(const PathItems& context, size_t depth) {
        PathItems left = join(context, depth);
        for (;;) {
            const bool differs = take("!=");
            if (m_reason || (!differs && !take("="))) return left;
            const PathItems right = join(context, depth);
            if (left.empty() || right.empty()) {
                left.clear();
                continue;
            }
            const bool same = left.size() == right.size() && std::equal(left.begin(), left.end(), right.begin(), equal);
            left = {truth(same != differs)};
        }
    }
    PathItems join(const PathItems& context, size_t depth) {
        PathItems left = typed(context, depth);
        while (!m_reason && take("|"))
            for (auto& item : typed(context, depth)) left.push_back(std::move(item));
        return left;
    }
    PathItems typed(const PathItems& context, size_t depth) {
        PathItems items = path(context, depth);
        for (;;) {
            if (m_reason) return {};
            if (take_word("as")) {
                items = of_type(items, name());
            } else if (take_word("is")) {
                const std::string_view wanted = name();
                if (!items.empty()) items = {truth(!of_type(items, wanted).empty())};
            } else {
                return items;
            }
        }
    }

    // ---- paths

    PathItems path(const PathItems& context, size_t depth) {
        PathItems items = first_term(context, depth);
        for (;;) {
            if (m_reason) return {};
            if (take(".")) {
                items = step(items, name(), depth);
            } else if (take("[")) {
                size_t index = 0;
                const std::string_view digits = name();
                if (digits.empty() || digits.size() > 6) return fail("index-malformed");
                for (const char c : digits) {
                    if (c < '0' || c > '9') return fail("index-malformed");
                    index = index * 10 + static_cast<size_t>(c - '0');
                }
                if (!take("]")) return fail("bracket-missing");
                items = index < items.size() ? PathItems{items[index]} : PathItems{};
            } else {
                return items;
            }
        }
    }

    PathItems first_term(const PathItems& context, size_t depth) {
        skip();
        if (m_at == m_text.size()) return fail("unexpected-end");
        const char c = m_text[m_at];
        if (c == '\'') {
            auto text = quoted();
            return text ? PathItems{{{}, 0, std::move(*text)}} : PathItems{};
        }
        if (c == '(') {
            ++m_at;
            PathItems inner = expression(context, depth + 1);
            return m_reason || take(")") ? inner : fail("parenthesis-missing");
        }
        if (take("$this")) return context;
        if (take("%resource") || take("%context")) return {{m_document.root(), type_index(m_document.type()), {}}};
        if ((c >= '0' && c <= '9') || c == '-') return number();
        if (take_word("true")) return {truth(true)};
        if (take_word("false")) return {truth(false)};
        const std::string_view word = name();
        if (word.empty()) return fail("name-missing");
        const bool is_type = word[0] >= 'A' && word[0] <= 'Z';
        if (is_type) {
            const PathItem root{m_document.root(), type_index(m_document.type()), {}};
            if (word == name_of(m_document.type()) || word == "Resource" || word == "DomainResource") return {root};
            return type_number(word) != 0 ? PathItems{} : fail("type-unknown");
        }
        return step(context, word, depth);
    }

    PathItems number() {
        const size_t begin = m_at;
        if (m_text[m_at] == '-') ++m_at;
        while (m_at < m_text.size() &&
               ((m_text[m_at] >= '0' && m_text[m_at] <= '9') || (m_text[m_at] == '.' && m_at + 1 < m_text.size() &&
                                                                 m_text[m_at + 1] >= '0' && m_text[m_at + 1] <= '9')))
            ++m_at;
        const auto value = parse_number(m_text.substr(begin, m_at - begin));
        return value ? PathItems{{{}, 0, *value}} : fail("number-malformed");
    }

    bool spend(size_t work) {
        m_work += work;
        if (m_work > kMaxWork) fail("too-much-work");
        return m_work <= kMaxWork;
    }

    static bool is_same_element(std::string_view element, std::string_view wanted) {
        return element == wanted ||
               (element.size() == wanted.size() + 3 && element.ends_with("[x]") && element.starts_with(wanted));
    }

    PathItems children(const PathItems& items, std::string_view wanted) {
        PathItems out;
        for (const auto& item : items) {
            if (!item.node.is_object()) continue;
            const tables::Type& type = tables::kTypes[item.type];
            for (const Node child : item.node) {
                if (!spend(1)) return {};
                const tables::Field* field =
                    child.is_extension_part() ? nullptr : tables::find_field(type, child.symbol());
                if (!field || !is_same_element(tables::kElements[field->element].name, wanted)) continue;
                if (!child.is_array()) {
                    out.push_back(typed_item(child, field->type));
                    continue;
                }
                for (const Node each : child) {
                    if (!spend(1)) return {};
                    out.push_back(typed_item(each, field->type));
                }
            }
        }
        return out;
    }
    static PathItem typed_item(Node node, uint16_t type) {
        if (tables::kTypes[type].name == "Resource") {
            const auto actual = type_named(node.find("resourceType").string());
            if (actual) return {node, type_index(*actual), {}};
        }
        return {node, type, {}};
    }

    PathItems of_type(const PathItems& items, std::string_view wanted) {
        const uint16_t type = type_number(wanted);
        if (type == 0) return fail("type-unknown");
        PathItems out;
        for (const auto& item : items)
            if (item.type == type) out.push_back(item);
        return out;
    }

    // ---- functions

    PathItems step(const PathItems& items, std::string_view word, size_t depth) {
        if (word.empty()) return fail("name-missing");
        if (!take("(")) return children(items, word);
        PathItems out = call(items, word, depth);
        return m_reason || take(")") ? out : fail("parenthesis-missing");
    }

    /// Items for which the condition between the parentheses holds; the text is read once per item.
    PathItems filtered(const PathItems& items, size_t depth) {
        const size_t begin = m_at;
        PathItems out;
        if (items.empty()) {
            (void)expression({}, depth + 1);
            return {};
        }
        for (const auto& item : items) {
            m_at = begin;
            if (!spend(1)) return {};
            if (holds(expression({item}, depth + 1))) out.push_back(item);
            if (m_reason) return {};
        }
        return out;
    }

    PathItems extensions(const PathItems& items) {
        const auto url = quoted();
        if (!url) return fail("url-missing");
        PathItems out;
        for (const auto& item : children(items, "extension"))
            if (item.node.find("url").string() == *url) out.push_back(item);
        return out;
    }

    /// What a reference points to, as far as its text tells: an item of the target's type.
    PathItems resolved(const PathItems& items) {
        PathItems out;
        for (const auto& item : items) {
            const std::string_view text =
                item.node.is_string() ? item.node.string() : item.node.find("reference").string();
            const ReferenceParts parts = parse_reference(text);
            ResourceType type = parts.type;
            if (parts.form == ReferenceParts::Form::Contained)
                for (const Node inner : m_document.root().find("contained"))
                    if (inner.find("id").string() == parts.id)
                        type = type_named(inner.find("resourceType").string()).value_or(ResourceType::None);
            if (type == ResourceType::None)
                type = type_named(item.node.find("type").string()).value_or(ResourceType::None);
            if (type != ResourceType::None) out.push_back({item.node, type_index(type), {}});
        }
        return out;
    }

    PathItems call(const PathItems& items, std::string_view word, size_t depth) {
        if (word == "where") return filtered(items, depth);
        if (word == "exists" || word == "empty") {
            skip();
            const bool plain = m_at < m_text.size() && m_text[m_at] == ')';
            const bool any = plain ? !items.empty() : !filtered(items, depth).empty();
            return {truth(any == (word == "exists"))};
        }
        if (word == "not") return items.empty() ? PathItems{} : PathItems{truth(!holds(items))};
        if (word == "first") return items.empty() ? items : PathItems{items.front()};
        if (word == "last") return items.empty() ? items : PathItems{items.back()};
        if (word == "count") return {{{}, 0, static_cast<double>(items.size())}};
        if (word == "extension") return extensions(items);
        if (word == "hasExtension") return {truth(!extensions(items).empty())};
        if (word == "as" || word == "ofType") return of_type(items, name());
        if (word == "resolve") return resolved(items);
        return fail("function-unknown");
    }

    const Document& m_document;
    std::string_view m_text;
    size_t m_at = 0;
    size_t m_work = 0;
    const char* m_reason = nullptr;
};

} // namespace

base::Result<PathItems> evaluate_items(const Document& document, std::string_view expression) {
    return Evaluator(document, expression).run();
}

base::Result<std::vector<Node>> evaluate_path(const Document& document, std::string_view expression) {
    MUSUBI_TRY(const PathItems items, evaluate_items(document, expression));
    std::vector<Node> out;
    for (const auto& item : items)
        if (item.node) out.push_back(item.node);
    return out;
}

} // namespace musubi::fhir
