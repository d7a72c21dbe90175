// A log's tree as files of a fixed shape (C2SP tlog-tiles): tiles of up to 256 hashes, bundles of up to 256 entries.
// The tile at level l and place n holds the roots of the complete subtrees of 256^l leaves from n · 256 on.
#pragma once

#include "base/result.h"
#include "lib/tlog/merkle.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace musubi::tlog {

inline constexpr uint64_t kTileWidth = 256;
inline constexpr int kEntries = -1;         // as a level: the bundle of entries instead of hashes
inline constexpr size_t kMaxEntry = 65'535; // bytes

struct TileId {
    int level = 0; // 0 to 7, or kEntries
    uint64_t place = 0;
    friend auto operator<=>(const TileId&, const TileId&) = default;
};

/// "tile/0/x001/x234/067" or "tile/entries/000.p/17", without the log's prefix.
std::string tile_path(const TileId& id, unsigned width = kTileWidth);
struct TilePath {
    TileId id;
    unsigned width = kTileWidth; // 1 to 256
};
/// Nothing unless it is written exactly as tile_path writes it.
std::optional<TilePath> parse_tile_path(std::string_view path);
/// How many hashes (or entries) the tile has in a tree of `size` leaves; 0: there is no such tile.
unsigned tile_width(const TileId& id, uint64_t size);

/// Where the hash of a complete subtree is computed from.
TileId tile_of(const Node& node);
/// `tile` is as wide as the node needs.
Hash hash_in_tile(const Node& node, std::string_view tile);
/// The tiles that a proof reads: `collect` is run with a source that only notes what is asked.
std::vector<TileId> tiles_for(const std::function<void(const HashSource&)>& collect);

/// Entries in a bundle, each after its length as two bytes, big-endian. "tlog.bundle-malformed".
void append_entry(std::string& bundle, std::string_view entry);
base::Result<std::vector<std::string_view>> entries_of(std::string_view bundle);
/// The first `width` entries of a wider bundle.
base::Result<std::string_view> narrow_bundle(std::string_view bundle, unsigned width);

/// The growing right edge of a tree: appends leaves and says which tiles changed.
class Edge {
  public:
    Edge() = default;
    /// `tiles`: the last partial tile of every level from 0 on, empty where there is none. "tlog.edge-malformed" when
    /// their widths are not those of a tree of `size`.
    static base::Result<Edge> load(uint64_t size, std::vector<std::string> tiles);
    /// Which tiles `load` wants, lowest level first; an empty place means an empty tile.
    static std::vector<std::optional<TileId>> wanted(uint64_t size);

    void append(const Hash& leaf);
    uint64_t size() const { return m_size; }
    Hash root() const;
    /// Tiles changed since the last call, whole.
    std::map<TileId, std::string> take_changed();

  private:
    void push(size_t level, const Hash& hash, uint64_t index);
    uint64_t m_size = 0;
    std::vector<std::string> m_tiles;
    std::map<TileId, std::string> m_full;
};

} // namespace musubi::tlog
