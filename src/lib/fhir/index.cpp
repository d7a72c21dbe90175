#include "lib/fhir/index.h"

#include "lib/fhir/index_values.h"
#include "lib/fhir/symbols.h"

#include <array>

namespace musubi::fhir {
namespace {

/// A composite multiplies the values of its parts; what honest resources hold is far below.
constexpr size_t kMaxTuples = 10'000;

struct Names {
    Symbol url = known_symbol("url");
    Symbol use = known_symbol("use");
    Symbol extension = known_symbol("extension");
    Symbol valueCode = known_symbol("valueCode");
};
const Names& names() {
    static const Names instance;
    return instance;
}

class Extractor {
  public:
    Extractor(const Document& document, const IndexOptions& options)
        : m_document(document), m_reader(document, options, m_writer) {}

    std::string run() {
        walk(m_document.root(), tables::kTypeSearch[static_cast<size_t>(m_document.type()) - 1].root, nullptr);
        return m_writer.finish();
    }

  private:
    void walk(Node node, uint16_t path, Sink* part) {
        const tables::PathNode& here = tables::kPathNodes[path];
        for (size_t i = 0; i < here.action_count; ++i) act(node, tables::kPathActions[here.first_action + i], part);
        if (here.edge_count == 0 || !node.is_object()) return;
        const tables::PathEdge* edges = &tables::kPathEdges[here.first_edge];
        const tables::PathEdge* end = edges + here.edge_count;
        for (const Node child : node) {
            const Symbol symbol = child.symbol();
            if (symbol == 0 || child.is_extension_part()) continue;
            const tables::PathEdge* edge = edges;
            while (edge != end && edge->symbol < symbol) ++edge;
            for (; edge != end && edge->symbol == symbol; ++edge) follow(child, *edge, part);
        }
    }

    void follow(Node child, const tables::PathEdge& edge, Sink* part) {
        const tables::Condition& condition = tables::kConditions[edge.condition];
        if (!child.is_array()) {
            if (holds(condition, child)) walk(child, edge.target, part);
            return;
        }
        for (const Node item : child) {
            if (holds(condition, item)) walk(item, edge.target, part);
            if (condition.kind == tables::ConditionKind::First) break;
        }
    }

    static bool has_extension(Node node, std::string_view url, std::string_view code) {
        for (const Node item : node.find(names().extension))
            if (item.find(names().url).string() == url &&
                (code.empty() || item.find(names().valueCode).string() == code))
                return true;
        return false;
    }

    static bool holds(const tables::Condition& condition, Node node) {
        switch (condition.kind) {
        case tables::ConditionKind::None:
        case tables::ConditionKind::First:
            return true;
        case tables::ConditionKind::ExtensionUrl:
        case tables::ConditionKind::MemberEquals:
            return node.find(condition.member).string() == condition.value;
        case tables::ConditionKind::HasExtension:
            return has_extension(node, condition.value, {});
        case tables::ConditionKind::UsualKana:
            return node.find(names().use).string() == "usual" &&
                   has_extension(node, "http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation", "SYL");
        }
        return false;
    }

    void act(Node node, const tables::PathAction& action, Sink* part) {
        if (action.kind == SearchKind::Composite) return composite(node, action);
        const Sink& numbers = read_once(node, action);
        if (part) {
            part->insert(part->end(), numbers.begin(), numbers.end());
        } else {
            for (const uint32_t number : numbers) m_writer.post(action.parameter, number);
        }
    }

    /// Several parameters and composites ask for the same element one after the other (code, combo-code,
    /// code-value-quantity, …), so the last few answers are kept.
    const Sink& read_once(Node node, const tables::PathAction& action) {
        for (auto& known : m_recent)
            if (known.node == node.index() && known.kind == action.kind && known.type == action.type &&
                known.resolves == action.resolves)
                return known.numbers;
        Recent& slot = m_recent[m_next_recent++ % m_recent.size()];
        slot.node = node.index();
        slot.kind = action.kind;
        slot.type = action.type;
        slot.resolves = action.resolves;
        slot.numbers.clear();
        m_reader.read(node, action, slot.numbers);
        return slot.numbers;
    }

    void composite(Node node, const tables::PathAction& action) {
        std::vector<std::vector<uint32_t>> found(action.parts);
        size_t combinations = 1;
        for (size_t i = 0; i < action.parts; ++i) {
            const tables::CompositePart& part = tables::kCompositeParts[action.part + i];
            walk(part.from_resource ? m_document.root() : node, part.root, &found[i]);
            combinations *= found[i].size();
            if (combinations == 0) return;
        }
        std::vector<size_t> at(action.parts, 0);
        for (size_t n = 0; n < combinations && m_tuples < kMaxTuples; ++n, ++m_tuples) {
            std::vector<uint32_t> tuple;
            for (size_t i = 0; i < action.parts; ++i) tuple.push_back(found[i][at[i]]);
            m_writer.post_tuple(action.parameter, tuple);
            for (size_t i = action.parts; i-- > 0;) {
                if (++at[i] < found[i].size()) break;
                at[i] = 0;
            }
        }
    }

    const Document& m_document;
    IndexWriter m_writer;
    ValueReader m_reader;
    struct Recent {
        uint32_t node = UINT32_MAX;
        SearchKind kind = SearchKind::Special;
        uint16_t type = 0;
        uint16_t resolves = 0;
        Sink numbers;
    };
    std::array<Recent, 16> m_recent;
    size_t m_next_recent = 0;
    size_t m_tuples = 0;
};

} // namespace

std::string extract_index(const Document& document, const IndexOptions& options) {
    return Extractor(document, options).run();
}

} // namespace musubi::fhir
