// Whether a certificate has been revoked, behind one door: own lists, OCSP, or the interface of a platform operator.
#pragma once

#include "base/task.h"
#include "base/time.h"
#include "lib/pki/certificate.h"
#include "lib/pki/trust_store.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace musubi::pki {

/// CRLReason, RFC 5280 section 5.3.1. What each means for the card is in the certification practice statement 4.9.9:
/// affiliationChanged = the written attributes changed, superseded = renewed, cessationOfOperation = not needed any
/// more, certificateHold = the key is in doubt.
enum class RevocationReason : uint8_t {
    Unspecified = 0,
    KeyCompromise = 1,
    CaCompromise = 2,
    AffiliationChanged = 3,
    Superseded = 4,
    CessationOfOperation = 5,
    CertificateHold = 6,
    PrivilegeWithdrawn = 9,
    AaCompromise = 10,
};
std::string_view to_string(RevocationReason reason); // "affiliationChanged"
std::optional<RevocationReason> revocation_reason(uint64_t number);
std::optional<RevocationReason> revocation_reason(std::string_view name);

struct RevocationStatus {
    enum class State { Good, Revoked, Unknown } state = State::Unknown;
    enum class Method { List, Ocsp } method = Method::List;
    base::Instant source_time; // thisUpdate of what was asked
    base::Instant valid_until; // its nextUpdate
    base::Instant revoked_at;  // state Revoked
    RevocationReason reason = RevocationReason::Unspecified;
    bool overdue = false;    // the source is past its nextUpdate; it answers only within the stated grace
    std::string why_unknown; // "no-list", "list-expired", …: for the log
};

std::string_view to_string(RevocationStatus::Method method); // "list", "ocsp"

/// Which certificate is asked about. Borrows for the length of the call.
struct CertificateIdentity {
    const Authority& issuer;
    const SerialNumber& serial;
    std::string_view distribution_point; // Name; empty if the certificate has none
};

class RevocationSource {
  public:
    virtual ~RevocationSource() = default;
    /// Never throws for what others got wrong: that is Unknown.
    virtual base::Task<RevocationStatus> status(CertificateIdentity identity, base::Instant now) = 0;
};

/// Asks one source after another until one knows.
class RevocationChain final : public RevocationSource {
  public:
    explicit RevocationChain(std::vector<RevocationSource*> sources) : m_sources(std::move(sources)) {}
    base::Task<RevocationStatus> status(CertificateIdentity identity, base::Instant now) override;

  private:
    std::vector<RevocationSource*> m_sources;
};

} // namespace musubi::pki
