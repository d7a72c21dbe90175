#include "lib/fhir/patch.h"

#include "lib/fhir/editable.h"

namespace musubi::fhir {
namespace {

constexpr size_t kMaxOperations = 1000;
constexpr size_t kMaxResult = 32 << 20; // copies can multiply a document

base::Error malformed(std::string_view reason) {
    return std::move(base::invalid("fhir.patch-malformed")).with("reason", std::string(reason));
}

/// The reference tokens of a JSON Pointer (RFC 6901).
std::optional<std::vector<std::string>> pointer_tokens(std::string_view pointer) {
    std::vector<std::string> out;
    if (pointer.empty()) return out;
    if (pointer.front() != '/') return std::nullopt;
    for (size_t at = 0; at < pointer.size();) {
        const size_t end = std::min(pointer.find('/', at + 1), pointer.size());
        std::string token;
        for (size_t i = at + 1; i < end; ++i) {
            if (pointer[i] != '~') {
                token += pointer[i];
            } else if (i + 1 < end && (pointer[i + 1] == '0' || pointer[i + 1] == '1')) {
                token += pointer[++i] == '0' ? '~' : '/';
            } else {
                return std::nullopt;
            }
        }
        out.push_back(std::move(token));
        at = end;
    }
    return out;
}

/// An array index without leading zeros, below `limit`.
std::optional<size_t> array_index(std::string_view token, size_t limit) {
    if (token.empty() || token.size() > 7 || (token.size() > 1 && token[0] == '0')) return std::nullopt;
    size_t value = 0;
    for (const char c : token) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + static_cast<size_t>(c - '0');
    }
    return value < limit ? std::optional(value) : std::nullopt;
}

class JsonPatch {
  public:
    explicit JsonPatch(Node target) : m_root(target) {}

    base::Status apply(Node operation, size_t number) {
        m_number = number;
        if (!operation.is_object()) return malformed("operation-not-an-object");
        const Node name = operation.find("op");
        const Node path = operation.find("path");
        if (!name.is_string()) return malformed("op-missing");
        if (!path.is_string()) return malformed("path-missing");
        m_path = path.string();
        const auto tokens = pointer_tokens(m_path);
        if (!tokens) return malformed("path-malformed");
        const std::string_view op = name.string();
        if (op == "remove") return remove(*tokens);
        if (op == "add" || op == "replace" || op == "test") {
            const Node value = operation.find("value");
            if (!value) return malformed("value-missing");
            if (op == "test") return test(*tokens, value);
            return op == "add" ? add(*tokens, Editable(value)) : replace(*tokens, Editable(value));
        }
        if (op == "move" || op == "copy") {
            const Node from = operation.find("from");
            const auto from_tokens = from.is_string() ? pointer_tokens(from.string()) : std::nullopt;
            if (!from_tokens) return malformed("from-malformed");
            return move_or_copy(*from_tokens, *tokens, op == "move");
        }
        return malformed("op-unknown");
    }

    std::string text() const { return m_root.text(); }

  private:
    base::Error not_applicable() const {
        return std::move(base::invalid("fhir.patch-not-applicable"))
            .with("operation", std::to_string(m_number))
            .with("path", m_path);
    }

    Editable* find(const std::vector<std::string>& tokens, size_t count) {
        Editable* at = &m_root;
        for (size_t i = 0; i < count && at; ++i) {
            if (at->is_array()) {
                const auto index = array_index(tokens[i], at->size());
                at = index ? at->item(*index) : nullptr;
            } else {
                at = at->member(tokens[i]);
            }
        }
        return at;
    }

    base::Status add(const std::vector<std::string>& tokens, Editable value) {
        if (tokens.empty()) {
            m_root = std::move(value);
            return base::success();
        }
        Editable* parent = find(tokens, tokens.size() - 1);
        if (!parent) return not_applicable();
        if (parent->is_object()) {
            parent->set_member(tokens.back(), std::move(value));
            return base::success();
        }
        if (!parent->is_array()) return not_applicable();
        const auto index =
            tokens.back() == "-" ? std::optional(parent->size()) : array_index(tokens.back(), parent->size() + 1);
        if (!index) return not_applicable();
        parent->insert_item(*index, std::move(value));
        return base::success();
    }

    base::Status remove(const std::vector<std::string>& tokens) {
        if (tokens.empty()) return not_applicable();
        Editable* parent = find(tokens, tokens.size() - 1);
        if (!parent) return not_applicable();
        if (parent->is_array()) {
            const auto index = array_index(tokens.back(), parent->size());
            if (!index) return not_applicable();
            parent->remove_item(*index);
            return base::success();
        }
        if (!parent->is_object() || !parent->remove_member(tokens.back())) return not_applicable();
        return base::success();
    }

    base::Status replace(const std::vector<std::string>& tokens, Editable value) {
        Editable* target = find(tokens, tokens.size());
        if (!target) return not_applicable();
        *target = std::move(value);
        return base::success();
    }

    base::Status move_or_copy(const std::vector<std::string>& from, const std::vector<std::string>& to, bool moves) {
        const Editable* source = find(from, from.size());
        if (!source) return not_applicable();
        if (moves && from == to) return base::success();
        // A value cannot be moved into one of its own parts (RFC 6902 section 4.4).
        if (moves && to.size() > from.size() && std::equal(from.begin(), from.end(), to.begin()))
            return not_applicable();
        Editable value = *source;
        if (!moves) m_copied += value.text().size();
        if (m_copied > kMaxResult) return base::error(base::ErrorKind::TooLarge, "fhir.too-large");
        if (moves) MUSUBI_CHECK(remove(from));
        return add(to, std::move(value));
    }

    base::Status test(const std::vector<std::string>& tokens, Node expected) {
        const Editable* actual = find(tokens, tokens.size());
        if (!actual) return not_applicable();
        const auto tree = Tree::parse(actual->text());
        if (tree && json_equal(tree->root(), expected)) return base::success();
        return std::move(base::conflict("fhir.patch-test-failed"))
            .with("operation", std::to_string(m_number))
            .with("path", m_path);
    }

    Editable m_root;
    size_t m_number = 0;
    size_t m_copied = 0;
    std::string m_path;
};

} // namespace

base::Result<std::string> apply_json_patch(const Tree& target, const Tree& patch) {
    if (!patch.root().is_array()) return malformed("not-an-array");
    JsonPatch state(target.root());
    size_t number = 0;
    for (const Node operation : patch.root()) {
        if (number == kMaxOperations) return malformed("too-many-operations");
        MUSUBI_CHECK(state.apply(operation, number++));
    }
    return state.text();
}

} // namespace musubi::fhir
