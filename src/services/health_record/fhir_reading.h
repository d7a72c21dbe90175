// Private to services/health_record: looking into FHIR resources of any author without trusting their shape.
#pragma once

#include "lib/json/json.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace musubi::health_record {

/// A member of an object; nothing when `element` is no object or lacks it.
std::optional<json::Element> member(const std::optional<json::Element>& element, std::string_view name);
std::vector<json::Element> items(const std::optional<json::Element>& element);
/// "" when it is not a string.
std::string text(const std::optional<json::Element>& element);
std::optional<json::Decimal> decimal(const std::optional<json::Element>& element);
std::optional<double> to_double(const std::optional<json::Decimal>& decimal);

/// The first coding's code, or that of `system` when it is among them.
std::string code_of(const std::optional<json::Element>& codeable_concept, std::string_view system = {});
/// What to call it: its text, or a coding's display.
std::string name_of(const std::optional<json::Element>& codeable_concept);
/// Displays of an array of references.
std::vector<std::string> displays(const std::optional<json::Element>& references);

} // namespace musubi::health_record
