// Programs that call the certification side show a key: "Authorization: Bearer …" (RFC 6750 section 2.1).
#pragma once

#include "base/secret.h"
#include "lib/http/router.h"

#include <string>
#include <vector>

namespace musubi::jlis_server {

struct MachineKey {
    std::string name;
    base::Secret key;
    std::vector<std::string> permissions;
};

class MachineKeys final : public http::Authenticator {
  public:
    explicit MachineKeys(const std::vector<MachineKey>& keys);
    /// "authentication.key-unknown" for a key that is not listed.
    base::Task<base::Result<http::Principal>> authenticate(const http::Request& request, base::Instant now) override;

  private:
    struct Known {
        std::string digest; // SHA-256: comparing it tells nothing about the key
        http::Principal principal;
    };
    std::vector<Known> m_known;
};

} // namespace musubi::jlis_server
