#include "lib/pki/crl_index.h"
#include "lib/pki/crl_index_file.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <queue>
#include <unistd.h>

namespace musubi::pki {
namespace {

using index_file::Header;
using index_file::kHeaderSize;
using index_file::kSerialSize;
using index_file::Section;
using index_file::Table;

constexpr size_t kWriteBuffer = 256 * 1024;
constexpr uint64_t kEntriesPerBucket = 16;

bool write_at(int file, const void* bytes, size_t size, uint64_t at) {
    const auto* from = static_cast<const char*>(bytes);
    while (size > 0) {
        const ssize_t done = ::pwrite(file, from, size, static_cast<off_t>(at));
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return false;
        from += done;
        at += static_cast<uint64_t>(done);
        size -= static_cast<size_t>(done);
    }
    return true;
}

bool read_at(int file, void* bytes, size_t size, uint64_t at) {
    auto* to = static_cast<char*>(bytes);
    while (size > 0) {
        const ssize_t done = ::pread(file, to, size, static_cast<off_t>(at));
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return false;
        to += done;
        at += static_cast<uint64_t>(done);
        size -= static_cast<size_t>(done);
    }
    return true;
}

/// An open file that closes itself.
class File {
  public:
    explicit File(int descriptor = -1) : m_descriptor(descriptor) {}
    ~File() {
        if (m_descriptor >= 0) ::close(m_descriptor);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    void reset(int descriptor) {
        if (m_descriptor >= 0) ::close(m_descriptor);
        m_descriptor = descriptor;
    }
    int get() const { return m_descriptor; }
    explicit operator bool() const { return m_descriptor >= 0; }

  private:
    int m_descriptor;
};

/// A file that has no name from its first moment on: whatever happens, nothing of it stays.
int nameless_file(const std::string& folder) {
    const int file = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file >= 0) return file;
    std::string pattern = folder + "/run-XXXXXX.new";
    const int named = ::mkostemps(pattern.data(), 4, O_CLOEXEC);
    if (named >= 0) ::unlink(pattern.c_str());
    return named;
}

struct ShortRecord {
    uint64_t key;
    uint32_t seconds;
    uint32_t reason;
};
struct LongRecord {
    std::array<uint8_t, kSerialSize> key;
    uint32_t seconds;
    uint32_t reason;
};

/// Any number of records, sorted by key, in bounded memory: runs of `per_run` are sorted and put on disk, then merged.
template <class Record> class Runs {
  public:
    Runs(std::string folder, size_t per_run) : m_folder(std::move(folder)), m_per_run(per_run) {}

    void add(const Record& record) {
        if (m_buffer.size() == m_per_run) spill();
        if (!m_buffer.empty() && !(m_buffer.back().key < record.key)) m_sorted = false;
        m_buffer.push_back(record);
        if (m_count == 0) m_least = m_greatest = record.key;
        if (record.key < m_least) m_least = record.key;
        if (m_greatest < record.key) m_greatest = record.key;
        ++m_count;
    }

    uint64_t count() const { return m_count; }
    const auto& least() const { return m_least; }
    const auto& greatest() const { return m_greatest; }
    bool failed() const { return m_failed; }

    /// Hands out everything in order, once; false if a key stands twice or the disk failed.
    template <class Take> bool drain(Take&& take) {
        sort_buffer();
        std::vector<Cursor> cursors;
        for (const Run& run : m_runs) cursors.emplace_back(*this, run);
        if (!m_buffer.empty()) cursors.emplace_back(*this, m_buffer);
        m_unique = true;
        m_any = false;
        if (in_order()) {
            for (Cursor& cursor : cursors)
                for (; cursor.at != nullptr; cursor.next()) hand_out(*cursor.at, take);
        } else {
            const auto later = [](const Cursor* a, const Cursor* b) { return b->at->key < a->at->key; };
            std::priority_queue<Cursor*, std::vector<Cursor*>, decltype(later)> queue(later);
            for (Cursor& cursor : cursors)
                if (cursor.at != nullptr) queue.push(&cursor);
            while (!queue.empty()) {
                Cursor* first = queue.top();
                queue.pop();
                hand_out(*first->at, take);
                first->next();
                if (first->at != nullptr) queue.push(first);
            }
        }
        return m_unique && !m_failed;
    }

  private:
    using Key = decltype(Record::key);
    struct Run {
        uint64_t begin; // in records
        uint64_t count;
        Key first;
        Key last;
    };
    /// Reads one run block by block.
    struct Cursor {
        static constexpr size_t kBlock = 8192;
        Cursor(Runs& runs, const Run& run) : owner(&runs), next_block(run.begin), left(run.count) { load(); }
        Cursor(Runs& runs, const std::vector<Record>& memory)
            : owner(&runs), at(memory.data()), end(memory.data() + memory.size()) {}
        void next() {
            if (++at == end) load();
        }
        void load() {
            const size_t count = std::min<uint64_t>(kBlock, left);
            at = nullptr;
            if (count == 0) return;
            block.resize(count);
            if (!read_at(owner->m_file.get(), block.data(), count * sizeof(Record), next_block * sizeof(Record))) {
                owner->m_failed = true;
                left = 0;
                return;
            }
            next_block += count;
            left -= count;
            at = block.data();
            end = at + count;
        }
        Runs* owner;
        std::vector<Record> block;
        uint64_t next_block = 0;
        uint64_t left = 0;
        const Record* at = nullptr;
        const Record* end = nullptr;
    };

    template <class Take> void hand_out(const Record& record, Take& take) {
        if (m_any && record.key == m_previous) m_unique = false;
        m_previous = record.key;
        m_any = true;
        take(record);
    }

    bool in_order() const {
        for (size_t i = 1; i < m_runs.size(); ++i)
            if (!(m_runs[i - 1].last < m_runs[i].first)) return false;
        return m_runs.empty() || m_buffer.empty() || m_runs.back().last < m_buffer.front().key;
    }

    void sort_buffer() {
        if (!m_sorted)
            std::sort(m_buffer.begin(), m_buffer.end(), [](const Record& a, const Record& b) { return a.key < b.key; });
        m_sorted = true;
    }

    void spill() {
        sort_buffer();
        if (!m_file) m_file.reset(nameless_file(m_folder));
        const uint64_t begin = m_runs.empty() ? 0 : m_runs.back().begin + m_runs.back().count;
        if (!m_file ||
            !write_at(m_file.get(), m_buffer.data(), m_buffer.size() * sizeof(Record), begin * sizeof(Record)))
            m_failed = true;
        m_runs.push_back({begin, m_buffer.size(), m_buffer.front().key, m_buffer.back().key});
        m_buffer.clear();
    }

    std::string m_folder;
    size_t m_per_run;
    std::vector<Record> m_buffer;
    std::vector<Run> m_runs;
    File m_file;
    Key m_least{};
    Key m_greatest{};
    Key m_previous{};
    uint64_t m_count = 0;
    bool m_sorted = true;
    bool m_failed = false;
    bool m_unique = true;
    bool m_any = false;
};

/// One section, written in order through a buffer and hashed on the way.
class SectionWriter {
  public:
    SectionWriter(int file, uint64_t at) : m_file(file), m_hasher(crypto::Hash::Sha256), m_begin(at) {
        m_buffer.reserve(kWriteBuffer + 32);
    }
    void append(const void* bytes, size_t size) {
        m_buffer.append(static_cast<const char*>(bytes), size);
        if (m_buffer.size() >= kWriteBuffer) flush();
    }
    /// False if the disk failed.
    bool finish(Section& out) {
        flush();
        out.at = m_begin;
        out.size = m_written;
        const std::string digest = m_hasher.finish();
        std::copy(digest.begin(), digest.end(), out.digest.begin());
        return m_good;
    }

