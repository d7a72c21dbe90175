#include "core/certification/list_source.h"

#include "base/log.h"
#include "lib/pki/name.h"

#include <algorithm>

namespace musubi::certification {
namespace {

constexpr db::Query kPut{"certification.put_list",
                         "INSERT INTO certification_list (authority, partition_name, der, this_update, next_update,"
                         " fetched_at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (authority, partition_name)"
                         " DO UPDATE SET der = excluded.der, this_update = excluded.this_update,"
                         " next_update = excluded.next_update, fetched_at = excluded.fetched_at"
                         " WHERE certification_list.this_update <= excluded.this_update"};
constexpr db::Query kNewer{"certification.newer_lists", "SELECT authority, partition_name, der, this_update, fetched_at"
                                                        " FROM certification_list"
                                                        " WHERE fetched_at >= $1 ORDER BY fetched_at"};
constexpr db::Query kKnown{"certification.known_lists",
                           "SELECT authority, partition_name, next_update, fetched_at FROM certification_list"};

struct StoredList {
    std::string authority;
    std::string partition;
    db::Blob der; // empty: too large to be shared here
    base::Instant this_update;
    base::Instant fetched_at;
    static StoredList from(db::Reader& row) {
        return {.authority = row, .partition = row, .der = row.get<db::Blob>(), .this_update = row, .fetched_at = row};
    }
};
struct KnownList {
    std::string authority;
    std::string partition;
    base::Instant next_update;
    base::Instant fetched_at;
    static KnownList from(db::Reader& row) {
        return {.authority = row, .partition = row, .next_update = row, .fetched_at = row};
    }
};

// The last common name of the distribution point names the partition; it goes into a path, so its form is checked.
std::optional<std::string> partition_name(std::string_view distribution_point) {
    const std::string text = pki::name_text(distribution_point);
    const auto at = text.rfind("CN=");
    if (at == std::string::npos) return std::nullopt;
    std::string name = text.substr(at + 3);
    if (const auto comma = name.find(','); comma != std::string::npos) name.resize(comma);
    const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
    });
    if (name.empty() || name.size() > 64 || !plain) return std::nullopt;
    return name;
}

} // namespace

/// A list on its way: into an index in the folder, or into memory, and beside that into `shared` while it is small.
struct ListSource::Arrival {
    ListSource& owner;
    std::optional<pki::RevocationIngest> ingest = {};
    std::string shared = {};
    bool too_large = false;
    std::shared_ptr<const pki::RevocationSet> list = {};
    base::Status outcome = base::success();

    explicit Arrival(ListSource& source) : owner(source) {
        if (owner.m_folder) ingest.emplace(owner.m_folder->begin(owner.m_store));
    }
    base::Status feed(std::string_view piece) {
        if (shared.size() + piece.size() > (ingest ? owner.m_options.largest_shared : pki::kMaxRevocationListSize)) {
            too_large = true;
            shared = std::string();
        }
        if (!too_large) shared += piece;
        if (!ingest) return too_large ? base::invalid("crl.malformed").because("too large") : base::success();
        return ingest->feed(piece);
    }
    void finish() {
        if (ingest) {
            auto index = ingest->finish();
            if (!index) {
                outcome = index.refusal().error();
                return;
            }
            const auto key_identifier = (*index)->authority_key_identifier();
            take(owner.m_lists.put(key_identifier, *index));
        } else {
            take(owner.m_lists.add(shared, owner.m_store));
            if (shared.size() > owner.m_options.largest_shared) shared = std::string();
        }
    }
    void take(const pki::Verdict<std::shared_ptr<const pki::RevocationSet>>& placed) {
        if (placed) {
            list = *placed;
        } else {
            outcome = placed.refusal().error();
        }
    }
};

ListSource::ListSource(db::Database& database, Wire& wire, pki::TrustStore store, ListOptions options)
    : m_database(database), m_wire(wire), m_store(std::move(store)), m_options(std::move(options)),
      m_lists(pki::RevocationListsOptions{m_options.grace}) {}

base::Status ListSource::open_folder() {
    if (m_options.folder.empty()) return base::success();
    MUSUBI_TRY(m_folder, pki::RevocationFolder::open(m_options.folder));
    const auto content = m_folder->load(m_store);
    for (const auto& list : content.lists) {
        if (!m_lists.put(list->authority_key_identifier(), list)) continue;
        const auto name = partition_name(list->distribution_point());
        for (const auto& authority : m_store.authorities())
            if (name && authority->key_identifier == list->authority_key_identifier())
                note_taken({std::string(pki::to_string(authority->kind)), *name}, *list);
    }
    for (const auto& file : content.damaged) log::warning("certification.list-damaged", {log::field("file", file)});
    return base::success();
}

