#include "services/family/export.h"

#include "lib/print/document.h"
#include "services/family/messages.h"
#include "services/family/views.h"

namespace musubi::family {
namespace {

constexpr db::Query kErase{"family.erase", "DELETE FROM family_request WHERE person_id = $1"};

struct ExportedRequest {
    base::Instant at;
    std::string name;
    std::string kana;
    base::CivilDate birth_date;
    residents::Sex sex = residents::Sex::Unknown;
    std::string address;
    std::string note;
    Status status = Status::New;
    std::optional<std::string> reason;
};
template <class Fields> void describe(Fields& fields, ExportedRequest& request) {
    fields("at", request.at);
    fields("name", request.name);
    fields("kana", request.kana);
    fields("birthDate", request.birth_date);
    fields("sex", request.sex);
    fields("address", request.address);
    fields("note", request.note);
    fields("status", request.status);
    fields("reason", request.reason);
}
struct Exported {
    std::vector<MemberView> children;
    std::vector<ExportedRequest> requests;
};
template <class Fields> void describe(Fields& fields, Exported& exported) {
    fields("children", exported.children);
    fields("requests", exported.requests);
}

std::vector<print::Block> pages_of(const Exported& exported, base::Language language) {
    std::vector<print::Block> blocks;
    if (exported.children.empty() && exported.requests.empty()) return blocks;
    print::Table table;
    table.columns = {{1.5, print::Align::Left}, {3, print::Align::Left}, {1.5, print::Align::Left}};
    table.header = {base::say(messages::kExportWhat, language), base::say(messages::kExportName, language),
                    base::say(messages::kExportBirthDate, language)};
    for (const MemberView& child : exported.children)
        table.rows.push_back({base::say(messages::kExportChild, language), child.name, child.birth_date.to_string()});
    for (const ExportedRequest& request : exported.requests)
        table.rows.push_back(
            {base::say(messages::kExportRequest, language) + " " + base::local_time_in_japan(request.at), request.name,
             request.birth_date.to_string()});
    blocks.push_back(print::Heading{base::say(messages::kExportTitle, language), 2});
    blocks.push_back(std::move(table));
    return blocks;
}

} // namespace

base::Task<exporting::Part> Contributor::contribute(db::ReadTx& tx, const base::PersonId& person,
                                                    base::Language language) {
    Exported exported;
    const auto children = co_await identity::children_of(tx, person, base::date_in_japan(m_clock.now()));
    int64_t place = 0;
    for (const identity::Person& child : children)
        exported.children.push_back(
            {child.id.to_string(), child.name, child.kana, child.birth_date, RelationView::Child, 2 + place++ % 4});
    const auto requests = co_await requests_of(tx, person);
    for (const Request& one : requests)
        exported.requests.push_back({one.requested_at, one.claim.name, one.claim.kana, one.claim.birth_date,
                                     one.claim.sex, one.claim.address, one.note, one.status, one.reason});
    exporting::Part part;
    part.name = "family";
    part.json = json::write(exported);
    part.blocks = pages_of(exported, language);
    co_return part;
}

base::Task<> erase(db::WriteTx& tx, base::PersonId person) { co_await tx.run(kErase, person); }

} // namespace musubi::family
