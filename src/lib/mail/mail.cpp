#include "lib/mail/mail.h"

#include "base/encoding.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

namespace musubi::mail {

namespace {

constexpr size_t kBase64Line = 76; // RFC 2045 section 6.8

bool is_plain(std::string_view text) {
    return text.find("=?") == std::string_view::npos &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

std::string base64_lines(std::string_view bytes) {
    const std::string encoded = base::base64_encode(bytes);
    std::string out;
    for (size_t at = 0; at < encoded.size(); at += kBase64Line) out += encoded.substr(at, kBase64Line) + "\r\n";
    return out;
}

/// Mail text has CRLF line ends before it is encoded (RFC 2046 section 4.1.1).
std::string canonical(std::string_view text) {
    std::string out;
    out.reserve(text.size() + text.size() / 32);
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\n' && (i == 0 || text[i - 1] != '\r')) out += '\r';
        out += text[i];
    }
    return out;
}

/// RFC 5322 section 3.3, in Japanese time, as its readers are.
std::string date_text(base::Instant at) {
    static constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const base::CivilDate date = base::date_in_japan(at);
    const auto day = std::chrono::weekday(std::chrono::sys_days(std::chrono::days(date.days_since_epoch())));
    const int64_t seconds = (at - base::start_of_day_in_japan(date)).count() / 1000;
    char text[64];
    std::snprintf(text, sizeof text, "%s, %u %s %d %02d:%02d:%02d +0900", kDays[day.c_encoding()], date.day(),
                  kMonths[date.month() - 1], date.year(), static_cast<int>(seconds / 3600),
                  static_cast<int>(seconds / 60 % 60), static_cast<int>(seconds % 60));
    return text;
}

/// An ASCII name as a quoted string, others as encoded words (RFC 5322 section 3.4).
std::string mailbox_text(const Mailbox& mailbox, size_t already_on_line) {
    const std::string address = "<" + mailbox.address + ">";
    if (mailbox.name.empty()) return address;
    if (!is_plain(mailbox.name)) return encode_header(mailbox.name, already_on_line) + "\r\n " + address;
    std::string quoted = "\"";
    for (const char c : mailbox.name) {
        if (c == '"' || c == '\\') quoted += '\\';
        quoted += c;
    }
    return quoted + "\" " + address;
}

std::string part(std::string_view type, std::string_view text) {
    return "Content-Type: " + std::string(type) + "; charset=UTF-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
           base64_lines(canonical(text));
}

bool is_id(std::string_view text) {
    return !text.empty() && text.size() <= 128 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               std::string_view("-_.").find(c) != std::string_view::npos;
    });
}

} // namespace

bool is_address(std::string_view text) {
    const size_t at = text.rfind('@');
    return at != std::string_view::npos && at > 0 && at + 1 < text.size() && text.size() <= 254 &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return c > 0x20 && c < 0x7F && std::string_view("<>()[]\\,;:\"").find(c) == std::string_view::npos;
           });
}

std::string encode_header(std::string_view text, size_t already_on_line) {
    if (is_plain(text) && already_on_line + text.size() <= 76) return std::string(text);
    // An encoded word is at most 75 characters: 12 of frame leave 63, which hold 45 bytes in base64.
    std::string out;
    size_t room = already_on_line + 75 > 76 ? (76 - std::min<size_t>(76, already_on_line + 12)) / 4 * 3 : 45;
    while (!text.empty()) {
        size_t take = std::min(room, text.size());
        while (take > 0 && take < text.size() && (static_cast<uint8_t>(text[take]) & 0xC0) == 0x80) --take;
        if (take > 0) out += "=?UTF-8?B?" + base::base64_encode(text.substr(0, take)) + "?=";
        text.remove_prefix(take);
        if (!text.empty()) out += "\r\n ";
        room = 45;
    }
    return out;
}

base::Result<std::string> compose(const Message& message) {
    for (const std::string_view address :
         {std::string_view(message.from.address), std::string_view(message.to.address)})
        if (!is_address(address)) return base::invalid("mail.address-malformed");
    if (!message.reply_to.empty() && !is_address(message.reply_to)) return base::invalid("mail.address-malformed");
    if (!is_id(message.id)) return base::invalid("mail.id-malformed");
    const std::string domain = message.from.address.substr(message.from.address.rfind('@') + 1);

    std::string out;
    const auto header = [&out](std::string_view name, std::string_view value) {
        out.append(name).append(": ").append(value).append("\r\n");
    };
    header("Date", date_text(message.date));
    header("From", mailbox_text(message.from, 6));
    header("To", mailbox_text(message.to, 4));
    if (!message.reply_to.empty()) header("Reply-To", "<" + message.reply_to + ">");
    std::string subject = message.subject;
    std::replace_if(subject.begin(), subject.end(), [](char c) { return static_cast<uint8_t>(c) < 0x20; }, ' ');
    header("Subject", encode_header(subject, 9));
    header("Message-ID", "<" + message.id + "@" + domain + ">");
    header("Auto-Submitted", "auto-generated"); // RFC 3834: nobody's absence note should answer it
    header("Content-Language", message.language == base::Language::English ? "en" : "ja");
    header("MIME-Version", "1.0");
    if (message.html.empty()) return out + part("text/plain", message.text);
    const std::string boundary = "musubi-" + message.id.substr(0, 60); // no line of base64 begins with --
    header("Content-Type", "multipart/alternative; boundary=\"" + boundary + "\"");
    out += "\r\n--" + boundary + "\r\n" + part("text/plain", message.text);
    out += "--" + boundary + "\r\n" + part("text/html", message.html);
    return out + "--" + boundary + "--\r\n";
}

} // namespace musubi::mail
