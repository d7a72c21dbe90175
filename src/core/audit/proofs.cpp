#include "base/encoding.h"
#include "core/audit/log.h"
#include "core/audit/log_store.h"

#include <algorithm>

namespace musubi::audit {
namespace {

constexpr db::Query kEntry{"audit.entry", MUSUBI_AUDIT_LOGGED " WHERE person_id = $1 AND id = $2 AND series = ''"
                                                              " AND (sealed_until IS NULL OR opened_at IS NOT NULL)"};
constexpr db::Query kReceipt{"audit.receipt", MUSUBI_AUDIT_LOGGED " WHERE series = $1 AND number = $2"};
constexpr db::Query kOfPerson{"audit.logged_of_person",
                              MUSUBI_AUDIT_LOGGED " WHERE person_id = $1 AND series = '' AND sealed_until IS NULL"
                                                  " AND leaf < $2 ORDER BY number"};
constexpr db::Query kOfSeries{"audit.logged_of_series",
                              MUSUBI_AUDIT_LOGGED " WHERE series = $1 AND leaf < $2 ORDER BY number"};
constexpr db::Query kNewSeries{"audit.new_series", "INSERT INTO audit_series (name, key, count, head)"
                                                   " VALUES ($1, $2, 0, $3) ON CONFLICT (name) DO NOTHING"};
constexpr db::Query kIndexTile{"audit.index_tile", "SELECT bytes FROM audit_index_tile"
                                                   " WHERE covered = $1 AND level = $2 AND place = $3"};
constexpr db::Query kBundleOf{"audit.index_bundle",
                              "SELECT place FROM audit_index_tile WHERE covered = $1 AND level = -1"
                              " AND first <= $2 ORDER BY first DESC LIMIT 1"};
constexpr db::Query kCosign{"audit.cosign", "UPDATE audit_checkpoint SET note = $3, cosigned = cosigned + 1"
                                            " WHERE size = $1 AND note = $2"};
constexpr db::Query kCheckpointAt{"audit.checkpoint_at", "SELECT size, at, note FROM audit_checkpoint WHERE size = $1"};

constexpr size_t kRecordSize = 64;
constexpr size_t kNameSize = 32;

/// A leaf's way to the root of the best checkpoint; the leaf is below its size.
base::Task<tlog::Proof> prove(db::ReadTx& tx, uint64_t leaf) {
    const auto checkpoint = co_await best_checkpoint(tx, leaf);
    const uint64_t size = checkpoint->size;
    const auto ids =
        tlog::tiles_for([&](const tlog::HashSource& source) { tlog::inclusion_proof(leaf, size, source); });
    const Tiles tiles = co_await load_tiles(tx, ids);
    tlog::Proof proof;
    proof.index = leaf;
    proof.path = tlog::inclusion_proof(leaf, size, source_of(tiles));
    auto note = tlog::parse_note(checkpoint->note);
    if (!note) throw db::DatabaseError("a stored checkpoint is malformed");
    proof.checkpoint = std::move(*note);
    co_return proof;
}

base::Task<base::Result<std::string>> proof_text(db::ReadTx& tx, std::optional<LoggedEntry> logged) {
    if (!logged || (logged->leaf && logged->salt.empty())) co_return base::not_found("log.entry-not-found");
    if (!logged->leaf) co_return base::conflict("log.entry-not-integrated");
    const auto index = static_cast<uint64_t>(*logged->leaf);
    tlog::Proof proof = co_await prove(tx, index);
    EntryOpening opening;
    opening.leaf = base::base64_encode(co_await stored_leaf(tx, index));
    opening.salt = base::base64_encode(logged->salt);
    opening.entry = entry_text(logged->entry);
    proof.extra = json::write(opening);
    co_return proof.to_string();
}

// ---- the index

/// One index of the database, as far as a history needs it.
struct IndexReader {
    db::ReadTx& tx;
    StoredIndex index;

