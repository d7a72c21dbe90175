#include "lib/fhir/json_tree.h"

#include "lib/fhir/symbols.h"

#include <algorithm>
#include <array>
#include <bit>

namespace musubi::fhir {
namespace {

constexpr size_t kAlwaysUnescapedLookup = 65535;

/// Bytes that end the plain run inside a string: quote, backslash, control characters, and everything beyond ASCII.
constexpr auto kSpecial = [] {
    std::array<bool, 256> out{};
    for (size_t c = 0; c < 256; ++c) out[c] = c < 0x20 || c == '"' || c == '\\' || c >= 0x80;
    return out;
}();

/// Eight bytes at a time: nonzero if any of them is special (the bits of the first one are exact).
uint64_t special_bits(uint64_t word) {
    constexpr uint64_t kOnes = 0x0101010101010101ULL;
    constexpr uint64_t kHighs = 0x8080808080808080ULL;
    const auto equals = [](uint64_t w, uint64_t c) {
        const uint64_t x = w ^ (kOnes * c);
        return (x - kOnes) & ~x;
    };
    const uint64_t control = (word - kOnes * 0x20) & ~word;
    return (word | control | equals(word, '"') | equals(word, '\\')) & kHighs;
}

void append_utf8(std::string& out, uint32_t c) {
    if (c < 0x80) {
        out += static_cast<char>(c);
    } else if (c < 0x800) {
        out += static_cast<char>(0xC0 | c >> 6);
        out += static_cast<char>(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        out += static_cast<char>(0xE0 | c >> 12);
        out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
        out += static_cast<char>(0x80 | (c & 0x3F));
    } else {
        out += static_cast<char>(0xF0 | c >> 18);
        out += static_cast<char>(0x80 | (c >> 12 & 0x3F));
        out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
        out += static_cast<char>(0x80 | (c & 0x3F));
    }
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Length of the well-formed UTF-8 sequence at `at` (RFC 3629), or 0.
size_t utf8_length(const char* at, const char* end) {
    const auto byte = [&](size_t i) { return static_cast<uint8_t>(at[i]); };
    const auto follows = [&](size_t i, uint8_t low = 0x80, uint8_t high = 0xBF) {
        return at + i < end && byte(i) >= low && byte(i) <= high;
    };
    const uint8_t first = byte(0);
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
        const uint8_t low = first == 0xE0 ? 0xA0 : 0x80;
        const uint8_t high = first == 0xED ? 0x9F : 0xBF;
        return follows(1, low, high) && follows(2) ? 3 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        const uint8_t low = first == 0xF0 ? 0x90 : 0x80;
        const uint8_t high = first == 0xF4 ? 0x8F : 0xBF;
        return follows(1, low, high) && follows(2) && follows(3) ? 4 : 0;
    }
    return 0;
}

} // namespace

/// One pass, recursive by depth (which is limited).
class TreeParser {
  public:
    TreeParser(Tree& tree, const Limits& limits)
        : m_tree(tree), m_limits(limits), m_begin(tree.m_text.data()), m_at(m_begin),
          m_end(m_begin + tree.m_text.size()) {}

    base::Status run() {
        m_tree.m_nodes.reserve(m_tree.m_text.size() / 16 + 8);
        skip_space();
        if (m_at == m_end) {
            fail("empty");
        } else if (read_value(0)) {
            skip_space();
            if (m_at != m_end) fail("text-after-value");
        }
        if (!m_reason) return base::success();
        if (m_too_large)
            return std::move(base::error(base::ErrorKind::TooLarge, "fhir.too-large")).with("reason", m_reason);
        return std::move(base::invalid("fhir.malformed"))
            .with("position", std::to_string(m_at - m_begin))
            .with("reason", m_reason);
    }

  private:
    using RawNode = detail::RawNode;

    bool fail(const char* reason) {
        if (!m_reason) m_reason = reason;
        return false;
    }
    bool fail_too_large(const char* reason) {
        m_too_large = true;
        return fail(reason);
    }
    void skip_space() {
        while (m_at != m_end && (*m_at == ' ' || *m_at == '\n' || *m_at == '\r' || *m_at == '\t')) ++m_at;
    }
    uint32_t offset() const { return static_cast<uint32_t>(m_at - m_begin); }

