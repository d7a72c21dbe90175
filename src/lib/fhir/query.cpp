#include "lib/fhir/query.h"

#include "lib/fhir/query_values.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace musubi::fhir {
namespace {

using base::Error;

constexpr std::array<std::pair<std::string_view, Modifier>, 11> kModifiers = {{
    {"exact", Modifier::Exact},
    {"contains", Modifier::Contains},
    {"missing", Modifier::Missing},
    {"not", Modifier::Not},
    {"text", Modifier::Text},
    {"in", Modifier::In},
    {"not-in", Modifier::NotIn},
    {"below", Modifier::Below},
    {"above", Modifier::Above},
    {"identifier", Modifier::Identifier},
    {"of-type", Modifier::OfType},
}};

/// R4 section 3.1.1.4.5: which modifier goes with which kind.
bool is_allowed(Modifier modifier, SearchKind kind) {
    switch (modifier) {
    case Modifier::None:
    case Modifier::Missing:
        return true;
    case Modifier::Exact:
    case Modifier::Contains:
        return kind == SearchKind::String;
    case Modifier::Not:
    case Modifier::Text:
    case Modifier::In:
    case Modifier::NotIn:
    case Modifier::OfType:
        return kind == SearchKind::Token;
    case Modifier::Below:
        return kind == SearchKind::Token || kind == SearchKind::Uri || kind == SearchKind::Reference;
    case Modifier::Above:
        return kind == SearchKind::Token || kind == SearchKind::Uri;
    case Modifier::Identifier:
    case Modifier::Type:
        return kind == SearchKind::Reference;
    }
    return false;
}

struct Split {
    std::string_view before;
    std::string_view after;
    bool found = false;
};
Split split_once(std::string_view text, char separator) {
    const size_t at = text.find(separator);
    if (at == std::string_view::npos) return {text, {}, false};
    return {text.substr(0, at), text.substr(at + 1), true};
}

Error refused(std::string_view parameter, std::string_view reason) {
    return std::move(base::invalid("fhir.search-invalid"))
        .with("parameter", std::string(parameter))
        .with("reason", std::string(reason));
}
Error unknown(std::string_view parameter) {
    return std::move(base::invalid("fhir.search-unknown-parameter")).with("parameter", std::string(parameter));
}
Error too_complex(std::string_view parameter) {
    return std::move(base::error(base::ErrorKind::TooLarge, "fhir.search-too-complex"))
        .with("parameter", std::string(parameter));
}

class Parser {
  public:
    Parser(ResourceType type, const QueryOptions& options) : m_options(options) { m_query.type = type; }

    base::Result<Query> run(const QueryPairs& pairs) {
        if (pairs.size() > m_options.max_parameters) return too_complex("");
        for (const auto& [name, value] : pairs) {
            if (value.empty()) continue; // R4 section 3.1.1.3: a parameter without a value says nothing
            MUSUBI_CHECK(read(name, value));
        }
        return std::move(m_query);
    }

  private:
    base::Status read(const std::string& name, const std::string& value) {
        auto status =
            name.starts_with('_') && !name.starts_with("_has:") ? read_common(name, value) : read_filter(name, value);
        if (status) {
            m_query.used.emplace_back(name, value);
            return status;
        }
        if (m_options.handling == Handling::Lenient && status.error().code == "fhir.search-unknown-parameter") {
            m_query.unknown.push_back(name);
            return base::success();
        }
        return status;
    }

    base::Status read_filter(std::string_view name, std::string_view value) {
        MUSUBI_TRY(Filter filter, parse_filter(m_query.type, name, value, 0));
        m_query.filters.push_back(std::move(filter));
        return base::success();
    }

    // ---- filters

    base::Result<Filter> parse_filter(ResourceType type, std::string_view name, std::string_view value, size_t depth) {
        if (depth > m_options.max_chain || ++m_filters > 2000) return too_complex(name);
        if (name.starts_with("_has:")) return parse_has(type, name, value, depth);
        if (const auto [reference, rest, found] = split_once(name, '.'); found)
            return parse_chain(type, reference, rest, value, depth);
        const auto [code, modifier_name, has_modifier] = split_once(name, ':');
        const SearchParameter* parameter = find_search_parameter(type, code);
        if (!parameter) return unknown(name);
        Filter filter;
        MUSUBI_TRY(filter.criterion.emplace(), parse_criterion(*parameter, name, has_modifier, modifier_name, value));
        return filter;
    }

