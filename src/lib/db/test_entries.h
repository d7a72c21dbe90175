// A small table for the tests of this module.
#pragma once

#include "testing/databases.h"

namespace musubi::db {

inline std::vector<Migrations> test_migrations() {
    return {{"lib/db_test",
             {{"0001_create_entry.sql", "CREATE TABLE test_entry ("
                                        " owner TEXT NOT NULL, number BIGINT NOT NULL, text TEXT, bytes BYTEA,"
                                        " PRIMARY KEY (owner, number));"
                                        "CREATE INDEX test_entry_by_number ON test_entry (number)"}}}};
}

inline constexpr Query kInsert{"test.insert", "INSERT INTO test_entry (owner, number, text) VALUES ($1, $2, $3)"};
inline constexpr Query kCount{"test.count", "SELECT count(*) FROM test_entry"};
inline constexpr Query kCountOf{"test.count_of", "SELECT count(*) FROM test_entry WHERE owner = $1"};
inline constexpr Query kNumbersOf{"test.numbers_of", "SELECT number FROM test_entry WHERE owner = $1 ORDER BY number"};

inline base::Task<int64_t> count(ReadTx& tx) { co_return *co_await tx.one<int64_t>(kCount); }

inline base::Task<> insert(Database& database, std::string owner, int64_t number, std::string text = "") {
    const auto unit = [&](WriteTx& tx) -> base::Task<> { co_await tx.run(kInsert, owner, number, text); };
    co_await database.write(unit);
}

inline int64_t count(Database& database) {
    return testing::read(database, [](ReadTx& tx) { return count(tx); });
}

} // namespace musubi::db
