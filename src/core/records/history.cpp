#include "core/records/search.h"

#include <algorithm>
#include <charconv>
#include <tuple>

namespace musubi::records {
namespace {

/// A version, as the order of a feed needs it. Newest first; what changed at the same time in the order of its names.
struct Mark {
    int64_t at = 0;
    std::string person;
    std::string id;
    std::string type;
    int64_t version = 0;
    bool restricted = false;
    static Mark from(db::Reader& row) {
        Mark mark;
        mark.at = row.get<int64_t>();
        mark.person = row.get<std::string>();
        mark.id = row.get<std::string>();
        mark.type = row.get<std::string>();
        mark.version = row.get<int64_t>();
        mark.restricted = row.get<bool>();
        return mark;
    }
    auto order() const { return std::tie(at, person, id, type, version); }
};

constexpr db::Query kCurrentOfOwner{"records.feed_owner",
                                    "SELECT updated_at, person_id, id, type, version, restricted FROM records_current"
                                    " WHERE person_id = $1 AND updated_at >= $2"};
// A label that was put on later holds for the earlier versions, too.
constexpr db::Query kEarlierOfOwner{"records.feed_owner_earlier",
                                    "SELECT h.updated_at, h.person_id, h.id, h.type, h.version,"
                                    " CASE WHEN h.restricted = 1 THEN 1 ELSE c.restricted END"
                                    " FROM records_history h JOIN records_current c"
                                    " ON c.person_id = h.person_id AND c.type = h.type AND c.id = h.id"
                                    " WHERE h.person_id = $1 AND h.updated_at >= $2"};
constexpr db::Query kCurrentOfType{
    "records.feed_type", "SELECT updated_at, person_id, id, type, version, restricted FROM records_current"
                         " WHERE type = $1 AND updated_at >= $2 AND (updated_at, person_id, id) <= ($3, $4, $5)"
                         " ORDER BY updated_at DESC, person_id DESC, id DESC LIMIT $6"};
constexpr db::Query kEarlierOfType{"records.feed_type_earlier",
                                   "SELECT h.updated_at, h.person_id, h.id, h.type, h.version,"
                                   " CASE WHEN h.restricted = 1 THEN 1 ELSE c.restricted END"
                                   " FROM records_history h JOIN records_current c"
                                   " ON c.person_id = h.person_id AND c.type = h.type AND c.id = h.id"
                                   " WHERE h.type = $1 AND h.updated_at >= $2"
                                   " AND (h.updated_at, h.person_id, h.id) <= ($3, $4, $5)"
                                   " ORDER BY h.updated_at DESC, h.person_id DESC, h.id DESC LIMIT $6"};

constexpr int64_t kEndOfTime = 253'402'300'800'000; // 10000-01-01
constexpr int64_t kTies = 32;                       // versions that one resource may have within one millisecond
const std::string kAfterAll = "~";

Mark mark_of(const Position& position) {
    Mark mark;
    std::from_chars(position.key.data(), position.key.data() + position.key.size(), mark.at);
    mark.person = position.person;
    const size_t slash = position.id.find('/');
    const size_t last = position.id.rfind('/');
    if (slash == std::string::npos || last == slash) return mark;
    mark.type = position.id.substr(0, slash);
    mark.id = position.id.substr(slash + 1, last - slash - 1);
    std::from_chars(position.id.data() + last + 1, position.id.data() + position.id.size(), mark.version);
    return mark;
}

Position position_of(const Mark& mark) {
    Position position;
    position.key = std::to_string(mark.at);
    position.person = mark.person;
    position.id = mark.type + "/" + mark.id + "/" + std::to_string(mark.version);
    return position;
}

base::Task<std::vector<Mark>> marks_of_owners(db::ReadTx& tx, const HistoryRequest& request, int64_t since) {
    std::vector<Owner> owners = request.scope.owners;
    owners.push_back(Owner::nobody());
    std::vector<Mark> marks;
    for (const Owner& owner : owners) {
        for (const db::Query* statement : {&kCurrentOfOwner, &kEarlierOfOwner}) {
            auto found = co_await tx.all<Mark>(*statement, owner, since);
            std::move(found.begin(), found.end(), std::back_inserter(marks));
        }
    }
    co_return marks;
}

base::Task<std::vector<Mark>> marks_of_types(db::ReadTx& tx, const HistoryRequest& request, int64_t since) {
    Mark from;
    from.at = kEndOfTime;
    from.person = kAfterAll;
    from.id = kAfterAll;
    if (request.after) from = mark_of(*request.after);
    std::vector<r4::ResourceType> types = request.types;
    if (types.empty()) {
        const auto all = r4::resource_types();
        types.assign(all.begin(), all.end());
    }
    std::vector<Mark> marks;
    const auto limit = static_cast<int64_t>(request.count) + kTies;
    for (const r4::ResourceType type : types) {
        const std::string name(r4::name_of(type));
        for (const db::Query* statement : {&kCurrentOfType, &kEarlierOfType}) {
            auto found = co_await tx.all<Mark>(*statement, name, since, from.at, from.person, from.id, limit);
            std::move(found.begin(), found.end(), std::back_inserter(marks));
        }
    }
    co_return marks;
}

} // namespace

base::Task<HistoryPage> history(db::ReadTx& tx, HistoryRequest request) {
    const int64_t since = request.since ? request.since->milliseconds() : INT64_MIN;
    std::vector<Mark> marks;
    if (request.scope.reach == Scope::Reach::Listed) {
        marks = co_await marks_of_owners(tx, request, since);
    } else {
        marks = co_await marks_of_types(tx, request, since);
    }
    std::optional<Mark> after;
    if (request.after) after = mark_of(*request.after);
    std::erase_if(marks, [&](const Mark& mark) {
        const auto type = r4::type_named(mark.type);
        if (!type || !admits(request.scope, Owner::from_key(mark.person), *type, mark.restricted)) return true;
        if (!request.types.empty() &&
            std::find(request.types.begin(), request.types.end(), *type) == request.types.end())
            return true;
        return after && !(mark.order() < after->order());
    });
    std::sort(marks.begin(), marks.end(), [](const Mark& a, const Mark& b) { return b.order() < a.order(); });
    HistoryPage page;
    if (marks.size() > request.count) {
        marks.resize(request.count);
        if (!marks.empty()) page.next = position_of(marks.back());
    }
    for (const Mark& mark : marks) {
        auto version = co_await get_version(tx, Owner::from_key(mark.person), mark.type, mark.id, mark.version);
        if (version) page.versions.push_back(std::move(*version));
    }
    co_return page;
}

} // namespace musubi::records
