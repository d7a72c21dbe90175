// Reading connections: each thread keeps its own idle ones, so that taking one is a look into a thread-local list.
#pragma once

#include "lib/db/sqlite_connection.h"

#include <memory>
#include <mutex>
#include <vector>

namespace musubi::db {

class SqliteReaders : public std::enable_shared_from_this<SqliteReaders> {
  public:
    SqliteReaders(const SqliteOptions& options, Counters& counters) : m_options(options), m_counters(counters) {}

    /// Gives its connection back to the thread that ends it.
    class Lease {
      public:
        explicit Lease(SqliteReaders& readers) : m_readers(readers), m_connection(readers.take()) {}
        ~Lease() { m_readers.give_back(m_connection); }
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;
        SqliteConnection& connection() { return *m_connection; }

      private:
        SqliteReaders& m_readers;
        SqliteConnection* m_connection;
    };

  private:
    friend struct ThreadReaders;
    SqliteConnection* take();
    void give_back(SqliteConnection* connection);
    void share(const std::vector<SqliteConnection*>& connections);

    SqliteOptions m_options;
    Counters& m_counters;
    std::mutex m_mutex;
    std::vector<std::unique_ptr<SqliteConnection>> m_all;
    std::vector<SqliteConnection*> m_shared; // left by threads that ended
};

} // namespace musubi::db
