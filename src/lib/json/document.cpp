// simdjson checks the grammar and UTF-8 and unescapes strings; its index of structural characters then gives the source
// text of every value, which numbers in health records must keep (FHIR R4, decimal: precision is significant).
#include "lib/json/describe.h"

#include "base/encoding.h"

#include <algorithm>
#include <charconv>
#include <simdjson.h>

namespace musubi::json {

namespace detail {

/// Values in document order: the children of a value follow it, `subtree` counts it and all below.
struct ElementImpl {
    Element::Type type = Element::Type::Null;
    bool truth = false;
    uint32_t subtree = 1;
    uint32_t count = 0; // children
    std::string_view key;
    std::string_view text; // String: unescaped
    std::string_view raw;
};

} // namespace detail

namespace {

using detail::ElementImpl;
namespace dom = simdjson::dom;

// Parsers keep their buffers; a thread reuses a few instead of allocating for every small body.
constexpr size_t kKeptParsers = 4;
constexpr size_t kLargestKept = 256 * 1024;
thread_local std::vector<std::unique_ptr<dom::parser>> kept_parsers;

std::unique_ptr<dom::parser> take_parser() {
    if (kept_parsers.empty()) return std::make_unique<dom::parser>();
    auto parser = std::move(kept_parsers.back());
    kept_parsers.pop_back();
    return parser;
}

void give_back(std::unique_ptr<dom::parser> parser) {
    if (parser && parser->capacity() <= kLargestKept && kept_parsers.size() < kKeptParsers)
        kept_parsers.push_back(std::move(parser));
}

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

unsigned code_unit(std::string_view raw, size_t at) {
    unsigned value = 0;
    std::from_chars(raw.data() + at, raw.data() + at + 4, value, 16);
    return value;
}

/// \u escapes of surrogates come only as high, low (RFC 8259 section 8.2 leaves others undefined; we refuse them).
bool surrogates_paired(std::string_view raw) {
    for (size_t at = raw.find('\\'); at != std::string_view::npos; at = raw.find('\\', at)) {
        if (raw[at + 1] != 'u') {
            at += 2;
            continue;
        }
        const unsigned unit = code_unit(raw, at + 2);
        at += 6;
        if (unit < 0xD800 || unit > 0xDFFF) continue;
        if (unit > 0xDBFF || raw.substr(at, 2) != "\\u") return false;
        const unsigned low = code_unit(raw, at + 2);
        if (low < 0xDC00 || low > 0xDFFF) return false;
        at += 6;
    }
    return true;
}

struct Refusal {
    std::string_view code;
};

class Builder {
  public:
    Builder(std::string_view text, const uint32_t* index, uint32_t index_count, size_t max_depth,
            std::vector<ElementImpl>& out)
        : m_text(text), m_index(index), m_index_count(index_count), m_max_depth(max_depth), m_out(out) {}

    std::optional<Refusal> build(dom::element element, std::string_view key, size_t depth) {
        const size_t self = m_out.size();
        const size_t begin = m_index[m_at++];
        m_out.push_back({});
        m_out[self].key = key;
        std::optional<Refusal> refusal;
        switch (element.type()) {
        case dom::element_type::OBJECT:
            refusal = build_object(dom::object(element), self, depth);
            break;
        case dom::element_type::ARRAY:
            refusal = build_array(dom::array(element), self, depth);
            break;
        default:
            refusal = build_scalar(element, self, begin);
            break;
        }
        if (refusal) return refusal;
        ElementImpl& built = m_out[self];
        built.subtree = static_cast<uint32_t>(m_out.size() - self);
        const bool compound = built.type == Element::Type::Object || built.type == Element::Type::Array;
        built.raw = compound ? m_text.substr(begin, m_index[m_at - 1] + 1 - begin) : scalar_text(begin);
        return std::nullopt;
    }

  private:
    std::string_view scalar_text(size_t begin) const {
        size_t end = m_at < m_index_count ? m_index[m_at] : m_text.size();
        while (end > begin && is_space(m_text[end - 1])) --end;
        return m_text.substr(begin, end - begin);
    }

    std::optional<Refusal> build_scalar(dom::element element, size_t self, size_t begin) {
        ElementImpl& out = m_out[self];
        if (element.is_string()) {
            out.type = Element::Type::String;
            out.text = std::string_view(element);
            if (!surrogates_paired(scalar_text(begin))) return Refusal{"json.malformed"};
        } else if (element.is_bool()) {
            out.type = Element::Type::Bool;
            out.truth = bool(element);
        } else if (element.is_null()) {
            out.type = Element::Type::Null;
        } else {
            const bool whole = scalar_text(begin).find_first_of(".eE") == std::string_view::npos;
            out.type = whole ? Element::Type::Integer : Element::Type::Decimal;
        }
        return std::nullopt;
    }

    std::optional<Refusal> build_array(dom::array array, size_t self, size_t depth) {
        m_out[self].type = Element::Type::Array;
        if (depth == m_max_depth) return Refusal{"json.too-deep"};
        uint32_t count = 0;
        for (const dom::element item : array) {
            if (auto refusal = build(item, {}, depth + 1)) return refusal;
            ++count;
            ++m_at; // ',' or ']'
        }
        if (count == 0) ++m_at;
        m_out[self].count = count;
        return std::nullopt;
    }

