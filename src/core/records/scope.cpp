#include "core/records/scope.h"

#include <algorithm>
#include <iterator>

namespace musubi::records {

bool is_directory(::musubi::fhir::ResourceType type) {
    using enum ::musubi::fhir::ResourceType;
    static constexpr ::musubi::fhir::ResourceType kTypes[] = {Organization,
                                                              Location,
                                                              HealthcareService,
                                                              Practitioner,
                                                              PractitionerRole,
                                                              Medication,
                                                              Questionnaire,
                                                              ValueSet,
                                                              CodeSystem,
                                                              ConceptMap,
                                                              StructureDefinition,
                                                              SearchParameter,
                                                              NamingSystem,
                                                              Schedule,
                                                              Slot,
                                                              PlanDefinition,
                                                              ActivityDefinition,
                                                              CapabilityStatement,
                                                              OperationDefinition};
    return std::find(std::begin(kTypes), std::end(kTypes), type) != std::end(kTypes);
}

bool admits(const Scope& scope, const Owner& owner, ::musubi::fhir::ResourceType type) {
    if (owner.is_nobody()) return scope.shared == Scope::Shared::All || is_directory(type);
    return scope.reach == Scope::Reach::Everyone ||
           std::find(scope.owners.begin(), scope.owners.end(), owner) != scope.owners.end();
}

} // namespace musubi::records
