// The routes of the latest four attributes.
#pragma once

#include "base/random.h"
#include "lib/http/router.h"

namespace musubi::attributes {

/// A relying service is known by the name of its key (Access::machine "attributes.ask"). `random` must outlive the
/// router.
void add_routes(http::Router& router, base::Random& random);

} // namespace musubi::attributes
