#include "core/audit/log_verify.h"

#include "base/encoding.h"
#include "core/audit/log_store.h"

#include <algorithm>

namespace musubi::audit {
namespace {

constexpr db::Query kByLeaf{"audit.by_leaf", MUSUBI_AUDIT_LOGGED " WHERE leaf >= $1 AND leaf < $2 ORDER BY leaf"};
constexpr db::Query kCheckpoints{"audit.checkpoints", "SELECT size, at, note FROM audit_checkpoint ORDER BY size"};
constexpr db::Query kPendingCount{"audit.pending_count", "SELECT COUNT(*) FROM audit_entry WHERE leaf IS NULL"};
constexpr db::Query kBeyond{"audit.beyond", "SELECT COUNT(*) FROM audit_entry WHERE leaf >= $1"};
constexpr size_t kMostProblems = 100;

/// What the leaves before the present one have established.
class Checker {
  public:
    Checker(db::ReadTx& tx, const tlog::VerifierKey& key, LogReport& report) : m_tx(tx), m_key(key), m_report(report) {}

    base::Task<> load(std::optional<tlog::Note> kept);
    base::Task<> walk();
    base::Task<> finish();

  private:
    void problem(std::string what) {
        if (m_report.problems.size() < kMostProblems)
            m_report.problems.push_back(std::move(what));
        else
            m_report.more_problems = true;
    }
    void at_leaf(uint64_t index, std::string what) { problem("leaf " + std::to_string(index) + ": " + what); }
    void add_checkpoint(const tlog::Note& note, const std::string& what);
    void check_roots();
    base::Task<> check_tiles();
    void check_leaf(uint64_t index, std::string_view bytes, const LoggedEntry* logged);
    void check_entry(uint64_t index, const EntryLeaf& leaf, std::string_view bytes, const LoggedEntry& logged);
    void check_times(uint64_t index, base::Instant logged_at, const LoggedEntry* logged);
    void check_index();

