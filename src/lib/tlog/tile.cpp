#include "lib/tlog/tile.h"

#include <cassert>
#include <charconv>
#include <set>

namespace musubi::tlog {
namespace {

constexpr size_t kHashSize = 32;
constexpr int kHighestLevel = 7; // 256^8 leaves is every uint64_t

std::string three_digits(uint64_t number) {
    const std::string digits = std::to_string(number);
    return std::string(3 - digits.size(), '0') + digits;
}

std::optional<unsigned> decimal(std::string_view text) {
    unsigned value = 0;
    if (text.empty() || text.size() > 3 || (text.size() > 1 && text[0] == '0')) return std::nullopt;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
    return value;
}

std::string_view take_segment(std::string_view& rest) {
    const size_t slash = rest.find('/');
    const auto segment = rest.substr(0, slash);
    rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
    return segment;
}

/// How many complete subtrees of 256^level leaves lie in a tree of `size`.
uint64_t count_at(int level, uint64_t size) { return size >> (8 * std::max(level, 0)); }

Hash fold(std::string_view hashes) {
    if (hashes.size() == kHashSize) return hash_from(hashes);
    return node_hash(fold(hashes.substr(0, hashes.size() / 2)), fold(hashes.substr(hashes.size() / 2)));
}

} // namespace

std::string tile_path(const TileId& id, unsigned width) {
    std::string number = three_digits(id.place % 1000);
    for (uint64_t rest = id.place / 1000; rest > 0; rest /= 1000)
        number = "x" + three_digits(rest % 1000) + "/" + number;
    std::string path =
        "tile/" + (id.level == kEntries ? std::string("entries") : std::to_string(id.level)) + "/" + number;
    if (width != kTileWidth) path += ".p/" + std::to_string(width);
    return path;
}

std::optional<TilePath> parse_tile_path(std::string_view path) {
    if (path.size() > 64 || !path.starts_with("tile/")) return std::nullopt;
    const std::string whole(path);
    path.remove_prefix(5);
    TilePath out;
    const std::string_view level = take_segment(path);
    if (level == "entries") {
        out.id.level = kEntries;
    } else {
        const auto number = decimal(level);
        if (!number || *number > kHighestLevel) return std::nullopt;
        out.id.level = static_cast<int>(*number);
    }
    for (int segments = 0; !path.empty(); ++segments) {
        if (segments == 6) return std::nullopt;
        std::string_view segment = take_segment(path);
        const bool more = segment.starts_with('x');
        if (more) segment.remove_prefix(1);
        const bool partial = segment.ends_with(".p");
        if (partial) segment.remove_suffix(2);
        if (segment.size() != 3 || segment.find_first_not_of("0123456789") != std::string_view::npos)
            return std::nullopt;
        out.id.place = out.id.place * 1000 +
                       static_cast<uint64_t>((segment[0] - '0') * 100 + (segment[1] - '0') * 10 + (segment[2] - '0'));
        if (partial) {
            const auto width = decimal(path);
            if (!width || *width == 0 || *width >= kTileWidth) return std::nullopt;
            out.width = *width;
            path = {};
        }
    }
    // One spelling for each tile.
    if (tile_path(out.id, out.width) != whole) return std::nullopt;
    return out;
}

unsigned tile_width(const TileId& id, uint64_t size) {
    const uint64_t count = count_at(id.level, size);
    if (id.place > count / kTileWidth) return 0;
    return static_cast<unsigned>(std::min(kTileWidth, count - id.place * kTileWidth));
}

TileId tile_of(const Node& node) {
    const unsigned inside = node.level % 8;
    return {static_cast<int>(node.level / 8), (node.index << inside) / kTileWidth};
}

Hash hash_in_tile(const Node& node, std::string_view tile) {
    const unsigned inside = node.level % 8;
    const uint64_t begin = (node.index << inside) % kTileWidth;
    assert(tile.size() >= (begin + (uint64_t{1} << inside)) * kHashSize);
    return fold(tile.substr(begin * kHashSize, (size_t{1} << inside) * kHashSize));
}

std::vector<TileId> tiles_for(const std::function<void(const HashSource&)>& collect) {
    std::set<TileId> found;
    collect([&found](const Node& node) {
        found.insert(tile_of(node));
        return Hash{};
    });
    return {found.begin(), found.end()};
}

void append_entry(std::string& bundle, std::string_view entry) {
    assert(entry.size() <= kMaxEntry);
    bundle.push_back(static_cast<char>(entry.size() >> 8));
    bundle.push_back(static_cast<char>(entry.size() & 0xff));
    bundle += entry;
}

base::Result<std::vector<std::string_view>> entries_of(std::string_view bundle) {
    std::vector<std::string_view> out;
    while (!bundle.empty()) {
        if (bundle.size() < 2 || out.size() == kTileWidth) return base::invalid("tlog.bundle-malformed");
        const size_t length =
            static_cast<size_t>(static_cast<uint8_t>(bundle[0])) << 8 | static_cast<uint8_t>(bundle[1]);
        if (bundle.size() - 2 < length) return base::invalid("tlog.bundle-malformed");
        out.push_back(bundle.substr(2, length));
        bundle.remove_prefix(2 + length);
    }
    return out;
}

base::Result<std::string_view> narrow_bundle(std::string_view bundle, unsigned width) {
    MUSUBI_TRY(const auto entries, entries_of(bundle));
    if (entries.size() < width) return base::invalid("tlog.bundle-malformed");
    size_t length = 0;
    for (unsigned i = 0; i < width; ++i) length += 2 + entries[i].size();
    return bundle.substr(0, length);
}

std::vector<std::optional<TileId>> Edge::wanted(uint64_t size) {
    std::vector<std::optional<TileId>> out;
    for (int level = 0; count_at(level, size) > 0 && level <= kHighestLevel; ++level) {
        const TileId id{level, count_at(level, size) / kTileWidth};
        out.push_back(tile_width(id, size) == 0 ? std::nullopt : std::optional(id));
    }
    return out;
}

base::Result<Edge> Edge::load(uint64_t size, std::vector<std::string> tiles) {
    Edge edge;
    edge.m_size = size;
    const auto places = wanted(size);
    if (places.size() != tiles.size()) return base::invalid("tlog.edge-malformed");
    for (size_t level = 0; level < places.size(); ++level) {
        const size_t width = places[level] ? tile_width(*places[level], size) : 0;
        if (tiles[level].size() != width * kHashSize) return base::invalid("tlog.edge-malformed");
    }
    edge.m_tiles = std::move(tiles);
    return edge;
}

void Edge::push(size_t level, const Hash& hash, uint64_t index) {
    if (m_tiles.size() <= level) m_tiles.resize(level + 1);
    std::string& tile = m_tiles[level];
    tile += bytes_of(hash);
    if (tile.size() < kTileWidth * kHashSize) return;
    const uint64_t place = index / kTileWidth;
    const Hash root = fold(tile);
    m_full[{static_cast<int>(level), place}] = std::move(tile);
    tile.clear();
    push(level + 1, root, place);
}

void Edge::append(const Hash& leaf) { push(0, leaf, m_size++); }

Hash Edge::root() const {
    return root_hash(m_size, [this](const Node& node) {
        // Complete subtrees of the frontier end in the last partial tile of their level.
        return hash_in_tile(node, m_tiles[node.level / 8]);
    });
}

std::map<TileId, std::string> Edge::take_changed() {
    std::map<TileId, std::string> out = std::move(m_full);
    m_full.clear();
    for (size_t level = 0; level < m_tiles.size(); ++level)
        if (!m_tiles[level].empty())
            out[{static_cast<int>(level), count_at(static_cast<int>(level), m_size) / kTileWidth}] = m_tiles[level];
    return out;
}

} // namespace musubi::tlog
