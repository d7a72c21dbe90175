// Revocation lists of the certification authority's side, fetched, checked, kept in the database and in memory. A
// server that restarts while the other side is down goes on with the lists it has until they run out; after that every
// certificate is of unknown status and refused.
#pragma once

#include "core/certification/wire.h"
#include "lib/db/database.h"
#include "lib/pki/crl_index.h"

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace musubi::certification {

struct ListOptions {
    base::Duration refresh = std::chrono::hours(1); // a list is fetched again this long after the last time
    base::Duration early = std::chrono::hours(6);   // and this long before its nextUpdate at the latest
    base::Duration pause_after_failure = std::chrono::seconds(30);
    std::vector<std::string> partitions;           // municipalities whose lists are fetched without being asked for
    std::string folder;                            // where lists are kept as indexes on disk; empty: in memory only
    base::Duration grace = base::Duration::zero(); // how long after its nextUpdate a list still answers
    /// Lists up to this size also go into the database, where the other nodes find them; larger ones each node fetches
    /// for itself.
    size_t largest_shared = size_t{4} << 20;
};

class ListSource final : public pki::RevocationSource {
  public:
    /// `store` is what lists must be signed by.
    ListSource(db::Database& database, Wire& wire, pki::TrustStore store, ListOptions options);

    /// Maps the lists of the folder: milliseconds, whatever their size. "crl.folder-unusable".
    base::Status open_folder();

    /// Fetches the list of an unknown partition on demand.
    base::Task<pki::RevocationStatus> status(pki::CertificateIdentity identity, base::Instant now) override;

    /// Takes over what this or another node has put into the database. Every node runs it at start and each minute.
    base::Task<> load();
    /// Fetches what is due; for a periodic job that runs on one node. Fails with the first failure after trying all.
    base::Task<base::Status> refresh(base::Instant now);

    /// The list in force for a partition and the one before it, for the daily difference; null if there is none.
    std::shared_ptr<const pki::RevocationSet> held(std::string_view authority_key_identifier,
                                                   std::string_view distribution_point) const {
        return m_lists.held(authority_key_identifier, distribution_point);
    }
    const pki::TrustStore& trust_store() const { return m_store; }

  private:
    struct Partition {
        std::string authority; // "signature", "user"
        std::string name;      // the last common name of the distribution point: the municipality
        friend auto operator<=>(const Partition&, const Partition&) = default;
    };
    struct Arrival;
    base::Task<base::Status> fetch(const Partition& partition, base::Instant now);
    base::Task<base::Status> download(const Partition& partition, Arrival& arrival);
    void note_taken(const Partition& partition, const pki::RevocationSet& list);
    bool is_taken(const Partition& partition, base::Instant this_update);
    bool may_ask(const Partition& partition, base::Instant now);

    db::Database& m_database;
    Wire& m_wire;
    pki::TrustStore m_store;
    ListOptions m_options;
    pki::RevocationLists m_lists;
    std::optional<pki::RevocationFolder> m_folder;
    std::mutex m_mutex; // guards what follows
    std::map<Partition, base::Instant> m_asked;
    std::map<Partition, base::Instant> m_taken; // thisUpdate of what is in memory
    base::Instant m_loaded_until;
};

db::Migrations migrations();

} // namespace musubi::certification