    base::Task<std::string> tile(tlog::TileId id) {
        auto blob = co_await tx.one<db::Blob>(kIndexTile, index.covered, id.level, id.place);
        co_return blob ? std::move(blob->bytes) : std::string();
    }
    base::Task<PlacedRecord> record_at(uint64_t place) {
        const std::string bundle = co_await tile({tlog::kEntries, place / tlog::kTileWidth});
        const uint64_t size = index.series;
        const auto ids =
            tlog::tiles_for([&](const tlog::HashSource& source) { tlog::inclusion_proof(place, size, source); });
        Tiles tiles;
        for (const tlog::TileId& id : ids) {
            std::string bytes = co_await tile(id);
            tiles[id] = std::move(bytes);
        }
        PlacedRecord out;
        out.place = static_cast<int64_t>(place);
        const size_t at = (place % tlog::kTileWidth) * kRecordSize;
        if (bundle.size() < at + kRecordSize) throw db::DatabaseError("the log's index misses a bundle");
        out.record = base::base64_encode(bundle.substr(at, kRecordSize));
        for (const tlog::Hash& hash : tlog::inclusion_proof(place, size, source_of(tiles)))
            out.path.push_back(tlog::hash_text(hash));
        co_return out;
    }
    /// How many records have a smaller name.
    base::Task<uint64_t> records_below(const std::string& name) {
        const std::string hex = base::hex_encode(name);
        const auto place = co_await tx.one<uint64_t>(kBundleOf, index.covered, hex);
        if (!place) co_return 0;
        const std::string bundle = co_await tile({tlog::kEntries, *place});
        uint64_t below = *place * tlog::kTileWidth;
        for (size_t at = 0; at + kRecordSize <= bundle.size() && bundle.compare(at, kNameSize, name) < 0;
             at += kRecordSize)
            ++below;
        co_return below;
    }
};

base::Task<HistoryEntry> history_entry(db::ReadTx& tx, LoggedEntry logged) {
    HistoryEntry out;
    out.logged_at = logged.logged_at.value_or(base::Instant());
    if (!logged.salt.empty()) {
        out.salt = base::base64_encode(logged.salt);
        out.entry = entry_text(logged.entry);
        co_return out;
    }
    const auto leaf = parse_entry_leaf(co_await stored_leaf(tx, static_cast<uint64_t>(logged.leaf.value_or(0))));
    if (leaf) out.commitment = tlog::hash_text(leaf->commitment);
    co_return out;
}

base::Task<base::Result<History>> make_history(db::ReadTx& tx, std::string name, std::string key, StoredIndex index,
                                               std::vector<LoggedEntry> entries) {
    History out;
    out.series = name;
    out.key = base::base64_encode(key);
    for (const LoggedEntry& logged : entries) {
        HistoryEntry entry = co_await history_entry(tx, logged);
        out.entries.push_back(std::move(entry));
    }
    IndexReader reader{tx, index};
    const uint64_t below = co_await reader.records_below(blinded_name(key));
    if (!entries.empty()) {
        PlacedRecord own = co_await reader.record_at(below);
        out.own = std::move(own);
    } else {
        if (below > 0) {
            PlacedRecord before = co_await reader.record_at(below - 1);
            out.before = std::move(before);
        }
        if (below < index.series) {
            PlacedRecord after = co_await reader.record_at(below);
            out.after = std::move(after);
        }
    }
    out.index = base::base64_encode(co_await stored_leaf(tx, index.leaf));
    const tlog::Proof proof = co_await prove(tx, index.leaf);
    out.proof = proof.to_string();
    co_return out;
}

} // namespace

base::Task<base::Result<std::string>> checkpoint(db::ReadTx& tx) {
    auto latest = co_await latest_checkpoint(tx);
    if (!latest) co_return base::not_found("log.empty");
    co_return std::move(latest->note);
}

base::Task<base::Result<std::string>> tile(db::ReadTx& tx, std::string_view path) {
    const auto missing = base::not_found("log.tile-not-found");
    const auto wanted = tlog::parse_tile_path(path);
    if (!wanted) co_return missing;
    const std::string bytes = co_await stored_tile(tx, wanted->id);
    if (wanted->id.level == tlog::kEntries) {
        const auto narrow = tlog::narrow_bundle(bytes, wanted->width);
        if (!narrow) co_return missing;
        co_return std::string(*narrow);
    }
    if (bytes.size() < wanted->width * 32) co_return missing;
    co_return bytes.substr(0, wanted->width * 32);
}

base::Task<base::Result<std::string>> entry_proof(db::ReadTx& tx, base::PersonId person, EntryId id) {
    auto logged = co_await tx.one<LoggedEntry>(kEntry, person, id);
    co_return co_await proof_text(tx, std::move(logged));
}

base::Task<base::Result<std::string>> entry_proof(db::ReadTx& tx, std::string series, uint64_t number) {
    auto logged = co_await tx.one<LoggedEntry>(kReceipt, series, number);
    co_return co_await proof_text(tx, std::move(logged));
}

base::Task<base::Result<History>> history_of_person(db::ReadTx& tx, base::PersonId person) {
    const auto index = co_await latest_index(tx);
    if (!index) co_return base::conflict("log.not-indexed");
    const std::string name = "person:" + person.to_string();
    std::vector<std::string> names{name};
    auto series = co_await load_series(tx, names);
    if (series.empty()) co_return base::not_found("log.entry-not-found");
    auto entries = co_await tx.all<LoggedEntry>(kOfPerson, person, index->covered);
    co_return co_await make_history(tx, name, series.begin()->second.key, *index, std::move(entries));
}

base::Task<base::Result<History>> history_of_series(db::WriteTx& tx, base::Random& random, std::string name) {
    const auto index = co_await latest_index(tx);
    if (!index) co_return base::conflict("log.not-indexed");
    const std::string fresh = base::base64_encode(random.bytes(32));
    co_await tx.run(kNewSeries, name, fresh, tlog::hash_text(tlog::Hash{}));
    std::vector<std::string> names{name};
    auto series = co_await load_series(tx, names);
    auto entries = co_await tx.all<LoggedEntry>(kOfSeries, name, index->covered);
    co_return co_await make_history(tx, name, series.begin()->second.key, *index, std::move(entries));
}

base::Task<std::vector<tlog::Hash>> consistency(db::ReadTx& tx, uint64_t first, uint64_t second) {
    const auto ids =
        tlog::tiles_for([&](const tlog::HashSource& source) { tlog::consistency_proof(first, second, source); });
    const Tiles tiles = co_await load_tiles(tx, ids);
    co_return tlog::consistency_proof(first, second, source_of(tiles));
}

base::Task<bool> add_cosignature(db::WriteTx& tx, const tlog::Checkpoint& of, const tlog::NoteSignature& signature) {
    const auto stored = co_await tx.one<StoredCheckpoint>(kCheckpointAt, of.size);
    if (!stored) co_return false;
    auto note = tlog::parse_note(stored->note);
    if (!note || note->text != of.text()) co_return false;
    for (const tlog::NoteSignature& present : note->signatures)
        if (present.name == signature.name && present.key_id == signature.key_id) co_return true;
    note->signatures.push_back(signature);
    const std::string changed = note->to_string();
    const int64_t rows = co_await tx.run(kCosign, of.size, stored->note, changed);
    co_return rows == 1;
}

} // namespace musubi::audit