    db::ReadTx& m_tx;
    const tlog::VerifierKey& m_key;
    LogReport& m_report;
    std::map<std::string, Series> m_stored; // what audit_series says
    std::map<std::string, Series> m_seen;   // what the leaves say
    std::multimap<uint64_t, std::pair<tlog::Checkpoint, std::string>> m_checkpoints;
    std::optional<StoredIndex> m_index;
    tlog::Edge m_edge;
    tlog::Hash m_index_root{};
    std::optional<base::Instant> m_first;
    base::Instant m_last;
    bool m_older_than_log = true; // entries written before there was a log come first
};

void Checker::add_checkpoint(const tlog::Note& note, const std::string& what) {
    const auto parsed = tlog::parse_checkpoint(note.text);
    if (!parsed) return problem(what + ": malformed");
    if (parsed->origin != m_key.name) return problem(what + ": of another log");
    if (!tlog::verify_note(note, m_key)) return problem(what + ": not signed with the log's key");
    m_checkpoints.emplace(parsed->size, std::pair{*parsed, what});
}

base::Task<> Checker::load(std::optional<tlog::Note> kept) {
    const auto stored = co_await m_tx.all<StoredCheckpoint>(kCheckpoints);
    for (const StoredCheckpoint& one : stored) {
        const std::string what = "checkpoint " + std::to_string(one.size);
        const auto note = tlog::parse_note(one.note);
        if (note)
            add_checkpoint(*note, what);
        else
            problem(what + ": malformed");
        m_report.size = std::max(m_report.size, one.size);
    }
    m_report.checkpoints = stored.size();
    if (kept) add_checkpoint(*kept, "the checkpoint kept elsewhere");
    m_index = co_await latest_index(m_tx);
    constexpr int kPage = 2000;
    std::string after;
    for (;;) {
        auto page = co_await series_page(m_tx, after, kPage);
        if (page.empty()) break;
        after = page.back().name;
        for (NamedSeries& one : page) m_stored[one.name] = std::move(one.series);
    }
}

void Checker::check_roots() {
    const auto [begin, end] = m_checkpoints.equal_range(m_edge.size());
    for (auto at = begin; at != end; ++at)
        if (at->second.first.root != m_edge.root()) problem(at->second.second + ": its root is not that of the leaves");
    m_checkpoints.erase(begin, end);
    if (m_index && m_index->covered == m_edge.size()) check_index();
}

/// The index as it must have been after the leaves seen so far.
void Checker::check_index() {
    std::vector<std::string> records;
    for (const auto& [name, series] : m_seen)
        records.push_back(index_record(series.key, m_edge.size(), series.count, series.head).bytes());
    std::sort(records.begin(), records.end());
    tlog::Edge tree;
    for (const std::string& record : records) tree.append(tlog::leaf_hash(record));
    m_index_root = tree.root();
}

base::Task<> Checker::check_tiles() {
    for (auto& [id, bytes] : m_edge.take_changed()) {
        const std::string stored = co_await stored_tile(m_tx, id);
        // A partial tile may have become wider before the next look.
        if (stored != bytes && (bytes.size() == tlog::kTileWidth * 32 || m_edge.size() == m_report.size))
            problem(tlog::tile_path(id) + ": its hashes are not those of the leaves");
    }
}

void Checker::check_times(uint64_t index, base::Instant logged_at, const LoggedEntry* logged) {
    if (!m_first) m_first = logged_at;
    if (logged_at < m_last) at_leaf(index, "logged before the leaf in front of it");
    m_last = std::max(m_last, logged_at);
    if (!logged) return;
    if (logged->entry.at > logged_at + kLatestIntegration) at_leaf(index, "says it happened after it was logged");
    if (logged->entry.at + kLatestIntegration >= logged_at) {
        m_older_than_log = false;
    } else if (!m_older_than_log || logged->entry.at >= *m_first) {
        at_leaf(index, "back-dated: says " + logged->entry.at.to_string() + ", logged " + logged_at.to_string());
    }
}

void Checker::check_entry(uint64_t index, const EntryLeaf& leaf, std::string_view bytes, const LoggedEntry& logged) {
    ++m_report.entries;
    const std::string name = logged.series_name();
    Series& series = m_seen[name];
    if (series.key.empty()) {
        const auto stored = m_stored.find(name);
        if (stored == m_stored.end()) return at_leaf(index, "its series is not known");
        series.key = stored->second.key;
    }
    ++series.count;
    series.head = next_head(series.head, tlog::leaf_hash(bytes));
    if (static_cast<uint64_t>(logged.number.value_or(0)) != series.count)
        at_leaf(index, "is not the next of its series");
    if (leaf.tag != tag(series.key, series.count)) at_leaf(index, "its number does not fit its series");
    if (logged.logged_at != leaf.logged_at) at_leaf(index, "the time of integration was changed");
    if (logged.salt.empty()) {
        ++m_report.erased;
    } else if (leaf.commitment != commitment(logged.salt, entry_text(logged.entry))) {
        at_leaf(index, "the entry is not the one that was logged");
    }
}

void Checker::check_leaf(uint64_t index, std::string_view bytes, const LoggedEntry* logged) {
    if (const auto entry = parse_entry_leaf(bytes)) {
        check_times(index, entry->logged_at, logged);
        if (logged)
            check_entry(index, *entry, bytes, *logged);
        else
            at_leaf(index, "its entry is missing");
    } else if (const auto of_index = parse_index_leaf(bytes)) {
        check_times(index, of_index->logged_at, nullptr);
        if (logged) at_leaf(index, "an entry stands where an index was logged");
        if (m_index && m_index->leaf == index &&
            (of_index->covered != m_index->covered || of_index->root != m_index_root))
            at_leaf(index, "the index does not name all series as they were");
    } else {
        at_leaf(index, "malformed");
    }
}

base::Task<> Checker::walk() {
    for (uint64_t begin = 0; begin < m_report.size; begin += tlog::kTileWidth) {
        const std::string bundle = co_await stored_tile(m_tx, {tlog::kEntries, begin / tlog::kTileWidth});
        const auto leaves = tlog::entries_of(bundle);
        const uint64_t count = std::min<uint64_t>(tlog::kTileWidth, m_report.size - begin);
        if (!leaves || leaves->size() != count) {
            problem(tlog::tile_path({tlog::kEntries, begin / tlog::kTileWidth}) + ": missing or malformed");
            co_return;
        }
        const auto rows = co_await m_tx.all<LoggedEntry>(kByLeaf, begin, begin + count);
        auto row = rows.begin();
        for (size_t i = 0; i < leaves->size(); ++i) {
            const uint64_t index = begin + i;
            const LoggedEntry* logged = nullptr;
            if (row != rows.end() && static_cast<uint64_t>(*row->leaf) == index) logged = &*row++;
            check_leaf(index, (*leaves)[i], logged);
            m_edge.append(tlog::leaf_hash((*leaves)[i]));
            check_roots();
        }
        co_await check_tiles();
    }
}

base::Task<> Checker::finish() {
    for (const auto& [size, rest] : m_checkpoints)
        if (size > 0) problem(rest.second + ": the log is shorter");
    for (const auto& [name, stored] : m_stored) {
        const auto seen = m_seen.find(name);
        const uint64_t count = seen == m_seen.end() ? 0 : seen->second.count;
        // Names are ids; they tell nothing to whom the database does not already.
        if (count != stored.count || (count > 0 && seen->second.head != stored.head))
            problem("series " + name + ": its count or head is not that of its leaves");
    }
    m_report.series = m_seen.size();
    const auto pending = co_await m_tx.one<uint64_t>(kPendingCount);
    m_report.pending = pending.value_or(0);
    const auto beyond = co_await m_tx.one<uint64_t>(kBeyond, m_report.size);
    if (beyond.value_or(0) > 0) problem("entries claim places beyond the end of the log");
}

} // namespace

base::Task<LogReport> verify_log(db::ReadTx& tx, const tlog::VerifierKey& key, std::optional<tlog::Note> kept) {
    LogReport report;
    Checker checker(tx, key, report);
    co_await checker.load(std::move(kept));
    co_await checker.walk();
    co_await checker.finish();
    co_return report;
}

} // namespace musubi::audit
