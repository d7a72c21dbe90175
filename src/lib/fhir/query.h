// The search part of a FHIR URL (R4 section 3.1.1): parsed into a tree, and the questions one row can answer answered.
// Chains, _has and includes are left to the caller as trees: they need other rows.
#pragma once

#include "base/time.h"
#include "lib/fhir/index.h"

#include <memory>

namespace musubi::fhir {

enum class Modifier : uint8_t {
    None,
    Exact,
    Contains,
    Missing,
    Not,
    Text,
    In,
    NotIn,
    Below,
    Above,
    Identifier,
    OfType,
    Type,
};
enum class Prefix : uint8_t {
    Equal,
    NotEqual,
    Less,
    Greater,
    LessOrEqual,
    GreaterOrEqual,
    StartsAfter,
    EndsBefore,
    Approximate
};

/// One alternative of a criterion, taken apart by the parameter's kind.
struct QueryValue {
    Prefix prefix = Prefix::Equal;
    std::string text;   // as given, escapes undone
    std::string folded; // String: fold_string; Token: fold_token of the code
    /// Token, Quantity: absent = any system, "" = none at all ("|code").
    std::optional<std::string> system;
    std::string code;        // Token ("" = any of the system), Quantity, Reference (the id), Uri
    std::string version;     // Reference, canonical
    std::string base;        // Reference: base url of an absolute one to elsewhere
    std::string type_system; // :of-type
    std::string type_code;   // :of-type
    ResourceType target = ResourceType::None;
    DateRange range;       // Date
    double number = 0;     // Number, Quantity
    double number_low = 0; // implied precision: [low, high)
    double number_high = 0;
    uint16_t base_unit = 0; // Quantity, as in IndexValue
    double base_number = 0;
    double base_low = 0;
    double base_high = 0;
    bool flag = false;                  // :missing=true
    std::vector<QueryValue> components; // Composite
};

/// parameter[:modifier]=value,value…: true for a row if any of the values is.
struct Criterion {
    const SearchParameter* parameter = nullptr;
    Modifier modifier = Modifier::None;
    ResourceType modifier_type = ResourceType::None; // Modifier::Type (subject:Patient=…)
    std::vector<QueryValue> values;
};

struct Filter;
/// subject:Patient.name=山田: rows whose reference points to a row of one of `targets` for which `inner` holds.
struct Chain {
    const SearchParameter* reference = nullptr;
    std::vector<ResourceType> targets;          // those of the reference, narrowed; each has the inner parameter
    std::vector<std::unique_ptr<Filter>> inner; // one per target, in the same order
};
/// _has:Observation:patient:code=…: rows to which a row of `type` points by `reference` and for which `inner` holds.
struct ReverseChain {
    ResourceType type = ResourceType::None;
    const SearchParameter* reference = nullptr;
    std::unique_ptr<Filter> inner;
};
/// Exactly one of the three.
struct Filter {
    std::optional<Criterion> criterion;
    std::optional<Chain> chain;
    std::optional<ReverseChain> has;
};

struct Include {
    enum class Direction { Forward, Reverse };
    Direction direction = Direction::Forward;
    ResourceType source = ResourceType::None;   // None: "*", every type
    const SearchParameter* parameter = nullptr; // null: "*", every reference parameter of the source
    ResourceType target = ResourceType::None;   // None: any
    bool iterate = false;
};
struct SortRule {
    const SearchParameter* parameter = nullptr;
    bool descending = false;
};
enum class Summary : uint8_t { None, True, Text, Data, Count };
enum class Total : uint8_t { Unset, None, Estimate, Accurate };

struct Query {
    ResourceType type = ResourceType::None;
    std::vector<Filter> filters; // all must hold
    std::vector<Include> includes;
    std::vector<SortRule> sort;
    std::optional<uint32_t> count;
    Summary summary = Summary::None;
    std::vector<std::string> elements;
    Total total = Total::Unset;
    std::vector<std::string> unknown;                      // names not understood (lenient handling only)
    std::vector<std::pair<std::string, std::string>> used; // what was understood, for the self link
};

enum class Handling { Lenient, Strict };
struct QueryOptions {
    Handling handling = Handling::Lenient;
    base::Instant now;         // for the "ap" prefix on dates
    std::string_view own_base; // as in IndexOptions
    size_t max_parameters = 64;
    size_t max_values = 1000; // alternatives of one parameter
    size_t max_chain = 4;     // links
};
using QueryPairs = std::vector<std::pair<std::string, std::string>>; // percent-decoded names and values
/// Names that belong to the server's own layer (_format, _pretty, _page …) must be taken out before. Errors:
/// "fhir.search-invalid" (parameters "parameter", "reason"), "fhir.search-unknown-parameter" (parameter "parameter";
/// strict handling only), "fhir.search-too-complex".
base::Result<Query> parse_query(ResourceType type, const QueryPairs& pairs, const QueryOptions& options);

/// Whether a row's index satisfies one criterion.
bool matches(const Criterion& criterion, const IndexView& index);

/// Bytes whose order by memcmp is the order of the rows by one rule; rows without the value come last in both
/// directions. Bounded in length.
std::string sort_key(const SortRule& rule, const IndexView& index);

} // namespace musubi::fhir
