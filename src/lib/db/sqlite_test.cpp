#include "lib/db/test_entries.h"

#include <sqlite3.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <mutex>
#include <set>
#include <thread>

namespace musubi::db {
namespace {

using base::Task;

/// Stands between SQLite and the disk: counts syncs, holds them back, or lets them fail.
class Disk {
  public:
    static Disk& instance() {
        static Disk disk;
        return disk;
    }
    int syncs() const { return m_syncs; }
    void fail(bool failing) { m_failing = failing; }
    void hold() {
        const std::lock_guard lock(m_mutex);
        m_held = true;
    }
    void release() {
        const std::lock_guard lock(m_mutex);
        m_held = false;
        m_changed.notify_all();
    }
    void wait_until_someone_is_held() {
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, [this] { return m_waiting > 0; });
    }

  private:
    Disk() {
        s_real = sqlite3_vfs_find(nullptr);
        s_vfs = *s_real;
        s_vfs.zName = "watched";
        s_vfs.xOpen = &open;
        sqlite3_vfs_register(&s_vfs, 1);
    }
    static int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
        const int code = s_real->xOpen(s_real, name, file, flags, out_flags);
        if (code != SQLITE_OK || !file->pMethods) return code;
        const std::lock_guard lock(instance().m_mutex);
        auto& watched = s_methods[file->pMethods]; // database files and logs have different tables
        if (!watched.xSync) {
            watched = *file->pMethods;
            s_real_sync = watched.xSync;
            watched.xSync = &sync;
        }
        file->pMethods = &watched;
        return code;
    }
    static int sync(sqlite3_file* file, int flags) {
        Disk& disk = instance();
        {
            std::unique_lock lock(disk.m_mutex);
            ++disk.m_waiting;
            disk.m_changed.notify_all();
            disk.m_changed.wait(lock, [&] { return !disk.m_held; });
            --disk.m_waiting;
        }
        if (disk.m_failing) return SQLITE_IOERR_FSYNC;
        ++disk.m_syncs;
        return s_real_sync(file, flags);
    }

    static inline sqlite3_vfs* s_real = nullptr;
    static inline sqlite3_vfs s_vfs;
    static inline std::map<const sqlite3_io_methods*, sqlite3_io_methods> s_methods;
    static inline int (*s_real_sync)(sqlite3_file*, int) = nullptr;
    std::mutex m_mutex;
    std::condition_variable m_changed;
    bool m_held = false;
    int m_waiting = 0;
    std::atomic<int> m_syncs = 0;
    std::atomic<bool> m_failing = false;
};

class Sqlite : public ::testing::Test {
  protected:
    Disk& disk = Disk::instance();
    testing::TestDatabase test{Engine::Sqlite, test_migrations()};
    Database& database = test.database();
};

/// Runs `units` so that all wait while the disk is still busy with one before them.
std::vector<std::exception_ptr> run_in_one_batch(Database& database, Disk& disk, std::vector<Task<>> units) {
    disk.hold();
    std::thread first([&] { base::sync_wait(insert(database, "first", 1)); });
    disk.wait_until_someone_is_held();
    std::atomic<size_t> submitted = 0;
    std::vector<std::exception_ptr> exceptions;
    std::thread others([&] {
        std::vector<Task<>> counted;
        const auto count_and_run = [](Task<> unit, std::atomic<size_t>& count) -> Task<> {
            ++count;
            co_await unit;
        };
        for (auto& unit : units) counted.push_back(count_and_run(std::move(unit), submitted));
        exceptions = testing::run_all(std::move(counted));
    });
    while (submitted < units.size()) std::this_thread::yield();
    disk.release();
    first.join();
    others.join();
    return exceptions;
}

TEST_F(Sqlite, answers_only_after_the_disk_has_it) {
    disk.hold();
    std::atomic<bool> answered = false;
    std::thread writer([&] {
        base::sync_wait(insert(database, "花子", 1));
        answered = true;
    });
    disk.wait_until_someone_is_held();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_FALSE(answered);
    const int before = disk.syncs();
    disk.release();
    writer.join();
    EXPECT_GT(disk.syncs(), before);
}

