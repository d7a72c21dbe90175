// What stands in the log for an entry, as pure functions: a verifier needs nothing else of this module.
//
// A leaf commits to an entry without showing it: SHA-256(salt ‖ entry text). When the salt is dropped, the entry is
// erased and the log still verifies. Each series (all entries about one person) is numbered 1, 2, 3 … without gaps; in
// the log the number is blinded with the series' key, so that only who holds the key sees which leaves belong together.
#pragma once

#include "base/result.h"
#include "base/time.h"
#include "lib/tlog/merkle.h"

#include <optional>
#include <string>
#include <string_view>

namespace musubi::audit {

inline constexpr size_t kSaltSize = 16;

/// One entry's leaf: 0x01 ‖ time (8) ‖ commitment (32) ‖ tag (32), 73 bytes. Times are milliseconds since 1970, big
/// endian, and never go back along the log.
struct EntryLeaf {
    base::Instant logged_at;
    tlog::Hash commitment{};
    tlog::Hash tag{};
    std::string bytes() const;
};
/// The leaf of an index: 0x02 ‖ time (8) ‖ covered size of the log (8) ‖ number of series (8) ‖ root (32), 57 bytes.
struct IndexLeaf {
    base::Instant logged_at;
    uint64_t covered = 0;
    uint64_t series = 0;
    tlog::Hash root{};
    std::string bytes() const;
};
std::optional<EntryLeaf> parse_entry_leaf(std::string_view bytes);
std::optional<IndexLeaf> parse_index_leaf(std::string_view bytes);

tlog::Hash commitment(std::string_view salt, std::string_view entry_text);
/// The blinded number of the series' `number`-th entry (from 1): HMAC-SHA256(key, "entry" ‖ number as 8 bytes).
tlog::Hash tag(std::string_view series_key, uint64_t number);

/// A series' head after its leaf: SHA-256(head before ‖ leaf hash); before the first entry 32 zero bytes.
tlog::Hash next_head(const tlog::Hash& head, const tlog::Hash& leaf);

/// A record of an index, 64 bytes: blinded name ‖ SHA-256(blind ‖ count as 8 bytes ‖ head), where the blinded name is
/// HMAC-SHA256(key, "series") and blind is HMAC-SHA256(key, "index" ‖ covered size as 8 bytes).
struct IndexRecord {
    std::string name;  // 32 bytes
    std::string value; // 32 bytes
    std::string bytes() const { return name + value; }
};
std::string blinded_name(std::string_view series_key);
IndexRecord index_record(std::string_view series_key, uint64_t covered, uint64_t count, const tlog::Hash& head);

std::string big_endian(uint64_t value);
uint64_t from_big_endian(std::string_view eight_bytes);

} // namespace musubi::audit
