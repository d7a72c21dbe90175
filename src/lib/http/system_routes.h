// What those who run a server ask it: /healthz (the process answers), /readyz (so does its database), /metrics
// (Prometheus), /api/openapi.json.
#pragma once

#include "lib/http/address.h"
#include "lib/http/router.h"

#include <functional>
#include <string>
#include <vector>

namespace musubi::http {

struct SystemRoutesOptions {
    std::string title = "Musubi";
    std::string version = "0";
    /// Who may read /metrics; empty: the machine itself.
    std::vector<AddressRange> metrics_from;
    /// False while the server should get no new requests (it is stopping). Null: always true.
    std::function<bool()> accepting;
};

/// After all other routes, which then stand in the description.
void add_system_routes(Router& router, SystemRoutesOptions options);

} // namespace musubi::http