    std::optional<Refusal> build_object(dom::object object, size_t self, size_t depth) {
        m_out[self].type = Element::Type::Object;
        if (depth == m_max_depth) return Refusal{"json.too-deep"};
        uint32_t count = 0;
        for (const auto [key, value] : object) {
            const size_t begin = m_index[m_at++];
            if (!surrogates_paired(scalar_text(begin))) return Refusal{"json.malformed"};
            ++m_at; // ':'
            if (auto refusal = build(value, key, depth + 1)) return refusal;
            ++count;
            ++m_at; // ',' or '}'
        }
        if (count == 0) ++m_at;
        m_out[self].count = count;
        return has_duplicates(self) ? std::optional(Refusal{"json.duplicate-key"}) : std::nullopt;
    }

    bool has_duplicates(size_t object) const {
        const uint32_t count = m_out[object].count;
        if (count < 2) return false;
        std::vector<std::string_view> keys;
        keys.reserve(count);
        for (size_t at = object + 1, i = 0; i < count; ++i, at += m_out[at].subtree) keys.push_back(m_out[at].key);
        std::sort(keys.begin(), keys.end());
        return std::adjacent_find(keys.begin(), keys.end()) != keys.end();
    }

    std::string_view m_text;
    const uint32_t* m_index;
    uint32_t m_index_count;
    size_t m_max_depth;
    std::vector<ElementImpl>& m_out;
    size_t m_at = 0;
};

} // namespace

struct Document::Impl {
    std::string text; // followed by the padding simdjson may read
    std::unique_ptr<dom::parser> parser = take_parser();
    std::vector<ElementImpl> elements;
    ~Impl() { give_back(std::move(parser)); }
};

Document::Document() : m_impl(std::make_unique<Impl>()) {}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

base::Result<Document> Document::parse(std::string_view text, const Limits& limits) {
    if (text.size() > limits.max_bytes) return base::error(base::ErrorKind::TooLarge, "json.too-large");
    Document document;
    Impl& impl = *document.m_impl;
    impl.text.reserve(text.size() + simdjson::SIMDJSON_PADDING);
    impl.text.append(text).append(simdjson::SIMDJSON_PADDING, ' ');
    const auto parsed = impl.parser->parse(reinterpret_cast<const uint8_t*>(impl.text.data()), text.size(), false);
    if (parsed.error() == simdjson::DEPTH_ERROR) return base::invalid("json.too-deep");
    if (parsed.error()) return base::invalid("json.malformed").because(simdjson::error_message(parsed.error()));

    const auto& native = *impl.parser->implementation;
    impl.elements.reserve(native.n_structural_indexes);
    Builder builder({impl.text.data(), text.size()}, native.structural_indexes.get(), native.n_structural_indexes,
                    std::min<size_t>(limits.max_depth, simdjson::DEFAULT_MAX_DEPTH), impl.elements);
    if (const auto refusal = builder.build(parsed.value_unsafe(), {}, 0))
        return base::invalid(std::string(refusal->code));
    return document;
}

Element Document::root() const { return Element(m_impl->elements.data()); }

Element::Type Element::type() const { return m_impl->type; }
std::string_view Element::string() const { return m_impl->text; }
std::string_view Element::number_text() const { return m_impl->raw; }
bool Element::boolean() const { return m_impl->truth; }
std::string_view Element::raw() const { return m_impl->raw; }

std::optional<int64_t> Element::integer() const {
    if (m_impl->type != Type::Integer) return std::nullopt;
    int64_t value = 0;
    const char* end = m_impl->raw.data() + m_impl->raw.size();
    const auto [stopped, error] = std::from_chars(m_impl->raw.data(), end, value);
    if (error != std::errc{} || stopped != end) return std::nullopt;
    return value;
}

std::vector<Element> Element::items() const {
    std::vector<Element> out;
    if (m_impl->type != Type::Array) return out;
    out.reserve(m_impl->count);
    const ElementImpl* child = m_impl + 1;
    for (uint32_t i = 0; i < m_impl->count; ++i, child += child->subtree) out.push_back(Element(child));
    return out;
}

std::vector<std::pair<std::string_view, Element>> Element::members() const {
    std::vector<std::pair<std::string_view, Element>> out;
    if (m_impl->type != Type::Object) return out;
    out.reserve(m_impl->count);
    const ElementImpl* child = m_impl + 1;
    for (uint32_t i = 0; i < m_impl->count; ++i, child += child->subtree) out.emplace_back(child->key, Element(child));
    return out;
}

std::optional<Element> Element::find(std::string_view key) const {
    if (m_impl->type != Type::Object) return std::nullopt;
    const ElementImpl* child = m_impl + 1;
    for (uint32_t i = 0; i < m_impl->count; ++i, child += child->subtree)
        if (child->key == key) return Element(child);
    return std::nullopt;
}

} // namespace musubi::json
