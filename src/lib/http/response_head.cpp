#include "lib/http/response_head.h"

#include "base/log.h"
#include "lib/http/text.h"

#include <charconv>
#include <ctime>

namespace musubi::http {
namespace {

/// IMF-fixdate (RFC 9110 section 5.6.7), made once a second.
std::string_view date_line() {
    thread_local time_t last = 0;
    thread_local char line[48];
    thread_local size_t size = 0;
    timespec now{};
    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    if (now.tv_sec != last) {
        last = now.tv_sec;
        tm parts{};
        gmtime_r(&last, &parts);
        static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
        static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
        size = static_cast<size_t>(std::snprintf(line, sizeof line, "Date: %s, %02d %s %04d %02d:%02d:%02d GMT\r\n",
                                                 kDays[parts.tm_wday], parts.tm_mday, kMonths[parts.tm_mon],
                                                 parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec));
    }
    return {line, size};
}

template <class Number> void append_number(std::string& out, Number value) {
    char digits[24];
    out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

} // namespace

void append_field(std::string& out, std::string_view name, std::string_view value) {
    if (!is_field_text(name) || !is_field_text(value)) {
        log::error("response-header-dropped", {log::field("header", is_field_text(name) ? name : "?")});
        return;
    }
    out.append(name).append(": ").append(value).append("\r\n");
}

void write_head(std::string& out, const Response& response, After after, int version) {
    out += "HTTP/1.1 ";
    append_number(out, response.status);
    out += ' ';
    out += reason_phrase(response.status);
    out += "\r\n";
    out += date_line();
    if (!response.content_type.empty()) append_field(out, "Content-Type", response.content_type);
    const bool has_length = response.status != 204 && response.status != 304 && response.status >= 200;
    if (has_length) {
        out += "Content-Length: ";
        append_number(out, response.content().size());
        out += "\r\n";
    }
    for (const Header& header : response.headers) append_field(out, header.name, header.value);
    out += response.policy;
    if (after == After::Close) {
        out += "Connection: close\r\n";
    } else if (version == 10) {
        out += "Connection: keep-alive\r\n";
    }
    out += "\r\n";
}

} // namespace musubi::http
