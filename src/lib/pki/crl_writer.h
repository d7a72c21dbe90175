// Building a revocation list of any length: the entries are walked twice, once to check and measure them and once to
// write them, and never stand in memory together. Ten million entries become 370 megabytes this way.
#pragma once

#include "lib/pki/issuing.h"

#include <functional>
#include <string_view>

namespace musubi::pki {

/// Everything about a list but its entries.
struct RevocationListHead {
    const CertificateView& issuer;
    uint64_t number;
    base::Instant this_update;
    base::Instant next_update;
    std::string distribution_point; // Name; empty for one list over everything
    crypto::SignatureAlgorithm algorithm = crypto::SignatureAlgorithm::RsaPkcs1Sha256;
};

/// Walks the entries in ascending order of serial number; must give the same each time it is called.
using EachRevoked = std::function<void(const std::function<void(const RevokedCertificate&)>& take)>;

/// Entries that were checked, measured and not signed yet. Only `lint` makes one.
class LintedRevocationStream {
  public:
    size_t entries() const { return m_entries; }
    /// Size of the finished list without its signature.
    size_t tbs_size() const { return m_before.size() + m_entries_size + m_after.size(); }

  private:
    friend base::Result<LintedRevocationStream> lint(const RevocationListHead&, const EachRevoked&);
    friend base::Status write_signed(const LintedRevocationStream&, const EachRevoked&, const crypto::PrivateKey&,
                                     const std::function<base::Status(std::string_view)>&);
    std::string m_before; // TBSCertList up to the first entry
    std::string m_after;  // crlExtensions
    size_t m_entries_size = 0;
    size_t m_entries = 0;
    base::Instant m_this_update;
    crypto::SignatureAlgorithm m_algorithm = crypto::SignatureAlgorithm::RsaPkcs1Sha256;
};

/// "issuing.lint-failed" with the rule: serial numbers not ascending or twice, dates that do not fit, a form our own
/// reader does not take.
base::Result<LintedRevocationStream> lint(const RevocationListHead& head, const EachRevoked& entries);

/// Gives the list to `out` in pieces. Signs only if the entries of the second walk are those of the first:
/// "issuing.lint-failed" (rule entries-the-same-twice) otherwise, and whatever `out` returned is to be thrown away.
base::Status write_signed(const LintedRevocationStream& list, const EachRevoked& entries, const crypto::PrivateKey& key,
                          const std::function<base::Status(std::string_view)>& out);

} // namespace musubi::pki