    static base::Status read_modifier(Criterion& criterion, std::string_view name, std::string_view text) {
        const auto known =
            std::find_if(kModifiers.begin(), kModifiers.end(), [&](const auto& row) { return row.first == text; });
        if (known != kModifiers.end()) {
            criterion.modifier = known->second;
        } else if (const auto type = type_named(text)) {
            criterion.modifier = Modifier::Type;
            criterion.modifier_type = *type;
        } else {
            return refused(name, "modifier-unknown");
        }
        if (!is_allowed(criterion.modifier, criterion.parameter->kind)) return refused(name, "modifier-not-allowed");
        return base::success();
    }

    base::Result<Criterion> parse_criterion(const SearchParameter& parameter, std::string_view name, bool has_modifier,
                                            std::string_view modifier, std::string_view value) {
        Criterion criterion;
        criterion.parameter = &parameter;
        if (has_modifier) MUSUBI_CHECK(read_modifier(criterion, name, modifier));
        const auto alternatives = split_unescaped(value, ',');
        if (alternatives.size() > m_options.max_values) return too_complex(name);
        for (const std::string_view alternative : alternatives) {
            if (alternative.empty()) continue;
            QueryValue& out = criterion.values.emplace_back();
            if (const auto problem = read_query_value(parameter, criterion.modifier, alternative, m_options, out))
                return refused(name, problem->reason);
            if (criterion.modifier == Modifier::Type) {
                if (out.target != ResourceType::None && out.target != criterion.modifier_type)
                    return refused(name, "type-contradiction");
                out.target = criterion.modifier_type;
            }
        }
        if (criterion.values.empty()) return refused(name, "value-missing");
        return criterion;
    }

    base::Result<Filter> parse_chain(ResourceType type, std::string_view reference, std::string_view rest,
                                     std::string_view value, size_t depth) {
        const auto [code, target_name, has_target] = split_once(reference, ':');
        const SearchParameter* parameter = find_search_parameter(type, code);
        if (!parameter) return unknown(reference);
        if (parameter->kind != SearchKind::Reference) return refused(reference, "not-a-reference");
        std::vector<ResourceType> targets(parameter->targets.begin(), parameter->targets.end());
        if (has_target) {
            const auto target = type_named(target_name);
            if (!target) return refused(reference, "type-unknown");
            targets = {*target};
        }
        Filter filter;
        Chain& chain = filter.chain.emplace();
        chain.reference = parameter;
        for (const ResourceType target : targets) {
            auto inner = parse_filter(target, rest, value, depth + 1);
            if (!inner && inner.error().code == "fhir.search-unknown-parameter") continue;
            if (!inner) return std::move(inner).error();
            chain.targets.push_back(target);
            chain.inner.push_back(std::make_unique<Filter>(std::move(*inner)));
        }
        if (chain.targets.empty()) return unknown(std::string(reference) + '.' + std::string(rest));
        return filter;
    }

    /// _has:Type:reference:rest
    base::Result<Filter> parse_has(ResourceType type, std::string_view name, std::string_view value, size_t depth) {
        const auto first = split_once(name.substr(5), ':');
        const auto second = split_once(first.after, ':');
        if (!first.found || !second.found) return refused(name, "has-needs-type-reference-parameter");
        const auto source = type_named(first.before);
        if (!source) return refused(name, "type-unknown");
        const SearchParameter* reference = find_search_parameter(*source, second.before);
        if (!reference) return unknown(name);
        const auto& targets = reference->targets;
        if (reference->kind != SearchKind::Reference ||
            std::find(targets.begin(), targets.end(), type) == targets.end())
            return refused(name, "does-not-refer-to-this-type");
        Filter filter;
        ReverseChain& has = filter.has.emplace();
        has.type = *source;
        has.reference = reference;
        MUSUBI_TRY(Filter inner, parse_filter(*source, second.after, value, depth + 1));
        has.inner = std::make_unique<Filter>(std::move(inner));
        return filter;
    }

