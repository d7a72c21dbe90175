#include "core/records/search.h"

#include "core/records/conditions.h"
#include "core/records/global_index.h"
#include "core/records/scan.h"

#include <algorithm>
#include <map>

namespace musubi::records {
namespace {

using Filters = std::vector<const r4::Filter*>;
constexpr size_t kMostTargets = 20'000; // rows that a chain or _has may go through
constexpr int64_t kBatch = 500;

base::Error too_costly(std::string reason) {
    return base::invalid("records.too-costly").with("reason", std::move(reason));
}

Filters pointers(const std::vector<r4::Filter>& filters) {
    Filters out;
    for (const r4::Filter& filter : filters) out.push_back(&filter);
    return out;
}

base::Task<std::vector<Owner>> owners_of_resource(db::ReadTx& tx, r4::ResourceType type, std::string id) {
    if (type == r4::ResourceType::Patient) return owners_of_patient(tx, std::move(id));
    return owners_of(tx, std::string(r4::name_of(type)), std::move(id));
}

/// One search, or one of those inside it. All rows it hands out are in the scope.
class Searcher {
  public:
    Searcher(db::ReadTx& tx, const SearchRequest& request) : m_tx(tx), m_request(request) {}

    base::Task<base::Result<std::vector<Condition>>> prepare(Filters filters);
    /// Every row of the type that satisfies the conditions; refused when too many have to be looked at.
    base::Task<base::Result<std::vector<ScanRow>>> collect(r4::ResourceType type, std::vector<Condition> conditions,
                                                           std::optional<std::vector<Owner>> owners = {});
    /// Rows in the order of their last change, from `after` on, until `count` satisfy the conditions.
    struct Stream {
        std::vector<ScanRow> rows;
        std::optional<Position> next;
    };
    base::Task<base::Result<Stream>> stream(r4::ResourceType type, std::vector<Condition> conditions,
                                            std::optional<Position> after, size_t count);
    /// Whether `collect` would have to walk through all rows of the type.
    bool walks_through_all(r4::ResourceType type, const std::vector<Condition>& conditions) const;

    base::Task<std::optional<ScanRow>> locate(r4::ResourceType type, std::string id);
    base::Task<base::Result<std::vector<Resource>>> include(std::vector<ScanRow> matches);

  private:
    base::Task<base::Result<std::set<std::string>>> chain_targets(const r4::Chain& chain);
    base::Task<base::Result<std::set<std::string>>> has_targets(const r4::ReverseChain& has);
    base::Task<base::Result<std::vector<Owner>>> owners_to_read(r4::ResourceType type,
                                                                const std::vector<Condition>& conditions);
    const r4::Criterion* indexed(r4::ResourceType type, const std::vector<Condition>& conditions) const;
    bool spend(size_t rows) {
        m_looked_at += rows;
        return m_looked_at <= m_request.most_rows;
    }
    bool admitted(r4::ResourceType type, const ScanRow& row) const {
        return admits(m_request.scope, row.owner, type, row.restricted);
    }
    bool listed() const { return m_request.scope.reach == Scope::Reach::Listed; }

    // Includes (search_include part below).
    struct Included {
        std::map<RowKey, r4::ResourceType> seen;
        std::vector<RowKey> added;
        struct Item {
            r4::ResourceType type;
            ScanRow row;
        };
        std::vector<Item> fresh; // found in the last round
    };
    void add(Included& included, r4::ResourceType type, ScanRow row) const;
    base::Task<base::Status> include_forward(const r4::Include& rule, const std::vector<Included::Item>& from,
                                             Included& into);
    base::Task<base::Status> include_reverse(const r4::Include& rule, const std::vector<Included::Item>& from,
                                             Included& into);