base::Task<base::Status> ListSource::download(const Partition& partition, Arrival& arrival) {
    const std::string path = "/v1/crl/" + partition.authority + "/" + partition.name + ".crl";
    Download into;
    into.feed = [&arrival](std::string_view piece) { return arrival.feed(piece); };
    into.finish = [&arrival] { arrival.finish(); };
    MUSUBI_CO_TRY(const int status, co_await m_wire.download(path, std::move(into)));
    if (status != 200)
        co_return base::error(base::ErrorKind::Unavailable, "certification.answer-malformed")
            .because("CRL status " + std::to_string(status));
    co_return std::move(arrival.outcome);
}

base::Task<pki::RevocationStatus> ListSource::status(pki::CertificateIdentity identity, base::Instant now) {
    pki::RevocationStatus known = co_await m_lists.status(identity, now);
    if (known.state != pki::RevocationStatus::State::Unknown) co_return known;
    const auto name = partition_name(identity.distribution_point);
    if (!name) co_return known;
    const Partition partition{std::string(pki::to_string(identity.issuer.kind)), *name};
    if (!may_ask(partition, now)) co_return known;
    const base::Status fetched = co_await fetch(partition, now);
    if (!fetched) {
        known.why_unknown = fetched.error().code;
        co_return known;
    }
    co_return co_await m_lists.status(identity, now);
}

void ListSource::note_taken(const Partition& partition, const pki::RevocationSet& list) {
    std::lock_guard lock(m_mutex);
    m_taken[partition] = list.this_update();
}

bool ListSource::is_taken(const Partition& partition, base::Instant this_update) {
    std::lock_guard lock(m_mutex);
    const auto known = m_taken.find(partition);
    return known != m_taken.end() && known->second >= this_update;
}

// One request at a time for one list, and none right after a failure: certificates of strangers must not make this
// server ask without end.
bool ListSource::may_ask(const Partition& partition, base::Instant now) {
    std::lock_guard lock(m_mutex);
    if (m_asked.size() > 4096) m_asked.clear();
    const auto [asked, first] = m_asked.try_emplace(partition, now);
    if (first) return true;
    if (asked->second + m_options.pause_after_failure > now) return false;
    asked->second = now;
    return true;
}

base::Task<base::Status> ListSource::fetch(const Partition& partition, base::Instant now) {
    Arrival arrival(*this);
    MUSUBI_CO_CHECK(co_await download(partition, arrival));
    note_taken(partition, *arrival.list);
    const db::Blob der{std::move(arrival.shared)};
    const base::Instant this_update = arrival.list->this_update();
    const base::Instant next_update = arrival.list->next_update();
    co_await m_database.write([&](db::WriteTx& tx) -> base::Task<> {
        co_await tx.run(kPut, partition.authority, partition.name, der, this_update, next_update, now);
    });
    co_return base::success();
}

base::Task<> ListSource::load() {
    base::Instant since;
    {
        std::lock_guard lock(m_mutex);
        since = m_loaded_until;
    }
    const auto lists = co_await m_database.read(
        [since](db::ReadTx& tx) -> base::Task<std::vector<StoredList>> { return tx.all<StoredList>(kNewer, since); });
    for (const StoredList& list : lists) {
        // What does not verify any more (an authority was removed) is left out: its certificates become unknown.
        const Partition partition{list.authority, list.partition};
        Arrival arrival(*this);
        if (is_taken(partition, list.this_update)) {
            // This node brought it, or has it from the round before.
        } else if (list.der.bytes.empty()) {
            const base::Status fetched = co_await download(partition, arrival);
            if (!fetched) log::warning("certification.list-not-fetched", {log::field("error", fetched.error())});
        } else if (arrival.feed(list.der.bytes)) {
            arrival.finish();
        }
        if (arrival.list) note_taken(partition, *arrival.list);
        std::lock_guard lock(m_mutex);
        m_loaded_until = std::max(m_loaded_until, list.fetched_at);
    }
}

base::Task<base::Status> ListSource::refresh(base::Instant now) {
    const auto known = co_await m_database.read(
        [](db::ReadTx& tx) -> base::Task<std::vector<KnownList>> { return tx.all<KnownList>(kKnown); });
    std::vector<Partition> due;
    for (const std::string& name : m_options.partitions)
        for (const char* authority : {"signature", "user"}) {
            const bool have = std::any_of(known.begin(), known.end(), [&](const KnownList& list) {
                return list.authority == authority && list.partition == name;
            });
            if (!have) due.push_back({authority, name});
        }
    for (const KnownList& list : known)
        if (list.fetched_at + m_options.refresh <= now || list.next_update - m_options.early <= now)
            due.push_back({list.authority, list.partition});
    base::Status outcome = base::success();
    for (const Partition& partition : due) {
        base::Status fetched = co_await fetch(partition, now);
        if (!fetched && outcome) outcome = std::move(fetched);
    }
    co_return outcome;
}

} // namespace musubi::certification
