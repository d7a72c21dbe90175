// Sends what the outbox holds as mail: text from the catalogues, over SMTP.
#pragma once

#include "core/outbox/mail_text.h"
#include "core/outbox/worker.h"
#include "lib/mail/smtp.h"

namespace musubi::outbox {

class SmtpMailer final : public Mailer {
  public:
    SmtpMailer(mail::SmtpSender& sender, base::Clock& clock, Catalogues catalogues, mail::Mailbox from,
               std::string reply_to)
        : m_sender(sender), m_clock(clock), m_catalogues(std::move(catalogues)), m_from(std::move(from)),
          m_reply_to(std::move(reply_to)) {}

    base::Task<base::Status> send(const MessageId& id, const Mail& mail) override;

  private:
    mail::SmtpSender& m_sender;
    base::Clock& m_clock;
    Catalogues m_catalogues;
    mail::Mailbox m_from;
    std::string m_reply_to;
};

} // namespace musubi::outbox