    db::ReadTx& m_tx;
    const SearchRequest& m_request;
    size_t m_looked_at = 0;
};

base::Task<base::Result<std::vector<Condition>>> Searcher::prepare(Filters filters) {
    std::vector<Condition> conditions;
    for (const r4::Filter* filter : filters) {
        Condition condition;
        if (filter->criterion) {
            condition.criterion = &*filter->criterion;
        } else if (filter->chain) {
            condition.reference = filter->chain->reference;
            MUSUBI_CO_TRY(condition.targets, co_await chain_targets(*filter->chain));
        } else if (filter->has) {
            MUSUBI_CO_TRY(condition.targets, co_await has_targets(*filter->has));
        }
        conditions.push_back(std::move(condition));
    }
    co_return conditions;
}

base::Task<base::Result<std::set<std::string>>> Searcher::chain_targets(const r4::Chain& chain) {
    std::set<std::string> targets;
    for (size_t i = 0; i < chain.targets.size() && i < chain.inner.size(); ++i) {
        Filters inner{chain.inner[i].get()};
        MUSUBI_CO_TRY(std::vector<Condition> conditions, co_await prepare(std::move(inner)));
        MUSUBI_CO_TRY(const std::vector<ScanRow> rows, co_await collect(chain.targets[i], std::move(conditions)));
        for (const ScanRow& row : rows) targets.insert(reference_of(chain.targets[i], row.id));
        if (targets.size() > kMostTargets) co_return too_costly("rows");
    }
    co_return targets;
}

base::Task<base::Result<std::set<std::string>>> Searcher::has_targets(const r4::ReverseChain& has) {
    Filters inner{has.inner.get()};
    MUSUBI_CO_TRY(std::vector<Condition> conditions, co_await prepare(std::move(inner)));
    MUSUBI_CO_TRY(const std::vector<ScanRow> rows, co_await collect(has.type, std::move(conditions)));
    std::set<std::string> targets;
    for (const ScanRow& row : rows) {
        r4::IndexView(row.index_values).for_each(has.reference->id, [&](const r4::IndexValue& value) {
            if (value.text.empty() && !value.code.empty()) targets.insert(reference_of(value.target, value.code));
            return true;
        });
        if (targets.size() > kMostTargets) co_return too_costly("rows");
    }
    co_return targets;
}

const r4::Criterion* Searcher::indexed(r4::ResourceType type, const std::vector<Condition>& conditions) const {
    for (const Condition& condition : conditions)
        if (condition.criterion && is_answerable(type, *condition.criterion)) return condition.criterion;
    return nullptr;
}

bool Searcher::walks_through_all(r4::ResourceType type, const std::vector<Condition>& conditions) const {
    return !listed() && !m_request.compartment && !patients_asked(type, conditions) && !ids_asked(conditions) &&
           !indexed(type, conditions);
}

/// Empty when no compartment can hold a match.
base::Task<base::Result<std::vector<Owner>>> Searcher::owners_to_read(r4::ResourceType type,
                                                                      const std::vector<Condition>& conditions) {
    std::vector<Owner> owners;
    const auto patients = patients_asked(type, conditions);
    if (patients) {
        for (const std::string& id : *patients) {
            const auto found = co_await owners_of_patient(m_tx, id);
            for (const Owner& owner : found)
                if (admits(m_request.scope, owner, type)) owners.push_back(owner);
        }
    } else {
        owners = m_request.scope.owners;
        if (admits(m_request.scope, Owner::nobody(), type)) owners.push_back(Owner::nobody());
    }
    co_return owners;
}

base::Task<base::Result<std::vector<ScanRow>>>
Searcher::collect(r4::ResourceType type, std::vector<Condition> conditions, std::optional<std::vector<Owner>> owners) {
    const std::string name(r4::name_of(type));
    std::vector<ScanRow> rows;
    const auto take = [&](std::vector<ScanRow> found) {
        for (ScanRow& row : found)
            if (admitted(type, row) && all_hold(conditions, type, row)) rows.push_back(std::move(row));
    };
    const auto ids = ids_asked(conditions);
    if (ids && !owners) {
        for (const std::string& id : *ids) {
            if (!spend(1)) co_return too_costly("rows");
            auto row = co_await locate(type, id);
            std::vector<ScanRow> found;
            if (row) found.push_back(std::move(*row));
            take(std::move(found));
        }
        co_return rows;
    }
    if (!owners && (listed() || patients_asked(type, conditions))) {
        MUSUBI_CO_TRY(owners, co_await owners_to_read(type, conditions));
    }
    if (owners) {
        for (const Owner& owner : *owners) {
            if (!admits(m_request.scope, owner, type)) continue;
            auto found = co_await scan_owner(m_tx, owner, name);
            if (!spend(found.size())) co_return too_costly("rows");
            co_await renew_index(m_tx, name, m_request.own_base, found);
            take(std::move(found));
        }
        co_return rows;
    }
    if (const r4::Criterion* criterion = indexed(type, conditions)) {
        const auto keys = co_await look_up(m_tx, type, *criterion, kMostTargets);
        if (keys.size() >= kMostTargets || !spend(keys.size())) co_return too_costly("rows");
        for (const Key& key : keys) {
            auto row = co_await scan_one(m_tx, key.owner, name, key.id);
            std::vector<ScanRow> found;
            if (row) found.push_back(std::move(*row));
            take(std::move(found));
        }
        co_return rows;
    }
    MUSUBI_CO_TRY(Stream all, co_await stream(type, std::move(conditions), std::nullopt, SIZE_MAX));
    if (all.next) co_return too_costly("rows");
    co_return std::move(all.rows);
}

base::Task<base::Result<Searcher::Stream>> Searcher::stream(r4::ResourceType type, std::vector<Condition> conditions,
                                                            std::optional<Position> after, size_t count) {
    const std::string name(r4::name_of(type));
    Stream out;
    base::Instant at = base::Instant::from_milliseconds(INT64_MIN / 2000);
    std::string person;
    std::string id;
    if (after) {
        at = base::Instant::from_milliseconds(std::strtoll(after->key.c_str(), nullptr, 10));
        person = after->person;
        id = after->id;
    }
    for (;;) {
        auto batch = co_await scan_by_time(m_tx, name, at, person, id, kBatch);
        co_await renew_index(m_tx, name, m_request.own_base, batch);
        for (ScanRow& row : batch) {
            at = row.updated_at;
            person = row.owner.key();
            id = row.id;
            const bool enough = !spend(1);
            if (admitted(type, row) && all_hold(conditions, type, row)) out.rows.push_back(std::move(row));
            if (enough || out.rows.size() > count) {
                // One more than a page: the page ends before it, so that a next page is never empty for nothing.
                out.next = Position{std::to_string(at.milliseconds()), person, id};
                co_return out;
            }
        }
        if (batch.size() < static_cast<size_t>(kBatch)) co_return out;
    }
}

base::Task<std::optional<ScanRow>> Searcher::locate(r4::ResourceType type, std::string id) {
    const std::string name(r4::name_of(type));
    std::vector<Owner> owners;
    if (const auto named = owner_named_by(id)) owners.push_back(*named);
    const auto others = co_await owners_of_resource(m_tx, type, id);
    owners.insert(owners.end(), others.begin(), others.end());
    for (const Owner& owner : owners) {
        if (!admits(m_request.scope, owner, type)) continue;
        auto row = co_await scan_one(m_tx, owner, name, id);
        if (!row) continue;
        std::vector<ScanRow> rows{std::move(*row)};
        co_await renew_index(m_tx, name, m_request.own_base, rows);
        if (admitted(type, rows.front())) co_return std::move(rows.front());
    }
    co_return std::nullopt;
}

void Searcher::add(Included& included, r4::ResourceType type, ScanRow row) const {
    RowKey key;
    key.owner = row.owner;
    key.type = r4::name_of(type);
    key.id = row.id;
    if (!included.seen.emplace(key, type).second) return;
    included.added.push_back(std::move(key));
    included.fresh.push_back({type, std::move(row)});
}

base::Task<base::Status> Searcher::include_forward(const r4::Include& rule, const std::vector<Included::Item>& from,
                                                   Included& into) {
    for (const Included::Item& item : from) {
        if (rule.source != r4::ResourceType::None && rule.source != item.type) continue;
        std::set<std::pair<r4::ResourceType, std::string>> targets;
        const r4::IndexView index(item.row.index_values);
        for (const uint16_t id : index.parameters()) {
            if (r4::search_parameter(id).kind != r4::SearchKind::Reference) continue;
            if (rule.parameter && rule.parameter->id != id) continue;
            index.for_each(id, [&](const r4::IndexValue& value) {
                if (!value.text.empty() || value.code.empty() || value.target == r4::ResourceType::None) return true;
                if (rule.target == r4::ResourceType::None || rule.target == value.target)
                    targets.emplace(value.target, std::string(value.code));
                return true;
            });
        }
        for (const auto& [type, id] : targets) {
            if (!spend(1)) co_return too_costly("rows");
            auto row = co_await locate(type, id);
            if (row) add(into, type, std::move(*row));
            if (into.added.size() > m_request.most_included) co_return too_costly("included");
        }
    }
    co_return base::success();
}

base::Task<base::Status> Searcher::include_reverse(const r4::Include& rule, const std::vector<Included::Item>& from,
                                                   Included& into) {
    std::vector<r4::ResourceType> sources;
    if (rule.source != r4::ResourceType::None) {
        sources.push_back(rule.source);
    } else {
        const auto all = r4::resource_types();
        sources.assign(all.begin(), all.end());
    }
    Condition condition;
    std::set<Owner> compartments;
    bool of_nobody = false;
    for (const Included::Item& item : from) {
        if (rule.target != r4::ResourceType::None && rule.target != item.type) continue;
        condition.targets.insert(reference_of(item.type, item.row.id));
        if (item.row.owner.is_nobody()) of_nobody = true;
        compartments.insert(item.row.owner);
    }
    if (condition.targets.empty()) co_return base::success();
    for (const r4::ResourceType source : sources) {
        // What refers to a person's resource lies in that person's compartment, or belongs to nobody.
        std::optional<std::vector<Owner>> owners;
        if (!of_nobody || listed()) {
            owners = of_nobody ? m_request.scope.owners : std::vector<Owner>(compartments.begin(), compartments.end());
            owners->push_back(Owner::nobody());
        }
        for (const uint16_t id : r4::search_parameters(source)) {
            const r4::SearchParameter& parameter = r4::search_parameter(id);
            if (parameter.kind != r4::SearchKind::Reference) continue;
            if (rule.parameter ? rule.parameter->id != id : false) continue;
            Condition refers = condition;
            refers.reference = &parameter;
            std::vector<Condition> conditions{std::move(refers)};
            MUSUBI_CO_TRY(std::vector<ScanRow> rows, co_await collect(source, std::move(conditions), owners));
            for (ScanRow& row : rows) add(into, source, std::move(row));
            if (into.added.size() > m_request.most_included) co_return too_costly("included");
        }
    }
    co_return base::success();
}

base::Task<base::Result<std::vector<Resource>>> Searcher::include(std::vector<ScanRow> matches) {
    Included included;
    std::vector<Included::Item> from;
    const r4::Query& query = *m_request.query;
    for (ScanRow& row : matches) {
        RowKey key;
        key.owner = row.owner;
        key.type = r4::name_of(query.type);
        key.id = row.id;
        included.seen.emplace(std::move(key), query.type);
        from.push_back({query.type, std::move(row)});
    }
    for (bool first = true; !from.empty(); first = false) {
        included.fresh.clear();
        for (const r4::Include& rule : query.includes) {
            if (!first && !rule.iterate) continue;
            if (rule.direction == r4::Include::Direction::Forward) {
                MUSUBI_CO_CHECK(co_await include_forward(rule, from, included));
            } else {
                MUSUBI_CO_CHECK(co_await include_reverse(rule, from, included));
            }
        }
        from = std::move(included.fresh);
    }
    auto resources = co_await fetch(m_tx, included.added);
    co_return resources;
}

bool comes_after(const std::string& key, const ScanRow& row, const Position& position) {
    return std::tie(key, row.owner.key(), row.id) > std::tie(position.key, position.person, position.id);
}

/// The rows of one page out of all matches; sets `next` and `total`.
std::vector<ScanRow> page_of(std::vector<ScanRow> rows, const SearchRequest& request, Page& page) {
    page.total = static_cast<int64_t>(rows.size());
    struct Ranked {
        std::string key;
        ScanRow* row;
    };
    std::vector<Ranked> ranked;
    for (ScanRow& row : rows) {
        std::string key = order_key(request.query->sort, row);
        if (!request.after || comes_after(key, row, *request.after)) ranked.push_back({std::move(key), &row});
    }
    std::sort(ranked.begin(), ranked.end(), [](const Ranked& a, const Ranked& b) {
        return std::tie(a.key, a.row->owner.key(), a.row->id) < std::tie(b.key, b.row->owner.key(), b.row->id);
    });
    std::vector<ScanRow> out;
    for (size_t i = 0; i < ranked.size() && i < request.count; ++i) out.push_back(std::move(*ranked[i].row));
    if (ranked.size() > request.count && request.count > 0)
        page.next = Position{ranked[request.count - 1].key, out.back().owner.key(), out.back().id};
    return out;
}

} // namespace

base::Task<std::vector<Owner>> owners_of_patient(db::ReadTx& tx, std::string id) {
    auto owners = co_await owners_of(tx, "Patient", id);
    if (const auto person = base::PersonId::parse(id)) owners.insert(owners.begin(), Owner(*person));
    co_return owners;
}

base::Task<std::optional<Resource>> find(db::ReadTx& tx, const Scope& scope, std::string type, std::string id) {
    const auto known = r4::type_named(type);
    if (!known) co_return std::nullopt;
    std::vector<Owner> owners;
    if (const auto named = owner_named_by(id)) owners.push_back(*named);
    const auto others = co_await owners_of_resource(tx, *known, id);
    owners.insert(owners.end(), others.begin(), others.end());
    for (const Owner& owner : owners) {
        if (!admits(scope, owner, *known)) continue;
        auto found = co_await get(tx, owner, type, id);
        if (found && admits(scope, owner, *known, found->restricted)) co_return found;
    }
    co_return std::nullopt;
}

base::Task<base::Result<Page>> search(db::ReadTx& tx, SearchRequest request) {
    Searcher searcher(tx, request);
    const r4::Query& query = *request.query;
    MUSUBI_CO_TRY(std::vector<Condition> conditions, co_await searcher.prepare(pointers(query.filters)));

    Page page;
    std::vector<ScanRow> rows;
    std::optional<std::vector<Owner>> owners;
    if (request.compartment) owners = std::vector<Owner>{*request.compartment};
    const bool needs_all = !query.sort.empty() || query.total == r4::Total::Accurate || request.count == 0;
    if (!needs_all && searcher.walks_through_all(query.type, conditions)) {
        MUSUBI_CO_TRY(Searcher::Stream found,
                      co_await searcher.stream(query.type, std::move(conditions), request.after, request.count));
        if (found.rows.size() > request.count) {
            found.rows.pop_back();
            const ScanRow& last = found.rows.back();
            found.next = Position{std::to_string(last.updated_at.milliseconds()), last.owner.key(), last.id};
        }
        page.next = std::move(found.next);
        rows = std::move(found.rows);
    } else {
        MUSUBI_CO_TRY(std::vector<ScanRow> found,
                      co_await searcher.collect(query.type, std::move(conditions), std::move(owners)));
        rows = page_of(std::move(found), request, page);
    }
    std::vector<RowKey> keys;
    for (const ScanRow& row : rows) {
        RowKey key;
        key.owner = row.owner;
        key.type = r4::name_of(query.type);
        key.id = row.id;
        keys.push_back(std::move(key));
    }
    page.matches = co_await fetch(tx, std::move(keys));
    if (!query.includes.empty()) {
        MUSUBI_CO_TRY(page.included, co_await searcher.include(std::move(rows)));
    }
    co_return page;
}

} // namespace musubi::records
