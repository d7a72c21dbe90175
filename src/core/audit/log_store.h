// How the log lies in the database. Private to core/audit.
#pragma once

#include "core/audit/leaf.h"
#include "lib/db/database.h"
#include "lib/tlog/note.h"
#include "lib/tlog/tile.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace musubi::audit {

struct StoredCheckpoint {
    uint64_t size = 0;
    base::Instant at;
    std::string note;
    static StoredCheckpoint from(db::Reader&);
};
base::Task<std::optional<StoredCheckpoint>> latest_checkpoint(db::ReadTx& tx);
/// The newest one with a witness's signature that holds `leaf`, otherwise the newest of all.
base::Task<std::optional<StoredCheckpoint>> best_checkpoint(db::ReadTx& tx, uint64_t leaf);

/// As wide as it is stored; empty when there is none.
base::Task<std::string> stored_tile(db::ReadTx& tx, tlog::TileId id);
using Tiles = std::map<tlog::TileId, std::string>;
base::Task<Tiles> load_tiles(db::ReadTx& tx, std::vector<tlog::TileId> ids);
tlog::HashSource source_of(const Tiles& tiles);
/// A leaf's bytes; empty when there is none.
base::Task<std::string> stored_leaf(db::ReadTx& tx, uint64_t index);

/// Appends leaves after `before` (the latest checkpoint) and signs a new checkpoint, all in this transaction.
base::Task<> append_leaves(db::WriteTx& tx, const tlog::Signer& signer, std::optional<StoredCheckpoint> before,
                           const std::vector<std::string>& leaves, base::Instant at);

struct StoredIndex {
    uint64_t leaf = 0;
    uint64_t covered = 0;
    uint64_t series = 0;
    static StoredIndex from(db::Reader&);
};
base::Task<std::optional<StoredIndex>> latest_index(db::ReadTx& tx);

struct Series {
    std::string key;
    uint64_t count = 0;
    tlog::Hash head{};
};
struct NamedSeries {
    std::string name;
    Series series;
    static NamedSeries from(db::Reader&);
};
base::Task<std::map<std::string, Series>> load_series(db::ReadTx& tx, std::vector<std::string> names);
base::Task<> save_series(db::WriteTx& tx, const std::map<std::string, Series>& series);
/// In the order of names, after `after`.
base::Task<std::vector<NamedSeries>> series_page(db::ReadTx& tx, std::string after, int limit);

/// Where an entry came to lie.
struct Placed {
    std::string person;
    std::string id;
    uint64_t leaf = 0;
    uint64_t number = 0;
    std::string salt; // base64
};
/// How many entries were updated: fewer than given when another node was faster.
base::Task<int64_t> place_entries(db::WriteTx& tx, const std::vector<Placed>& entries, base::Instant at);

} // namespace musubi::audit
