#include "lib/pki/revocation_choice.h"

#include <algorithm>

namespace musubi::pki {
namespace {

using State = RevocationStatus::State;

/// The more careful of two statements.
RevocationStatus both(RevocationStatus list, RevocationStatus ocsp) {
    if (list.state == State::Revoked) return list;
    if (ocsp.state == State::Revoked) return ocsp;
    if (list.state == State::Unknown) return list;
    if (ocsp.state == State::Unknown) return ocsp;
    // The responder's word is the younger one; both were needed, so the shorter time counts.
    ocsp.valid_until = std::min(list.valid_until, ocsp.valid_until);
    ocsp.overdue = list.overdue;
    return ocsp;
}

} // namespace

base::Task<RevocationStatus> RevocationChoice::status(CertificateIdentity identity, base::Instant now) {
    if (m_rule == RevocationRule::OcspOnly) co_return co_await m_ocsp.status(identity, now);
    RevocationStatus list = co_await m_list.status(identity, now);
    if (m_rule == RevocationRule::ListOnly) co_return list;
    const bool enough =
        m_rule == RevocationRule::ListThenOcsp ? list.state != State::Unknown : list.state == State::Revoked;
    if (enough) co_return list;
    RevocationStatus ocsp = co_await m_ocsp.status(identity, now);
    if (m_rule == RevocationRule::ListThenOcsp) co_return ocsp;
    co_return both(std::move(list), std::move(ocsp));
}

base::Task<RevocationStatus> RevocationCache::status(CertificateIdentity identity, base::Instant now) {
    const Key key{identity.issuer.key_identifier, identity.serial};
    {
        std::lock_guard lock(m_mutex);
        const auto known = m_kept.find(key);
        if (known != m_kept.end() && now <= known->second.until && now >= known->second.status.source_time)
            co_return known->second.status;
    }
    RevocationStatus fresh = co_await m_source.status(identity, now);
    if (fresh.state == State::Unknown) co_return fresh;
    std::lock_guard lock(m_mutex);
    if (m_kept.size() >= m_capacity)
        std::erase_if(m_kept, [now](const auto& entry) { return entry.second.until < now; });
    if (m_kept.size() >= m_capacity) m_kept.clear();
    m_kept.insert_or_assign(key, Kept{fresh, std::min(fresh.valid_until, now + m_longest)});
    co_return fresh;
}

size_t RevocationCache::size() const {
    std::lock_guard lock(m_mutex);
    return m_kept.size();
}

} // namespace musubi::pki
