#include "base/time.h"

#include <charconv>
#include <cstdio>

namespace musubi::base {
namespace {

constexpr int64_t kDay = 86'400'000;

std::optional<int> number(std::string_view text) {
    if (text.empty()) return std::nullopt;
    int value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + (c - '0');
    }
    return value;
}

int64_t floor_days(int64_t milliseconds) {
    return milliseconds >= 0 ? milliseconds / kDay : -((-milliseconds + kDay - 1) / kDay);
}

/// "Z", "+09:00" or "-05:30" as minutes east of UTC.
std::optional<int> zone_minutes(std::string_view text) {
    if (text == "Z" || text == "z") return 0;
    if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
    const auto hours = number(text.substr(1, 2));
    const auto minutes = number(text.substr(4, 2));
    if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
    const int value = *hours * 60 + *minutes;
    return text[0] == '-' ? -value : value;
}

} // namespace

std::optional<Instant> Instant::parse(std::string_view text) {
    if (text.size() < 20 || (text[10] != 'T' && text[10] != 't') || text[13] != ':' || text[16] != ':') {
        return std::nullopt;
    }
    const auto date = CivilDate::parse(text.substr(0, 10));
    const auto hour = number(text.substr(11, 2));
    const auto minute = number(text.substr(14, 2));
    const auto second = number(text.substr(17, 2));
    if (!date || !hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
    size_t at = 19;
    int milliseconds = 0;
    if (text[at] == '.') {
        const size_t first = ++at;
        int scale = 100;
        while (at < text.size() && text[at] >= '0' && text[at] <= '9') {
            milliseconds += (text[at] - '0') * scale;
            scale /= 10;
            ++at;
        }
        if (at == first) return std::nullopt;
    }
    const auto zone = zone_minutes(text.substr(at));
    if (!zone) return std::nullopt;
    const int64_t in_day = ((*hour * 60LL + *minute - *zone) * 60 + *second) * 1000 + milliseconds;
    return from_milliseconds(date->days_since_epoch() * kDay + in_day);
}

std::string Instant::to_string() const {
    const int64_t days = floor_days(m_milliseconds);
    const int64_t rest = m_milliseconds - days * kDay;
    const auto date = CivilDate::from_days(static_cast<int32_t>(days));
    char out[40];
    std::snprintf(out, sizeof out, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", date.year(), date.month(), date.day(),
                  static_cast<int>(rest / 3'600'000), static_cast<int>(rest / 60'000 % 60),
                  static_cast<int>(rest / 1000 % 60), static_cast<int>(rest % 1000));
    return out;
}

std::optional<CivilDate> CivilDate::of(int year, unsigned month, unsigned day) {
    if (year < 1 || year > 9999) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
    if (!date.ok()) return std::nullopt;
    return CivilDate(static_cast<int32_t>(std::chrono::sys_days(date).time_since_epoch().count()));
}

std::optional<CivilDate> CivilDate::parse(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
    const auto year = number(text.substr(0, 4));
    const auto month = number(text.substr(5, 2));
    const auto day = number(text.substr(8, 2));
    if (!year || !month || !day) return std::nullopt;
    return of(*year, static_cast<unsigned>(*month), static_cast<unsigned>(*day));
}

std::optional<CivilDate> CivilDate::parse_compact(std::string_view text) {
    if (text.size() != 8) return std::nullopt;
    const auto year = number(text.substr(0, 4));
    const auto month = number(text.substr(4, 2));
    const auto day = number(text.substr(6, 2));
    if (!year || !month || !day) return std::nullopt;
    return of(*year, static_cast<unsigned>(*month), static_cast<unsigned>(*day));
}

CivilDate CivilDate::from_days(int32_t days_since_epoch) { return CivilDate(days_since_epoch); }

std::string CivilDate::to_string() const {
    char out[24];
    std::snprintf(out, sizeof out, "%04d-%02u-%02u", year(), month(), day());
    return out;
}

std::string CivilDate::to_compact_string() const {
    char out[24];
    std::snprintf(out, sizeof out, "%04d%02u%02u", year(), month(), day());
    return out;
}

CivilDate date_in_japan(Instant at) {
    return CivilDate::from_days(static_cast<int32_t>(floor_days((at + kJapanOffset).milliseconds())));
}

Instant start_of_day_in_japan(CivilDate date) {
    return Instant::from_milliseconds(date.days_since_epoch() * kDay) - kJapanOffset;
}

std::string local_time_in_japan(Instant at) {
    const CivilDate date = date_in_japan(at);
    const int64_t minutes = (at - start_of_day_in_japan(date)).count() / 60'000;
    char out[40];
    std::snprintf(out, sizeof out, "%s %02d:%02d", date.to_string().c_str(), static_cast<int>(minutes / 60),
                  static_cast<int>(minutes % 60));
    return out;
}

int age_on(CivilDate birth, CivilDate today) {
    int age = today.year() - birth.year();
    const bool before_birthday =
        today.month() < birth.month() || (today.month() == birth.month() && today.day() < birth.day());
    if (before_birthday) --age;
    return age;
}

namespace {
class SystemClock final : public Clock {
  public:
    Instant now() const override {
        const auto since = std::chrono::system_clock::now().time_since_epoch();
        return Instant::from_milliseconds(std::chrono::duration_cast<std::chrono::milliseconds>(since).count());
    }
};
} // namespace

Clock& system_clock() {
    static SystemClock instance;
    return instance;
}

} // namespace musubi::base
