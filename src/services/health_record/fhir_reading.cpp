#include "services/health_record/fhir_reading.h"

#include <charconv>

namespace musubi::health_record {

using json::Element;

std::optional<Element> member(const std::optional<Element>& element, std::string_view name) {
    if (!element || element->type() != Element::Type::Object) return std::nullopt;
    return element->find(name);
}

std::vector<Element> items(const std::optional<Element>& element) {
    if (!element || element->type() != Element::Type::Array) return {};
    return element->items();
}

std::string text(const std::optional<Element>& element) {
    if (!element || element->type() != Element::Type::String) return {};
    return std::string(element->string());
}

std::optional<json::Decimal> decimal(const std::optional<Element>& element) {
    if (!element) return std::nullopt;
    if (element->type() != Element::Type::Integer && element->type() != Element::Type::Decimal) return std::nullopt;
    return json::Decimal{std::string(element->number_text())};
}

std::optional<double> to_double(const std::optional<json::Decimal>& decimal) {
    if (!decimal) return std::nullopt;
    double value = 0;
    const char* end = decimal->text.data() + decimal->text.size();
    if (std::from_chars(decimal->text.data(), end, value).ptr != end) return std::nullopt;
    return value;
}

std::string code_of(const std::optional<Element>& codeable_concept, std::string_view system) {
    std::string first;
    for (const Element& coding : items(member(codeable_concept, "coding"))) {
        const std::string code = text(member(coding, "code"));
        if (!system.empty() && text(member(coding, "system")) == system) return code;
        if (first.empty()) first = code;
    }
    return first;
}

std::string name_of(const std::optional<Element>& codeable_concept) {
    if (std::string name = text(member(codeable_concept, "text")); !name.empty()) return name;
    for (const Element& coding : items(member(codeable_concept, "coding")))
        if (std::string name = text(member(coding, "display")); !name.empty()) return name;
    return code_of(codeable_concept);
}

std::vector<std::string> displays(const std::optional<Element>& references) {
    std::vector<std::string> names;
    for (const Element& reference : items(references))
        if (std::string name = text(member(reference, "display")); !name.empty()) names.push_back(std::move(name));
    return names;
}

} // namespace musubi::health_record
