#include "lib/fhir/definitions.h"

#include "lib/fhir/symbols.h"
#include "lib/fhir/tables.h"

#include <algorithm>
#include <cassert>
#include <unordered_map>
#include <vector>

namespace musubi::fhir {
namespace {

using tables::kParameters;
using tables::kResources;
using tables::kSearchLists;
using tables::kTypeSearch;

using Names = std::unordered_map<std::string_view, uint16_t>;

/// System names, aliases included, to the number of their canonical form.
const Names& system_numbers() {
    static const Names names = [] {
        Names out;
        for (const auto& system : tables::kSystems) out.emplace(system.name, system.number);
        for (const auto& alias : tables::kSystemAliases) out[alias.name] = alias.number;
        return out;
    }();
    return names;
}

const std::vector<std::string_view>& systems_by_number() {
    static const std::vector<std::string_view> systems = [] {
        std::vector<std::string_view> out(1);
        for (const auto& system : tables::kSystems) {
            if (out.size() <= system.number) out.resize(system.number + size_t{1});
            out[system.number] = system.name;
        }
        return out;
    }();
    return systems;
}

template <class To> std::span<const To> as(std::span<const uint16_t> numbers) {
    static_assert(sizeof(To) == sizeof(uint16_t));
    return {reinterpret_cast<const To*>(numbers.data()), numbers.size()};
}

const std::vector<SearchParameter>& all_parameters() {
    static const std::vector<SearchParameter> parameters = [] {
        std::vector<SearchParameter> out(1);
        for (const auto& p : kParameters) {
            if (out.size() <= p.id) out.resize(p.id + size_t{1});
            out[p.id] = {p.id,
                         p.code,
                         p.kind,
                         p.url,
                         as<ResourceType>(kSearchLists.subspan(p.bases, p.base_count)),
                         as<ResourceType>(kSearchLists.subspan(p.targets, p.target_count)),
                         kSearchLists.subspan(p.components, p.component_count)};
        }
        return out;
    }();
    return parameters;
}

const tables::TypeSearch* type_search(ResourceType type) {
    return type == ResourceType::None ? nullptr : &kTypeSearch[static_cast<size_t>(type) - 1];
}

} // namespace

namespace tables {

uint16_t system_number(std::string_view system) {
    const auto found = system_numbers().find(system);
    return found == system_numbers().end() ? 0 : found->second;
}

std::string_view system_named(uint16_t number) {
    const auto& systems = systems_by_number();
    return number < systems.size() ? systems[number] : std::string_view();
}

uint16_t value_set_number(std::string_view url) {
    static const Names names = [] {
        Names out;
        for (size_t i = 1; i < kValueSets.size(); ++i) out.emplace(kValueSets[i].url, static_cast<uint16_t>(i));
        return out;
    }();
    const auto found = names.find(url.substr(0, url.find('|')));
    return found == names.end() ? 0 : found->second;
}

std::optional<bool> contains(uint16_t value_set, std::string_view system, std::string_view code) {
    if (value_set == 0 || kValueSets[value_set].open) return std::nullopt;
    const auto& set = kValueSets[value_set];
    const auto codes = kCodes.subspan(set.first_code, set.code_count);
    const uint16_t number = system.empty() ? 0 : system_number(system);
    auto at = std::lower_bound(codes.begin(), codes.end(), code,
                               [](const Code& entry, std::string_view wanted) { return entry.code < wanted; });
    for (; at != codes.end() && at->code == code; ++at)
        if (system.empty() || (number != 0 && at->system == number)) return true;
    return false;
}

} // namespace tables

uint16_t known_symbol(std::string_view name) {
    const uint16_t symbol = find_symbol(name);
    assert(symbol != 0);
    return symbol;
}

std::string_view name_of(ResourceType type) {
    const auto number = static_cast<size_t>(type);
    return number == 0 || number > kResources.size() ? std::string_view() : kResources[number - 1].name;
}

std::optional<ResourceType> type_named(std::string_view name) {
    static const Names names = [] {
        Names out;
        for (const auto& resource : kResources) out.emplace(resource.name, resource.number);
        return out;
    }();
    const auto found = names.find(name);
    if (found == names.end()) return std::nullopt;
    return static_cast<ResourceType>(found->second);
}

std::span<const ResourceType> resource_types() {
    static const std::vector<ResourceType> types = [] {
        std::vector<ResourceType> out;
        for (const auto& resource : kResources) out.push_back(static_cast<ResourceType>(resource.number));
        return out;
    }();
    return types;
}

const SearchParameter& search_parameter(uint16_t id) {
    const auto& all = all_parameters();
    assert(id > 0 && id < all.size() && all[id].id == id);
    return all[id];
}

uint16_t highest_search_parameter() { return static_cast<uint16_t>(all_parameters().size() - 1); }

std::span<const uint16_t> search_parameters(ResourceType type) {
    const auto* search = type_search(type);
    return search ? kSearchLists.subspan(search->by_id, search->count) : std::span<const uint16_t>();
}

const SearchParameter* find_search_parameter(ResourceType type, std::string_view code) {
    const auto* search = type_search(type);
    if (!search) return nullptr;
    const auto ids = kSearchLists.subspan(search->by_code, search->count);
    const auto& all = all_parameters();
    const auto at = std::lower_bound(ids.begin(), ids.end(), code,
                                     [&](uint16_t id, std::string_view wanted) { return all[id].code < wanted; });
    return at != ids.end() && all[*at].code == code ? &all[*at] : nullptr;
}

std::span<const uint16_t> compartment_parameters(ResourceType compartment, ResourceType type) {
    for (const auto& row : tables::kCompartments)
        if (row.owner == static_cast<uint16_t>(compartment) && row.member == static_cast<uint16_t>(type))
            return kSearchLists.subspan(row.first, row.count);
    return {};
}

std::string_view canonical_system(std::string_view system) {
    const uint16_t number = tables::system_number(system);
    return number ? tables::system_named(number) : system;
}

std::optional<bool> in_value_set(std::string_view value_set_url, std::string_view system, std::string_view code) {
    return tables::contains(tables::value_set_number(value_set_url), system, code);
}

} // namespace musubi::fhir