TEST_F(Sqlite, units_that_wait_together_share_a_sync) {
    const int before = disk.syncs();
    std::vector<Task<>> units;
    for (int i = 0; i < 100; ++i) units.push_back(insert(database, "花子", i));
    for (const auto& exception : run_in_one_batch(database, disk, std::move(units))) EXPECT_EQ(exception, nullptr);
    EXPECT_EQ(count(database), 101);
    EXPECT_LE(disk.syncs() - before, 10);
}

Task<> insert_twice_then(Database& database, std::string owner, std::string fate) {
    static constexpr Query kRollback{"test.insert_or_rollback",
                                     "INSERT OR ROLLBACK INTO test_entry (owner, number, text) VALUES ($1, 1, '')"};
    const auto unit = [&](WriteTx& tx) -> Task<base::Status> {
        co_await tx.run(kInsert, owner, 1, "");
        if (fate == "refuses") co_return base::conflict("test.refused");
        if (fate == "throws") throw std::runtime_error("thrown");
        if (fate == "violates") co_await tx.run(kInsert, owner, 1, "");
        if (fate == "ends the transaction") co_await tx.run(kRollback, owner);
        co_await tx.run(kInsert, owner, 2, "");
        co_return base::success();
    };
    const auto status = co_await database.write(unit);
    EXPECT_EQ(status.ok(), fate != "refuses");
}

TEST_F(Sqlite, one_that_fails_takes_nothing_with_it) {
    const std::vector<std::string> fates{
        "lives", "throws",  "lives",    "refuses", "violates", "lives", "lives", "ends the transaction",
        "lives", "refuses", "violates", "throws",  "lives"};
    std::vector<Task<>> units;
    for (size_t i = 0; i < fates.size(); ++i) {
        units.push_back(insert_twice_then(database, "人" + std::to_string(i), fates[i]));
    }
    const auto exceptions = run_in_one_batch(database, disk, std::move(units));
    const auto rows_of = [&](size_t i) {
        const auto owner = "人" + std::to_string(i);
        return *testing::read(database, [owner](ReadTx& tx) { return tx.one<int64_t>(kCountOf, owner); });
    };
    for (size_t i = 0; i < fates.size(); ++i) {
        EXPECT_EQ(rows_of(i), fates[i] == "lives" ? 2 : 0) << fates[i];
        EXPECT_EQ(exceptions[i] == nullptr, fates[i] == "lives" || fates[i] == "refuses") << fates[i];
    }
}

TEST_F(Sqlite, when_the_disk_fails_nobody_is_told_that_it_is_safe) {
    std::vector<Task<>> units;
    for (int i = 0; i < 5; ++i) units.push_back(insert(database, "花子", i));
    disk.fail(true);
    for (const auto& exception : testing::run_all(std::move(units))) {
        ASSERT_NE(exception, nullptr);
        EXPECT_THROW(std::rethrow_exception(exception), DatabaseError);
    }
    disk.fail(false);
    testing::run(insert(database, "太郎", 1));
    test.reopen();
    const auto taro = [](ReadTx& tx) { return tx.one<int64_t>(kCountOf, "太郎"); };
    EXPECT_EQ(testing::read(test.database(), taro), 1);
}

