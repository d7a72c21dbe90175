// Proofs from the transparency log for the person concerned.
#pragma once

#include "core/audit/log.h"
#include "lib/http/router.h"

namespace musubi::log_proofs {

/// `log` must outlive the router.
void install(http::Router& router, const audit::Log& log);

} // namespace musubi::log_proofs
