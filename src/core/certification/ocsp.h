// Single queries to the responder of the certification authority's side (RFC 6960).
#pragma once

#include "base/random.h"
#include "core/certification/wire.h"
#include "lib/pki/ocsp.h"

namespace musubi::certification {

/// A source that asks over `wire`, which must outlive it.
pki::OcspSource ocsp_source(Wire& wire, base::Random& random, pki::OcspClientOptions options = {});

} // namespace musubi::certification