  private:
    void flush() {
        m_good = m_good && write_at(m_file, m_buffer.data(), m_buffer.size(), m_begin + m_written);
        m_hasher.update(m_buffer);
        m_written += m_buffer.size();
        m_buffer.clear();
    }
    int m_file;
    crypto::Hasher m_hasher;
    uint64_t m_begin;
    uint64_t m_written = 0;
    std::string m_buffer;
    bool m_good = true;
};

uint64_t aligned(uint64_t at) { return (at + 7) & ~uint64_t{7}; }

void choose_buckets(Table& table, uint64_t range) {
    const uint64_t most = std::max<uint64_t>(2, table.count / kEntriesPerBucket);
    while ((range >> table.shift) >= most) ++table.shift;
    table.buckets = (range >> table.shift) + 1;
}

Table plan(const Runs<ShortRecord>& runs) {
    Table out;
    out.count = runs.count();
    if (out.count == 0) return out;
    out.base = runs.least();
    choose_buckets(out, runs.greatest() - runs.least());
    out.width = (out.shift + 7) / 8;
    return out;
}

Table plan(const Runs<LongRecord>& runs) {
    Table out;
    out.count = runs.count();
    if (out.count == 0) return out;
    const auto& least = runs.least();
    const auto& greatest = runs.greatest();
    while (out.skip < kSerialSize - 8 && least[out.skip] == greatest[out.skip]) ++out.skip;
    std::copy_n(least.begin(), out.skip, out.prefix.begin());
    out.base = index_file::big_endian(least.data() + out.skip, 8);
    choose_buckets(out, index_file::big_endian(greatest.data() + out.skip, 8) - out.base);
    out.width = static_cast<uint32_t>(kSerialSize) - out.skip;
    return out;
}

uint64_t number_of(const Table&, const ShortRecord& record) { return record.key; }
uint64_t number_of(const Table& table, const LongRecord& record) {
    return index_file::big_endian(record.key.data() + table.skip, 8);
}

void append_key(SectionWriter& keys, const Table& table, const ShortRecord& record) {
    const uint64_t low = (record.key - table.base) & ((uint64_t{1} << table.shift) - 1);
    std::array<uint8_t, 8> key;
    for (uint32_t i = 0; i < table.width; ++i) key[i] = static_cast<uint8_t>(low >> (8 * (table.width - 1 - i)));
    keys.append(key.data(), table.width);
}
void append_key(SectionWriter& keys, const Table& table, const LongRecord& record) {
    keys.append(record.key.data() + table.skip, table.width);
}

/// Writes one table from `at` on; returns its end, or nothing with the reason.
template <class Record>
base::Result<uint64_t> write_table(int file, Runs<Record>& runs, Table& table, const Header& header, uint64_t at) {
    if (table.count == 0) return at;
    const uint64_t directory_at = at;
    const uint64_t keys_at = directory_at + (table.buckets + 1) * sizeof(uint32_t);
    const uint64_t details_at = aligned(keys_at + table.count * table.width);
    std::vector<uint32_t> directory(table.buckets + 1);
    SectionWriter keys(file, keys_at);
    SectionWriter details(file, details_at);
    uint64_t bucket = 0;
    uint32_t place = 0;
    const bool unique = runs.drain([&](const Record& record) {
        const uint64_t own = (number_of(table, record) - table.base) >> table.shift;
        for (; bucket <= own; ++bucket) directory[bucket] = place;
        append_key(keys, table, record);
        const uint64_t packed =
            header.detail_width == 4
                ? uint64_t{record.seconds - header.detail_base} * index_file::kReasons.size() + record.reason
                : uint64_t{record.seconds} << 8 | record.reason;
        details.append(&packed, header.detail_width);
        ++place;
    });
    if (runs.failed()) return base::internal("disk");
    if (!unique) return base::invalid("crl.malformed").because("one certificate twice");
    for (; bucket <= table.buckets; ++bucket) directory[bucket] = place;
    SectionWriter directory_out(file, directory_at);
    directory_out.append(directory.data(), directory.size() * sizeof(uint32_t));
    const bool written =
        directory_out.finish(table.directory) && keys.finish(table.keys) && details.finish(table.details);
    if (!written) return base::internal("disk");
    return aligned(details_at + table.details.size);
}

/// Collects the entries of one list.
class Collector final : public RevocationListReader::Sink {
  public:
    Collector(const std::string& folder, size_t in_memory)
        : m_short(folder, in_memory), m_long(folder, in_memory / 2) {}

