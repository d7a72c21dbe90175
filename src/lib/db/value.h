// Values that cross the border to SQL: parameters out, columns in.
#pragma once

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"

#include <concepts>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace musubi::db {

/// Bytes stored as BLOB / BYTEA, apart from text so that a column never holds both.
struct Blob {
    std::string bytes;
    // Constructors, because g++ 12 destroys aggregate temporaries of a co_await expression twice.
    Blob() = default;
    explicit Blob(std::string content) : bytes(std::move(content)) {}
    friend bool operator==(const Blob&, const Blob&) = default;
};

struct Null {
    friend bool operator==(Null, Null) { return true; }
};
using Value = std::variant<Null, int64_t, std::string, Blob>;
using Row = std::vector<Value>;
using Rows = std::vector<Row>;

/// The database did something it never should: a column of another type, a lost connection in mid-commit.
class DatabaseError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

// Parameters. A type of a module of its own joins by a `db::Value to_value(const T&)` beside it, found by its
// namespace.
inline Value to_value(Null) { return Null{}; }
inline Value to_value(std::nullopt_t) { return Null{}; }
inline Value to_value(std::string_view text) { return std::string(text); }
inline Value to_value(const std::string& text) { return text; }
inline Value to_value(const char* text) { return std::string(text); }
inline Value to_value(Blob blob) { return blob; }
template <std::integral I> Value to_value(I number) { return static_cast<int64_t>(number); }
inline Value to_value(base::Instant at) { return at.milliseconds(); }
inline Value to_value(base::CivilDate date) { return date.to_string(); }
template <class Tag> Value to_value(const base::Id<Tag>& id) { return id.to_string(); }
template <class T> Value to_value(const std::optional<T>& value) {
    if (!value) return Null{};
    return to_value(*value);
}

/// Reads the columns of one row from left to right. Designated initialisers are evaluated in order, so
/// `Notice{.id = row, .title = row}` reads two columns. Types that do not match throw DatabaseError: the schema and the
/// code disagree.
class Reader {
  public:
    explicit Reader(const Row& row) : m_row(row) {}

    template <class T> operator T() { // NOLINT(google-explicit-constructor): reading a column is the conversion
        return get<T>();
    }
    /// Never chosen: it makes direct initialisation from a Reader ambiguous, so that std::optional's own converting
    /// constructor stands aside and `.read_at = row` reads an optional column.
    template <class T, int = 0> explicit operator T() = delete;
    template <class T> T get() {
        const Value& value = next();
        return convert(value, static_cast<T*>(nullptr));
    }

  private:
    const Value& next() {
        if (m_at >= m_row.size()) throw DatabaseError("fewer columns than the code reads");
        return m_row[m_at++];
    }
    static int64_t integer(const Value& value) {
        if (const auto* number = std::get_if<int64_t>(&value)) return *number;
        throw DatabaseError("column is not an integer");
    }
    static const std::string& text(const Value& value) {
        if (const auto* string = std::get_if<std::string>(&value)) return *string;
        throw DatabaseError("column is not text");
    }
    static std::string convert(const Value& value, std::string*) { return text(value); }
    static bool convert(const Value& value, bool*) { return integer(value) != 0; }
    template <std::integral I> static I convert(const Value& value, I*) { return static_cast<I>(integer(value)); }
    static Blob convert(const Value& value, Blob*) {
        if (const auto* blob = std::get_if<Blob>(&value)) return *blob;
        throw DatabaseError("column is not binary");
    }
    static base::Instant convert(const Value& value, base::Instant*) {
        return base::Instant::from_milliseconds(integer(value));
    }
    static base::CivilDate convert(const Value& value, base::CivilDate*) {
        const auto date = base::CivilDate::parse(text(value));
        if (!date) throw DatabaseError("column is not a date");
        return *date;
    }
    template <class Tag> static base::Id<Tag> convert(const Value& value, base::Id<Tag>*) {
        auto id = base::Id<Tag>::parse(text(value));
        if (!id) throw DatabaseError("column is not an id");
        return *id;
    }
    template <class T> static std::optional<T> convert(const Value& value, std::optional<T>*) {
        if (std::holds_alternative<Null>(value)) return std::nullopt;
        return convert(value, static_cast<T*>(nullptr));
    }
    /// An enum or type with `from_column(const std::string&, T*)` beside it.
    template <class T>
        requires requires(const std::string& s, T* t) { from_column(s, t); }
    static T convert(const Value& value, T*) {
        return from_column(text(value), static_cast<T*>(nullptr));
    }

    const Row& m_row;
    size_t m_at = 0;
};

} // namespace musubi::db
