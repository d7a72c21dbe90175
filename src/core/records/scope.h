// What a caller may read. Every query takes one and applies it to every row it looks at: matches, the rows that chains
// and _has go through, includes, history, totals. A row outside a scope is as if it did not exist.
#pragma once

#include "core/records/owner.h"
#include "lib/fhir/definitions.h"

#include <vector>

namespace musubi::records {

struct Scope {
    enum class Reach { Listed, Everyone };
    enum class Shared { Directory, All };    // of what belongs to nobody: see is_directory
    enum class Restricted { Hidden, Shown }; // resources labelled restricted (Resource::restricted)

    Reach reach = Reach::Listed;
    std::vector<Owner> owners; // when Listed: whose compartments
    Shared shared = Shared::Directory;
    Restricted restricted = Restricted::Hidden;
};

/// What the installation tells everybody: organisations, places, services, questionnaires, terminology.
bool is_directory(::musubi::fhir::ResourceType type);

/// Whether the compartment as such may be looked into.
bool admits(const Scope& scope, const Owner& owner, ::musubi::fhir::ResourceType type);
inline bool admits(const Scope& scope, const Owner& owner, ::musubi::fhir::ResourceType type, bool restricted) {
    return admits(scope, owner, type) && (!restricted || scope.restricted == Scope::Restricted::Shown);
}

} // namespace musubi::records
