// The staff's side: templates, sendings, lists, approval, figures, letters.
#pragma once

#include "services/notices/routes.h"

#include <memory>

namespace musubi::notices {

void install_templates(http::Router& router, std::shared_ptr<const Dependencies> to);
void install_sendings(http::Router& router, std::shared_ptr<const Dependencies> to);
void install_results(http::Router& router, std::shared_ptr<const Dependencies> to);

} // namespace musubi::notices
