// Judges a resource by R4 4.0.1 and by the profiles it claims (JP Core 1.1.2 and Musubi's own): structure, cardinality,
// types, primitive formats, required bindings, references, invariants. Everything is compiled in; nothing is fetched.
#pragma once

#include "lib/fhir/document.h"

#include <string>
#include <vector>

namespace musubi::fhir {

enum class Severity : uint8_t { Fatal, Error, Warning, Information };

/// One OperationOutcome.issue. `code` is from http://hl7.org/fhir/issue-type; `expression` is FHIRPath
/// ("Patient.name[0].family"); `rule` names the rule ("cardinality", "dom-2", "JP_Patient.identifier").
struct Issue {
    Severity severity = Severity::Error;
    std::string_view code;
    std::string expression;
    std::string rule;
    std::string diagnostics; // English, without values of the resource
};

enum class Profiles { BaseOnly, Claimed };
struct ValidationOptions {
    Profiles profiles = Profiles::Claimed;
    std::vector<std::string> also; // canonical urls of profiles to check besides those claimed
    size_t max_issues = 100;
};
/// Empty or without Error/Fatal: valid.
std::vector<Issue> validate(const Document& document, const ValidationOptions& options = {});
bool is_valid(const std::vector<Issue>& issues);
/// Canonical urls of the profiles that are compiled in.
std::vector<std::string_view> known_profiles();

/// A complete OperationOutcome resource as JSON; "All OK" information if there are no issues.
std::string operation_outcome(const std::vector<Issue>& issues);

} // namespace musubi::fhir
