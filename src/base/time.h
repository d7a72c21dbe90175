// Instants and civil dates are different things and do not convert by accident. An Instant is a point on the UTC time
// line; a CivilDate is a day in a calendar on a wall in Japan. Legal periods are counted in civil dates.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace musubi::base {

using Duration = std::chrono::milliseconds;

/// Milliseconds since 1970-01-01T00:00:00Z.
class Instant {
  public:
    constexpr Instant() = default;
    static constexpr Instant from_milliseconds(int64_t value) { return Instant(value); }
    /// RFC 3339 with a zone ("2026-11-22T09:00:00+09:00", "…Z"); fractions of a second are cut to milliseconds.
    static std::optional<Instant> parse(std::string_view text);

    constexpr int64_t milliseconds() const { return m_milliseconds; }
    constexpr int64_t seconds() const { return m_milliseconds / 1000; }
    /// RFC 3339 in UTC with milliseconds.
    std::string to_string() const;

    friend constexpr auto operator<=>(Instant, Instant) = default;
    friend constexpr Instant operator+(Instant at, Duration by) { return Instant(at.m_milliseconds + by.count()); }
    friend constexpr Instant operator-(Instant at, Duration by) { return Instant(at.m_milliseconds - by.count()); }
    friend constexpr Duration operator-(Instant a, Instant b) { return Duration(a.m_milliseconds - b.m_milliseconds); }

  private:
    explicit constexpr Instant(int64_t value) : m_milliseconds(value) {}
    int64_t m_milliseconds = 0;
};

/// A day of the proleptic Gregorian calendar, years 1 to 9999.
class CivilDate {
  public:
    /// Fails for days that do not exist.
    static std::optional<CivilDate> of(int year, unsigned month, unsigned day);
    /// "YYYY-MM-DD" (ISO 8601).
    static std::optional<CivilDate> parse(std::string_view text);
    /// "YYYYMMDD", as cards and registers write it.
    static std::optional<CivilDate> parse_compact(std::string_view text);
    static CivilDate from_days(int32_t days_since_epoch);

    int year() const { return static_cast<int>(ymd().year()); }
    unsigned month() const { return static_cast<unsigned>(ymd().month()); }
    unsigned day() const { return static_cast<unsigned>(ymd().day()); }
    int32_t days_since_epoch() const { return m_days; }
    std::chrono::year_month_day ymd() const { return std::chrono::sys_days(std::chrono::days(m_days)); }

    CivilDate plus_days(int days) const { return CivilDate(m_days + days); }
    std::string to_string() const;
    std::string to_compact_string() const;

    friend auto operator<=>(CivilDate, CivilDate) = default;

  private:
    explicit constexpr CivilDate(int32_t days) : m_days(days) {}
    int32_t m_days = 0;
};

/// Japan has one zone, +09:00, and no summer time since 1952; legal dates before that are dates, not instants.
inline constexpr Duration kJapanOffset = std::chrono::hours(9);
CivilDate date_in_japan(Instant at);
/// The first instant of the day in Japan.
Instant start_of_day_in_japan(CivilDate date);
/// "2026-11-22 15:04" in Japan, for letters and logs read by people.
std::string local_time_in_japan(Instant at);

/// Completed years in the everyday reading, where the birthday itself counts; someone born on 29 February turns older
/// on 1 March in common years. Laws that say 「…歳に達する日」 mean the day before the birthday
/// (年齢計算ニ関スル法律, 民法 143 条): such rules are data of their own and do not use this function.
int age_on(CivilDate birth, CivilDate today);

class Clock {
  public:
    virtual ~Clock() = default;
    virtual Instant now() const = 0;
};
Clock& system_clock();

class FixedClock final : public Clock {
  public:
    explicit FixedClock(Instant at) : m_now(at) {}
    Instant now() const override { return m_now; }
    void set(Instant at) { m_now = at; }
    void advance(Duration by) { m_now = m_now + by; }

  private:
    Instant m_now;
};

} // namespace musubi::base
