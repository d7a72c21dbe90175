// The text of a mail from the catalogues: messages mail.<template>.subject and mail.<template>.text.
#pragma once

#include "base/i18n.h"
#include "base/result.h"
#include "core/outbox/outbox.h"

#include <span>
#include <string>
#include <vector>

namespace musubi::outbox {

struct MailText {
    std::string subject;
    std::string text; // plain, UTF-8
};

using Catalogues = std::vector<std::span<const base::Message>>; // `messages::kAll` of each module

/// "outbox.template-unknown" (Invalid). An unknown language is Japanese.
base::Result<MailText> mail_text(const Catalogues& catalogues, const Mail& mail);

} // namespace musubi::outbox
