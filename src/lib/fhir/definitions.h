// What HL7 FHIR R4 (4.0.1) and JP Core 1.1.2 define, compiled in: resource types, search parameters, compartments. All
// tables are constant data made at build time from definitions/; nothing is allocated and every view lives for ever.
#pragma once

#include "lib/fhir/resource_type.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace musubi::fhir {

std::string_view name_of(ResourceType type);
std::optional<ResourceType> type_named(std::string_view name);
/// All concrete types in order of their numbers.
std::span<const ResourceType> resource_types();

/// R4 section 3.1.1.4: the eight kinds and "special" (position by distance).
enum class SearchKind : uint8_t { Number, Date, String, Token, Reference, Composite, Quantity, Uri, Special };

/// One SearchParameter resource. `id` is stable across releases (definitions/search.txt keeps the list), so it may
/// stand in databases; the same id serves every base type of the parameter.
struct SearchParameter {
    uint16_t id = 0; // 1 …; 0 is no parameter
    std::string_view code;
    SearchKind kind = SearchKind::Special;
    std::string_view url;
    std::span<const ResourceType> bases;   // empty: every type (_id, _lastUpdated, …)
    std::span<const ResourceType> targets; // kind Reference: what it may point to
    std::span<const uint16_t> components;  // kind Composite: the parameters whose kinds its parts have
};

/// `id` must be one that exists.
const SearchParameter& search_parameter(uint16_t id);
uint16_t highest_search_parameter();
/// The parameters of a type, those common to all types included, in order of their ids.
std::span<const uint16_t> search_parameters(ResourceType type);
/// By code ("birthdate", "_id"). Null if the type has no such parameter.
const SearchParameter* find_search_parameter(ResourceType type, std::string_view code);

/// The reference parameters that tie a resource of `type` to a compartment of a Patient (or Encounter, RelatedPerson,
/// Practitioner, Device), from the CompartmentDefinitions. Empty: not in that compartment. The owner itself (a Patient
/// in its own compartment) is not in the list but for links.
std::span<const uint16_t> compartment_parameters(ResourceType compartment, ResourceType type);
inline std::span<const uint16_t> patient_compartment(ResourceType type) {
    return compartment_parameters(ResourceType::Patient, type);
}

/// Common code and identifier systems have short numbers in the index; the OID and the URL of one Japanese system are
/// the same. Returns the form that indexes and queries use: the URL where both exist, else `system` itself.
std::string_view canonical_system(std::string_view system);

/// The codes of a value set that the definitions spell out, as (system, code); empty if unknown or not enumerable.
struct Concept {
    std::string_view system;
    std::string_view code;
};
std::optional<bool> in_value_set(std::string_view value_set_url, std::string_view system, std::string_view code);

} // namespace musubi::fhir