TEST_F(Sqlite, a_deferred_constraint_refuses_only_the_one_that_breaks_it) {
    const std::vector<Migrations> more{
        {"lib/db_deferred",
         {{"0001_deferred.sql", "CREATE TABLE parent (id BIGINT PRIMARY KEY);"
                                "CREATE TABLE child (parent BIGINT REFERENCES parent (id) DEFERRABLE INITIALLY "
                                "DEFERRED)"}}}};
    ASSERT_TRUE(database.migrate(more));
    static constexpr Query kChild{"test.child", "INSERT INTO child (parent) VALUES ($1)"};
    const auto orphan = [](WriteTx& tx) -> Task<> { co_await tx.run(kChild, 9); };
    std::vector<Task<>> units;
    units.push_back(insert(database, "花子", 1));
    units.push_back(database.write(orphan));
    units.push_back(insert(database, "花子", 2));
    const auto exceptions = run_in_one_batch(database, disk, std::move(units));
    EXPECT_EQ(exceptions[0], nullptr);
    EXPECT_NE(exceptions[1], nullptr);
    EXPECT_EQ(exceptions[2], nullptr);
    EXPECT_EQ(count(database), 3);
}

TEST_F(Sqlite, the_log_stays_short_while_writing_goes_on) {
    std::vector<Task<>> units;
    const std::string text(3000, 'x');
    for (int i = 0; i < 20; ++i) {
        const auto unit = [i, &text](WriteTx& tx) -> Task<> {
            for (int n = 0; n < 400; ++n) co_await tx.run(kInsert, "人" + std::to_string(i), n, text);
        };
        testing::write(database, unit);
    }
    EXPECT_EQ(count(database), 8000);
    EXPECT_LT(std::filesystem::file_size(test.location() + "-wal"), 16u * 1024 * 1024) << "of 24 MB written";
}