    // ---- what shapes the answer

    base::Status read_common(const std::string& name, const std::string& value) {
        const auto [base_name, modifier, has_modifier] = split_once(name, ':');
        if (base_name == "_include" || base_name == "_revinclude") {
            const bool iterate = modifier == "iterate" || modifier == "recurse";
            if (has_modifier && !iterate) return refused(name, "modifier-unknown");
            return read_include(name,
                                base_name == "_include" ? Include::Direction::Forward : Include::Direction::Reverse,
                                iterate, value);
        }
        if (name == "_sort") return read_sort(value);
        if (name == "_count") return read_count(value);
        if (name == "_summary") return read_summary(value);
        if (name == "_elements") {
            for (const auto part : split_unescaped(value, ','))
                if (!part.empty()) m_query.elements.emplace_back(part);
            return base::success();
        }
        if (name == "_total") {
            if (value != "none" && value != "estimate" && value != "accurate") return refused(name, "value-unknown");
            m_query.total = value == "none" ? Total::None : value == "estimate" ? Total::Estimate : Total::Accurate;
            return base::success();
        }
        if ((name == "_contained" && value == "false")) return base::success();
        return read_filter(name, value);
    }

    base::Status read_include(std::string_view name, Include::Direction direction, bool iterate,
                              std::string_view value) {
        Include include;
        include.direction = direction;
        include.iterate = iterate;
        if (value != "*") {
            const auto source = split_once(value, ':');
            const auto rest = split_once(source.after, ':');
            const auto type = type_named(source.before);
            if (!type || !source.found) return refused(name, "include-needs-type-and-parameter");
            include.source = *type;
            if (rest.before != "*") {
                include.parameter = find_search_parameter(*type, rest.before);
                if (!include.parameter || include.parameter->kind != SearchKind::Reference)
                    return refused(name, "not-a-reference");
            }
            if (rest.found) {
                const auto target = type_named(rest.after);
                if (!target) return refused(name, "type-unknown");
                include.target = *target;
            }
        }
        m_query.includes.push_back(include);
        return base::success();
    }

    base::Status read_sort(std::string_view value) {
        for (std::string_view part : split_unescaped(value, ',')) {
            SortRule rule;
            if (part.starts_with('-')) {
                rule.descending = true;
                part.remove_prefix(1);
            }
            rule.parameter = find_search_parameter(m_query.type, part);
            if (!rule.parameter || rule.parameter->kind == SearchKind::Special ||
                rule.parameter->kind == SearchKind::Composite)
                return refused("_sort", "not-sortable");
            if (m_query.sort.size() == 8) return too_complex("_sort");
            m_query.sort.push_back(rule);
        }
        return base::success();
    }

    base::Status read_count(std::string_view value) {
        uint32_t count = 0;
        const auto [end, problem] = std::from_chars(value.data(), value.data() + value.size(), count);
        if (problem != std::errc() || end != value.data() + value.size()) return refused("_count", "number-malformed");
        m_query.count = count;
        return base::success();
    }

    base::Status read_summary(std::string_view value) {
        constexpr std::array<std::pair<std::string_view, Summary>, 5> kValues = {{{"true", Summary::True},
                                                                                  {"text", Summary::Text},
                                                                                  {"data", Summary::Data},
                                                                                  {"count", Summary::Count},
                                                                                  {"false", Summary::None}}};
        for (const auto& [text, summary] : kValues) {
            if (text != value) continue;
            m_query.summary = summary;
            return base::success();
        }
        return refused("_summary", "value-unknown");
    }

    const QueryOptions& m_options;
    Query m_query;
    size_t m_filters = 0;
};

} // namespace

base::Result<Query> parse_query(ResourceType type, const QueryPairs& pairs, const QueryOptions& options) {
    return Parser(type, options).run(pairs);
}

} // namespace musubi::fhir