    /// A new node for the value at the cursor; name fields are filled by the caller.
    bool read_value(size_t depth) {
        if (m_tree.m_nodes.size() >= m_limits.max_nodes) return fail_too_large("too-many-values");
        const auto index = static_cast<uint32_t>(m_tree.m_nodes.size());
        RawNode& node = m_tree.m_nodes.emplace_back();
        node.name_begin = m_name_begin;
        node.name_size = m_name_size;
        node.symbol = m_symbol;
        node.is_extension_part = m_is_extension_part;
        node.begin = offset();
        if (m_at == m_end) return fail("unexpected-end");
        bool good = false;
        switch (*m_at) {
        case '{':
            good = read_object(index, depth);
            break;
        case '[':
            good = read_array(index, depth);
            break;
        case '"':
            node.kind = JsonKind::String;
            good = read_string(index);
            break;
        case 't':
            good = read_word(index, "true", JsonKind::True);
            break;
        case 'f':
            good = read_word(index, "false", JsonKind::False);
            break;
        case 'n':
            good = read_word(index, "null", JsonKind::Null);
            break;
        default:
            good = read_number(index);
        }
        RawNode& finished = m_tree.m_nodes[index];
        finished.end = offset();
        finished.next = static_cast<uint32_t>(m_tree.m_nodes.size());
        return good;
    }

    bool read_word(uint32_t index, std::string_view word, JsonKind kind) {
        if (static_cast<size_t>(m_end - m_at) < word.size() || std::string_view(m_at, word.size()) != word)
            return fail("unknown-word");
        m_at += word.size();
        m_tree.m_nodes[index].kind = kind;
        return true;
    }

    bool read_number(uint32_t index) {
        m_tree.m_nodes[index].kind = JsonKind::Number;
        const auto digits = [&] {
            const char* first = m_at;
            while (m_at != m_end && is_digit(*m_at)) ++m_at;
            return m_at != first;
        };
        if (*m_at == '-') ++m_at;
        if (m_at == m_end || !is_digit(*m_at)) return fail("not-a-value");
        if (*m_at == '0') {
            ++m_at;
            if (m_at != m_end && is_digit(*m_at)) return fail("leading-zero");
        } else {
            digits();
        }
        if (m_at != m_end && *m_at == '.') {
            ++m_at;
            if (!digits()) return fail("number-incomplete");
        }
        if (m_at != m_end && (*m_at == 'e' || *m_at == 'E')) {
            ++m_at;
            if (m_at != m_end && (*m_at == '+' || *m_at == '-')) ++m_at;
            if (!digits()) return fail("number-incomplete");
        }
        return true;
    }

    /// Moves over a string's characters to its closing quote. True if it holds no escapes.
    bool scan_string(bool& has_escapes) {
        for (;;) {
            while (m_end - m_at >= 8) {
                uint64_t word = 0;
                std::memcpy(&word, m_at, 8);
                const uint64_t special = special_bits(word);
                if (special) {
                    m_at += std::countr_zero(special) / 8;
                    break;
                }
                m_at += 8;
            }
            while (m_at != m_end && !kSpecial[static_cast<uint8_t>(*m_at)]) ++m_at;
            if (m_at == m_end) return fail("string-unfinished");
            const auto c = static_cast<uint8_t>(*m_at);
            if (c == '"') return true;
            if (c == '\\') {
                has_escapes = true;
                if (!scan_escape()) return false;
            } else if (c < 0x20) {
                return fail("control-character");
            } else {
                while (m_at != m_end && static_cast<uint8_t>(*m_at) >= 0x80) {
                    const size_t length = utf8_length(m_at, m_end);
                    if (length == 0) return fail("bad-utf8");
                    m_at += length;
                }
            }
        }
    }

    std::optional<uint32_t> hex4(const char* at) const {
        if (m_end - at < 4) return std::nullopt;
        uint32_t value = 0;
        for (int i = 0; i < 4; ++i) {
            const char c = at[i];
            uint32_t digit = 0;
            if (is_digit(c))
                digit = static_cast<uint32_t>(c - '0');
            else if (c >= 'a' && c <= 'f')
                digit = static_cast<uint32_t>(c - 'a' + 10);
            else if (c >= 'A' && c <= 'F')
                digit = static_cast<uint32_t>(c - 'A' + 10);
            else
                return std::nullopt;
            value = value << 4 | digit;
        }
        return value;
    }

