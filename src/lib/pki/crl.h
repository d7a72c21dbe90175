// Certificate revocation lists (RFC 5280 section 5), partitioned by municipality: a certificate names its partition in
// cRLDistributionPoints, the list names it in a critical issuingDistributionPoint, and the two must be the same bytes.
#pragma once

#include "lib/pki/revocation.h"
#include "lib/pki/verdict.h"

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace musubi::pki {

/// A list of one municipality is a few megabytes at most; the limit allows a whole nation in one.
inline constexpr size_t kMaxRevocationListSize = 256 * 1024 * 1024;

/// The parts of a list, borrowed from its DER. Form only: nothing is verified.
struct RevocationListView {
    std::string_view tbs;
    std::string_view issuer; // Name
    base::Instant this_update;
    base::Instant next_update;
    std::string_view entries; // content of revokedCertificates
    std::optional<uint64_t> number;
    std::string_view authority_key_identifier; // empty if absent
    std::string_view distribution_point;       // Name; empty if the list covers everything
    std::string_view signature_algorithm;
    std::string_view signature;
};
/// "crl.malformed". A critical extension other than issuingDistributionPoint, and scopes other than "user certificates
/// of one directoryName", are refused too.
base::Result<RevocationListView> parse_revocation_list(std::string_view der);

struct RevokedEntry {
    base::Instant revoked_at;
    RevocationReason reason = RevocationReason::Unspecified;
};

/// One verified list as sorted serial numbers: 16 bytes an entry (32 for serials above 8 bytes) and under a microsecond
/// a look-up, where OpenSSL's form takes 200 bytes.
class RevocationList {
  public:
    /// Checks form, issuer, key identifier and signature against `authority`, then sorts the entries.
    static Verdict<std::shared_ptr<const RevocationList>> load(std::string_view der, const Authority& authority);
    /// The entries without their proof, for the certification side's own checks and for fuzzing: sorted, or
    /// "crl.malformed".
    static base::Result<std::shared_ptr<const RevocationList>> read(const RevocationListView& view);

    std::optional<RevokedEntry> find(const SerialNumber& serial) const;
    size_t size() const { return m_short.size() + m_long.size(); }
    base::Instant this_update() const { return m_this_update; }
    base::Instant next_update() const { return m_next_update; }
    std::optional<uint64_t> number() const { return m_number; }
    const std::string& distribution_point() const { return m_distribution_point; }

  private:
    struct ShortEntry {
        uint64_t serial;
        uint32_t seconds; // since 1970, good until 2106
        RevocationReason reason;
    };
    struct LongEntry {
        SerialNumber serial;
        uint32_t seconds;
        RevocationReason reason;
    };
    bool read_entries(std::string_view entries);
    std::vector<ShortEntry> m_short;
    std::vector<LongEntry> m_long;
    base::Instant m_this_update;
    base::Instant m_next_update;
    std::optional<uint64_t> m_number;
    std::string m_distribution_point;
};

/// The lists a server holds; replaced while it runs, read without waiting.
class RevocationLists final : public RevocationSource {
  public:
    RevocationLists();

    /// Verifies a list against the authority that issued it and puts it in place of its predecessor. A list older than
    /// the one held is refused (Check::RevocationUnknown, clause RFC 5280 section 5.2.3).
    Verdict<std::shared_ptr<const RevocationList>> add(std::string_view der, const TrustStore& store);

    /// Unknown when there is no list for the certificate, when it is past its nextUpdate, or not yet in force.
    base::Task<RevocationStatus> status(CertificateIdentity identity, base::Instant now) override;

    size_t size() const;

  private:
    using Key = std::pair<std::string, std::string>; // authority's key identifier, distribution point
    using Map = std::map<Key, std::shared_ptr<const RevocationList>>;
    std::mutex m_writing;
    std::atomic<std::shared_ptr<const Map>> m_map;
};

} // namespace musubi::pki
