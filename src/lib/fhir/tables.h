// The shape of the tables that tools/compile_fhir_definitions.py writes. Private to this module.
#pragma once

#include "lib/fhir/definitions.h"

#include <span>
#include <string_view>

namespace musubi::fhir::tables {

enum class TypeKind : uint8_t { None, Primitive, Complex, Backbone, Resource };
enum class Primitive : uint8_t {
    None,
    Boolean,
    Integer,
    String,
    Decimal,
    Uri,
    Url,
    Canonical,
    Base64Binary,
    Instant,
    Date,
    DateTime,
    Time,
    Code,
    Oid,
    Id,
    Markdown,
    UnsignedInt,
    PositiveInt,
    Uuid,
    Xhtml,
};

/// Type numbers are indexes into kTypes; 0 is no type. Nested elements ("Patient.contact") are types of their own.
struct Type {
    std::string_view name;
    uint16_t first_field;
    uint16_t field_count;
    uint16_t first_element;
    uint16_t element_count;
    TypeKind kind;
    uint16_t resource; // ResourceType
    Primitive primitive;
};
/// A JSON member of a type, sorted by symbol within the type; value[x] has one per type it may have.
struct Field {
    uint16_t symbol;
    uint16_t element;
    uint16_t type;
};
enum ElementFlags : uint8_t { kSummary = 1, kModifier = 2, kChoice = 4, kMany = 8 };
struct Element {
    std::string_view name; // "value[x]"
    uint8_t minimum;
    uint8_t maximum; // 255: no limit
    uint8_t flags;
    uint16_t binding; // required; index into kValueSets, 0: none
    uint16_t first_target;
    uint16_t target_count;
};
struct ResourceName {
    std::string_view name;
    uint16_t number;
    uint16_t type;
};
struct ValueSet {
    std::string_view url;
    uint8_t open;
    uint32_t first_code;
    uint32_t code_count;
};
struct Code {
    std::string_view code;
    uint16_t system;
};
struct System {
    std::string_view name;
    uint16_t number;
};

extern const std::span<const std::string_view> kSymbols;
extern const std::span<const uint16_t> kSymbolSlots;
extern const std::span<const Type> kTypes;
extern const std::span<const Field> kFields;
extern const std::span<const Element> kElements;
extern const std::span<const uint16_t> kElementTargets;
extern const std::span<const ResourceName> kResources; // by number, from 1
extern const std::span<const ValueSet> kValueSets;
extern const std::span<const Code> kCodes;
extern const std::span<const System> kSystems;
extern const std::span<const System> kSystemAliases;

struct Parameter {
    uint16_t id;
    std::string_view code;
    SearchKind kind;
    std::string_view url;
    uint16_t bases, base_count;
    uint16_t targets, target_count;
    uint16_t components, component_count;
};
struct TypeSearch {
    uint16_t by_id;
    uint16_t by_code;
    uint16_t count;
    uint16_t root; // path node
};
struct Compartment {
    uint16_t owner;
    uint16_t member;
    uint16_t first;
    uint16_t count;
};
/// The tree of steps of all search expressions: a node's edges (sorted by symbol) and actions follow those of the node
/// before it.
struct PathNode {
    uint16_t first_edge;
    uint16_t first_action;
    uint8_t edge_count;
    uint8_t action_count;
};
struct PathEdge {
    uint16_t symbol;
    uint16_t condition;
    uint16_t target;
};
struct PathAction {
    uint16_t parameter;
    SearchKind kind;
    uint16_t type;     // of the value found
    uint16_t resolves; // only references to this resource type
    uint16_t part;     // Composite: first part. Token at a Patient's root: 1 = deceased
    uint8_t parts;
    uint16_t system; // that a plain code has by its required binding; 0: none
};
enum class ConditionKind : uint8_t { None, ExtensionUrl, MemberEquals, HasExtension, UsualKana, First };
struct Condition {
    ConditionKind kind;
    uint16_t member;
    std::string_view value;
};
struct CompositePart {
    uint16_t root;
    uint8_t from_resource; // paths begin at the resource, not at the composite's own node
    SearchKind kind;
};
extern const std::span<const Parameter> kParameters; // by id, from 1
extern const std::span<const uint16_t> kSearchLists;
extern const std::span<const TypeSearch> kTypeSearch; // by resource number, from 1
extern const std::span<const Compartment> kCompartments;
extern const std::span<const PathNode> kPathNodes;
extern const std::span<const PathEdge> kPathEdges;
extern const std::span<const PathAction> kPathActions;
extern const std::span<const Condition> kConditions;
extern const std::span<const CompositePart> kCompositeParts;

enum class Literal : uint8_t { None, Fixed, Pattern };
struct Discriminator {
    enum How : uint8_t { Value, Pattern, Type, Exists, Profile } how;
    std::string_view path; // "coding.system", "$this"
};
/// What a profile narrows about one element, or one slice of it. Slices stand beside the rule of their element.
struct Rule {
    std::string_view element; // "value[x]"
    std::string_view slice;   // empty: the element itself
    uint8_t minimum;
    uint8_t maximum; // 255: no limit
    uint8_t closed;  // every item must be in a slice
    Literal literal;
    std::string_view value; // JSON text
    uint16_t binding;
    std::string_view extension_url; // slices of extension
    uint16_t first_type, type_count;
    uint16_t first_target, target_count;
    uint16_t first_profile, profile_count; // of the value's type
    uint16_t first_child, child_count;
    uint16_t first_discriminator, discriminator_count;
};
struct Profile {
    std::string_view url;
    uint16_t type;
    int16_t base; // another profile, -1: the type itself
    uint16_t root;
};
extern const std::span<const Profile> kProfiles;
extern const std::span<const Rule> kRules;
extern const std::span<const Discriminator> kDiscriminators;
extern const std::span<const uint16_t> kRuleLists;

inline const Field* find_field(const Type& type, uint16_t symbol) {
    size_t low = type.first_field;
    size_t high = low + type.field_count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (kFields[middle].symbol < symbol) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < size_t{type.first_field} + type.field_count && kFields[low].symbol == symbol ? &kFields[low] : nullptr;
}
inline const Type& type_of(ResourceType type) {
    return kTypes[type == ResourceType::None ? 0 : kResources[static_cast<size_t>(type) - 1].type];
}
/// 0: not a system with a number.
uint16_t system_number(std::string_view system);
std::string_view system_named(uint16_t number);
/// 0: not compiled in.
uint16_t value_set_number(std::string_view url);
/// Nothing if the set is open or unknown. An empty `system` matches any.
std::optional<bool> contains(uint16_t value_set, std::string_view system, std::string_view code);

} // namespace musubi::fhir::tables
