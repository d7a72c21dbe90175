#include "services/immunization/history.h"

#include "core/records/fhir.h"
#include "lib/json/json.h"
#include "services/immunization/appointments.h"

namespace musubi::immunization {
namespace {

using json::Element;
constexpr int kMostDoses = 500;
constexpr std::string_view kCvx = "http://hl7.org/fhir/sid/cvx";
constexpr std::string_view kDueDate = "http://loinc.org|11778-8";

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

struct Coded {
    int vaccine = -1;
    std::string cvx;
    std::string words; // everything the record calls it
    std::string name;
};

Coded coded(const Rules& rules, const std::optional<Element>& vaccine_code) {
    Coded coded;
    coded.name = text(member(vaccine_code, "text"));
    coded.words = coded.name;
    for (const Element& coding : items(member(vaccine_code, "coding"))) {
        const std::string system = text(member(coding, "system"));
        const std::string code = text(member(coding, "code"));
        const std::string display = text(member(coding, "display"));
        if (coded.name.empty()) coded.name = display;
        coded.words += " " + display;
        if (system == records::fhir::kVaccine) coded.vaccine = rules.find(code);
        if (system == kCvx) coded.cvx = code;
    }
    if (coded.vaccine < 0 && !coded.cvx.empty()) coded.vaccine = rules.find_cvx(coded.cvx);
    return coded;
}

/// Nothing when it did not take place (status not-done, entered-in-error).
std::optional<Received> read(const Rules& rules, const records::Resource& resource, std::vector<Given>& given) {
    const auto document = json::Document::parse(resource.body);
    if (!document) return std::nullopt;
    const Element root = document->root();
    if (text(member(root, "status")) != "completed") return std::nullopt;
    const Coded code = coded(rules, member(root, "vaccineCode"));
    Received received;
    received.id = resource.id;
    received.date = resource.effective.substr(0, 10);
    received.name = code.name;
    received.origin = resource.origin;
    received.place = text(member(member(root, "location"), "display"));
    received.lot = text(member(root, "lotNumber"));
    if (const auto performers = items(member(root, "performer")); !performers.empty())
        received.source_name = text(member(member(performers.front(), "actor"), "display"));
    const auto on = CivilDate::parse(received.date);
    if (!on || code.vaccine < 0) return received;
    const Vaccine& vaccine = rules.vaccines[static_cast<size_t>(code.vaccine)];
    const int product = product_of(vaccine, code.cvx, code.words);
    if (product >= 0) received.product = vaccine.products[static_cast<size_t>(product)].name;
    received.given = static_cast<int>(given.size());
    given.push_back({code.vaccine, product, *on});
    return received;
}

} // namespace

base::Task<History> history_of(db::ReadTx& tx, const Rules& rules, base::PersonId person) {
    records::Filter filter;
    filter.limit = kMostDoses;
    const auto resources = co_await records::list(tx, person, "Immunization", filter);
    History history;
    for (const records::Resource& resource : resources)
        if (auto received = read(rules, resource, history.given)) history.received.push_back(std::move(*received));
    co_return history;
}

base::Task<Person> subject_for(db::ReadTx& tx, identity::Person person, CivilDate today) {
    constexpr int kLongestAhead = 42 * 7;
    Person subject{.birth = person.birth_date};
    if (person.sex == identity::Sex::Male) subject.sex = Sex::Male;
    if (person.sex == identity::Sex::Female) subject.sex = Sex::Female;
    records::Filter filter;
    filter.code = std::string(kDueDate);
    filter.limit = 1;
    const auto dated = co_await records::list(tx, person.id, "Observation", filter);
    if (!dated.empty()) {
        const auto document = json::Document::parse(dated.front().body);
        if (document) {
            const auto due = CivilDate::parse(text(member(document->root(), "valueDateTime")).substr(0, 10));
            if (due && *due >= today && *due <= today.plus_days(kLongestAhead)) subject.due = due;
        }
    }
    const auto illness = co_await long_illness_of(tx, person.id);
    if (illness) subject.long_illness = illness->illness;
    co_return subject;
}

} // namespace musubi::immunization