    void entry(std::string_view serial, uint32_t seconds, RevocationReason reason) override {
        m_first = std::min(m_first, seconds);
        m_last = std::max(m_last, seconds);
        const uint32_t place = index_file::reason_place(reason);
        if (serial.size() <= 8) {
            uint64_t number = 0;
            for (char c : serial) number = number << 8 | static_cast<uint8_t>(c);
            m_short.add({number, seconds, place});
        } else {
            LongRecord record{{}, seconds, place};
            std::memcpy(record.key.data() + kSerialSize - serial.size(), serial.data(), serial.size());
            m_long.add(record);
        }
    }

    /// Writes and synchronises the whole file.
    base::Status write(int file, std::string_view key_identifier, const RevocationListFacts& facts) {
        Header header;
        if (key_identifier.size() > index_file::kMaxKeyIdentifier ||
            facts.distribution_point.size() > index_file::kMaxDistributionPoint)
            return base::invalid("crl.malformed").because("name too long");
        header.this_update = facts.this_update.milliseconds();
        header.next_update = facts.next_update.milliseconds();
        header.has_number = facts.number ? 1 : 0;
        header.number = facts.number.value_or(0);
        header.key_identifier_size = static_cast<uint32_t>(key_identifier.size());
        key_identifier.copy(header.key_identifier.data(), key_identifier.size());
        header.distribution_point_size = static_cast<uint32_t>(facts.distribution_point.size());
        facts.distribution_point.copy(header.distribution_point.data(), facts.distribution_point.size());
        if (m_first <= m_last) {
            header.detail_base = m_first;
            const uint64_t largest = (uint64_t{m_last} - m_first + 1) * index_file::kReasons.size();
            header.detail_width = largest <= UINT32_MAX ? 4 : 8;
        }
        header.tables = {plan(m_short), plan(m_long)};
        MUSUBI_TRY(uint64_t end, write_table(file, m_short, header.tables[0], header, kHeaderSize));
        MUSUBI_TRY(end, write_table(file, m_long, header.tables[1], header, end));
        header.file_size = end;
        std::string first(kHeaderSize, '\0');
        std::memcpy(first.data(), &header, sizeof header);
        const auto digest = crypto::sha256_bytes(std::string_view(first).substr(0, kHeaderSize - 32));
        std::memcpy(first.data() + kHeaderSize - 32, digest.data(), digest.size());
        if (::ftruncate(file, static_cast<off_t>(end)) != 0 || !write_at(file, first.data(), first.size(), 0) ||
            ::fdatasync(file) != 0)
            return base::internal("disk");
        return base::success();
    }

