// The configuration file of musubi-jlis.
#pragma once

#include "apps/jlis_server/machine_keys.h"
#include "base/config.h"
#include "jlis/ca/authorities.h"
#include "jlis/crl/crl.h"
#include "jlis/ocsp/ocsp.h"
#include "lib/http/server.h"

#include <optional>
#include <string>
#include <vector>

namespace musubi::jlis_server {

struct Settings {
    http::ServerOptions server;
    std::string sqlite; // one of these two
    std::string postgres;
    ca::AuthoritySettings authority;
    bool create_authorities = false;
    crl::Settings lists;
    ocsp::Settings ocsp;
    std::vector<MachineKey> clients;
};

/// Errors as base::Config gives them; `detail` is for the operator.
base::Result<Settings> read_settings(base::Config config);

} // namespace musubi::jlis_server
