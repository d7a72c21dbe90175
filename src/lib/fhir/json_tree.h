// A strict JSON text as a flat tree of nodes over the text itself. Unlike lib/json it keeps every name as the number of
// a FHIR element, so that walking a resource compares integers, and it costs one pass and one allocation.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace musubi::fhir {

/// Bounds on foreign text. `max_members` is per object, `max_items` per array.
struct Limits {
    size_t max_bytes = 16 << 20;
    size_t max_depth = 64;
    size_t max_members = 256;
    size_t max_items = 100'000;
    size_t max_nodes = 1'000'000;
};

/// A name that some FHIR element has ("code", "valueQuantity", "_birthDate" counts as birthDate); 0 for any other.
using Symbol = uint16_t;
Symbol symbol_of(std::string_view name);
std::string_view name_of_symbol(Symbol symbol);

enum class JsonKind : uint8_t { Null, False, True, Number, String, Array, Object };

namespace detail {
struct RawNode {
    uint32_t begin = 0; // of the value in the text
    uint32_t end = 0;
    uint32_t next = 0; // index of the node after this one and all below it
    uint32_t name_begin = 0;
    uint16_t name_size = 0;
    Symbol symbol = 0;
    JsonKind kind = JsonKind::Null;
    uint8_t is_extension_part = 0; // the name begins with "_"
    uint16_t unescaped = 0;        // 0: the text between the quotes is the string; else 1 + index (65535: look it up)
};
} // namespace detail

class Tree;

/// One value of a Tree; valid as long as the tree is not moved from or destroyed. A default one is "absent".
class Node {
  public:
    Node() = default;
    explicit operator bool() const { return m_tree != nullptr; }
    JsonKind kind() const;
    bool is_object() const { return *this && kind() == JsonKind::Object; }
    bool is_array() const { return *this && kind() == JsonKind::Array; }
    bool is_string() const { return *this && kind() == JsonKind::String; }
    /// The member's name as written, without quotes (names with escapes are refused when parsing).
    std::string_view name() const;
    Symbol symbol() const;
    /// True for "_birthDate": the id and extensions of a primitive; `symbol` is that of "birthDate".
    bool is_extension_part() const;
    /// The source text of the value, exactly.
    std::string_view raw() const;
    size_t position() const; // of `raw` in the text
    /// Kind String: the characters. Absent or another kind: empty.
    std::string_view string() const;
    bool is_true() const { return *this && kind() == JsonKind::True; }

    /// Members or items.
    Node first() const;
    Node next_after(Node child) const; // the sibling after `child`, or absent
    /// The member with this name ("_x" is not found under "x"); absent if there is none or this is no object.
    Node find(Symbol symbol) const;
    Node find(std::string_view name) const;
    size_t size() const;
    Node item(size_t index) const;
    uint32_t index() const { return m_index; }

    class Iterator {
      public:
        using value_type = Node;
        using reference = Node;
        using pointer = void;
        using difference_type = std::ptrdiff_t;
        using iterator_category = std::input_iterator_tag;
        Iterator(const Tree* tree, uint32_t at) : m_tree(tree), m_at(at) {}
        Node operator*() const;
        Iterator& operator++();
        Iterator operator++(int) {
            const Iterator before = *this;
            ++*this;
            return before;
        }
        bool operator==(const Iterator& other) const { return m_at == other.m_at; }

      private:
        const Tree* m_tree;
        uint32_t m_at;
    };
    Iterator begin() const;
    Iterator end() const;

  private:
    friend class Tree;
    Node(const Tree* tree, uint32_t index) : m_tree(tree), m_index(index) {}
    const detail::RawNode& raw_node() const;
    const Tree* m_tree = nullptr;
    uint32_t m_index = 0;
};

/// A checked JSON text: UTF-8, no lone surrogates, no duplicate names, nothing after the value, within the limits.
/// Errors: "fhir.malformed" (parameters "position" in bytes and "reason", one of the kebab words in json_tree.cpp) and
/// "fhir.too-large".
class Tree {
  public:
    static base::Result<Tree> parse(std::string text, const Limits& limits = {});
    Tree(Tree&&) noexcept = default;
    Tree& operator=(Tree&&) noexcept = default;
    Tree(const Tree&) = default;
    Tree& operator=(const Tree&) = default;

    const std::string& text() const { return m_text; }
    Node root() const { return {this, 0}; }
    Node node(uint32_t index) const { return {this, index}; }
    size_t node_count() const { return m_nodes.size(); }

  private:
    friend class Node;
    friend class TreeParser;
    Tree() = default;
    std::string m_text;
    std::vector<detail::RawNode> m_nodes;
    std::vector<std::pair<uint32_t, std::string>> m_unescaped; // by node index, ascending
};

// ---- inline, because every walk lives from these

inline const detail::RawNode& Node::raw_node() const { return m_tree->m_nodes[m_index]; }
inline JsonKind Node::kind() const { return raw_node().kind; }
inline Symbol Node::symbol() const { return raw_node().symbol; }
inline bool Node::is_extension_part() const { return raw_node().is_extension_part != 0; }
inline std::string_view Node::name() const {
    const auto& node = raw_node();
    return std::string_view(m_tree->m_text).substr(node.name_begin, node.name_size);
}
inline std::string_view Node::raw() const {
    const auto& node = raw_node();
    return std::string_view(m_tree->m_text).substr(node.begin, node.end - node.begin);
}
inline size_t Node::position() const { return raw_node().begin; }
inline Node Node::Iterator::operator*() const { return m_tree->node(m_at); }
inline Node::Iterator& Node::Iterator::operator++() {
    m_at = m_tree->node(m_at).raw_node().next;
    return *this;
}
inline Node::Iterator Node::begin() const {
    if (!m_tree) return {nullptr, 0};
    return {m_tree, raw_node().kind < JsonKind::Array ? raw_node().next : m_index + 1};
}
inline Node::Iterator Node::end() const {
    if (!m_tree) return {nullptr, 0};
    return {m_tree, raw_node().next};
}
inline Node Node::find(Symbol symbol) const {
    if (!is_object()) return {};
    for (const Node child : *this)
        if (child.symbol() == symbol && !child.is_extension_part()) return child;
    return {};
}

} // namespace musubi::fhir
