// The one thread that writes to a SQLite file. Units of work that wait at the same time share one transaction and one
// fsync; each runs under its own savepoint, so that one that fails takes nothing with it.
#pragma once

#include "lib/db/sqlite_connection.h"

#include <condition_variable>
#include <coroutine>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace musubi::db {

class SqliteWriter {
  public:
    enum class Decision { Commit, RollBack };
    using Unit = std::function<base::Task<Decision>(WriteTx&)>;

    /// A unit on its way: lives in the coroutine that waits for it.
    struct Submission {
        Unit unit;
        base::Executor* home = nullptr;
        std::coroutine_handle<> waiting;
        std::exception_ptr exception;
    };

    SqliteWriter(const SqliteOptions& options, Counters& counters);
    /// Finishes what was submitted.
    ~SqliteWriter();
    SqliteWriter(const SqliteWriter&) = delete;
    SqliteWriter& operator=(const SqliteWriter&) = delete;

    /// `submission.waiting` is posted to `submission.home` once the unit is durable or rolled back.
    void submit(Submission& submission);

  private:
    using Batch = std::vector<Submission*>;
    void work();
    bool take(Batch& batch);
    void run_batch(Batch batch);
    /// The submission that ended the whole transaction, or null.
    Submission* run_units(Batch& batch);
    void run_unit(Submission& submission);
    void commit(const Batch& batch);
    void answer(const Batch& batch);
    void checkpoint_when_due();
    static int on_commit(void* self, sqlite3*, const char*, int pages_in_log);

    SqliteConnection m_connection;
    size_t m_batch_limit;
    int m_log_pages = 0;
    int m_checkpoint_at = 0;

    std::mutex m_mutex;
    std::condition_variable m_wake;
    std::deque<Submission*> m_queue;
    bool m_stopping = false;
    std::thread m_thread;
};

} // namespace musubi::db
