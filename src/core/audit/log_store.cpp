#include "core/audit/log_store.h"

#include "base/encoding.h"

#include <array>
#include <tuple>

namespace musubi::audit {
namespace {

constexpr db::Query kLatest{"audit.latest_checkpoint",
                            "SELECT size, at, note FROM audit_checkpoint ORDER BY size DESC LIMIT 1"};
constexpr db::Query kCosigned{"audit.cosigned_checkpoint",
                              "SELECT size, at, note FROM audit_checkpoint"
                              " WHERE cosigned > 0 AND size > $1 ORDER BY size DESC LIMIT 1"};
constexpr db::Query kAddCheckpoint{"audit.add_checkpoint",
                                   "INSERT INTO audit_checkpoint (size, at, hour, note) VALUES ($1, $2, $3, $4)"};
// Of an hour that is over, the last checkpoint is enough; what a witness signed stays too.
constexpr db::Query kThinOut{"audit.thin_out",
                             "DELETE FROM audit_checkpoint WHERE hour = $1 AND cosigned = 0 AND size <"
                             " (SELECT MAX(size) FROM audit_checkpoint WHERE hour = $1)"};
constexpr db::Query kTile{"audit.tile", "SELECT bytes FROM audit_tile WHERE level = $1 AND place = $2"};
constexpr db::Query kPutTile{"audit.put_tile", "INSERT INTO audit_tile (level, place, bytes) VALUES ($1, $2, $3)"
                                               " ON CONFLICT (level, place) DO UPDATE SET bytes = excluded.bytes"};
constexpr db::Query kIndex{"audit.latest_index",
                           "SELECT leaf, covered, series FROM audit_index ORDER BY leaf DESC LIMIT 1"};
constexpr db::Query kSeriesPage{"audit.series_page", "SELECT name, key, count, head FROM audit_series"
                                                     " WHERE name > $1 ORDER BY name LIMIT $2"};

// ---- statements over many rows at once: on PostgreSQL each statement is a round trip

constexpr size_t kRows = 32;

struct Cell {
    db::Value value;
};
db::Value to_value(const Cell& cell) { return cell.value; }
template <class T> Cell cell(const T& value) {
    using db::to_value;
    return Cell{to_value(value)};
}

/// "($1, $2), ($3, $4), …"; columns named in `numbers` are cast, as nothing else tells PostgreSQL their type.
std::string value_rows(size_t rows, size_t columns, std::string_view numbers) {
    std::string out;
    for (size_t row = 0; row < rows; ++row) {
        out += row == 0 ? "(" : ", (";
        for (size_t column = 0; column < columns; ++column) {
            const std::string parameter = "$" + std::to_string(row * columns + column + 1);
            if (column > 0) out += ", ";
            out += numbers[column] == 'n' ? "CAST(" + parameter + " AS BIGINT)" : "CAST(" + parameter + " AS TEXT)";
        }
        out += ")";
    }
    return out;
}

std::string update_sql(size_t rows) {
    return "UPDATE audit_entry SET leaf = v.column3, number = v.column4, salt = v.column5, logged_at = v.column6"
           " FROM (VALUES " +
           value_rows(rows, 6, "ttnntn") +
           ") AS v WHERE audit_entry.person_id = v.column1 AND audit_entry.id = v.column2 AND audit_entry.leaf IS NULL";
}

std::string upsert_sql(size_t rows) {
    return "INSERT INTO audit_series (name, key, count, head) VALUES " + value_rows(rows, 4, "ttnt") +
           " ON CONFLICT (name) DO UPDATE SET count = excluded.count, head = excluded.head";
}

std::string select_sql() {
    std::string out = "SELECT name, key, count, head FROM audit_series WHERE name IN (";
    for (size_t row = 0; row < kRows; ++row) out += (row == 0 ? "$" : ", $") + std::to_string(row + 1);
    return out + ")";
}

/// Runs `many` for each kRows rows and `one` for what is left over. `row(i)` gives row i's cells.
template <size_t Columns, class Row>
base::Task<int64_t> run_rows(db::WriteTx& tx, db::Query many, db::Query one, size_t count, Row row) {
    int64_t changed = 0;
    size_t at = 0;
    for (; at + kRows <= count; at += kRows) {
        std::array<Cell, Columns * kRows> cells;
        for (size_t i = 0; i < kRows; ++i) {
            const std::array<Cell, Columns> next = row(at + i);
            std::copy(next.begin(), next.end(), cells.begin() + static_cast<ptrdiff_t>(i * Columns));
        }
        auto task = std::apply([&](const auto&... cell) { return tx.run(many, cell...); }, cells);
        changed += co_await task;
    }
    for (; at < count; ++at) {
        const std::array<Cell, Columns> next = row(at);
        auto task = std::apply([&](const auto&... cell) { return tx.run(one, cell...); }, next);
        changed += co_await task;
    }
    co_return changed;
}

base::Task<> put_tile(db::WriteTx& tx, tlog::TileId id, std::string bytes) {
    db::Blob blob(std::move(bytes));
    co_await tx.run(kPutTile, id.level, id.place, blob);
}

} // namespace

StoredCheckpoint StoredCheckpoint::from(db::Reader& row) { return {.size = row, .at = row, .note = row}; }
StoredIndex StoredIndex::from(db::Reader& row) { return {.leaf = row, .covered = row, .series = row}; }

NamedSeries NamedSeries::from(db::Reader& row) {
    NamedSeries out;
    out.name = row.get<std::string>();
    out.series.key = base::base64_decode(row.get<std::string>()).value_or("");
    out.series.count = row.get<uint64_t>();
    out.series.head = tlog::parse_hash(row.get<std::string>()).value_or(tlog::Hash{});
    return out;
}

base::Task<std::optional<StoredCheckpoint>> latest_checkpoint(db::ReadTx& tx) {
    return tx.one<StoredCheckpoint>(kLatest);
}

base::Task<std::optional<StoredCheckpoint>> best_checkpoint(db::ReadTx& tx, uint64_t leaf) {
    auto found = co_await tx.one<StoredCheckpoint>(kCosigned, leaf);
    if (!found) found = co_await latest_checkpoint(tx);
    co_return found;
}

base::Task<std::string> stored_tile(db::ReadTx& tx, tlog::TileId id) {
    auto blob = co_await tx.one<db::Blob>(kTile, id.level, id.place);
    co_return blob ? std::move(blob->bytes) : std::string();
}

base::Task<Tiles> load_tiles(db::ReadTx& tx, std::vector<tlog::TileId> ids) {
    Tiles out;
    for (const tlog::TileId& id : ids) {
        std::string bytes = co_await stored_tile(tx, id);
        out[id] = std::move(bytes);
    }
    co_return out;
}

tlog::HashSource source_of(const Tiles& tiles) {
    return [&tiles](const tlog::Node& node) {
        const auto tile = tiles.find(tlog::tile_of(node));
        const size_t inside = node.level % 8;
        const size_t end = (((node.index << inside) % tlog::kTileWidth) + (size_t{1} << inside)) * 32;
        if (tile == tiles.end() || tile->second.size() < end) throw db::DatabaseError("the log misses a tile");
        return tlog::hash_in_tile(node, tile->second);
    };
}

base::Task<std::string> stored_leaf(db::ReadTx& tx, uint64_t index) {
    const std::string bundle = co_await stored_tile(tx, {tlog::kEntries, index / tlog::kTileWidth});
    const auto entries = tlog::entries_of(bundle);
    const size_t at = index % tlog::kTileWidth;
    if (!entries || entries->size() <= at) co_return std::string();
    co_return std::string((*entries)[at]);
}

base::Task<> append_leaves(db::WriteTx& tx, const tlog::Signer& signer, std::optional<StoredCheckpoint> before,
                           const std::vector<std::string>& leaves, base::Instant at) {
    const uint64_t size = before ? before->size : 0;
    std::vector<std::string> tiles;
    for (const auto& id : tlog::Edge::wanted(size)) {
        std::string tile;
        if (id) tile = co_await stored_tile(tx, *id);
        tiles.push_back(std::move(tile));
    }
    auto edge = tlog::Edge::load(size, std::move(tiles));
    if (!edge) throw db::DatabaseError("the log's last tiles do not fit its size");
    uint64_t place = size / tlog::kTileWidth;
    std::string bundle;
    if (size % tlog::kTileWidth != 0) bundle = co_await stored_tile(tx, {tlog::kEntries, place});
    for (const std::string& leaf : leaves) {
        edge->append(tlog::leaf_hash(leaf));
        tlog::append_entry(bundle, leaf);
        if (edge->size() % tlog::kTileWidth == 0) {
            co_await put_tile(tx, {tlog::kEntries, place++}, std::move(bundle));
            bundle = std::string();
        }
    }
    if (!bundle.empty()) co_await put_tile(tx, {tlog::kEntries, place}, std::move(bundle));
    for (auto& [id, bytes] : edge->take_changed()) co_await put_tile(tx, id, bytes);
    tlog::Checkpoint checkpoint;
    checkpoint.origin = signer.verifier().name;
    checkpoint.size = edge->size();
    checkpoint.root = edge->root();
    tlog::Note note{checkpoint.text(), {}};
    note.signatures.push_back(signer.sign(note.text));
    const int64_t hour = at.milliseconds() / 3'600'000;
    const std::string text = note.to_string();
    co_await tx.run(kAddCheckpoint, checkpoint.size, at, hour, text);
    if (before && before->at.milliseconds() / 3'600'000 != hour)
        co_await tx.run(kThinOut, before->at.milliseconds() / 3'600'000);
}

base::Task<std::optional<StoredIndex>> latest_index(db::ReadTx& tx) { return tx.one<StoredIndex>(kIndex); }

base::Task<std::map<std::string, Series>> load_series(db::ReadTx& tx, std::vector<std::string> names) {
    static const std::string sql = select_sql();
    const db::Query query{"audit.series", sql};
    std::map<std::string, Series> out;
    for (size_t at = 0; at < names.size(); at += kRows) {
        std::array<Cell, kRows> cells;
        for (size_t i = 0; i < kRows; ++i) cells[i] = cell(at + i < names.size() ? names[at + i] : std::string());
        auto task = std::apply([&](const auto&... name) { return tx.all<NamedSeries>(query, name...); }, cells);
        auto found = co_await task;
        for (NamedSeries& one : found) out[one.name] = std::move(one.series);
    }
    co_return out;
}

base::Task<> save_series(db::WriteTx& tx, const std::map<std::string, Series>& series) {
    static const std::string many = upsert_sql(kRows);
    static const std::string one = upsert_sql(1);
    std::vector<std::map<std::string, Series>::const_iterator> rows;
    for (auto at = series.begin(); at != series.end(); ++at) rows.push_back(at);
    const auto row = [&rows](size_t i) {
        const auto& [name, value] = *rows[i];
        return std::array{cell(name), cell(base::base64_encode(value.key)), cell(value.count),
                          cell(tlog::hash_text(value.head))};
    };
    const db::Query many_rows{"audit.save_series", many};
    const db::Query one_row{"audit.save_one_series", one};
    co_await run_rows<4>(tx, many_rows, one_row, rows.size(), row);
}

base::Task<std::vector<NamedSeries>> series_page(db::ReadTx& tx, std::string after, int limit) {
    return tx.all<NamedSeries>(kSeriesPage, after, limit);
}

base::Task<int64_t> place_entries(db::WriteTx& tx, const std::vector<Placed>& entries, base::Instant at) {
    static const std::string many = update_sql(kRows);
    static const std::string one = update_sql(1);
    const auto row = [&entries, at](size_t i) {
        const Placed& placed = entries[i];
        return std::array{cell(placed.person), cell(placed.id),   cell(placed.leaf),
                          cell(placed.number), cell(placed.salt), cell(at)};
    };
    const db::Query many_rows{"audit.place", many};
    const db::Query one_row{"audit.place_one", one};
    co_return co_await run_rows<6>(tx, many_rows, one_row, entries.size(), row);
}

} // namespace musubi::audit