TEST_F(Sqlite, only_its_owner_may_read_the_file) {
    testing::run(insert(database, "花子", 1));
    for (const char* ending : {"", "-wal"}) {
        struct stat status{};
        ASSERT_EQ(::stat((test.location() + ending).c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 0777, 0600u) << ending;
    }
}

TEST_F(Sqlite, the_log_stays_when_another_program_comes_and_goes) {
    testing::run(insert(database, "花子", 1));
    EXPECT_EQ(count(database), 1); // a reader is open beside the writer
    const std::string log = test.location() + "-wal";
    struct stat before{}, after{};
    ASSERT_EQ(::stat(log.c_str(), &before), 0);
    const std::string look = "sqlite3 '" + test.location() + "' 'SELECT COUNT(*) FROM sqlite_master' > /dev/null";
    ASSERT_EQ(std::system(look.c_str()), 0); // leaving as the last one would delete the log of those who stay
    ASSERT_EQ(::stat(log.c_str(), &after), 0) << std::strerror(errno);
    EXPECT_EQ(after.st_ino, before.st_ino);
}

TEST_F(Sqlite, a_second_program_waits_for_its_turn) {
    const auto other = test.open_another();
    std::thread second([&] {
        for (int i = 0; i < 50; ++i) base::sync_wait(insert(*other, "他", i));
    });
    for (int i = 0; i < 50; ++i) base::sync_wait(insert(database, "花子", i));
    second.join();
    EXPECT_EQ(count(database), 100);
    EXPECT_EQ(count(*other), 100);
}

TEST_F(Sqlite, a_program_that_never_lets_go_is_reported_and_not_waited_for_forever) {
    SqliteOptions options;
    options.path = test.location();
    options.busy_timeout = std::chrono::milliseconds(50);
    const auto impatient = open_sqlite(options);
    sqlite3* other = nullptr;
    ASSERT_EQ(sqlite3_open(test.location().c_str(), &other), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
    EXPECT_THROW(testing::run(insert(*impatient, "花子", 1)), DatabaseError);
    EXPECT_EQ(count(*impatient), 0) << "reading goes on";
    sqlite3_exec(other, "ROLLBACK", nullptr, nullptr, nullptr);
    sqlite3_close(other);
    testing::run(insert(*impatient, "花子", 1));
}

TEST_F(Sqlite, a_statement_that_takes_too_long_is_interrupted_and_others_go_on) {
    static constexpr Query kForever{"test.forever", "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
                                                    " SELECT count(*) FROM n"};
    SqliteOptions options;
    options.path = test.location();
    options.statement_timeout = std::chrono::milliseconds(50);
    const auto strict = open_sqlite(options);
    const auto forever = [](ReadTx& tx) { return tx.one<int64_t>(kForever); };
    EXPECT_THROW(testing::read(*strict, forever), DatabaseError);
    const auto forever_write = [](WriteTx& tx) { return tx.one<int64_t>(kForever); };
    EXPECT_THROW(testing::write(*strict, forever_write), DatabaseError);
    testing::run(insert(*strict, "花子", 1));
    EXPECT_EQ(count(*strict), 1);
}

TEST_F(Sqlite, a_backup_is_a_whole_database_at_one_moment) {
    std::atomic<bool> stop = false;
    std::thread writer([&] {
        for (int i = 0; !stop; ++i) {
            const auto both = [i](WriteTx& tx) -> Task<> {
                co_await tx.run(kInsert, "左", i, std::string(500, 'l'));
                co_await tx.run(kInsert, "右", i, std::string(500, 'r'));
            };
            base::sync_wait(database.write(both));
        }
    });
    while (count(database) < 20) std::this_thread::yield();
    const std::string copy = test.location() + ".backup";
    const auto status = database.backup(copy);
    stop = true;
    writer.join();
    ASSERT_TRUE(status) << status.error().detail;
    EXPECT_FALSE(std::filesystem::exists(copy + "-wal"));
    SqliteOptions options;
    options.path = copy;
    const auto restored = open_sqlite(options);
    const auto of = [&](std::string owner) {
        return *testing::read(*restored, [owner](ReadTx& tx) { return tx.one<int64_t>(kCountOf, owner); });
    };
    EXPECT_GE(of("左"), 10);
    EXPECT_EQ(of("左"), of("右"));
    EXPECT_TRUE(restored->check_migrations(test_migrations()));
}

TEST_F(Sqlite, a_backup_that_cannot_be_written_leaves_nothing) {
    const auto status = database.backup("/nonexistent/folder/copy.db");
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, "db.backup-failed");
}

TEST_F(Sqlite, a_unit_inside_a_unit_is_refused) {
    const auto nested = [this](WriteTx& tx) -> Task<> {
        co_await tx.run(kInsert, "外", 1, "");
        co_await insert(database, "内", 1);
    };
    EXPECT_THROW(testing::write(database, nested), DatabaseError);
    EXPECT_EQ(count(database), 0);
}

TEST_F(Sqlite, reads_only_what_is_a_file) {
    for (const char* path : {"", ":memory:", "file:x?mode=memory"}) {
        SqliteOptions options;
        options.path = path;
        EXPECT_THROW(open_sqlite(options), DatabaseError) << path;
    }
    SqliteOptions text;
    text.path = test.location() + ".txt";
    std::filesystem::copy_file("/etc/passwd", text.path);
    EXPECT_THROW(open_sqlite(text), DatabaseError);
}

TEST(SqliteDeath, a_unit_that_waits_for_something_else_ends_the_program_with_a_message) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    const auto sleeps_in_a_write = [] {
        testing::TestDatabase test(Engine::Sqlite, test_migrations());
        event_loop::BlockingPool pool(1);
        const auto unit = [&](WriteTx&) -> Task<> { co_await pool.run([] {}); };
        testing::write(test.database(), unit);
    };
    EXPECT_DEATH(sleeps_in_a_write(), "waits for something else");
    const auto sleeps_in_a_read = [] {
        testing::TestDatabase test(Engine::Sqlite, test_migrations());
        const auto unit = [&](ReadTx&) -> Task<> { co_await event_loop::sleep_for(std::chrono::milliseconds(1)); };
        testing::read(test.database(), unit);
    };
    EXPECT_DEATH(sleeps_in_a_read(), "waits for something else");
}

