// Between our values and libpq's: parameters out, binary columns in, SQLSTATE to exceptions.
#pragma once

#include "lib/db/transaction.h"

#include <libpq-fe.h>

#include <memory>
#include <string>
#include <vector>

namespace musubi::db {

/// The server is gone or going; what was asked may or may not have happened.
class ConnectionLost : public DatabaseError {
  public:
    using DatabaseError::DatabaseError;
};

struct ClearResult {
    void operator()(PGresult* result) const { PQclear(result); }
};
using PgResult = std::unique_ptr<PGresult, ClearResult>;

/// The arrays that PQsendQueryPrepared takes. Points into the values it was made from.
class PgParameters {
  public:
    /// Throws DatabaseError for text with a NUL in it, which libpq would cut.
    PgParameters(std::string_view query_name, const std::vector<Value>& values);
    int count() const { return static_cast<int>(m_pointers.size()); }
    const char* const* values() const { return m_pointers.data(); }
    const int* lengths() const { return m_lengths.data(); }
    const int* formats() const { return m_formats.data(); }

  private:
    std::vector<std::string> m_numbers;
    std::vector<const char*> m_pointers;
    std::vector<int> m_lengths;
    std::vector<int> m_formats;
};

/// BIGINT, TEXT and BYTEA said aloud, so that PostgreSQL does not guess a narrower type; 0 for NULL.
std::vector<Oid> parameter_types(const std::vector<Value>& values);

/// All rows of a binary result. Throws DatabaseError for a column type this module does not know.
Connection::Answer read_answer(std::string_view query_name, const PGresult* result);

/// UniqueViolation, SerializationConflict, ConnectionLost or DatabaseError. The text names the query and the SQLSTATE
/// and holds no values.
std::exception_ptr exception_of(std::string_view query_name, const PGresult* result);

} // namespace musubi::db
