#include "services/notices/routes.h"

#include "services/notices/citizen.h"
#include "services/notices/messages.h"
#include "services/notices/office.h"

namespace musubi::notices {

void install(http::Router& router, Dependencies dependencies) {
    const auto to = std::make_shared<const Dependencies>(std::move(dependencies));
    install_citizen(router, to);
    install_templates(router, to);
    install_sendings(router, to);
    install_results(router, to);
}

std::span<const base::Message> mail_texts() { return messages::kAll; }

} // namespace musubi::notices
