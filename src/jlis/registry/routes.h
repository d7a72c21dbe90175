// The routes about holders and their certificates; issuing is in jlis/ca.
#pragma once

#include "jlis/registry/certificate.h"
#include "lib/http/router.h"

#include <optional>
#include <string>
#include <string_view>

namespace musubi::registry {

/// `random` must outlive the router.
void add_routes(http::Router& router, base::Random& random);

/// Path parameters as in /v1/certificates/{authority}/{serial}; "request.not-found" for anything else.
base::Result<pki::CertificateKind> authority_named(std::string_view text);
base::Result<int64_t> serial_from_hex(std::string_view hex);
std::string serial_to_hex(int64_t serial);

/// IMF-fixdate (RFC 9110 section 5.6.7): "Sun, 22 Nov 2026 09:00:00 GMT".
std::string http_date(base::Instant at);

/// A Change made by this call.
Change change_by(const http::Call& call, base::Random& random);

} // namespace musubi::registry
