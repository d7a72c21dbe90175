#include "lib/fhir/query_values.h"

#include "lib/fhir/numbers.h"
#include "lib/fhir/tables.h"
#include "lib/fhir/units.h"

#include <array>
#include <cmath>

namespace musubi::fhir {
namespace {

using Problem = std::optional<ValueProblem>;
constexpr Problem kGood = std::nullopt;

Problem bad(std::string_view reason) { return ValueProblem{reason}; }

constexpr std::array<std::pair<std::string_view, Prefix>, 9> kPrefixes = {{
    {"eq", Prefix::Equal},
    {"ne", Prefix::NotEqual},
    {"lt", Prefix::Less},
    {"gt", Prefix::Greater},
    {"le", Prefix::LessOrEqual},
    {"ge", Prefix::GreaterOrEqual},
    {"sa", Prefix::StartsAfter},
    {"eb", Prefix::EndsBefore},
    {"ap", Prefix::Approximate},
}};

std::string_view take_prefix(std::string_view text, Prefix& prefix) {
    for (const auto& [name, value] : kPrefixes) {
        if (!text.starts_with(name)) continue;
        prefix = value;
        return text.substr(2);
    }
    return text;
}

std::string system_of(std::string_view text) { return std::string(canonical_system(unescape(text))); }

Problem read_token(std::string_view text, Modifier modifier, QueryValue& out) {
    const auto parts = split_unescaped(text, '|');
    if (modifier == Modifier::Text) {
        out.folded = fold_string(out.text);
        return out.folded.empty() ? bad("text-empty") : kGood;
    }
    if (modifier == Modifier::In || modifier == Modifier::NotIn) {
        const uint16_t set = tables::value_set_number(out.text);
        return set == 0 || tables::kValueSets[set].open ? bad("value-set-unknown") : kGood;
    }
    if (modifier == Modifier::OfType) {
        if (parts.size() != 3 || parts[1].empty() || parts[2].empty()) return bad("of-type-needs-system-code-value");
        out.type_system = system_of(parts[0]);
        out.type_code = unescape(parts[1]);
        out.code = unescape(parts[2]);
        out.folded = fold_token(out.code);
        return kGood;
    }
    if (parts.size() > 2) return bad("token-malformed");
    if (parts.size() == 2) out.system = system_of(parts[0]);
    out.code = unescape(parts.back());
    out.folded = fold_token(out.code);
    return out.code.empty() && (!out.system || out.system->empty()) ? bad("token-empty") : kGood;
}

Problem read_string(Modifier modifier, QueryValue& out) {
    out.folded = fold_string(out.text);
    return modifier != Modifier::Exact && out.folded.empty() ? bad("text-empty") : kGood;
}

Problem read_date(std::string_view text, const QueryOptions& options, QueryValue& out) {
    const auto range = parse_date(take_prefix(text, out.prefix));
    if (!range) return bad("date-malformed");
    out.range = *range;
    if (out.prefix == Prefix::Approximate) {
        // A tenth of the distance from now, as R4 suggests, and at least the precision given.
        const double distance =
            std::fabs(static_cast<double>(options.now.milliseconds()) * 1000 - static_cast<double>(range->low));
        const auto margin = static_cast<int64_t>(distance / 10);
        out.range = {range->low - margin, range->high + margin};
    }
    return kGood;
}

Problem read_number(std::string_view text, QueryValue& out) {
    const std::string_view digits = take_prefix(text, out.prefix);
    const auto value = parse_number(digits);
    const auto range = implied_range(digits);
    if (!value || !range) return bad("number-malformed");
    out.number = *value;
    out.number_low = range->low;
    out.number_high = range->high;
    return kGood;
}

Problem read_quantity(std::string_view text, QueryValue& out) {
    const auto parts = split_unescaped(text, '|');
    if (parts.size() != 1 && parts.size() != 3) return bad("quantity-malformed");
    if (auto problem = read_number(parts[0], out)) return problem;
    if (parts.size() == 1) return kGood;
    if (!parts[1].empty()) out.system = system_of(parts[1]);
    out.code = unescape(parts[2]);
    if (out.system == "http://unitsofmeasure.org") {
        if (const auto base = base_unit(out.code)) {
            out.base_unit = base->unit;
            out.base_number = out.number * base->factor + base->offset;
            out.base_low = out.number_low * base->factor + base->offset;
            out.base_high = out.number_high * base->factor + base->offset;
        }
    }
    return kGood;
}

Problem read_reference(std::string_view text, Modifier modifier, const QueryOptions& options, QueryValue& out) {
    if (modifier == Modifier::Identifier) return read_token(text, Modifier::None, out);
    std::string_view whole = out.text;
    const size_t bar = whole.find('|');
    const ReferenceParts parts = parse_reference(whole.substr(0, bar));
    if (bar != std::string_view::npos) out.version = std::string(whole.substr(bar + 1));
    out.folded = std::string(whole.substr(0, bar)); // the whole url, for canonicals
    switch (parts.form) {
    case ReferenceParts::Form::Absolute:
        if (parts.base != options.own_base) out.base = std::string(parts.base);
        [[fallthrough]];
    case ReferenceParts::Form::Relative:
        out.target = parts.type;
        out.code = std::string(parts.id);
        if (out.version.empty()) out.version = std::string(parts.version);
        return kGood;
    default:
        out.code = out.folded;
        return out.code.empty() ? bad("reference-empty") : kGood;
    }
}

Problem read_uri(QueryValue& out) {
    const std::string_view whole = out.text;
    const size_t bar = whole.find('|');
    out.code = std::string(whole.substr(0, bar));
    if (bar != std::string_view::npos) out.version = std::string(whole.substr(bar + 1));
    return out.code.empty() ? bad("uri-empty") : kGood;
}

Problem read_composite(const SearchParameter& parameter, std::string_view text, const QueryOptions& options,
                       QueryValue& out) {
    const auto parts = split_unescaped(text, '$');
    if (parts.size() != parameter.components.size()) return bad("composite-needs-all-parts");
    for (size_t i = 0; i < parts.size(); ++i) {
        const auto& part = search_parameter(parameter.components[i]);
        if (auto problem = read_query_value(part, Modifier::None, parts[i], options, out.components.emplace_back()))
            return problem;
    }
    return kGood;
}

} // namespace

std::vector<std::string_view> split_unescaped(std::string_view text, char separator) {
    std::vector<std::string_view> out;
    size_t begin = 0;
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\') {
            ++i;
        } else if (text[i] == separator) {
            out.push_back(text.substr(begin, i - begin));
            begin = i + 1;
        }
    }
    out.push_back(text.substr(begin));
    return out;
}

std::string unescape(std::string_view text) {
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 1 < text.size() &&
            std::string_view(",|$\\").find(text[i + 1]) != std::string_view::npos)
            ++i;
        out += text[i];
    }
    return out;
}

std::optional<ValueProblem> read_query_value(const SearchParameter& parameter, Modifier modifier, std::string_view text,
                                             const QueryOptions& options, QueryValue& out) {
    out.text = unescape(text);
    if (modifier == Modifier::Missing) {
        out.flag = text == "true";
        return out.flag || text == "false" ? kGood : bad("missing-needs-true-or-false");
    }
    switch (parameter.kind) {
    case SearchKind::Token:
        return read_token(text, modifier, out);
    case SearchKind::String:
        return read_string(modifier, out);
    case SearchKind::Date:
        return read_date(text, options, out);
    case SearchKind::Number:
        return read_number(text, out);
    case SearchKind::Quantity:
        return read_quantity(text, out);
    case SearchKind::Reference:
        return read_reference(text, modifier, options, out);
    case SearchKind::Uri:
        return read_uri(out);
    case SearchKind::Composite:
        return read_composite(parameter, text, options, out);
    case SearchKind::Special:
        break;
    }
    return bad("not-supported");
}

} // namespace musubi::fhir