  private:
    Runs<ShortRecord> m_short;
    Runs<LongRecord> m_long;
    uint32_t m_first = UINT32_MAX;
    uint32_t m_last = 0;
};

/// The predecessor keeps its content under a second name, then one rename puts the new list in its place.
bool put_in_place(const std::string& folder, const std::string& draft, const std::string& stem) {
    const std::string current = folder + "/" + stem + ".crl-index";
    const std::string old = folder + "/" + stem + ".crl-previous";
    const std::string old_draft = old + ".new";
    ::unlink(old_draft.c_str());
    if (::link(current.c_str(), old_draft.c_str()) == 0 && ::rename(old_draft.c_str(), old.c_str()) != 0) return false;
    if (::rename(draft.c_str(), current.c_str()) != 0) return false;
    const File directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return directory && ::fsync(directory.get()) == 0;
}

std::string draft_name(const std::string& folder) {
    static std::atomic<unsigned> number{0};
    return folder + "/" + std::to_string(::getpid()) + "-" + std::to_string(number.fetch_add(1)) + ".new";
}

Refusal not_kept(std::string why) {
    return refuse_list(Check::RevocationUnknown, "a list on disk", std::move(why), "RFC 5280 section 6.3.3");
}

} // namespace

struct RevocationIngest::State {
    State(std::string folder_, const TrustStore& store_, size_t in_memory)
        : folder(std::move(folder_)), store(store_), collector(folder, in_memory) {}
    std::string folder;
    const TrustStore& store;
    Collector collector;
    RevocationListReader reader{collector};
};

RevocationIngest::RevocationIngest(std::unique_ptr<State> state) : m_state(std::move(state)) {}
RevocationIngest::~RevocationIngest() = default;
RevocationIngest::RevocationIngest(RevocationIngest&&) noexcept = default;

RevocationIngest RevocationFolder::begin(const TrustStore& store, size_t entries_in_memory) const {
    return RevocationIngest(
        std::make_unique<RevocationIngest::State>(m_path, store, std::max<size_t>(2, entries_in_memory)));
}

base::Status RevocationIngest::feed(std::string_view piece) { return m_state->reader.feed(piece); }

Verdict<std::shared_ptr<const RevocationIndex>> RevocationIngest::finish() {
    const auto list = m_state->reader.finish();
    if (!list) return refuse_list(Check::Form, "DER", list.error().detail, "RFC 5280 section 5.1");
    const Authority* issuer = nullptr;
    Refusal last = refuse_list(Check::Issuer, "a pinned authority", "none", "RFC 5280 section 6.3.3");
    for (const auto& authority : m_state->store.authorities()) {
        const auto verdict = verify(*list, *authority);
        if (verdict) {
            issuer = authority.get();
            break;
        }
        if (last.check == Check::Issuer) last = verdict.refusal();
    }
    if (issuer == nullptr) return last;
    const std::string& folder = m_state->folder;
    const std::string stem = index_file::file_stem(issuer->key_identifier, list->facts.distribution_point);
    const std::string current = folder + "/" + stem + ".crl-index";
    if (const auto held = RevocationIndex::map(current, RevocationIndex::Digests::FreshlyWritten);
        held && !may_replace((*held)->facts(), list->facts))
        return refuse_list(Check::RevocationUnknown, (*held)->this_update().to_string(),
                           list->facts.this_update.to_string(), "RFC 5280 section 5.2.3");
    const std::string draft = draft_name(folder);
    const File file(::open(draft.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file) return not_kept(std::strerror(errno));
    base::Status written = m_state->collector.write(file.get(), issuer->key_identifier, list->facts);
    if (written && !put_in_place(folder, draft, stem)) written = base::internal("rename");
    if (!written) {
        ::unlink(draft.c_str());
        if (written.error().code == "crl.malformed")
            return refuse_list(Check::Form, "DER", written.error().detail, "RFC 5280 section 5.1.2.6");
        return not_kept(written.error().detail);
    }
    auto index = RevocationIndex::map(current, RevocationIndex::Digests::FreshlyWritten);
    if (!index) return not_kept(index.error().code);
    return *index;
}

} // namespace musubi::pki
