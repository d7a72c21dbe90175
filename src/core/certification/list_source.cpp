#include "core/certification/list_source.h"

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
constexpr db::Query kNewer{"certification.newer_lists", "SELECT der, fetched_at FROM certification_list"
                                                        " WHERE fetched_at >= $1 ORDER BY fetched_at"};
constexpr db::Query kKnown{"certification.known_lists",
                           "SELECT authority, partition_name, next_update, fetched_at FROM certification_list"};

struct StoredList {
    db::Blob der;
    base::Instant fetched_at;
    static StoredList from(db::Reader& row) { return {.der = row.get<db::Blob>(), .fetched_at = row}; }
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
    const std::string path = "/v1/crl/" + partition.authority + "/" + partition.name + ".crl";
    MUSUBI_CO_TRY(const Answer answer, co_await m_wire.get(path));
    if (answer.status != 200)
        co_return base::error(base::ErrorKind::Unavailable, "certification.answer-malformed")
            .because("CRL status " + std::to_string(answer.status));
    const auto added = m_lists.add(answer.body, m_store);
    if (!added) co_return added.refusal().error();
    const db::Blob der{answer.body};
    const base::Instant this_update = (*added)->this_update();
    const base::Instant next_update = (*added)->next_update();
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
        (void)m_lists.add(list.der.bytes, m_store);
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
