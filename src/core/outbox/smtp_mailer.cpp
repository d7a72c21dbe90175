#include "core/outbox/smtp_mailer.h"

namespace musubi::outbox {

base::Task<base::Status> SmtpMailer::send(const MessageId& id, const Mail& mail) {
    MUSUBI_CO_TRY(MailText text, mail_text(m_catalogues, mail));
    mail::Message message;
    message.from = m_from;
    message.to.address = mail.to;
    message.reply_to = m_reply_to;
    message.subject = std::move(text.subject);
    message.text = std::move(text.text);
    message.id = id.to_string();
    message.date = m_clock.now();
    message.language = base::parse_language(mail.language).value_or(base::Language::Japanese);
    co_return co_await m_sender.send(std::move(message));
}

} // namespace musubi::outbox
