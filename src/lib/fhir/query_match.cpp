#include "lib/fhir/query.h"
#include "lib/fhir/tables.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace musubi::fhir {
namespace {

// ---- tokens

bool same_code(std::string_view stored, const QueryValue& wanted) {
    if (stored == wanted.code) return true;
    const bool ascii = std::all_of(stored.begin(), stored.end(), [](char c) { return static_cast<uint8_t>(c) < 0x80; });
    if (!ascii) return fold_token(stored) == wanted.folded;
    if (stored.size() != wanted.folded.size()) return false;
    return std::equal(stored.begin(), stored.end(), wanted.folded.begin(),
                      [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b; });
}

bool same_system(std::string_view stored, const QueryValue& wanted) {
    return !wanted.system || stored == *wanted.system;
}

/// ICD-10 codes are a hierarchy by their letters: E11 is above E11.9. In other systems a code is above itself only.
bool is_below(std::string_view stored, std::string_view ancestor, std::string_view system) {
    if (stored == ancestor) return true;
    return system.find("icd-10") != std::string_view::npos && ancestor.size() >= 3 && stored.starts_with(ancestor);
}

bool token_matches(const Criterion& criterion, const QueryValue& wanted, const IndexValue& value) {
    switch (criterion.modifier) {
    case Modifier::Text: {
        const size_t line = value.text.find('\n');
        return value.text.starts_with(wanted.folded) ||
               (line != std::string_view::npos && value.text.substr(line + 1).starts_with(wanted.folded));
    }
    case Modifier::In:
    case Modifier::NotIn:
        return in_value_set(wanted.text, value.system, value.code).value_or(false);
    case Modifier::OfType:
        return value.extra_code == wanted.type_code && value.extra_system == wanted.type_system &&
               same_code(value.code, wanted);
    case Modifier::Below:
        return same_system(value.system, wanted) && is_below(value.code, wanted.code, value.system);
    case Modifier::Above:
        return same_system(value.system, wanted) && is_below(wanted.code, value.code, value.system);
    default:
        return same_system(value.system, wanted) && (wanted.code.empty() || same_code(value.code, wanted));
    }
}

// ---- strings, uris, references

bool string_matches(Modifier modifier, const QueryValue& wanted, const IndexValue& value) {
    if (modifier == Modifier::Exact) return value.raw == wanted.text;
    if (modifier == Modifier::Contains) return value.text.find(wanted.folded) != std::string_view::npos;
    return value.text.starts_with(wanted.folded);
}

bool uri_matches(Modifier modifier, const QueryValue& wanted, const IndexValue& value) {
    if (!wanted.version.empty() && wanted.version != value.version) return false;
    if (modifier == Modifier::Below) return value.code.starts_with(wanted.code);
    if (modifier == Modifier::Above) return std::string_view(wanted.code).starts_with(value.code);
    return value.code == wanted.code;
}

bool reference_matches(Modifier modifier, const QueryValue& wanted, const IndexValue& value) {
    if (modifier == Modifier::Identifier)
        return !value.extra_code.empty() && same_system(value.extra_system, wanted) &&
               (wanted.code.empty() || same_code(value.extra_code, wanted));
    if (!wanted.version.empty() && wanted.version != value.version) return false;
    if (modifier == Modifier::Below) return value.code.starts_with(wanted.folded);
    if (value.code == wanted.folded && value.text == wanted.folded) return true; // a canonical or urn
    if (wanted.target != ResourceType::None && wanted.target != value.target) return false;
    return value.code == wanted.code && value.text == wanted.base;
}

// ---- intervals

bool date_matches(const QueryValue& wanted, const IndexValue& value) {
    const DateRange& range = wanted.range;
    const bool equal = range.low <= value.low && value.high <= range.high;
    switch (wanted.prefix) {
    case Prefix::Equal:
        return equal;
    case Prefix::NotEqual:
        return !equal;
    case Prefix::Less:
        return value.low < range.low;
    case Prefix::LessOrEqual:
        return value.low < range.low || equal;
    case Prefix::Greater:
        return value.high > range.high;
    case Prefix::GreaterOrEqual:
        return value.high > range.high || equal;
    case Prefix::StartsAfter:
        return value.low >= range.high;
    case Prefix::EndsBefore:
        return value.high <= range.low;
    case Prefix::Approximate:
        return value.low < range.high && range.low < value.high;
    }
    return false;
}

/// `low` and `high` of the search are its implied precision, which only eq, ne use (R4 section 3.1.1.4.4).
bool number_matches(Prefix prefix, double wanted, double low, double high, double value_low, double value_high) {
    const bool equal = low <= value_low && value_high < high;
    const double margin = std::fabs(wanted) / 10;
    switch (prefix) {
    case Prefix::Equal:
        return equal;
    case Prefix::NotEqual:
        return !equal;
    case Prefix::Less:
        return value_low < wanted;
    case Prefix::LessOrEqual:
        return value_low <= wanted;
    case Prefix::Greater:
        return value_high > wanted;
    case Prefix::GreaterOrEqual:
        return value_high >= wanted;
    case Prefix::StartsAfter:
        return value_low > wanted;
    case Prefix::EndsBefore:
        return value_high < wanted;
    case Prefix::Approximate:
        return value_low <= wanted + margin && value_high >= wanted - margin;
    }
    return false;
}

bool quantity_matches(const QueryValue& wanted, const IndexValue& value) {
    const auto plain = [&] {
        return number_matches(wanted.prefix, wanted.number, wanted.number_low, wanted.number_high, value.number_low,
                              value.number_high);
    };
    if (!wanted.system) {
        const bool unit_fits = wanted.code.empty() || value.code == wanted.code || value.text == wanted.code;
        return unit_fits && plain();
    }
    if (value.system != *wanted.system) return false;
    if (wanted.code.empty() || value.code == wanted.code) return plain();
    if (wanted.base_unit == 0 || wanted.base_unit != value.base_unit) return false;
    return number_matches(wanted.prefix, wanted.base_number, wanted.base_low, wanted.base_high, value.base_low,
                          value.base_high);
}

bool value_matches(SearchKind kind, const Criterion& criterion, const QueryValue& wanted, const IndexValue& value) {
    if (value.kind != kind) return false;
    switch (kind) {
    case SearchKind::Token:
        return token_matches(criterion, wanted, value);
    case SearchKind::String:
        return string_matches(criterion.modifier, wanted, value);
    case SearchKind::Uri:
        return uri_matches(criterion.modifier, wanted, value);
    case SearchKind::Reference:
        return reference_matches(criterion.modifier, wanted, value);
    case SearchKind::Date:
        return date_matches(wanted, value);
    case SearchKind::Number:
        return number_matches(wanted.prefix, wanted.number, wanted.number_low, wanted.number_high, value.number_low,
                              value.number_high);
    case SearchKind::Quantity:
        return quantity_matches(wanted, value);
    case SearchKind::Composite:
    case SearchKind::Special:
        break;
    }
    return false;
}

bool composite_matches(const Criterion& criterion, const IndexView& index) {
    const auto& parts = criterion.parameter->components;
    IndexView::Values values(index, criterion.parameter->id);
    if (values.width() != parts.size()) return false;
    const Criterion plain;
    std::vector<IndexValue> tuple(parts.size());
    for (;;) {
        for (auto& part : tuple)
            if (!values.next(part)) return false;
        for (const auto& wanted : criterion.values) {
            bool all = true;
            for (size_t i = 0; all && i < parts.size(); ++i)
                all = value_matches(search_parameter(parts[i]).kind, plain, wanted.components[i], tuple[i]);
            if (all) return true;
        }
    }
}

// ---- sort keys

constexpr size_t kMaxSortText = 64;

void put_big_endian(std::string& out, uint64_t value) {
    for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
}
uint64_t ordered(int64_t value) { return static_cast<uint64_t>(value) ^ (uint64_t{1} << 63); }
uint64_t ordered(double value) {
    const auto bits = std::bit_cast<uint64_t>(value);
    return bits >> 63 ? ~bits : bits | uint64_t{1} << 63;
}

std::string ascending_key(const IndexValue& value, bool descending) {
    std::string out;
    switch (value.kind) {
    case SearchKind::Date:
        put_big_endian(out, ordered(descending ? value.high : value.low));
        break;
    case SearchKind::Number:
        put_big_endian(out, ordered(descending ? value.number_high : value.number_low));
        break;
    case SearchKind::Quantity:
        // Comparable units together, by their base unit; others by the plain number.
        put_big_endian(out, value.base_unit);
        put_big_endian(out, ordered(value.base_unit != 0 ? (descending ? value.base_high : value.base_low)
                                                         : (descending ? value.number_high : value.number_low)));
        break;
    case SearchKind::String:
        out = value.text.substr(0, kMaxSortText);
        break;
    default:
        out = value.code.empty() ? value.extra_code.substr(0, kMaxSortText) : value.code.substr(0, kMaxSortText);
    }
    return out;
}

} // namespace

