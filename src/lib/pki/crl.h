// Certificate revocation lists (RFC 5280 section 5), partitioned by municipality: a certificate names its partition in
// cRLDistributionPoints, the list names it in a critical issuingDistributionPoint, and the two must be the same bytes.
#pragma once

#include "lib/pki/revocation.h"
#include "lib/pki/snapshot.h"
#include "lib/pki/verdict.h"

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace musubi::pki {

/// A list of one municipality is a few megabytes at most; the limit allows a whole nation in one.
inline constexpr size_t kMaxRevocationListSize = size_t{1} << 30;

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

/// What a list says about itself.
struct RevocationListFacts {
    base::Instant this_update;
    base::Instant next_update;
    std::optional<uint64_t> number;
    std::string distribution_point; // Name; empty if the list covers everything
};

/// One verified list, in memory or on disk.
class RevocationSet {
  public:
    virtual ~RevocationSet() = default;
    virtual std::optional<RevokedEntry> find(const SerialNumber& serial) const = 0;
    virtual size_t size() const = 0;

    const RevocationListFacts& facts() const { return m_facts; }
    base::Instant this_update() const { return m_facts.this_update; }
    base::Instant next_update() const { return m_facts.next_update; }
    std::optional<uint64_t> number() const { return m_facts.number; }
    const std::string& distribution_point() const { return m_facts.distribution_point; }

  protected:
    RevocationListFacts m_facts;
};

/// A list held in memory: 16 bytes an entry (32 for serials above 8 bytes). For lists that fit; see crl_index.h.
class RevocationList final : public RevocationSet {
  public:
    /// Checks form, issuer, key identifier and signature against `authority`, then sorts the entries.
    static Verdict<std::shared_ptr<const RevocationList>> load(std::string_view der, const Authority& authority);
    /// The entries without their proof, for the certification side's own checks and for fuzzing: sorted, or
    /// "crl.malformed".
    static base::Result<std::shared_ptr<const RevocationList>> read(const RevocationListView& view);

    std::optional<RevokedEntry> find(const SerialNumber& serial) const override;
    size_t size() const override { return m_short.size() + m_long.size(); }

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
};

/// Whether `next` may stand in the place of `held`: not issued earlier, not numbered lower (RFC 5280 section 5.2.3).
bool may_replace(const RevocationListFacts& held, const RevocationListFacts& next);

struct RevocationListsOptions {
    /// How long after its nextUpdate a list still answers, because the authority or the way to it may be down for an
    /// hour. Zero: not at all. Answers given in this time say so (RevocationStatus::overdue).
    base::Duration grace = base::Duration::zero();
};

/// The lists a server holds; replaced while it runs, read without waiting.
class RevocationLists final : public RevocationSource {
  public:
    explicit RevocationLists(RevocationListsOptions options = {});

    /// Verifies a list against the authority that issued it and puts it in place of its predecessor. A list older than
    /// the one held is refused (Check::RevocationUnknown, clause RFC 5280 section 5.2.3).
    Verdict<std::shared_ptr<const RevocationSet>> add(std::string_view der, const TrustStore& store);
    /// The same with a list that was verified already (crl_index.h), issued by the authority with this key identifier.
    Verdict<std::shared_ptr<const RevocationSet>> put(std::string_view authority_key_identifier,
                                                      std::shared_ptr<const RevocationSet> list);

    /// Unknown when there is no list for the certificate, when it is past its nextUpdate (and the grace), or not yet in
    /// force.
    base::Task<RevocationStatus> status(CertificateIdentity identity, base::Instant now) override;
    /// The same without a coroutine around it.
    RevocationStatus look_up(const CertificateIdentity& identity, base::Instant now) const;
    /// The list held for an authority and a distribution point, or null.
    std::shared_ptr<const RevocationSet> held(std::string_view authority_key_identifier,
                                              std::string_view distribution_point) const;

    size_t size() const;

  private:
    using Key = std::pair<std::string, std::string>; // authority's key identifier, distribution point
    struct Less {
        using is_transparent = void;
        using View = std::pair<std::string_view, std::string_view>;
        bool operator()(const View& a, const View& b) const { return a < b; }
    };
    using Map = std::map<Key, std::shared_ptr<const RevocationSet>, Less>;
    const RevocationListsOptions m_options;
    std::mutex m_writing;
    Snapshot<Map> m_map;
};

/// A refusal about a list.
Refusal refuse_list(Check check, std::string expected, std::string found, std::string clause);

} // namespace musubi::pki
