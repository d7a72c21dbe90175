#include "lib/fhir/units.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <unordered_map>

namespace musubi::fhir {
namespace {

// Exponents of the base quantities; a base unit's number is made of them and is the same in every build.
enum Dimension { Length, Mass, Time, Temperature, Angle, Amount, Arbitrary, Equivalent, Luminous, Charge, kDimensions };
struct Unit {
    double factor = 1;
    double offset = 0;
    std::array<int, kDimensions> exponents{};
};

Unit simple(double factor, Dimension dimension, int exponent = 1) {
    Unit unit;
    unit.factor = factor;
    unit.exponents[dimension] = exponent;
    return unit;
}
Unit made(double factor, std::initializer_list<std::pair<Dimension, int>> parts) {
    Unit unit;
    unit.factor = factor;
    for (const auto& [dimension, exponent] : parts) unit.exponents[dimension] = exponent;
    return unit;
}

struct Atom {
    Unit unit;
    bool metric;
};

// Factors from the UCUM specification; bases are m, g, s, K, rad, mol, [arb], eq, cd, C.
const std::unordered_map<std::string_view, Atom>& atoms() {
    static const std::unordered_map<std::string_view, Atom> map = {
        {"1", {Unit{}, false}},
        {"%", {Unit{0.01, 0, {}}, false}},
        {"[ppth]", {Unit{1e-3, 0, {}}, false}},
        {"[ppm]", {Unit{1e-6, 0, {}}, false}},
        {"[ppb]", {Unit{1e-9, 0, {}}, false}},
        {"[pH]", {simple(1, Arbitrary, 7), false}},
        {"m", {simple(1, Length), true}},
        {"g", {simple(1, Mass), true}},
        {"t", {simple(1e6, Mass), true}},
        {"s", {simple(1, Time), true}},
        {"min", {simple(60, Time), false}},
        {"h", {simple(3600, Time), false}},
        {"d", {simple(86400, Time), false}},
        {"wk", {simple(7 * 86400, Time), false}},
        {"mo", {simple(30.4375 * 86400, Time), false}},
        {"a", {simple(365.25 * 86400, Time), false}},
        {"K", {simple(1, Temperature), true}},
        {"Cel", {Unit{1, 273.15, {0, 0, 0, 1}}, true}},
        {"[degF]", {Unit{5.0 / 9, 459.67 * 5 / 9, {0, 0, 0, 1}}, false}},
        {"rad", {simple(1, Angle), true}},
        {"deg", {simple(3.14159265358979323846 / 180, Angle), false}},
        {"mol", {simple(1, Amount), true}},
        {"eq", {simple(1, Equivalent), true}},
        {"osm", {simple(1, Amount, 3), true}},
        {"L", {simple(1e-3, Length, 3), true}},
        {"l", {simple(1e-3, Length, 3), true}},
        {"Hz", {simple(1, Time, -1), true}},
        {"N", {made(1e3, {{Length, 1}, {Mass, 1}, {Time, -2}}), true}},
        {"Pa", {made(1e3, {{Length, -1}, {Mass, 1}, {Time, -2}}), true}},
        {"bar", {made(1e8, {{Length, -1}, {Mass, 1}, {Time, -2}}), true}},
        {"m[Hg]", {made(133.322e6, {{Length, -1}, {Mass, 1}, {Time, -2}}), true}},
        {"m[H2O]", {made(9806.65e3, {{Length, -1}, {Mass, 1}, {Time, -2}}), true}},
        {"J", {made(1e3, {{Length, 2}, {Mass, 1}, {Time, -2}}), true}},
        {"cal", {made(4.184e3, {{Length, 2}, {Mass, 1}, {Time, -2}}), true}},
        {"[Cal]", {made(4.184e6, {{Length, 2}, {Mass, 1}, {Time, -2}}), false}},
        {"W", {made(1e3, {{Length, 2}, {Mass, 1}, {Time, -3}}), true}},
        {"C", {simple(1, Charge), true}},
        {"A", {made(1, {{Charge, 1}, {Time, -1}}), true}},
        {"V", {made(1e3, {{Length, 2}, {Mass, 1}, {Time, -2}, {Charge, -1}}), true}},
        {"Ohm", {made(1e3, {{Length, 2}, {Mass, 1}, {Time, -1}, {Charge, -2}}), true}},
        {"U", {made(1e-6 / 60, {{Amount, 1}, {Time, -1}}), true}},
        {"kat", {made(1, {{Amount, 1}, {Time, -1}}), true}},
        {"[iU]", {simple(1, Arbitrary), true}},
        {"[IU]", {simple(1, Arbitrary), true}},
        {"[arb'U]", {simple(1, Arbitrary, 2), false}},
        {"cd", {simple(1, Luminous), true}},
        {"lm", {simple(1, Luminous, 2), true}},
        {"lx", {made(1, {{Luminous, 2}, {Length, -2}}), true}},
        {"Gy", {made(1, {{Length, 2}, {Time, -2}}), true}},
        {"Sv", {made(1, {{Length, 2}, {Time, -2}, {Arbitrary, 3}}), true}},
        {"Bq", {simple(1, Time, -1), true}},
        {"[in_i]", {simple(0.0254, Length), false}},
        {"[ft_i]", {simple(0.3048, Length), false}},
        {"[lb_av]", {simple(453.59237, Mass), false}},
        {"[oz_av]", {simple(28.349523125, Mass), false}},
        {"[diop]", {simple(1, Length, -1), false}},
    };
    return map;
}

std::optional<double> prefix(std::string_view text) {
    static const std::unordered_map<std::string_view, double> map = {
        {"Y", 1e24}, {"Z", 1e21}, {"E", 1e18}, {"P", 1e15},  {"T", 1e12},  {"G", 1e9},
        {"M", 1e6},  {"k", 1e3},  {"h", 1e2},  {"da", 1e1},  {"d", 1e-1},  {"c", 1e-2},
        {"m", 1e-3}, {"u", 1e-6}, {"n", 1e-9}, {"p", 1e-12}, {"f", 1e-15}, {"a", 1e-18},
    };
    const auto found = map.find(text);
    return found == map.end() ? std::nullopt : std::optional(found->second);
}

std::optional<Unit> atom(std::string_view name) {
    if (const auto found = atoms().find(name); found != atoms().end()) return found->second.unit;
    for (const size_t length : {size_t{1}, size_t{2}}) {
        if (name.size() <= length) continue;
        const auto scale = prefix(name.substr(0, length));
        const auto found = atoms().find(name.substr(length));
        if (!scale || found == atoms().end() || !found->second.metric) continue;
        Unit unit = found->second.unit;
        unit.factor *= *scale;
        return unit;
    }
    return std::nullopt;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

Unit power(Unit unit, int exponent) {
    unit.factor = std::pow(unit.factor, exponent);
    for (int& e : unit.exponents) e *= exponent;
    if (exponent != 1) unit.offset = 0;
    return unit;
}

/// One term: "mm3", "10*3", "s-1", "12", without annotation.
std::optional<Unit> term(std::string_view text) {
    if (text.starts_with("10*") || text.starts_with("10^")) {
        const std::string_view digits = text.substr(3);
        const bool negative = !digits.empty() && digits[0] == '-';
        const std::string_view number = digits.substr(negative || (!digits.empty() && digits[0] == '+') ? 1 : 0);
        if (number.size() > 2) return std::nullopt;
        int exponent = digits.empty() ? 1 : 0;
        for (const char c : number) {
            if (!is_digit(c)) return std::nullopt;
            exponent = exponent * 10 + (c - '0');
        }
        return Unit{std::pow(10.0, negative ? -exponent : exponent), 0, {}};
    }
    size_t end = text.size();
    while (end > 0 && is_digit(text[end - 1])) --end;
    if (end == 0) {
        if (text.size() > 6) return std::nullopt;
        return Unit{std::stod(std::string(text)), 0, {}};
    }
    int exponent = 1;
    size_t name_end = end;
    if (end < text.size()) {
        if (text.size() - end > 1) return std::nullopt;
        exponent = text[end] - '0';
        if (text[end - 1] == '-' || text[end - 1] == '+') {
            name_end = end - 1;
            if (text[name_end] == '-') exponent = -exponent;
        }
    }
    const auto unit = atom(text.substr(0, name_end));
    if (!unit) return std::nullopt;
    return power(*unit, exponent);
}

/// Terms joined by "." and "/", read from the left; {annotations} count as 1. Parentheses are not in use.
std::optional<Unit> parse(std::string_view code) {
    Unit out;
    size_t at = 0;
    size_t terms = 0;
    int sign = 1;
    if (!code.empty() && code[0] == '/') sign = -1, at = 1;
    while (at <= code.size()) {
        size_t end = at;
        while (end < code.size() && code[end] != '.' && code[end] != '/' && code[end] != '{') {
            if (code[end] == '[') end = std::min(code.find(']', end), code.size() - 1);
            ++end;
        }
        const std::string_view name = code.substr(at, end - at);
        if (end < code.size() && code[end] == '{') {
            end = code.find('}', end);
            if (end == std::string_view::npos) return std::nullopt;
            ++end;
        } else if (name.empty()) {
            return std::nullopt;
        }
        const auto unit = name.empty() ? std::optional(Unit{}) : term(name);
        if (!unit || ++terms > 8) return std::nullopt;
        const Unit signed_unit = power(*unit, sign);
        out.offset = terms == 1 ? signed_unit.offset : 0;
        out.factor *= signed_unit.factor;
        for (size_t i = 0; i < out.exponents.size(); ++i) out.exponents[i] += signed_unit.exponents[i];
        if (end == code.size()) return out;
        if (code[end] != '.' && code[end] != '/') return std::nullopt;
        sign = code[end] == '/' ? -1 : 1;
        at = end + 1;
    }
    return std::nullopt;
}

/// A number from the exponents, equal in every build; never 0. Two base units in use share none (units_test).
uint16_t number_of(const Unit& unit) {
    uint32_t hash = 2166136261U;
    for (const int exponent : unit.exponents) hash = (hash ^ static_cast<uint32_t>(exponent + 16)) * 16777619U;
    const auto folded = static_cast<uint16_t>(hash ^ hash >> 16);
    return folded == 0 ? 1 : folded;
}

std::optional<BaseUnit> compute(std::string_view code) {
    if (code.empty() || code.size() > 40) return std::nullopt;
    const auto unit = parse(code);
    if (!unit || !std::isfinite(unit->factor) || unit->factor <= 0) return std::nullopt;
    return BaseUnit{number_of(*unit), unit->factor, unit->offset};
}

} // namespace

std::optional<BaseUnit> base_unit(std::string_view ucum_code) {
    // Records use few units; the cache is bounded, what does not fit is computed each time.
    static std::shared_mutex mutex;
    static std::unordered_map<std::string, std::optional<BaseUnit>> cache;
    thread_local std::pair<std::string, std::optional<BaseUnit>> last;
    if (last.first == ucum_code && !ucum_code.empty()) return last.second;
    std::string key(ucum_code);
    {
        const std::shared_lock lock(mutex);
        if (const auto found = cache.find(key); found != cache.end()) {
            last = {std::move(key), found->second};
            return last.second;
        }
    }
    last = {std::move(key), compute(ucum_code)};
    const std::unique_lock lock(mutex);
    if (cache.size() < 2000 && ucum_code.size() <= 40) cache.emplace(last.first, last.second);
    return last.second;
}

} // namespace musubi::fhir
