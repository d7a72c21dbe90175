#include "services/account/records_part.h"

#include "core/records/records.h"
#include "lib/json/json.h"
#include "services/account/messages.h"

namespace musubi::account {
namespace {

using json::Element;
using Type = json::Element::Type;

// Step by step into a resource; nothing as soon as a step is missing. A number in `path` steps into an array.
std::optional<Element> at(std::optional<Element> element, std::initializer_list<std::string_view> path) {
    for (const std::string_view step : path) {
        if (!element) return std::nullopt;
        if (element->type() == Type::Array) {
            const auto items = element->items();
            if (items.empty()) return std::nullopt;
            element = items.front();
        }
        if (element->type() != Type::Object) return std::nullopt;
        element = element->find(step);
    }
    return element;
}

std::string text(const std::optional<Element>& element) {
    if (!element) return {};
    if (element->type() == Type::String) return std::string(element->string());
    if (element->type() == Type::Integer || element->type() == Type::Decimal)
        return std::string(element->number_text());
    return {};
}

std::string concept_text(const Element& parent, std::string_view member) {
    if (std::string said = text(at(parent, {member, "text"})); !said.empty()) return said;
    return text(at(parent, {member, "coding", "display"}));
}

std::string value_text(const Element& parent) {
    if (std::string number = text(at(parent, {"valueQuantity", "value"})); !number.empty())
        return number + " " + text(at(parent, {"valueQuantity", "unit"}));
    if (std::string said = text(at(parent, {"valueString"})); !said.empty()) return said;
    return concept_text(parent, "valueCodeableConcept");
}

std::vector<std::string> row_of(const records::Resource& resource) {
    std::vector<std::string> row{resource.effective.substr(0, 10), resource.type, ""};
    const auto document = json::Document::parse(resource.body);
    if (!document) return row;
    const Element root = document->root();
    for (const char* member : {"code", "vaccineCode", "type"})
        if (std::string name = concept_text(root, member); !name.empty()) {
            row[1] = std::move(name);
            break;
        }
    row[2] = value_text(root);
    if (const auto components = root.find("component"); components && components->type() == Type::Array)
        for (const Element& component : components->items()) {
            if (!row[2].empty()) row[2] += "、";
            row[2] += concept_text(component, "code") + " " + value_text(component);
        }
    return row;
}

} // namespace

base::Task<exporting::Part> RecordsPart::contribute(db::ReadTx& tx, const base::PersonId& person,
                                                    base::Language language) {
    constexpr int kEverything = 1'000'000;
    std::vector<records::Resource> all;
    std::string previous;
    for (const auto& count : co_await records::counts(tx, person)) {
        if (count.type == previous) continue;
        previous = count.type;
        records::Filter filter;
        filter.limit = kEverything;
        auto resources = co_await records::list(tx, person, count.type, filter);
        all.insert(all.end(), std::make_move_iterator(resources.begin()), std::make_move_iterator(resources.end()));
    }
    exporting::Part part;
    part.name = "records";
    part.json = records::searchset(all, m_public_url + "/api/v1/people/" + person.to_string() + "/resources");
    if (!all.empty()) {
        part.blocks.push_back(print::Heading{base::say(messages::kExportRecords, language), 2});
        print::Table table;
        table.columns = {{1.2, print::Align::Left}, {3, print::Align::Left}, {3, print::Align::Left}};
        table.header = {base::say(messages::kExportDate, language), base::say(messages::kExportItem, language),
                        base::say(messages::kExportValue, language)};
        for (const records::Resource& resource : all) table.rows.push_back(row_of(resource));
        part.blocks.push_back(std::move(table));
    }
    co_return part;
}

} // namespace musubi::account
