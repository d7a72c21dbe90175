#include "lib/db/database.h"
namespace musubi::db {
std::unique_ptr<Database> open_postgres(const PostgresOptions&) { throw DatabaseError("PostgreSQL follows"); }
} // namespace musubi::db
