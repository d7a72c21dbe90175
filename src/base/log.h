// The log: one JSON object per line (RFC 8259), made of an event name and named values. The type of a value decides
// what is written, so nothing personal or secret reaches a file by carelessness:
//
//     log::info("request", {field("operation", operation), field("status", status), field("took", duration)});
//
// base::Secret, base::Personal<T> and base::PersonId are written as a mark, never as their content. There is no way to
// log a civil date (most are birth dates) or a type this header does not list: it does not compile.
#pragma once

#include "base/ids.h"
#include "base/personal.h"
#include "base/result.h"
#include "base/secret.h"
#include "base/time.h"

#include <concepts>
#include <initializer_list>
#include <string>
#include <string_view>

namespace musubi::log {

enum class Level { Debug, Info, Warning, Error };

/// A name and its value, already as JSON.
struct Field {
    std::string_view name;
    std::string json;
};

namespace detail {
std::string quoted(std::string_view text); // escaped, cut at 2,000 bytes
}

template <class T>
    requires(std::same_as<T, std::string> || std::same_as<T, std::string_view> || std::same_as<T, const char*>)
Field field(std::string_view name, const T& value) {
    return {name, detail::quoted(value)};
}
template <size_t N> Field field(std::string_view name, const char (&value)[N]) { return {name, detail::quoted(value)}; }
template <class T>
    requires(std::integral<T> && !std::same_as<T, bool>)
Field field(std::string_view name, T value) {
    return {name, std::to_string(value)};
}
template <std::same_as<bool> T> Field field(std::string_view name, T value) { return {name, value ? "true" : "false"}; }
Field field(std::string_view name, double value);
Field field(std::string_view name, base::Instant value);
/// In milliseconds with microseconds behind the point.
Field field(std::string_view name, std::chrono::nanoseconds value);
/// The code, and what the error keeps for the log.
Field field(std::string_view name, const base::Error& value);
template <class Tag> Field field(std::string_view name, const base::Id<Tag>& value) {
    return {name, detail::quoted(value.to_string())};
}
inline Field field(std::string_view name, const base::PersonId&) { return {name, "\"(person)\""}; }
inline Field field(std::string_view name, const base::Secret&) { return {name, "\"(secret)\""}; }
template <class T> Field field(std::string_view name, const base::Personal<T>&) { return {name, "\"(personal)\""}; }
Field field(std::string_view name, base::CivilDate) = delete; // say Personal, or write a text on purpose

using Fields = std::initializer_list<Field>;

void write(Level level, std::string_view event, Fields fields);
inline void debug(std::string_view event, Fields fields = {}) { write(Level::Debug, event, fields); }
inline void info(std::string_view event, Fields fields = {}) { write(Level::Info, event, fields); }
/// Warnings and errors of one event are written at most 10 times in 10 seconds; the next line written after that says
/// how many were left out ("suppressed").
inline void warning(std::string_view event, Fields fields = {}) { write(Level::Warning, event, fields); }
inline void error(std::string_view event, Fields fields = {}) { write(Level::Error, event, fields); }

struct Options {
    Level level = Level::Info;
    std::string program;                // appears in every line when not empty
    std::string file;                   // empty: standard error
    const base::Clock* clock = nullptr; // null: the system clock
};
/// Before any thread writes. Without it lines go to standard error.
void configure(const Options& options);
void flush();

} // namespace musubi::log
