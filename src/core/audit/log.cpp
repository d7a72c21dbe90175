#include "core/audit/log.h"

#include "base/encoding.h"
#include "core/audit/log_store.h"

#include <algorithm>
#include <set>

namespace musubi::audit {
namespace {

constexpr db::Query kPending{"audit.pending",
                             MUSUBI_AUDIT_LOGGED " WHERE leaf IS NULL ORDER BY audit_entry.id LIMIT $1"};
constexpr db::Query kDueSeals{"audit.due_seals",
                              MUSUBI_AUDIT_LOGGED " WHERE sealed_until IS NOT NULL AND opened_at IS NULL"
                                                  " AND sealed_until <= $1 AND leaf IS NOT NULL LIMIT 100"};
constexpr db::Query kOpen{"audit.open_seal", "UPDATE audit_entry SET opened_at = $3"
                                             " WHERE person_id = $1 AND id = $2 AND opened_at IS NULL"};
constexpr db::Query kPutIndexTile{"audit.put_index_tile",
                                  "INSERT INTO audit_index_tile (covered, level, place, first, bytes)"
                                  " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (covered, level, place)"
                                  " DO UPDATE SET first = excluded.first, bytes = excluded.bytes"};
constexpr db::Query kAddIndex{"audit.add_index",
                              "INSERT INTO audit_index (leaf, covered, series, at) VALUES ($1, $2, $3, $4)"};
// Whoever is reading the index before this one may finish.
constexpr db::Query kDropIndexTiles{"audit.drop_index_tiles",
                                    "DELETE FROM audit_index_tile WHERE covered < $1 AND covered NOT IN"
                                    " (SELECT covered FROM audit_index ORDER BY leaf DESC LIMIT 2)"};

constexpr size_t kSeriesKeySize = 32;

std::string person_column(const Entry& entry) { return entry.person ? entry.person->to_string() : std::string(); }

std::vector<std::string> names_of(const std::vector<LoggedEntry>& entries) {
    std::set<std::string> names;
    for (const LoggedEntry& entry : entries) names.insert(entry.series_name());
    return {names.begin(), names.end()};
}

/// A batch on its way into the log.
struct Batch {
    std::vector<Placed> placed;
    std::vector<std::string> leaves;
};

Batch number_entries(const std::vector<LoggedEntry>& entries, std::map<std::string, Series>& series, uint64_t size,
                     base::Instant at, base::Random& random) {
    Batch batch;
    for (const LoggedEntry& logged : entries) {
        Series& own = series[logged.series_name()];
        if (own.key.empty()) own.key = random.bytes(kSeriesKeySize);
        // Entries older than the log come without a salt.
        const std::string salt = logged.salt.empty() ? random.bytes(kSaltSize) : logged.salt;
        const EntryLeaf leaf{at, commitment(salt, entry_text(logged.entry)), tag(own.key, ++own.count)};
        batch.leaves.push_back(leaf.bytes());
        own.head = next_head(own.head, tlog::leaf_hash(batch.leaves.back()));
        batch.placed.push_back({person_column(logged.entry), logged.entry.id.to_string(),
                                size + batch.leaves.size() - 1, own.count, base::base64_encode(salt)});
    }
    return batch;
}

struct IndexTile {
    tlog::TileId id;
    std::string first;
    std::string bytes;
};

struct BuiltIndex {
    uint64_t covered = 0;
    uint64_t series = 0;
    tlog::Hash root{};
    std::vector<IndexTile> tiles;
};

base::Task<std::optional<BuiltIndex>> build_index(db::ReadTx& tx) {
    const auto latest = co_await latest_checkpoint(tx);
    if (!latest || latest->size == 0) co_return std::nullopt;
    const auto previous = co_await latest_index(tx);
    if (previous && previous->leaf + 1 == latest->size) co_return std::nullopt;
    BuiltIndex out;
    out.covered = latest->size;
    constexpr int kPage = 2000;
    std::vector<std::string> records;
    std::string after;
    for (size_t read = kPage; read == kPage;) {
        const auto page = co_await series_page(tx, after, kPage);
        for (const NamedSeries& one : page) {
            // Given its key so that its absence could be shown, and empty still.
            if (one.series.count == 0) continue;
            records.push_back(index_record(one.series.key, out.covered, one.series.count, one.series.head).bytes());
        }
        read = page.size();
        if (!page.empty()) after = page.back().name;
    }
    std::sort(records.begin(), records.end());
    out.series = records.size();
    tlog::Edge edge;
    for (size_t at = 0; at < records.size(); ++at) {
        edge.append(tlog::leaf_hash(records[at]));
        if (at % tlog::kTileWidth == 0)
            out.tiles.push_back(
                {{tlog::kEntries, at / tlog::kTileWidth}, base::hex_encode(records[at].substr(0, 32)), ""});
        out.tiles.back().bytes += records[at];
    }
    out.root = edge.root();
    for (auto& [id, bytes] : edge.take_changed()) out.tiles.push_back({id, "", std::move(bytes)});
    co_return out;
}

base::Task<> put_index_tiles(db::WriteTx& tx, const BuiltIndex& index, size_t begin, size_t end) {
    for (size_t at = begin; at < end; ++at) {
        const IndexTile& tile = index.tiles[at];
        db::Blob blob(tile.bytes);
        co_await tx.run(kPutIndexTile, index.covered, tile.id.level, tile.id.place, tile.first, blob);
    }
}

} // namespace

base::Task<int> Log::sequence(base::Instant now, int limit) {
    // Read outside the writing transaction: nobody who is adding an entry can then conflict with it.
    const auto pending = co_await m_database.read(
        [limit](db::ReadTx& tx) { return tx.all<LoggedEntry>(kPending, std::clamp(limit, 1, 16'384)); });
    if (pending.empty()) co_return 0;
    const auto names = names_of(pending);
    try {
        const auto done = co_await m_database.write([&](db::WriteTx& tx) -> base::Task<base::Status> {
            const auto latest = co_await latest_checkpoint(tx);
            const base::Instant at = latest ? std::max(now, latest->at) : now;
            auto series = co_await load_series(tx, names);
            const Batch batch = number_entries(pending, series, latest ? latest->size : 0, at, m_random);
            const int64_t placed = co_await place_entries(tx, batch.placed, at);
            if (placed != static_cast<int64_t>(pending.size())) co_return base::conflict("log.sequenced-elsewhere");
            co_await save_series(tx, series);
            co_await append_leaves(tx, m_signer, latest, batch.leaves, at);
            co_return base::success();
        });
        co_return done ? static_cast<int>(pending.size()) : 0;
    } catch (const db::UniqueViolation&) {
        co_return 0; // another node was faster
    }
}

base::Task<bool> Log::make_index(base::Instant now) {
    const auto index = co_await m_database.read([](db::ReadTx& tx) { return build_index(tx); });
    if (!index) co_return false;
    constexpr size_t kTilesAtOnce = 100;
    for (size_t begin = 0; begin < index->tiles.size(); begin += kTilesAtOnce) {
        const size_t end = std::min(begin + kTilesAtOnce, index->tiles.size());
        co_await m_database.write([&](db::WriteTx& tx) { return put_index_tiles(tx, *index, begin, end); });
    }
    co_await m_database.write([&](db::WriteTx& tx) -> base::Task<> {
        const auto latest = co_await latest_checkpoint(tx);
        const base::Instant at = std::max(now, latest->at);
        const IndexLeaf leaf{at, index->covered, index->series, index->root};
        co_await tx.run(kAddIndex, latest->size, index->covered, index->series, at);
        co_await tx.run(kDropIndexTiles, index->covered);
        std::vector<std::string> leaves{leaf.bytes()};
        co_await append_leaves(tx, m_signer, latest, leaves, at);
    });
    co_return true;
}

base::Task<int> Log::open_seals(base::Instant now) {
    const auto due = co_await m_database.read([now](db::ReadTx& tx) { return tx.all<LoggedEntry>(kDueSeals, now); });
    for (const LoggedEntry& logged : due) {
        co_await m_database.write([&](db::WriteTx& tx) -> base::Task<> {
            const int64_t opened = co_await tx.run(kOpen, person_column(logged.entry), logged.entry.id, now);
            if (opened == 0) co_return;
            NewEntry entry;
            entry.person = logged.entry.person;
            entry.actor = "audit.seals";
            entry.operation = "audit.seal-opened";
            entry.purpose = logged.entry.seal;
            entry.object = "leaf " + std::to_string(logged.leaf.value_or(0));
            co_await record(tx, m_random, entry, now);
        });
    }
    co_return static_cast<int>(due.size());
}

} // namespace musubi::audit
