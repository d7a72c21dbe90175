#include "lib/db/postgres_values.h"

#include <charconv>
#include <cstring>

namespace musubi::db {
namespace {

// From PostgreSQL's catalogue pg_type: these numbers never change.
constexpr Oid kBool = 16;
constexpr Oid kBytea = 17;
constexpr Oid kName = 19;
constexpr Oid kInt8 = 20;
constexpr Oid kInt2 = 21;
constexpr Oid kInt4 = 23;
constexpr Oid kText = 25;
constexpr Oid kUnknown = 705;
constexpr Oid kBpchar = 1042;
constexpr Oid kVarchar = 1043;
constexpr Oid kNumeric = 1700;
constexpr Oid kVoid = 2278;

int64_t big_endian(const char* bytes, int size) {
    auto value = static_cast<uint64_t>(static_cast<int64_t>(static_cast<int8_t>(bytes[0])));
    for (int i = 1; i < size; ++i) value = (value << 8) | static_cast<uint8_t>(bytes[i]);
    return static_cast<int64_t>(value);
}

/// sum() of a BIGINT column is NUMERIC: digits to the base 10000, of which only whole numbers are taken.
int64_t whole_numeric(std::string_view query_name, const char* bytes) {
    const auto digits = big_endian(bytes, 2);
    const auto weight = big_endian(bytes + 2, 2);
    const auto sign = static_cast<uint16_t>(big_endian(bytes + 4, 2));
    int64_t value = 0;
    bool bad = sign != 0 && sign != 0x4000;
    for (int64_t i = 0; i <= std::max(weight, digits - 1) && !bad; ++i) {
        const int64_t digit = i < digits ? big_endian(bytes + 8 + 2 * i, 2) : 0;
        if (i > weight) {
            bad = digit != 0;
        } else {
            bad = __builtin_mul_overflow(value, int64_t{10'000}, &value) ||
                  __builtin_add_overflow(value, sign == 0 ? digit : -digit, &value);
        }
    }
    if (bad) throw DatabaseError(std::string(query_name) + ": a numeric column is not a whole number of 64 bits");
    return value;
}

Value column(std::string_view query_name, const PGresult* result, int row, int at) {
    if (PQgetisnull(result, row, at)) return Null{};
    const char* bytes = PQgetvalue(result, row, at);
    const auto size = static_cast<size_t>(PQgetlength(result, row, at));
    switch (PQftype(result, at)) {
    case kInt8:
        return big_endian(bytes, 8);
    case kInt4:
        return big_endian(bytes, 4);
    case kInt2:
        return big_endian(bytes, 2);
    case kBool:
        return static_cast<int64_t>(bytes[0] != 0);
    case kNumeric:
        return whole_numeric(query_name, bytes);
    case kText:
    case kVarchar:
    case kBpchar:
    case kName:
    case kUnknown:
        return std::string(bytes, size);
    case kBytea:
        return Blob{std::string(bytes, size)};
    case kVoid:
        return Null{};
    default:
        throw DatabaseError(std::string(query_name) + ": a column is neither integer, text nor binary");
    }
}

} // namespace

PgParameters::PgParameters(std::string_view query_name, const std::vector<Value>& values)
    : m_numbers(values.size()), m_pointers(values.size()), m_lengths(values.size()), m_formats(values.size()) {
    for (size_t i = 0; i < values.size(); ++i) {
        if (const auto* number = std::get_if<int64_t>(&values[i])) {
            m_numbers[i] = std::to_string(*number);
            m_pointers[i] = m_numbers[i].c_str();
        } else if (const auto* text = std::get_if<std::string>(&values[i])) {
            if (text->find('\0') != std::string::npos) {
                throw DatabaseError(std::string(query_name) + ": a text parameter is not UTF-8 or contains NUL");
            }
            m_pointers[i] = text->c_str();
        } else if (const auto* blob = std::get_if<Blob>(&values[i])) {
            m_pointers[i] = blob->bytes.data();
            m_lengths[i] = static_cast<int>(blob->bytes.size());
            m_formats[i] = 1;
        }
    }
}

std::vector<Oid> parameter_types(const std::vector<Value>& values) {
    std::vector<Oid> types;
    for (const auto& value : values) {
        if (std::holds_alternative<int64_t>(value))
            types.push_back(kInt8);
        else if (std::holds_alternative<std::string>(value))
            types.push_back(kText);
        else if (std::holds_alternative<Blob>(value))
            types.push_back(kBytea);
        else
            types.push_back(0);
    }
    return types;
}

Connection::Answer read_answer(std::string_view query_name, const PGresult* result) {
    Connection::Answer answer;
    const int rows = PQntuples(result);
    const int columns = PQnfields(result);
    answer.rows.reserve(static_cast<size_t>(rows));
    for (int r = 0; r < rows; ++r) {
        Row row;
        row.reserve(static_cast<size_t>(columns));
        for (int c = 0; c < columns; ++c) row.push_back(column(query_name, result, r, c));
        answer.rows.push_back(std::move(row));
    }
    const char* changed = PQcmdTuples(const_cast<PGresult*>(result)); // libpq does not change it
    std::from_chars(changed, changed + std::strlen(changed), answer.changed);
    return answer;
}

std::exception_ptr exception_of(std::string_view query_name, const PGresult* result) {
    const char* field = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const std::string state = field ? field : "";
    const char* primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    std::string message(query_name);
    // Class 22 (data exception) quotes the value.
    if (primary && !state.starts_with("22")) message += std::string(": ") + primary;
    message += " (" + state + ")";
    if (state == "23505") return std::make_exception_ptr(UniqueViolation(message));
    // 0A000: the table changed under a prepared statement ("cached plan must not change result type").
    const bool plan_is_old = state == "0A000" && primary && std::strstr(primary, "cached plan");
    if (state == "40001" || state == "40P01" || plan_is_old) {
        return std::make_exception_ptr(SerializationConflict(message));
    }
    // 57P01 to 57P03: the server shuts down, crashed, or is not ready. No SQLSTATE: libpq itself saw the connection
    // end.
    if (state.empty() || state == "57P01" || state == "57P02" || state == "57P03") {
        return std::make_exception_ptr(ConnectionLost(message));
    }
    return std::make_exception_ptr(DatabaseError(message));
}

} // namespace musubi::db
