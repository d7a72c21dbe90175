#include "lib/fhir/editable.h"
#include "lib/fhir/validator.h"

#include <algorithm>
#include <map>

namespace musubi::fhir {
namespace {

using tables::Rule;

constexpr size_t kMaxProfileDepth = 12;

std::span<const Rule> children(const Rule& rule) { return tables::kRules.subspan(rule.first_child, rule.child_count); }

/// The value that a rule fixes, parsed once.
Node literal(const Rule& rule) {
    static const auto trees = [] {
        std::map<const Rule*, Tree> out;
        for (const auto& each : tables::kRules) {
            if (each.literal == tables::Literal::None) continue;
            if (auto tree = Tree::parse(std::string(each.value))) out.emplace(&each, std::move(*tree));
        }
        return out;
    }();
    const auto found = trees.find(&rule);
    return found == trees.end() ? Node() : found->second.root();
}

bool same_text(std::string_view a, std::string_view b) { return a == b || canonical_system(a) == canonical_system(b); }

/// All of `pattern` is in `value`; lists: each item of the pattern in some item of the value.
bool fits_pattern(Node value, Node pattern) {
    if (pattern.is_object()) {
        if (!value.is_object()) return false;
        return std::all_of(pattern.begin(), pattern.end(), [&](Node member) {
            const Node other = value.find(member.name());
            return other && fits_pattern(other, member);
        });
    }
    if (pattern.is_array()) {
        if (!value.is_array()) return false;
        return std::all_of(pattern.begin(), pattern.end(), [&](Node item) {
            return std::any_of(value.begin(), value.end(), [&](Node other) { return fits_pattern(other, item); });
        });
    }
    if (pattern.is_string()) return value.is_string() && same_text(value.string(), pattern.string());
    return json_equal(value, pattern);
}

bool fits_literal(const Rule& rule, Node value) {
    const Node wanted = literal(rule);
    if (!wanted) return true;
    if (wanted.is_string()) return value.is_string() && same_text(value.string(), wanted.string());
    return rule.literal == tables::Literal::Fixed ? json_equal(value, wanted) : fits_pattern(value, wanted);
}

bool is_of_type(const Rule& rule, const Typed& item) {
    if (rule.type_count == 0) return true;
    const auto types = tables::kRuleLists.subspan(rule.first_type, rule.type_count);
    return std::any_of(types.begin(), types.end(), [&](uint16_t type) {
        const tables::Type& allowed = tables::kTypes[type];
        return &allowed == item.type || allowed.name == "Resource" ||
               ((allowed.name == "BackboneElement" || allowed.name == "Element") &&
                item.type->kind == tables::TypeKind::Backbone);
    });
}

enum class Answer { Yes, No, Unknown };

/// Whether everything that `rule` and what is below it fixes is found in at least one place of the item.
Answer fits_constants(const Rule& rule, const Typed& item) {
    if (rule.literal != tables::Literal::None) return fits_literal(rule, item.node) ? Answer::Yes : Answer::No;
    Answer answer = Answer::Unknown;
    for (const Rule& child : children(rule)) {
        if (!child.slice.empty()) continue;
        Answer best = Answer::No;
        bool any = false;
        bool constant = false;
        for (const Typed& value : values_of(item, child.element)) {
            any = true;
            const Answer one = fits_constants(child, value);
            constant = constant || one != Answer::Unknown;
            if (one == Answer::Yes) best = Answer::Yes;
        }
        if (any && !constant) continue; // nothing below is fixed
        if (!any && child.literal == tables::Literal::None && child.child_count == 0) continue;
        if (best == Answer::No) return Answer::No;
        answer = Answer::Yes;
    }
    return answer;
}

/// The rule at a discriminator's path below a slice.
const Rule* rule_at(const Rule& slice, std::string_view path) {
    const Rule* at = &slice;
    if (path == "$this") return at;
    while (!path.empty()) {
        const size_t dot = std::min(path.find('.'), path.size());
        const std::string_view name = path.substr(0, dot);
        const auto all = children(*at);
        const auto found = std::find_if(all.begin(), all.end(), [&](const Rule& rule) {
            return rule.slice.empty() &&
                   (rule.element == name ||
                    (rule.element.ends_with("[x]") && rule.element.substr(0, rule.element.size() - 3) == name));
        });
        if (found == all.end()) return at == &slice ? nullptr : at; // fixed as a whole further up
        at = &*found;
        path.remove_prefix(std::min(path.size(), dot + 1));
        if (at->literal == tables::Literal::Pattern) return at;
    }
    return at;
}

/// The items at a path below an item.
std::vector<Typed> items_at(const Typed& item, std::string_view path) {
    std::vector<Typed> items{item};
    if (path == "$this") return items;
    while (!path.empty()) {
        const size_t dot = std::min(path.find('.'), path.size());
        std::vector<Typed> next;
        for (const Typed& each : items)
            for (const Typed& value : values_of(each, path.substr(0, dot))) next.push_back(value);
        items = std::move(next);
        path.remove_prefix(std::min(path.size(), dot + 1));
    }
    return items;
}

Answer fits_discriminator(const Validator& validator, const Rule& slice, const tables::Discriminator& by,
                          const Typed& item) {
    if (by.how == tables::Discriminator::Type) return is_of_type(slice, item) ? Answer::Yes : Answer::No;
    if (by.how == tables::Discriminator::Profile) return Answer::Unknown;
    if (by.path == "url" && !slice.extension_url.empty())
        return item.node.find("url").string() == slice.extension_url ? Answer::Yes : Answer::No;
    if (by.how == tables::Discriminator::Exists) {
        const Rule* rule = rule_at(slice, by.path);
        const bool wanted = !rule || rule->maximum != 0;
        return items_at(item, by.path).empty() != wanted ? Answer::Yes : Answer::No;
    }
    // The constant may stand on the path itself, above it, or below it ("$this" with coding.code fixed).
    const Rule* rule = rule_at(slice, by.path);
    if (!rule) return Answer::Unknown;
    if (rule->literal == tables::Literal::Pattern && rule != &slice) {
        // A pattern above the end of the path is compared from the slice down.
        const Answer whole = fits_constants(slice, item);
        return whole;
    }
    Answer best = Answer::Unknown;
    const auto found = items_at(item, by.path);
    for (const Typed& each : found) {
        Answer one = fits_constants(*rule, each);
        if (one == Answer::Unknown && rule->binding != 0) {
            bool known = false;
            const bool in = validator.in_binding(rule->binding, each, known);
            if (known) one = in ? Answer::Yes : Answer::No;
        }
        if (one == Answer::Yes) return one;
        if (one == Answer::No) best = one;
    }
    return found.empty() && (rule->literal != tables::Literal::None || rule->minimum > 0) ? Answer::No : best;
}

} // namespace

void Validator::check_profile(const tables::Profile& profile, const Typed& value) {
    if (m_profile_depth >= kMaxProfileDepth) return;
    ++m_profile_depth;
    if (profile.base >= 0) check_profile(tables::kProfiles[static_cast<size_t>(profile.base)], value);
    const size_t slash = profile.url.rfind('/');
    check_rules(tables::kRules[profile.root], value, profile.url.substr(slash + 1));
    --m_profile_depth;
}

void Validator::check_rules(const Rule& rule, const Typed& parent, std::string_view profile) {
    if (!parent.node.is_object()) return;
    const auto all = children(rule);
    for (const Rule& child : all) {
        if (!child.slice.empty()) continue;
        const auto items = values_of(parent, child.element);
        const Step step(*this, child.element);
        check_rule(child, items, profile);
        check_slices(child, all, items, profile);
    }
}

void Validator::check_rule(const Rule& rule, const std::vector<Typed>& items, std::string_view profile) {
    const std::string name = std::string(profile) + '.' + std::string(rule.slice.empty() ? rule.element : rule.slice);
    if (items.size() < rule.minimum)
        error("required", name, "at least " + std::to_string(rule.minimum) + " needed by the profile");
    if (rule.maximum != 255 && items.size() > rule.maximum)
        error("structure", name, "at most " + std::to_string(rule.maximum) + " allowed by the profile");
    for (size_t i = 0; i < items.size(); ++i) {
        if (items.size() == 1) {
            check_item(rule, items[i], profile);
            continue;
        }
        const Step step(*this, i);
        check_item(rule, items[i], profile);
    }
}

void Validator::check_item(const Rule& rule, const Typed& item, std::string_view profile) {
    const std::string name = std::string(profile) + '.' + std::string(rule.slice.empty() ? rule.element : rule.slice);
    if (!is_of_type(rule, item)) return error("structure", name, "the profile does not allow this type");
    if (!fits_literal(rule, item.node)) error("value", name, "not the value that the profile fixes");
    if (rule.binding != 0) {
        bool known = false;
        if (!in_binding(rule.binding, item, known))
            error("code-invalid", name, "not in " + std::string(tables::kValueSets[rule.binding].url));
    }
    if (rule.target_count != 0 && item.type->name == "Reference") {
        const ReferenceParts parts = parse_reference(item.node.find("reference").string());
        const auto targets = tables::kRuleLists.subspan(rule.first_target, rule.target_count);
        if (parts.type != ResourceType::None &&
            std::find(targets.begin(), targets.end(), static_cast<uint16_t>(parts.type)) == targets.end())
            error("structure", name, "the profile does not allow a reference to this type");
    }
    for (const uint16_t number : tables::kRuleLists.subspan(rule.first_profile, rule.profile_count)) {
        const tables::Profile& inner = tables::kProfiles[number];
        // Extensions are checked by their url wherever they stand.
        if (&tables::kTypes[inner.type] == item.type && item.type->name != "Extension") check_profile(inner, item);
    }
    check_rules(rule, item, profile);
}

void Validator::check_slices(const Rule& element, std::span<const Rule> siblings, const std::vector<Typed>& items,
                             std::string_view profile) {
    const auto discriminators =
        tables::kDiscriminators.subspan(element.first_discriminator, element.discriminator_count);
    std::vector<bool> taken(items.size());
    bool certain = !discriminators.empty();
    for (const Rule& slice : siblings) {
        if (slice.slice.empty() || slice.element != element.element) continue;
        std::vector<Typed> mine;
        bool unknown = discriminators.empty();
        for (size_t i = 0; i < items.size(); ++i) {
            Answer all = Answer::Yes;
            for (const auto& by : discriminators) {
                const Answer one = fits_discriminator(*this, slice, by, items[i]);
                if (one == Answer::No) all = Answer::No;
                if (one == Answer::Unknown && all != Answer::No) all = Answer::Unknown;
            }
            if (all == Answer::Unknown) unknown = true;
            if (all != Answer::Yes) continue;
            mine.push_back(items[i]);
            taken[i] = true;
        }
        // Where the profile's words do not decide what belongs to the slice, nothing is counted.
        if (unknown) {
            certain = false;
            continue;
        }
        check_rule(slice, mine, profile);
    }
    if (element.closed && certain && std::find(taken.begin(), taken.end(), false) != taken.end())
        error("structure", std::string(profile) + '.' + std::string(element.element),
              "the profile allows only its own slices here");
}

} // namespace musubi::fhir
