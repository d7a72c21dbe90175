// Hands mails to an SMTP server.
#pragma once

#include "base/secret.h"
#include "base/task.h"
#include "lib/event_loop/event_loop.h"
#include "lib/mail/mail.h"

#include <memory>
#include <string>

namespace musubi::mail {

enum class Security {
    None,     // to a server on the same machine or network only
    StartTls, // required, not merely tried
    Tls,      // from the first byte (port 465)
};

struct SmtpOptions {
    std::string host = "127.0.0.1";
    uint16_t port = 25;
    Security security = Security::StartTls;
    std::string user; // empty: without signing in
    base::Secret password;
    std::string ca_file;                     // PEM; empty: the system's
    std::string greeting_name = "localhost"; // EHLO
    base::Duration connect_timeout = std::chrono::seconds(10);
    base::Duration timeout = std::chrono::seconds(60);
};

/// Errors worth another try (Unavailable): "mail.server-unreachable", "mail.server-untrusted", "mail.deferred" (4xx).
/// Final ones (Invalid): "mail.refused" (5xx), "mail.address-malformed", "mail.id-malformed".
class SmtpSender {
  public:
    SmtpSender(event_loop::BlockingPool& pool, SmtpOptions options);
    ~SmtpSender();
    SmtpSender(const SmtpSender&) = delete;
    SmtpSender& operator=(const SmtpSender&) = delete;

    base::Task<base::Status> send(Message message);

  private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace musubi::mail
