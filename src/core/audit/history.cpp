#include "core/audit/history.h"

#include "base/encoding.h"

namespace musubi::audit {
namespace {

struct ReadRecord {
    uint64_t place = 0;
    std::string record;
    std::vector<tlog::Hash> path;
};

base::Result<ReadRecord> read_record(const PlacedRecord& placed) {
    ReadRecord out;
    out.place = static_cast<uint64_t>(placed.place);
    const auto record = base::base64_decode(placed.record);
    if (placed.place < 0 || !record || record->size() != 64) return base::invalid("log.history-malformed");
    out.record = *record;
    for (const std::string& line : placed.path) {
        const auto hash = tlog::parse_hash(line);
        if (!hash) return base::invalid("log.history-malformed");
        out.path.push_back(*hash);
    }
    return out;
}

bool holds(const ReadRecord& record, const IndexLeaf& index) {
    return tlog::verify_inclusion(tlog::leaf_hash(record.record), record.place, index.series, record.path, index.root);
}

/// Nothing in the index lies between two neighbours, and the blinded name does.
base::Status verify_absence(const History& history, const std::string& name, const IndexLeaf& index) {
    const auto wrong = base::invalid("log.history-not-absent");
    uint64_t next = 0; // the place the series would take
    if (history.before) {
        MUSUBI_TRY(const auto before, read_record(*history.before));
        if (!holds(before, index) || before.record.substr(0, 32) >= name) return wrong;
        next = before.place + 1;
    }
    if (history.after) {
        MUSUBI_TRY(const auto after, read_record(*history.after));
        if (!holds(after, index) || after.record.substr(0, 32) <= name || after.place != next) return wrong;
    } else if (next != index.series) {
        return wrong;
    }
    return base::success();
}

/// The series' head over the given entries, each under its number; checks nothing by itself.
base::Result<tlog::Hash> head_of(const History& history, const std::string& key) {
    tlog::Hash head{};
    uint64_t number = 0;
    for (const HistoryEntry& entry : history.entries) {
        EntryLeaf leaf;
        leaf.logged_at = entry.logged_at;
        leaf.tag = tag(key, ++number);
        if (entry.salt && entry.entry && !entry.commitment) {
            const auto salt = base::base64_decode(*entry.salt);
            if (!salt || salt->size() != kSaltSize) return base::invalid("log.history-malformed");
            leaf.commitment = commitment(*salt, *entry.entry);
        } else if (entry.commitment && !entry.salt && !entry.entry) {
            const auto hash = tlog::parse_hash(*entry.commitment);
            if (!hash) return base::invalid("log.history-malformed");
            leaf.commitment = *hash;
        } else {
            return base::invalid("log.history-malformed");
        }
        head = next_head(head, tlog::leaf_hash(leaf.bytes()));
    }
    return head;
}

} // namespace

base::Result<VerifiedEntry> verify_entry_proof(std::string_view proof_text, const tlog::VerifierKey& log) {
    MUSUBI_TRY(const auto proof, tlog::parse_proof(proof_text));
    const auto opening = json::parse<EntryOpening>(proof.extra);
    if (!opening) return base::invalid("log.proof-malformed");
    const auto leaf_bytes = base::base64_decode(opening->leaf);
    const auto salt = base::base64_decode(opening->salt);
    if (!leaf_bytes || !salt || salt->size() != kSaltSize) return base::invalid("log.proof-malformed");
    const auto leaf = parse_entry_leaf(*leaf_bytes);
    if (!leaf) return base::invalid("log.proof-malformed");
    if (leaf->commitment != commitment(*salt, opening->entry)) return base::invalid("log.commitment-wrong");
    MUSUBI_TRY(const auto checkpoint, tlog::verify_proof(proof, tlog::leaf_hash(*leaf_bytes), log, log.name));
    return VerifiedEntry{opening->entry, leaf->logged_at, proof.index, checkpoint.size};
}

base::Result<VerifiedHistory> verify_history(const History& history, const tlog::VerifierKey& log) {
    const auto malformed = base::invalid("log.history-malformed");
    if (history.format != History{}.format) return malformed;
    const auto key = base::base64_decode(history.key);
    const auto index_bytes = base::base64_decode(history.index);
    if (!key || key->size() != 32 || !index_bytes) return malformed;
    const auto index = parse_index_leaf(*index_bytes);
    if (!index) return malformed;
    MUSUBI_TRY(const auto proof, tlog::parse_proof(history.proof));
    MUSUBI_TRY(const auto checkpoint, tlog::verify_proof(proof, tlog::leaf_hash(*index_bytes), log, log.name));
    // An index speaks of the log before itself.
    if (index->covered > proof.index || proof.index >= checkpoint.size) return malformed;
    const std::string name = blinded_name(*key);
    if (history.own) {
        MUSUBI_TRY(const auto own, read_record(*history.own));
        MUSUBI_TRY(const auto head, head_of(history, *key));
        const IndexRecord expected = index_record(*key, index->covered, history.entries.size(), head);
        if (history.entries.empty() || own.record != expected.bytes() || !holds(own, *index))
            return base::invalid("log.history-incomplete");
    } else {
        if (!history.entries.empty()) return base::invalid("log.history-incomplete");
        MUSUBI_CHECK(verify_absence(history, name, *index));
    }
    return VerifiedHistory{history.series, index->covered, index->logged_at, history.entries};
}

base::Result<VerifiedHistory> verify_history(std::string_view text, const tlog::VerifierKey& log) {
    auto history = json::parse<History>(text, json::Limits{.max_bytes = 512u << 20, .max_depth = 8});
    if (!history) return base::invalid("log.history-malformed");
    return verify_history(*history, log);
}

} // namespace musubi::audit