// The child of the next test: writes pairs of rows as fast as it can and prints the number of each pair it was told is
// safe.
TEST(SqliteKill, DISABLED_child) {
    const char* path = std::getenv("MUSUBI_TEST_CHILD");
    if (!path) GTEST_SKIP() << "runs only as a child";
    SqliteOptions options;
    options.path = path;
    const auto database = open_sqlite(options);
    static constexpr Query kLargest{"test.largest", "SELECT coalesce(max(number), 0) FROM test_entry"};
    const auto largest = [](ReadTx& tx) { return tx.one<int64_t>(kLargest); };
    std::atomic<int64_t> next = *base::sync_wait(database->read(largest));
    const auto write_forever = [&]() -> Task<> {
        for (;;) {
            const int64_t number = ++next;
            const auto pair = [number](WriteTx& tx) -> Task<> {
                co_await tx.run(kInsert, "左", number, "");
                co_await tx.run(kInsert, "右", number, "");
            };
            co_await database->write(pair);
            if (::write(STDOUT_FILENO, &number, sizeof number) != sizeof number) ::_exit(1);
        }
    };
    std::vector<Task<>> writers;
    for (int i = 0; i < 8; ++i) writers.push_back(write_forever());
    testing::run_all(std::move(writers));
}

/// Starts the child, kills it after `life`, and returns what it had acknowledged.
std::vector<int64_t> let_live_and_kill(const std::string& path, std::chrono::microseconds life) {
    int pipe[2];
    if (::pipe2(pipe, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
    const pid_t child = ::fork();
    if (child == 0) {
        ::dup2(pipe[1], STDOUT_FILENO);
        ::setenv("MUSUBI_TEST_CHILD", path.c_str(), 1);
        // Its own report would mix with the numbers, so it goes nowhere.
        ::execl("/proc/self/exe", "child", "--gtest_filter=SqliteKill.DISABLED_child",
                "--gtest_also_run_disabled_tests", "--gtest_brief=1", static_cast<char*>(nullptr));
        ::_exit(127);
    }
    ::close(pipe[1]);
    std::vector<int64_t> acknowledged;
    std::string bytes;
    char buffer[4096];
    auto take = [&] {
        const ssize_t size = ::read(pipe[0], buffer, sizeof buffer);
        if (size > 0) bytes.append(buffer, static_cast<size_t>(size));
        return size > 0;
    };
    take(); // it writes: from here its time runs
    std::this_thread::sleep_for(life);
    ::kill(child, SIGKILL);
    while (take()) {
    }
    ::close(pipe[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status)) << "the child ended by itself";
    const size_t noise = bytes.rfind("main.cc\n"); // GoogleTest's first line
    if (noise != std::string::npos) bytes.erase(0, noise + 8);
    for (size_t at = 0; at + 8 <= bytes.size(); at += 8) {
        int64_t number = 0;
        std::memcpy(&number, bytes.data() + at, 8);
        acknowledged.push_back(number);
    }
    return acknowledged;
}

TEST(SqliteKill, what_was_acknowledged_survives_kill_minus_nine_and_nothing_is_half_there) {
    testing::TestDatabase test(Engine::Sqlite, test_migrations());
    base::SeededRandom random(20261122);
    std::set<int64_t> acknowledged;
    for (int round = 0; round < 20; ++round) {
        const auto life = std::chrono::microseconds(random.below(60'000));
        const auto more = let_live_and_kill(test.location(), life);
        acknowledged.insert(more.begin(), more.end());
        test.reopen();
        const auto of = [&](std::string owner) {
            const auto numbers =
                testing::read(test.database(), [owner](ReadTx& tx) { return tx.all<int64_t>(kNumbersOf, owner); });
            return std::set<int64_t>(numbers.begin(), numbers.end());
        };
        const auto left = of("左");
        EXPECT_EQ(left, of("右")) << "a unit is half there";
        for (const int64_t number : acknowledged) ASSERT_TRUE(left.contains(number)) << number << " is lost";
    }
    EXPECT_GT(acknowledged.size(), 100u);
}

} // namespace
} // namespace musubi::db