bool matches(const Criterion& criterion, const IndexView& index) {
    const SearchParameter& parameter = *criterion.parameter;
    if (criterion.modifier == Modifier::Missing) {
        const bool missing = !index.has(parameter.id);
        return std::any_of(criterion.values.begin(), criterion.values.end(),
                           [&](const QueryValue& value) { return value.flag == missing; });
    }
    if (parameter.kind == SearchKind::Composite) return composite_matches(criterion, index);
    bool found = false;
    index.for_each(parameter.id, [&](const IndexValue& value) {
        found = std::any_of(criterion.values.begin(), criterion.values.end(), [&](const QueryValue& wanted) {
            return value_matches(parameter.kind, criterion, wanted, value);
        });
        return !found;
    });
    return criterion.modifier == Modifier::Not || criterion.modifier == Modifier::NotIn ? !found : found;
}

std::string sort_key(const SortRule& rule, const IndexView& index) {
    std::optional<std::string> best;
    index.for_each(rule.parameter->id, [&](const IndexValue& value) {
        std::string key = ascending_key(value, rule.descending);
        if (!best || (rule.descending ? key > *best : key < *best)) best = std::move(key);
        return true;
    });
    if (!best) return "\x02";
    std::string out = "\x01" + *best + '\0';
    if (rule.descending)
        for (size_t i = 1; i < out.size(); ++i) out[i] = static_cast<char>(~out[i]);
    return out;
}

} // namespace musubi::fhir
