// The routes that issue.
#pragma once

#include "jlis/ca/issuing.h"
#include "lib/http/router.h"

namespace musubi::ca {

/// Both must outlive the router.
void add_routes(http::Router& router, const Authorities& authorities, base::Random& random);

} // namespace musubi::ca
