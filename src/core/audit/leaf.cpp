#include "core/audit/leaf.h"

#include "lib/crypto/digest.h"

namespace musubi::audit {
namespace {

constexpr char kEntryKind = 1;
constexpr char kIndexKind = 2;

tlog::Hash hmac(std::string_view key, std::string_view message) {
    return tlog::hash_from(crypto::hmac_sha256(key, message));
}

base::Instant instant(std::string_view bytes) {
    return base::Instant::from_milliseconds(static_cast<int64_t>(from_big_endian(bytes)));
}

} // namespace

std::string big_endian(uint64_t value) {
    std::string out;
    for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift));
    return out;
}

uint64_t from_big_endian(std::string_view eight_bytes) {
    uint64_t value = 0;
    for (const char c : eight_bytes.substr(0, 8)) value = value << 8 | static_cast<uint8_t>(c);
    return value;
}

std::string EntryLeaf::bytes() const {
    std::string out(1, kEntryKind);
    out += big_endian(static_cast<uint64_t>(logged_at.milliseconds()));
    out += tlog::bytes_of(commitment);
    out += tlog::bytes_of(tag);
    return out;
}

std::string IndexLeaf::bytes() const {
    std::string out(1, kIndexKind);
    out += big_endian(static_cast<uint64_t>(logged_at.milliseconds())) + big_endian(covered) + big_endian(series);
    out += tlog::bytes_of(root);
    return out;
}

std::optional<EntryLeaf> parse_entry_leaf(std::string_view bytes) {
    if (bytes.size() != 73 || bytes[0] != kEntryKind) return std::nullopt;
    return EntryLeaf{instant(bytes.substr(1)), tlog::hash_from(bytes, 9), tlog::hash_from(bytes, 41)};
}

std::optional<IndexLeaf> parse_index_leaf(std::string_view bytes) {
    if (bytes.size() != 57 || bytes[0] != kIndexKind) return std::nullopt;
    return IndexLeaf{instant(bytes.substr(1)), from_big_endian(bytes.substr(9)), from_big_endian(bytes.substr(17)),
                     tlog::hash_from(bytes, 25)};
}

tlog::Hash commitment(std::string_view salt, std::string_view entry_text) {
    std::string bytes(salt);
    bytes += entry_text;
    return crypto::sha256_bytes(bytes);
}

tlog::Hash tag(std::string_view series_key, uint64_t number) { return hmac(series_key, "entry" + big_endian(number)); }

tlog::Hash next_head(const tlog::Hash& head, const tlog::Hash& leaf) {
    std::string bytes(tlog::bytes_of(head));
    bytes += tlog::bytes_of(leaf);
    return crypto::sha256_bytes(bytes);
}

std::string blinded_name(std::string_view series_key) { return crypto::hmac_sha256(series_key, "series"); }

IndexRecord index_record(std::string_view series_key, uint64_t covered, uint64_t count, const tlog::Hash& head) {
    const std::string blind = crypto::hmac_sha256(series_key, "index" + big_endian(covered));
    return {blinded_name(series_key), crypto::sha256(blind + big_endian(count) + std::string(tlog::bytes_of(head)))};
}

} // namespace musubi::audit