    bool scan_escape() {
        if (m_end - m_at < 2) return fail("string-unfinished");
        const char c = m_at[1];
        if (c != 'u') {
            if (std::string_view("\"\\/bfnrt").find(c) == std::string_view::npos) return fail("bad-escape");
            m_at += 2;
            return true;
        }
        const auto unit = hex4(m_at + 2);
        if (!unit) return fail("bad-escape");
        if (*unit >= 0xDC00 && *unit <= 0xDFFF) return fail("lone-surrogate");
        if (*unit == 0) return fail("control-character");
        m_at += 6;
        if (*unit < 0xD800 || *unit > 0xDBFF) return true;
        const bool pair = m_end - m_at >= 6 && m_at[0] == '\\' && m_at[1] == 'u';
        const auto low = pair ? hex4(m_at + 2) : std::nullopt;
        if (!low || *low < 0xDC00 || *low > 0xDFFF) return fail("lone-surrogate");
        m_at += 6;
        return true;
    }

    std::string unescaped(const char* at, const char* end) const {
        std::string out;
        out.reserve(static_cast<size_t>(end - at));
        while (at != end) {
            if (*at != '\\') {
                const char* run = at;
                while (at != end && *at != '\\') ++at;
                out.append(run, at);
                continue;
            }
            const char c = at[1];
            at += 2;
            switch (c) {
            case 'b':
                out += '\b';
                break;
            case 'f':
                out += '\f';
                break;
            case 'n':
                out += '\n';
                break;
            case 'r':
                out += '\r';
                break;
            case 't':
                out += '\t';
                break;
            case 'u': {
                uint32_t value = *hex4(at);
                at += 4;
                if (value >= 0xD800 && value <= 0xDBFF) {
                    value = 0x10000 + ((value - 0xD800) << 10) + (*hex4(at + 2) - 0xDC00);
                    at += 6;
                }
                append_utf8(out, value);
                break;
            }
            default:
                out += c;
            }
        }
        return out;
    }

    bool read_string(uint32_t index) {
        ++m_at;
        const char* first = m_at;
        bool has_escapes = false;
        if (!scan_string(has_escapes)) return false;
        if (has_escapes) {
            const size_t number = m_tree.m_unescaped.size() + 1;
            m_tree.m_nodes[index].unescaped = static_cast<uint16_t>(std::min(number, kAlwaysUnescapedLookup));
            m_tree.m_unescaped.emplace_back(index, unescaped(first, m_at));
        }
        ++m_at;
        return true;
    }

    /// The name before a colon. Escapes in names are refused: no FHIR element needs them, and they would hide
    /// duplicates.
    bool read_name() {
        if (m_at == m_end || *m_at != '"') return fail("name-missing");
        ++m_at;
        const char* first = m_at;
        bool has_escapes = false;
        if (!scan_string(has_escapes)) return false;
        if (has_escapes) return fail("escape-in-name");
        const auto size = static_cast<size_t>(m_at - first);
        if (size > 255) return fail("name-too-long");
        const std::string_view name(first, size);
        m_name_begin = static_cast<uint32_t>(first - m_begin);
        m_name_size = static_cast<uint16_t>(size);
        m_is_extension_part = size > 1 && name[0] == '_';
        m_symbol = find_symbol(m_is_extension_part ? name.substr(1) : name);
        ++m_at;
        skip_space();
        if (m_at == m_end || *m_at != ':') return fail("colon-missing");
        ++m_at;
        skip_space();
        return true;
    }

    /// Compares with the members already read: by number when both are known names.
    bool is_duplicate(uint32_t object) const {
        const std::string_view text = m_tree.m_text;
        const std::string_view name = text.substr(m_name_begin, m_name_size);
        const auto end = static_cast<uint32_t>(m_tree.m_nodes.size());
        for (uint32_t at = object + 1; at < end; at = m_tree.m_nodes[at].next) {
            const RawNode& other = m_tree.m_nodes[at];
            if (other.symbol != m_symbol || other.is_extension_part != m_is_extension_part) continue;
            if (m_symbol != 0 || text.substr(other.name_begin, other.name_size) == name) return true;
        }
        return false;
    }

