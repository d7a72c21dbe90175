// The API description (OpenAPI 3.1.0), made from the routes and the described types alone.
#pragma once

#include "lib/http/router.h"

#include <string>
#include <string_view>
#include <vector>

namespace musubi::http {

std::string openapi_document(std::string_view title, std::string_view version, const std::vector<RouteInfo>& routes,
                             const json::SchemaSet& schemas);

} // namespace musubi::http
