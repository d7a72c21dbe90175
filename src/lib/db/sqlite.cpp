#include "lib/db/sqlite_maintenance.h"
#include "lib/db/sqlite_readers.h"
#include "lib/db/sqlite_writer.h"
#include "lib/db/unit.h"

namespace musubi::db {
namespace {

/// A snapshot that begins with the first statement.
class ReadingUnit final : public Connection {
  public:
    explicit ReadingUnit(SqliteConnection& connection) : m_connection(connection) {}
    ~ReadingUnit() override {
        if (m_began) m_connection.step("COMMIT");
    }
    base::Task<Answer> execute(const Query& query, std::vector<Value> parameters) override {
        if (!m_began) {
            m_connection.must_step("BEGIN");
            m_began = true;
        }
        co_return m_connection.run(query, parameters);
    }

  private:
    SqliteConnection& m_connection;
    bool m_began = false;
};

class SqliteDatabase final : public Database {
  public:
    explicit SqliteDatabase(const SqliteOptions& options)
        : m_options(options), m_writer(options, m_counters),
          m_readers(std::make_shared<SqliteReaders>(options, m_counters)) {}

    Engine engine() const override { return Engine::Sqlite; }

    base::Status migrate(const std::vector<Migrations>& modules) override {
        return migrate_sqlite(m_options, modules, WhenMissing::Apply);
    }
    base::Status check_migrations(const std::vector<Migrations>& modules) override {
        return migrate_sqlite(m_options, modules, WhenMissing::Refuse);
    }
    base::Status backup(const std::string& path) override { return backup_sqlite(m_options, path); }
    std::vector<QueryStatistics> statistics() const override { return m_counters.snapshot(); }

  protected:
    base::Task<> read_unit(std::function<base::Task<>(ReadTx&)> unit) override {
        InsideUnit::refuse();
        SqliteReaders::Lease lease(*m_readers);
        ReadingUnit reading(lease.connection());
        ReadTx transaction(reading);
        const InsideUnit inside;
        run_at_once(unit(transaction));
        co_return;
    }

    base::Task<> write_unit(std::function<base::Task<Outcome>(WriteTx&)> unit) override {
        InsideUnit::refuse();
        if (!base::Executor::current()) { // nobody else uses this thread: wait here
            base::sync_wait(submit(unit));
            co_return;
        }
        co_await submit(unit);
    }

  private:
    struct Submitted {
        SqliteWriter& writer;
        SqliteWriter::Submission& submission;
        bool await_ready() const noexcept { return false; }
        void await_suspend(std::coroutine_handle<> waiting) {
            submission.home = base::Executor::current();
            submission.waiting = waiting;
            writer.submit(submission);
        }
        void await_resume() const noexcept {}
    };
    using WriteUnit = std::function<base::Task<Outcome>(WriteTx&)>;

    static base::Task<SqliteWriter::Decision> decide(const WriteUnit& unit, WriteTx& transaction) {
        const Outcome outcome = co_await unit(transaction);
        co_return outcome == Outcome::Commit ? SqliteWriter::Decision::Commit : SqliteWriter::Decision::RollBack;
    }

    base::Task<> submit(const WriteUnit& unit) {
        SqliteWriter::Submission submission;
        submission.unit = [&unit](WriteTx& transaction) { return decide(unit, transaction); };
        Submitted submitted{m_writer, submission};
        co_await submitted;
        if (submission.exception) std::rethrow_exception(submission.exception);
    }

    SqliteOptions m_options;
    Counters m_counters;
    SqliteWriter m_writer; // before the readers, so that it outlives them: the last to close empties the log
    std::shared_ptr<SqliteReaders> m_readers;
};

} // namespace

std::unique_ptr<Database> open_sqlite(const SqliteOptions& options) {
    if (options.path.empty() || options.path.starts_with(":memory:") || options.path.starts_with("file:")) {
        throw DatabaseError("a SQLite database is the path of a file");
    }
    return std::make_unique<SqliteDatabase>(options);
}

} // namespace musubi::db
