// Private to lib/pki: the parts of a list's form that the whole-document parser and the streaming reader share.
#pragma once

#include "lib/pki/crl.h"
#include "lib/pki/der.h"

#include <cstdint>
#include <string_view>

namespace musubi::pki::form {

base::Error malformed_list(const char* why);

/// From version to nextUpdate; `algorithm` is the AlgorithmIdentifier of TBSCertList.
base::Status take_head(der::Reader& fields, RevocationListView& out);
/// crlExtensions [0], to the end of TBSCertList.
base::Status take_extensions(der::Reader& fields, RevocationListView& out);

struct Entry {
    std::string_view serial; // magnitude, big-endian, 1 to 20 bytes, no leading zero
    uint32_t seconds = 0;    // since 1970, good until 2106
    RevocationReason reason = RevocationReason::Unspecified;
};

/// Reads entries one after another. The spelling every authority uses is recognised byte for byte; anything else goes
/// through the general reader, with the same outcome.
class EntryReader {
  public:
    /// `bytes` begins with a complete entry and is moved behind it; false if it is malformed.
    bool take(std::string_view& bytes, Entry& out);

  private:
    bool take_usual(std::string_view& bytes, Entry& out);
    bool usual_time(const char* digits, uint32_t& seconds);
    std::vector<uint32_t> m_days; // first second of each day of UTCTime's hundred years, once it was met
};

} // namespace musubi::pki::form
