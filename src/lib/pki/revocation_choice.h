// Which sources decide, for one kind of operation, and answers of a responder kept for as long as they count.
//
// A sign-in may be content with the daily list; a signature over a contract may want list and responder to agree.
#pragma once

#include "lib/pki/revocation.h"

#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace musubi::pki {

enum class RevocationRule {
    ListOnly, // nobody learns who signs in where
    OcspOnly,
    ListThenOcsp, // the responder is asked only when the list does not know
    Both,         // good only if both say so; revoked if either does
};

class RevocationChoice final : public RevocationSource {
  public:
    /// Both sources must outlive the choice.
    RevocationChoice(RevocationSource& list, RevocationSource& ocsp, RevocationRule rule)
        : m_list(list), m_ocsp(ocsp), m_rule(rule) {}
    base::Task<RevocationStatus> status(CertificateIdentity identity, base::Instant now) override;

  private:
    RevocationSource& m_list;
    RevocationSource& m_ocsp;
    RevocationRule m_rule;
};

/// Keeps what a source said until its nextUpdate, and no longer than `longest`; source_time stays the responder's own.
/// What is unknown is never kept. Sources asked with a nonce prove that they answered now, not later: keep it short
/// where that matters.
class RevocationCache final : public RevocationSource {
  public:
    /// `source` must outlive the cache. Above `capacity` entries the ended ones go, then all.
    RevocationCache(RevocationSource& source, base::Duration longest, size_t capacity = 65536)
        : m_source(source), m_longest(longest), m_capacity(capacity) {}
    base::Task<RevocationStatus> status(CertificateIdentity identity, base::Instant now) override;
    size_t size() const;

  private:
    using Key = std::pair<std::string, SerialNumber>; // authority's key identifier
    struct Kept {
        RevocationStatus status;
        base::Instant until;
    };
    RevocationSource& m_source;
    const base::Duration m_longest;
    const size_t m_capacity;
    mutable std::mutex m_mutex;
    std::map<Key, Kept> m_kept;
};

} // namespace musubi::pki
