#include "lib/db/postgres_migrate.h"
#include "lib/db/postgres_shard.h"
#include "lib/event_loop/event_loop_asio.h"

#include <algorithm>
#include <mutex>
#include <thread>

namespace musubi::db {
namespace {

using event_loop::EventLoop;

/// Kept by a loop: closes the connections before the loop goes.
struct Anchor {
    std::shared_ptr<PgShard> shard;
    explicit Anchor(std::shared_ptr<PgShard> of) : shard(std::move(of)) {}
    ~Anchor() { shard->close(); }
    Anchor(const Anchor&) = delete;
    Anchor& operator=(const Anchor&) = delete;
};

struct ContinueOn {
    base::Executor& executor;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiting) const { executor.post(waiting); }
    void await_resume() const noexcept {}
};

/// A loop on a thread of its own, for callers that have none.
class OwnLoop {
  public:
    OwnLoop() : m_thread([this] { m_loop.run(); }) {}
    ~OwnLoop() {
        m_loop.stop();
        m_thread.join();
    }
    OwnLoop(const OwnLoop&) = delete;
    OwnLoop& operator=(const OwnLoop&) = delete;
    EventLoop& loop() { return m_loop; }

  private:
    EventLoop m_loop;
    std::thread m_thread;
};

class PostgresDatabase final : public Database {
  public:
    explicit PostgresDatabase(const PostgresOptions& options) : m_options(options) {}
    ~PostgresDatabase() override {
        m_own.reset(); // its anchor closes what it held
        for (const auto& shard : m_shards) shard->close();
    }

    Engine engine() const override { return Engine::Postgres; }
    base::Status migrate(const std::vector<Migrations>& modules) override {
        return migrate_postgres(m_options, modules, WhenMissing::Apply);
    }
    base::Status check_migrations(const std::vector<Migrations>& modules) override {
        return migrate_postgres(m_options, modules, WhenMissing::Refuse);
    }
    base::Status backup(const std::string&) override {
        return base::invalid("db.backup-with-pg_dump").because("PostgreSQL is backed up with pg_dump or pg_basebackup");
    }
    std::vector<QueryStatistics> statistics() const override { return m_counters.snapshot(); }

  protected:
    base::Task<> read_unit(std::function<base::Task<>(ReadTx&)> unit) override {
        const std::type_index kind(unit.target_type());
        co_await on_a_loop([&](PgShard& shard) { return shard.read(unit, kind); });
    }
    base::Task<> write_unit(std::function<base::Task<Outcome>(WriteTx&)> unit) override {
        const PgShard::WriteUnit deciding = [&](WriteTx& transaction) { return decide(unit, transaction); };
        co_await on_a_loop([&](PgShard& shard) { return shard.write(deciding); });
    }

  private:
    using Work = std::function<base::Task<>(PgShard&)>;

    static base::Task<PgShard::Decision> decide(const std::function<base::Task<Outcome>(WriteTx&)>& unit,
                                                WriteTx& transaction) {
        const Outcome outcome = co_await unit(transaction);
        co_return outcome == Outcome::Commit ? PgShard::Decision::Commit : PgShard::Decision::RollBack;
    }

    base::Task<> on_a_loop(Work work) {
        EventLoop* loop = EventLoop::current();
        if (loop && loop->lifetime() == event_loop::Lifetime::Serving) {
            co_await work(shard_of(*loop));
        } else if (base::Executor::current()) {
            co_await elsewhere(work);
        } else { // nobody else uses this thread: wait here
            base::sync_wait(elsewhere(work));
        }
    }

    base::Task<> elsewhere(const Work& work) {
        base::Executor& home = *base::Executor::current();
        EventLoop& loop = own_loop();
        ContinueOn there{loop};
        co_await there;
        std::exception_ptr exception;
        try {
            co_await work(shard_of(loop));
        } catch (...) {
            exception = std::current_exception();
        }
        ContinueOn back{home};
        co_await back;
        if (exception) std::rethrow_exception(exception);
    }

    EventLoop& own_loop() {
        const std::lock_guard lock(m_mutex);
        if (!m_own) m_own = std::make_unique<OwnLoop>();
        return m_own->loop();
    }

    /// On the loop's thread.
    PgShard& shard_of(EventLoop& loop) {
        thread_local std::vector<std::pair<EventLoop*, std::weak_ptr<PgShard>>> t_known; // of this thread's databases
        for (const auto& [of, known] : t_known) {
            const auto shard = known.lock();
            if (of == &loop && shard && !shard->closed() && shard->owner() == this) return *shard;
        }
        std::erase_if(t_known, [](const auto& entry) {
            const auto shard = entry.second.lock();
            return !shard || shard->closed();
        });
        auto shard = std::make_shared<PgShard>(loop, m_options, m_counters, this);
        loop.native().attachments.push_back(std::make_shared<Anchor>(shard));
        t_known.emplace_back(&loop, shard);
        const std::lock_guard lock(m_mutex);
        m_shards.push_back(shard);
        return *shard;
    }

    const PostgresOptions m_options;
    Counters m_counters;
    std::mutex m_mutex;
    std::vector<std::shared_ptr<PgShard>> m_shards;
    std::unique_ptr<OwnLoop> m_own;
};

} // namespace

std::unique_ptr<Database> open_postgres(const PostgresOptions& options) {
    return std::make_unique<PostgresDatabase>(options);
}

} // namespace musubi::db
