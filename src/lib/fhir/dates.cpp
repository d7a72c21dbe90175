#include "lib/fhir/index.h"

#include "base/time.h"

namespace musubi::fhir {
namespace {

constexpr int64_t kSecond = 1'000'000;
constexpr int64_t kMinute = 60 * kSecond;
constexpr int64_t kDay = 24 * 60 * kMinute;
constexpr int64_t kJapan = 9 * 60 * kMinute;

/// `count` digits at `at`, or -1.
int digits(std::string_view text, size_t at, size_t count) {
    if (at + count > text.size()) return -1;
    int value = 0;
    for (size_t i = at; i < at + count; ++i) {
        if (text[i] < '0' || text[i] > '9') return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

std::optional<int64_t> day_start(int year, int month, int day) {
    const auto date = base::CivilDate::of(year, static_cast<unsigned>(month), static_cast<unsigned>(day));
    if (!date) return std::nullopt;
    return date->days_since_epoch() * kDay;
}

std::optional<DateRange> local_range(int64_t low, int64_t length) {
    return DateRange{low - kJapan, low - kJapan + length};
}

std::optional<int64_t> zone_offset(std::string_view zone) {
    if (zone == "Z") return 0;
    if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':') return std::nullopt;
    const int hours = digits(zone, 1, 2);
    const int minutes = digits(zone, 4, 2);
    if (hours < 0 || hours > 14 || minutes < 0 || minutes > 59) return std::nullopt;
    const int64_t offset = (hours * 60 + minutes) * kMinute;
    return zone[0] == '-' ? -offset : offset;
}

std::optional<DateRange> parse_time(int64_t day, std::string_view text) {
    // "T" hour ":" minute [":" second ["." fraction]] [zone]; searches may leave the seconds out (R4 3.1.1.4.5).
    const int hour = digits(text, 1, 2);
    const int minute = digits(text, 4, 2);
    if (text.size() < 6 || text[3] != ':' || hour < 0 || hour > 23 || minute < 0 || minute > 59) return std::nullopt;
    int64_t low = day + (hour * 60 + minute) * kMinute;
    int64_t length = kMinute;
    size_t at = 6;
    if (at < text.size() && text[at] == ':') {
        const int second = digits(text, at + 1, 2);
        if (second < 0 || second > 60) return std::nullopt;
        low += second * kSecond;
        length = kSecond;
        at += 3;
        if (at < text.size() && text[at] == '.') {
            const size_t first = ++at;
            int64_t unit = kSecond;
            for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
                unit /= 10; // digits below a microsecond are cut
                low += unit * (text[at] - '0');
            }
            if (at == first) return std::nullopt;
            length = unit > 0 ? unit : 1;
        }
    }
    if (at == text.size()) return local_range(low, length);
    const auto zone = zone_offset(text.substr(at));
    if (!zone) return std::nullopt;
    return DateRange{low - *zone, low - *zone + length};
}

} // namespace

std::optional<DateRange> parse_date(std::string_view text) {
    const int year = digits(text, 0, 4);
    if (year < 1) return std::nullopt;
    if (text.size() == 4) {
        const auto low = day_start(year, 1, 1);
        const auto high = year < 9999 ? day_start(year + 1, 1, 1) : *day_start(year, 12, 31) + kDay;
        if (!low || !high) return std::nullopt;
        return local_range(*low, *high - *low);
    }
    const int month = digits(text, 5, 2);
    if (text[4] != '-' || month < 1 || month > 12) return std::nullopt;
    if (text.size() == 7) {
        const auto low = day_start(year, month, 1);
        const auto high = month < 12 ? day_start(year, month + 1, 1) : std::optional(*day_start(year, 12, 31) + kDay);
        if (!low || !high) return std::nullopt;
        return local_range(*low, *high - *low);
    }
    if (text[7] != '-') return std::nullopt;
    const int day = digits(text, 8, 2);
    const auto start = day < 0 ? std::nullopt : day_start(year, month, day);
    if (!start) return std::nullopt;
    if (text.size() == 10) return local_range(*start, kDay);
    if (text[10] != 'T') return std::nullopt;
    return parse_time(*start, text.substr(10));
}

} // namespace musubi::fhir
