// Revocation lists of the certification authority's side, fetched, checked, kept in the database and in memory. A
// server that restarts while the other side is down goes on with the lists it has until they run out; after that every
// certificate is of unknown status and refused.
#pragma once

#include "core/certification/wire.h"
#include "lib/db/database.h"
#include "lib/pki/crl.h"

#include <map>
#include <mutex>
#include <vector>

namespace musubi::certification {

struct ListOptions {
    base::Duration refresh = std::chrono::hours(1); // a list is fetched again this long after the last time
    base::Duration early = std::chrono::hours(6);   // and this long before its nextUpdate at the latest
    base::Duration pause_after_failure = std::chrono::seconds(30);
    std::vector<std::string> partitions; // municipalities whose lists are fetched without being asked for
};

class ListSource final : public pki::RevocationSource {
  public:
    /// `store` is what lists must be signed by.
    ListSource(db::Database& database, Wire& wire, pki::TrustStore store, ListOptions options)
        : m_database(database), m_wire(wire), m_store(std::move(store)), m_options(std::move(options)) {}

    /// Fetches the list of an unknown partition on demand.
    base::Task<pki::RevocationStatus> status(pki::CertificateIdentity identity, base::Instant now) override;

    /// Takes over what this or another node has put into the database. Every node runs it at start and each minute.
    base::Task<> load();
    /// Fetches what is due; for a periodic job that runs on one node. Fails with the first failure after trying all.
    base::Task<base::Status> refresh(base::Instant now);

  private:
    struct Partition {
        std::string authority; // "signature", "user"
        std::string name;      // the last common name of the distribution point: the municipality
        friend auto operator<=>(const Partition&, const Partition&) = default;
    };
    base::Task<base::Status> fetch(const Partition& partition, base::Instant now);
    bool may_ask(const Partition& partition, base::Instant now);

    db::Database& m_database;
    Wire& m_wire;
    pki::TrustStore m_store;
    ListOptions m_options;
    pki::RevocationLists m_lists;
    std::mutex m_mutex; // guards what follows
    std::map<Partition, base::Instant> m_asked;
    base::Instant m_loaded_until;
};

db::Migrations migrations();

} // namespace musubi::certification
