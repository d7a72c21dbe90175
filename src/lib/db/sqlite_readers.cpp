#include "lib/db/sqlite_readers.h"

#include <algorithm>

namespace musubi::db {

/// What one thread keeps, per database. An entry whose database is gone is dropped without being looked at.
struct ThreadReaders {
    struct Entry {
        std::weak_ptr<SqliteReaders> readers;
        const SqliteReaders* key;
        std::vector<SqliteConnection*> idle;
    };
    std::vector<Entry> entries;

    Entry& of(SqliteReaders& readers) {
        for (auto& entry : entries) {
            if (entry.key == &readers && !entry.readers.expired()) return entry;
        }
        std::erase_if(entries, [](const Entry& entry) { return entry.readers.expired(); });
        entries.push_back({readers.weak_from_this(), &readers, {}});
        return entries.back();
    }
    ~ThreadReaders() {
        for (auto& entry : entries) {
            if (const auto readers = entry.readers.lock()) readers->share(entry.idle);
        }
    }
};

namespace {
thread_local ThreadReaders t_readers;
}

SqliteConnection* SqliteReaders::take() {
    auto& idle = t_readers.of(*this).idle;
    if (!idle.empty()) {
        SqliteConnection* connection = idle.back();
        idle.pop_back();
        return connection;
    }
    const std::lock_guard lock(m_mutex);
    if (!m_shared.empty()) {
        SqliteConnection* connection = m_shared.back();
        m_shared.pop_back();
        return connection;
    }
    m_all.push_back(std::make_unique<SqliteConnection>(m_options, SqliteRole::Reader, m_counters));
    return m_all.back().get();
}

void SqliteReaders::give_back(SqliteConnection* connection) { t_readers.of(*this).idle.push_back(connection); }

void SqliteReaders::share(const std::vector<SqliteConnection*>& connections) {
    const std::lock_guard lock(m_mutex);
    m_shared.insert(m_shared.end(), connections.begin(), connections.end());
}

} // namespace musubi::db