    bool read_object(uint32_t index, size_t depth) {
        m_tree.m_nodes[index].kind = JsonKind::Object;
        if (depth >= m_limits.max_depth) return fail("too-deep");
        ++m_at;
        skip_space();
        if (m_at != m_end && *m_at == '}') {
            ++m_at;
            return true;
        }
        for (size_t count = 1;; ++count) {
            if (count > m_limits.max_members) return fail_too_large("too-many-members");
            if (!read_name()) return false;
            if (is_duplicate(index)) return fail("duplicate-name");
            if (!read_value(depth + 1)) return false;
            skip_space();
            if (m_at == m_end) return fail("unexpected-end");
            const char c = *m_at++;
            if (c == '}') return true;
            if (c != ',') {
                --m_at;
                return fail("comma-missing");
            }
            skip_space();
        }
    }

    bool read_array(uint32_t index, size_t depth) {
        m_tree.m_nodes[index].kind = JsonKind::Array;
        if (depth >= m_limits.max_depth) return fail("too-deep");
        ++m_at;
        skip_space();
        if (m_at != m_end && *m_at == ']') {
            ++m_at;
            return true;
        }
        for (size_t count = 1;; ++count) {
            if (count > m_limits.max_items) return fail_too_large("too-many-items");
            m_name_begin = m_name_size = m_symbol = 0;
            m_is_extension_part = false;
            if (!read_value(depth + 1)) return false;
            skip_space();
            if (m_at == m_end) return fail("unexpected-end");
            const char c = *m_at++;
            if (c == ']') return true;
            if (c != ',') {
                --m_at;
                return fail("comma-missing");
            }
            skip_space();
        }
    }

    Tree& m_tree;
    const Limits& m_limits;
    const char* m_begin;
    const char* m_at;
    const char* m_end;
    const char* m_reason = nullptr;
    bool m_too_large = false;
    uint32_t m_name_begin = 0;
    uint16_t m_name_size = 0;
    Symbol m_symbol = 0;
    bool m_is_extension_part = false;
};

base::Result<Tree> Tree::parse(std::string text, const Limits& limits) {
    if (text.size() > limits.max_bytes || text.size() > UINT32_MAX)
        return std::move(base::error(base::ErrorKind::TooLarge, "fhir.too-large")).with("reason", "too-many-bytes");
    Tree tree;
    tree.m_text = std::move(text);
    TreeParser parser(tree, limits);
    MUSUBI_CHECK(parser.run());
    return tree;
}

std::string_view Node::string() const {
    if (!is_string()) return {};
    const auto& node = raw_node();
    if (node.unescaped == 0)
        return std::string_view(m_tree->m_text).substr(node.begin + size_t{1}, node.end - node.begin - size_t{2});
    const auto& all = m_tree->m_unescaped;
    if (node.unescaped < kAlwaysUnescapedLookup) return all[node.unescaped - size_t{1}].second;
    const auto at = std::lower_bound(all.begin(), all.end(), m_index,
                                     [](const auto& entry, uint32_t wanted) { return entry.first < wanted; });
    return at->second;
}

Node Node::first() const {
    const auto at = begin();
    return at != end() ? *at : Node();
}

Node Node::next_after(Node child) const {
    const uint32_t next = child.raw_node().next;
    return next < raw_node().next ? Node(m_tree, next) : Node();
}

Node Node::find(std::string_view name) const {
    if (!is_object()) return {};
    for (const Node child : *this)
        if (child.name() == name) return child;
    return {};
}

size_t Node::size() const {
    size_t count = 0;
    for (auto at = begin(), stop = end(); at != stop; ++at) ++count;
    return count;
}

Node Node::item(size_t index) const {
    for (const Node child : *this)
        if (index-- == 0) return child;
    return {};
}

Symbol symbol_of(std::string_view name) { return find_symbol(name); }
std::string_view name_of_symbol(Symbol symbol) { return tables::kSymbols[symbol]; }

} // namespace musubi::fhir
