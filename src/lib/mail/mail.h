// A mail and its bytes.
#pragma once

#include "base/i18n.h"
#include "base/result.h"
#include "base/time.h"

#include <string>

namespace musubi::mail {

struct Mailbox {
    std::string address; // "hanako@example.jp"
    std::string name;    // shown; may be Japanese; may be empty
};

struct Message {
    Mailbox from;
    Mailbox to;
    std::string reply_to; // an address; empty: none
    std::string subject;
    std::string text; // plain, "\n" line ends
    std::string html; // empty: plain text only
    std::string id;   // the left side of Message-ID, for example a UUID; the right side is the domain of `from`
    base::Instant date;
    base::Language language = base::Language::Japanese;
};

/// RFC 5322 with CRLF line ends. Errors "mail.address-malformed", "mail.id-malformed": nothing that could begin another
/// header gets in.
base::Result<std::string> compose(const Message& message);

/// One header value as encoded words (RFC 2047) when it is not plain ASCII, folded. For tests and for `compose`.
std::string encode_header(std::string_view text, size_t already_on_line);

bool is_address(std::string_view text);

} // namespace musubi::mail
