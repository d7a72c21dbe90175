#include "lib/db/sqlite_writer.h"

#include "base/log.h"
#include "lib/db/unit.h"

#include <algorithm>

namespace musubi::db {
namespace {

// A checkpoint copies what the log holds into the database file and syncs it, and writes wait meanwhile: 4 MB at a time
// keep that to some milliseconds, where 64 MB were measured to stop everything for 300.
constexpr int kCheckpointPages = 1000;

/// One unit's sight of the writing connection.
class WritingUnit final : public Connection {
  public:
    explicit WritingUnit(SqliteConnection& connection) : m_connection(connection) {}
    base::Task<Answer> execute(const Query& query, std::vector<Value> parameters) override {
        if (m_failed) {
            throw DatabaseError(std::string(query.name) + ": an earlier statement of this unit of work failed");
        }
        m_failed = true;
        auto answer = m_connection.run(query, parameters);
        m_failed = false;
        co_return answer;
    }
    bool failed() const { return m_failed; }

  private:
    SqliteConnection& m_connection;
    bool m_failed = false;
};

/// Work that a unit sent to another thread would come back here; there is no coming back to the writer.
class NoWayBack final : public base::Executor {
  public:
    void post(std::coroutine_handle<>) override { unit_waits_for_something_else(); }
};

std::exception_ptr database_error(const std::string& what) { return std::make_exception_ptr(DatabaseError(what)); }

} // namespace

SqliteWriter::SqliteWriter(const SqliteOptions& options, Counters& counters)
    : m_connection(options, SqliteRole::Writer, counters), m_batch_limit(std::max<size_t>(1, options.batch_limit)),
      m_checkpoint_at(kCheckpointPages) {
    sqlite3_wal_hook(m_connection.handle(), &on_commit, this);
    m_thread = std::thread([this] { work(); });
}

SqliteWriter::~SqliteWriter() {
    {
        const std::lock_guard lock(m_mutex);
        m_stopping = true;
    }
    m_wake.notify_one();
    m_thread.join();
}

void SqliteWriter::submit(Submission& submission) {
    const std::lock_guard lock(m_mutex);
    m_queue.push_back(&submission);
    m_wake.notify_one();
}

void SqliteWriter::work() {
    NoWayBack executor;
    const base::Executor::Scope scope(&executor);
    for (;;) {
        {
            std::unique_lock lock(m_mutex);
            m_wake.wait(lock, [this] { return m_stopping || !m_queue.empty(); });
            if (m_queue.empty()) return;
        }
        Batch batch;
        take(batch);
        run_batch(std::move(batch));
        checkpoint_when_due();
    }
}

bool SqliteWriter::take(Batch& batch) {
    const std::lock_guard lock(m_mutex);
    const size_t before = batch.size();
    while (!m_queue.empty() && batch.size() < m_batch_limit) {
        batch.push_back(m_queue.front());
        m_queue.pop_front();
    }
    return batch.size() > before;
}

void SqliteWriter::run_batch(Batch batch) {
    while (!batch.empty()) {
        try {
            m_connection.must_step("BEGIN IMMEDIATE");
        } catch (...) {
            for (auto* submission : batch) submission->exception = std::current_exception();
            return answer(batch);
        }
        Submission* offender = run_units(batch);
        if (!offender) return commit(batch);
        // Nothing of the batch is left. The others did no wrong and run again without the one that did.
        if (!offender->exception) offender->exception = database_error("a unit of work ended the shared transaction");
        answer({offender});
        std::erase(batch, offender);
    }
}

SqliteWriter::Submission* SqliteWriter::run_units(Batch& batch) {
    size_t next = 0;
    do { // units that arrive while others run still share the fsync
        for (; next < batch.size(); ++next) {
            run_unit(*batch[next]);
            if (!m_connection.in_transaction()) return batch[next];
        }
    } while (take(batch));
    return nullptr;
}

void SqliteWriter::run_unit(Submission& submission) {
    submission.exception = nullptr;
    bool keep = false;
    try {
        m_connection.must_step("SAVEPOINT unit");
        WritingUnit unit(m_connection);
        WriteTx transaction(unit);
        const InsideUnit inside;
        keep = run_at_once(submission.unit(transaction)) == Decision::Commit;
        if (keep && unit.failed()) throw DatabaseError("a unit of work went on after a failed statement");
    } catch (...) {
        submission.exception = std::current_exception();
        keep = false;
    }
    if (!m_connection.in_transaction()) return;
    try {
        if (!keep) m_connection.must_step("ROLLBACK TO unit");
        m_connection.must_step("RELEASE unit");
    } catch (...) {
        submission.exception = std::current_exception();
        m_connection.step("ROLLBACK");
    }
}

void SqliteWriter::commit(const Batch& batch) {
    const int code = m_connection.step("COMMIT");
    if (code == SQLITE_OK) return answer(batch);
    const auto error = database_error(std::string("COMMIT: ") + sqlite3_errmsg(m_connection.handle()) + " (" +
                                      std::to_string(code) + ")");
    if (m_connection.in_transaction()) m_connection.step("ROLLBACK");
    if ((code & 0xff) == SQLITE_CONSTRAINT && batch.size() > 1) { // a deferred constraint: find out whose
        for (auto* submission : batch) {
            try {
                m_connection.must_step("BEGIN IMMEDIATE");
            } catch (...) {
                submission->exception = std::current_exception();
                answer({submission});
                continue;
            }
            run_unit(*submission);
            commit({submission});
        }
        return;
    }
    log::error("sqlite-commit-failed", {log::field("code", code), log::field("units", batch.size())});
    for (auto* submission : batch) {
        if (!submission->exception) submission->exception = error;
    }
    answer(batch);
}

void SqliteWriter::answer(const Batch& batch) {
    for (auto* submission : batch) submission->home->post(submission->waiting);
}

int SqliteWriter::on_commit(void* self, sqlite3*, const char*, int pages_in_log) {
    static_cast<SqliteWriter*>(self)->m_log_pages = pages_in_log;
    return SQLITE_OK;
}

void SqliteWriter::checkpoint_when_due() {
    if (m_log_pages < kCheckpointPages) m_checkpoint_at = kCheckpointPages; // the log began anew
    if (m_log_pages < m_checkpoint_at) return;
    int in_log = 0;
    int copied = 0;
    const int code =
        sqlite3_wal_checkpoint_v2(m_connection.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE, &in_log, &copied);
    if (code != SQLITE_OK && (code & 0xff) != SQLITE_BUSY) {
        log::warning("sqlite-checkpoint-failed", {log::field("code", code)});
    }
    // When all is copied the next commit begins the log anew; an old reader may forbid that for a while.
    m_checkpoint_at = m_log_pages + kCheckpointPages;
}

} // namespace musubi::db
