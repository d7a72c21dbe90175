// The citizen's side: inbox, notices, receipts, choices.
#pragma once

#include "services/notices/routes.h"

#include <memory>

namespace musubi::notices {

void install_citizen(http::Router& router, std::shared_ptr<const Dependencies> to);

} // namespace musubi::notices
