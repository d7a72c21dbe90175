// What a person can take along and check offline: one entry's proof, and the whole of a series.
#pragma once

#include "base/result.h"
#include "core/audit/leaf.h"
#include "lib/json/json.h"
#include "lib/tlog/proof.h"

#include <optional>
#include <string>
#include <vector>

namespace musubi::audit {

/// What stands in the extra line of an entry's tlog-proof.
struct EntryOpening {
    std::string leaf;  // base64
    std::string salt;  // base64
    std::string entry; // the exact text
};
template <class Fields> void describe(Fields& fields, EntryOpening& opening) {
    fields("leaf", opening.leaf);
    fields("salt", opening.salt);
    fields("entry", opening.entry, json::Rule{.max_length = 32'768});
}

struct VerifiedEntry {
    std::string text;
    base::Instant logged_at;
    uint64_t index = 0;
    uint64_t size = 0;
};
/// "tlog.*", "log.proof-malformed", "log.commitment-wrong".
base::Result<VerifiedEntry> verify_entry_proof(std::string_view proof, const tlog::VerifierKey& log);

/// One entry of a series. Without salt and text the entry was erased, and `commitment` stands for it.
struct HistoryEntry {
    base::Instant logged_at;
    std::optional<std::string> salt;
    std::optional<std::string> entry;
    std::optional<std::string> commitment;
};
template <class Fields> void describe(Fields& fields, HistoryEntry& entry) {
    fields("loggedAt", entry.logged_at);
    fields("salt", entry.salt);
    fields("entry", entry.entry, json::Rule{.max_length = 32'768});
    fields("commitment", entry.commitment);
}

/// A record of the index and its way to the index's root.
struct PlacedRecord {
    int64_t place = 0;
    std::string record; // base64, 64 bytes
    std::vector<std::string> path;
};
template <class Fields> void describe(Fields& fields, PlacedRecord& placed) {
    fields("place", placed.place, json::Rule{.minimum = 0});
    fields("record", placed.record);
    fields("path", placed.path, json::Rule{.max_items = 63});
}

/// All entries of a series up to an index of the log. With `own` the index names the series; without it, the two
/// neighbours between which it would stand show that it holds nothing.
struct History {
    std::string format = "musubi-log-history-1";
    std::string series;
    std::string key; // base64: blinds the series' numbers; whoever has it can find the series in the log
    std::vector<HistoryEntry> entries;
    std::optional<PlacedRecord> own;
    std::optional<PlacedRecord> before;
    std::optional<PlacedRecord> after;
    std::string index; // base64: the index's leaf
    std::string proof; // that leaf's tlog-proof
};
template <class Fields> void describe(Fields& fields, History& history) {
    fields("format", history.format);
    fields("series", history.series);
    fields("key", history.key);
    fields("entries", history.entries, json::Rule{.max_items = 1'000'000});
    fields("own", history.own);
    fields("before", history.before);
    fields("after", history.after);
    fields("index", history.index);
    fields("proof", history.proof, json::Rule{.max_length = 131'072});
}

struct VerifiedHistory {
    std::string series;
    uint64_t covered = 0; // leaves of the log the statement is about
    base::Instant stated_at;
    std::vector<HistoryEntry> entries; // in the order in which they were logged
};
/// "log.history-malformed", "log.history-incomplete" (entries or numbers do not add up to what the index says),
/// "log.history-not-absent", "tlog.*".
base::Result<VerifiedHistory> verify_history(const History& history, const tlog::VerifierKey& log);
base::Result<VerifiedHistory> verify_history(std::string_view json, const tlog::VerifierKey& log);

} // namespace musubi::audit
