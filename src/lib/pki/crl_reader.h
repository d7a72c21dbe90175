// A revocation list read as it arrives, in pieces of any size: 370 megabytes for a nation pass through a few kilobytes
// of memory. The entries are handed on before anything is proved; what is made of them counts only after `verify`.
#pragma once

#include "lib/pki/crl.h"

#include <memory>
#include <string>
#include <string_view>

namespace musubi::pki {

/// What is known of a list after its last byte.
struct StreamedRevocationList {
    RevocationListFacts facts;
    std::string issuer;                   // Name
    std::string authority_key_identifier; // empty if absent
    crypto::SignatureAlgorithm algorithm = crypto::SignatureAlgorithm::RsaPkcs1Sha256;
    std::string tbs_digest;
    std::string signature;
    size_t entries = 0;
    size_t size = 0; // bytes of DER
};

/// Issuer, key identifier and signature (RFC 5280 section 6.3.3 (f), (g)).
Verdict<base::Unit> verify(const StreamedRevocationList& list, const Authority& authority);

class RevocationListReader {
  public:
    class Sink {
      public:
        virtual ~Sink() = default;
        /// `serial`: magnitude, 1 to 20 bytes, without leading zeros; `seconds` since 1970.
        virtual void entry(std::string_view serial, uint32_t seconds, RevocationReason reason) = 0;
    };
    /// `sink` must outlive the reader.
    explicit RevocationListReader(Sink& sink);
    ~RevocationListReader();

    /// "crl.malformed", as parse_revocation_list, and "crl.algorithm-unknown"; after an error nothing more is taken.
    base::Status feed(std::string_view piece);
    /// "crl.malformed" if the list is not complete.
    base::Result<StreamedRevocationList> finish();

  private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace musubi::pki
