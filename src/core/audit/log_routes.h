// The log as everybody may read it (C2SP tlog-tiles below /log) and the witness's door.
#pragma once

#include "core/audit/witness.h"
#include "lib/http/router.h"

namespace musubi::audit {

/// `log` must outlive the router. Without logs to cosign there is no witness's door.
void install_log(http::Router& router, const Log& log, Cosigning cosigning);

} // namespace musubi::audit
