#include "services/notices/export.h"

#include "services/notices/messages.h"
#include "services/notices/store.h"

namespace musubi::notices {
namespace {

constexpr int kEverything = 100'000;

struct Exported {
    std::string id;
    base::Instant at;
    std::optional<base::Instant> opened_at;
    std::string digest;
    Words words;
};
template <class Fields> void describe(Fields& fields, Exported& one) {
    fields("id", one.id);
    fields("at", one.at);
    fields("openedAt", one.opened_at);
    fields("digest", one.digest);
    fields("words", one.words);
}

} // namespace

base::Task<exporting::Part> Contributor::contribute(db::ReadTx& tx, const base::PersonId& person,
                                                    base::Language language) {
    exporting::Part part;
    part.name = "notices";
    std::vector<Exported> all;
    for (const bool archived : {false, true}) {
        Filter filter;
        filter.archived = archived;
        filter.limit = kEverything;
        for (const Notice& one : co_await notices_of(tx, person, filter))
            all.push_back({one.id.to_string(), one.created_at, one.opened_at, one.digest,
                           fill(one.content, language, one.values)});
    }
    part.json = json::write(all);
    if (all.empty()) co_return part;
    part.blocks.push_back(print::Heading{base::say(messages::kExportNotices, language), 2});
    for (const Exported& one : all) {
        part.blocks.push_back(print::Heading{one.words.title, 3});
        part.blocks.push_back(print::Paragraph{base::local_time_in_japan(one.at) + "\n" + one.words.text});
    }
    co_return part;
}

base::Task<> erase_person(db::WriteTx& tx, base::PersonId person) { return erase(tx, person); }

} // namespace musubi::notices
