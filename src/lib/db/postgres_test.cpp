#include "lib/db/test_entries.h"

#include <libpq-fe.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

namespace musubi::db {
namespace {

using base::Task;

class Postgres : public ::testing::Test {
  protected:
    void SetUp() override {
        if (!std::getenv("MUSUBI_TEST_POSTGRES")) GTEST_SKIP() << "no PostgreSQL named";
        m_test = std::make_unique<testing::TestDatabase>(Engine::Postgres, test_migrations());
        while (connections() > 0) std::this_thread::yield(); // that of the migrations
    }
    Database& database() { return m_test->database(); }
    testing::TestDatabase& test() { return *m_test; }

    /// On a connection of its own, as an administrator would. The first column of the first row.
    std::string administer(const std::string& sql) {
        PGconn* connection = PQconnectdb(m_test->location().c_str());
        PGresult* result = PQexec(connection, sql.c_str());
        std::string value = PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "";
        PQclear(result);
        PQfinish(connection);
        return value;
    }
    int connections() {
        return std::atoi(administer("SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND "
                                    "application_name = current_setting('application_name')")
                             .c_str());
    }
    int end_all_connections() {
        return std::atoi(administer("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE "
                                    "pid <> pg_backend_pid() AND "
                                    "application_name = current_setting('application_name')")
                             .c_str());
    }

  private:
    std::unique_ptr<testing::TestDatabase> m_test;
};

Task<> insert_pair(Database& database, int64_t number) {
    const auto unit = [number](WriteTx& tx) -> Task<> {
        co_await tx.run(kInsert, "左", number, "");
        co_await tx.run(kInsert, "右", number, "");
    };
    co_await database.write(unit);
}

/// A server for one test, because others may be using the one in the environment.
class OwnServer {
  public:
    OwnServer() {
        const std::string file = m_folder.path() + "/server";
        const std::string command = "exec tools/with_postgres sh -c '(echo \"$MUSUBI_TEST_POSTGRES\"; "
                                    "echo \"$MUSUBI_TEST_POSTGRES_CTL\") > " +
                                    file + ".new; mv " + file + ".new " + file + "; cat'";
        if (std::filesystem::exists("tools/with_postgres")) m_lifeline = ::popen(command.c_str(), "we");
        if (!m_lifeline) return;
        while (!std::filesystem::exists(file)) std::this_thread::sleep_for(std::chrono::milliseconds(20));
        std::ifstream lines(file);
        std::getline(lines, m_connection);
        std::getline(lines, m_control);
    }
    ~OwnServer() {
        if (m_lifeline) ::pclose(m_lifeline); // `cat` sees its end, and the script cleans up
    }
    OwnServer(const OwnServer&) = delete;
    OwnServer& operator=(const OwnServer&) = delete;
    const std::string& connection() const { return m_connection; }
    void control(const std::string& what) { EXPECT_EQ(std::system((m_control + " " + what).c_str()), 0) << what; }

  private:
    testing::TemporaryFolder m_folder;
    FILE* m_lifeline = nullptr;
    std::string m_connection;
    std::string m_control;
};

/// Writers on serving loops that insert pairs until told to stop. What they were told is safe is in `acknowledged`.
class Load {
  public:
    Load(Database& database, int loops, int writers_per_loop) : m_database(database) {
        for (int i = 0; i < loops; ++i) m_loops.push_back(std::make_unique<event_loop::EventLoop>());
        m_left = loops * writers_per_loop;
        for (auto& loop : m_loops) {
            m_threads.emplace_back([this, &loop = *loop, writers_per_loop] {
                loop.post([this, writers_per_loop] {
                    for (int i = 0; i < writers_per_loop; ++i) event_loop::spawn(write());
                });
                loop.run();
            });
        }
    }
    std::set<int64_t> stop_and_wait() {
        m_stop = true;
        for (auto& thread : m_threads) thread.join();
        m_threads.clear();
        return m_acknowledged;
    }
    size_t acknowledged() {
        const std::lock_guard lock(m_mutex);
        return m_acknowledged.size();
    }
    int failures() const { return m_failures; }

  private:
    Task<> write() {
        while (!m_stop) {
            const int64_t number = ++m_next;
            try {
                co_await insert_pair(m_database, number);
                const std::lock_guard lock(m_mutex);
                m_acknowledged.insert(number);
            } catch (const std::exception& error) {
                ++m_failures;
                ADD_FAILURE() << error.what();
            }
        }
        if (--m_left == 0) {
            for (auto& loop : m_loops) loop->stop();
        }
    }

    Database& m_database;
    std::vector<std::unique_ptr<event_loop::EventLoop>> m_loops;
    std::vector<std::thread> m_threads;
    std::atomic<bool> m_stop = false;
    std::atomic<int> m_left = 0;
    std::atomic<int64_t> m_next = 0;
    std::atomic<int> m_failures = 0;
    std::mutex m_mutex;
    std::set<int64_t> m_acknowledged;
};

std::set<int64_t> numbers_of(Database& database, std::string owner) {
    const auto numbers = testing::read(database, [owner](ReadTx& tx) { return tx.all<int64_t>(kNumbersOf, owner); });
    return {numbers.begin(), numbers.end()};
}

void wait_for_more(Load& load, size_t more) {
    const size_t before = load.acknowledged();
    while (load.acknowledged() < before + more && load.failures() == 0) std::this_thread::yield();
}

// The primary key makes a pair that is written twice fail, so: no failure and exactly the acknowledged numbers means
// each happened once.
TEST_F(Postgres, a_server_that_restarts_under_load_loses_nothing_and_does_nothing_twice) {
    OwnServer server;
    if (server.connection().empty()) GTEST_SKIP() << "tools/with_postgres is not here";
    PostgresOptions options;
    options.connection = server.connection();
    const auto restarted = open_postgres(options);
    ASSERT_TRUE(restarted->migrate(test_migrations()));
    Load load(*restarted, 2, 6);
    for (const char* how : {"stop", "kill", "kill"}) { // kill is a crash: the server recovers from its log
        wait_for_more(load, 50);
        server.control(how);
        server.control("start");
    }
    wait_for_more(load, 50);
    const auto acknowledged = load.stop_and_wait();
    EXPECT_EQ(load.failures(), 0);
    EXPECT_EQ(numbers_of(*restarted, "左"), acknowledged);
    EXPECT_EQ(numbers_of(*restarted, "右"), acknowledged);
}

TEST_F(Postgres, connections_that_are_cut_again_and_again_lose_nothing_and_do_nothing_twice) {
    Load load(database(), 2, 6);
    for (int i = 0; i < 10; ++i) {
        wait_for_more(load, 10);
        EXPECT_GT(end_all_connections(), 0);
    }
    wait_for_more(load, 10);
    const auto acknowledged = load.stop_and_wait();
    EXPECT_EQ(load.failures(), 0);
    EXPECT_EQ(numbers_of(database(), "左"), acknowledged);
    EXPECT_EQ(numbers_of(database(), "右"), acknowledged);
}

// A deferred trigger that cuts the connection runs inside COMMIT: the first time nothing was committed.
TEST_F(Postgres, a_commit_that_was_never_carried_out_is_done_again) {
    administer("CREATE TABLE cut (done BIGINT);"
               "CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
               "  IF NEW.owner = 'cut' AND nextval('cuts') = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid());"
               "  PERFORM pg_sleep(1); END IF; RETURN NULL; END $$;"
               "CREATE SEQUENCE cuts;"
               "CREATE CONSTRAINT TRIGGER cut AFTER INSERT ON test_entry DEFERRABLE INITIALLY DEFERRED"
               " FOR EACH ROW EXECUTE FUNCTION cut()");
    int runs = 0;
    const auto unit = [&](WriteTx& tx) -> Task<> {
        ++runs;
        co_await tx.run(kInsert, "cut", 1, "");
    };
    testing::write(database(), unit);
    EXPECT_EQ(runs, 2);
    EXPECT_EQ(numbers_of(database(), "cut"), std::set<int64_t>{1});
}

/// Passes bytes between libpq and the server until told to cut after the client's COMMIT was passed on.
class CuttingProxy {
  public:
    explicit CuttingProxy(std::string server_socket);
    ~CuttingProxy();
    void cut_after_next_commit() { m_cut = true; }
    int cuts() const { return m_cuts; }
    int port() const { return m_port; }

  private:
    void accept_all();
    void pass(int client, int server);

    std::string m_server_socket;
    int m_listener = -1;
    int m_port = 0;
    std::atomic<bool> m_cut = false;
    std::atomic<int> m_cuts = 0;
    std::atomic<bool> m_stop = false;
    std::thread m_acceptor;
    std::vector<std::thread> m_passers;
};

} // namespace
} // namespace musubi::db

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace musubi::db {
namespace {

CuttingProxy::CuttingProxy(std::string server_socket) : m_server_socket(std::move(server_socket)) {
    m_listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (::bind(m_listener, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(m_listener, 16) != 0) {
        throw std::runtime_error("proxy");
    }
    ::getsockname(m_listener, reinterpret_cast<sockaddr*>(&address), &size);
    m_port = ntohs(address.sin_port);
    m_acceptor = std::thread([this] { accept_all(); });
}

CuttingProxy::~CuttingProxy() {
    m_stop = true;
    m_acceptor.join();
    for (auto& passer : m_passers) passer.join();
    ::close(m_listener);
}

void CuttingProxy::accept_all() {
    while (!m_stop) {
        pollfd ready{m_listener, POLLIN, 0};
        if (::poll(&ready, 1, 20) <= 0) continue;
        const int client = ::accept(m_listener, nullptr, nullptr);
        const int server = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        m_server_socket.copy(address.sun_path, sizeof address.sun_path - 1);
        if (::connect(server, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
            ::close(client);
            ::close(server);
            continue;
        }
        m_passers.emplace_back([this, client, server] { pass(client, server); });
    }
}

void CuttingProxy::pass(int client, int server) {
    pollfd ready[2] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
    std::string commit_name; // of the prepared statement COMMIT
    bool open = true;
    while (open && !m_stop) {
        if (::poll(ready, 2, 20) <= 0) continue;
        for (int side = 0; side < 2 && open; ++side) {
            if (!(ready[side].revents & (POLLIN | POLLHUP))) continue;
            char buffer[16384];
            const ssize_t size = ::read(ready[side].fd, buffer, sizeof buffer);
            open = size > 0 && ::write(ready[1 - side].fd, buffer, static_cast<size_t>(size)) == size;
            const std::string_view bytes(buffer, size > 0 ? static_cast<size_t>(size) : 0);
            // The first COMMIT of a connection is prepared by name and carried out in one message.
            if (side == 0 && bytes.find("COMMIT") != bytes.npos && m_cut.exchange(false)) {
                pollfd answer{server, POLLIN, 0};
                ::poll(&answer, 1, 5000); // the server has carried it out and answers; nobody hears it
                ++m_cuts;
                open = false;
            }
        }
    }
    ::close(client);
    ::close(server);
}

std::string socket_path() {
    PGconn* connection = PQconnectdb(std::getenv("MUSUBI_TEST_POSTGRES"));
    std::string path = std::string(PQhost(connection)) + "/.s.PGSQL." + PQport(connection);
    PQfinish(connection);
    return path;
}

TEST_F(Postgres, a_commit_whose_answer_was_lost_is_looked_up_and_not_done_again) {
    const std::string socket = socket_path();
    if (!socket.starts_with("/")) GTEST_SKIP() << "needs a server on a local socket";
    CuttingProxy proxy(socket);
    PostgresOptions options;
    options.connection = test().location() + " host=127.0.0.1 sslmode=disable port=" + std::to_string(proxy.port());
    const auto through_proxy = open_postgres(options);
    proxy.cut_after_next_commit();
    int runs = 0;
    const auto unit = [&](WriteTx& tx) -> Task<> {
        ++runs;
        co_await tx.run(kInsert, "花子", runs, ""); // a second run would leave a second row
    };
    testing::write(*through_proxy, unit);
    EXPECT_EQ(proxy.cuts(), 1);
    EXPECT_EQ(runs, 1);
    EXPECT_EQ(numbers_of(database(), "花子"), std::set<int64_t>{1});
}

TEST_F(Postgres, reads_of_one_statement_share_a_connection_and_need_no_transaction) {
    const auto one = [](ReadTx& tx) -> Task<> { EXPECT_EQ(co_await count(tx), 0); };
    std::vector<Task<>> tasks;
    for (int i = 0; i < 50; ++i) tasks.push_back(database().read(one));
    for (const auto& exception : testing::run_all(std::move(tasks))) EXPECT_EQ(exception, nullptr);
    EXPECT_EQ(connections(), 1);
    for (const auto& query : database().statistics()) EXPECT_NE(query.name, "db.begin_read");
}

TEST_F(Postgres, a_read_of_several_statements_is_started_again_once_and_remembered) {
    int runs = 0;
    const auto two = [&](ReadTx& tx) -> Task<> {
        ++runs;
        co_await count(tx);
        co_await count(tx);
    };
    testing::read(database(), two);
    EXPECT_EQ(runs, 2);
    testing::read(database(), two);
    EXPECT_EQ(runs, 3);
}

TEST_F(Postgres, a_read_goes_on_after_its_connection_was_cut) {
    EXPECT_EQ(count(database()), 0);
    EXPECT_EQ(end_all_connections(), 1);
    EXPECT_EQ(count(database()), 0);
}

TEST_F(Postgres, more_writers_than_connections_wait_in_line) {
    std::vector<Task<>> tasks;
    for (int i = 0; i < 100; ++i) tasks.push_back(insert_pair(database(), i));
    for (const auto& exception : testing::run_all(std::move(tasks))) EXPECT_EQ(exception, nullptr);
    EXPECT_EQ(numbers_of(database(), "左").size(), 100u);
    EXPECT_LE(connections(), 4 + 1);
}

TEST_F(Postgres, a_statement_that_takes_too_long_is_ended_by_the_server) {
    static constexpr Query kSleep{"test.sleep", "SELECT pg_sleep(20)::text"};
    PostgresOptions options;
    options.connection = test().location();
    options.statement_timeout = std::chrono::milliseconds(50);
    const auto strict = open_postgres(options);
    const auto sleeps = [](ReadTx& tx) -> Task<> { co_await tx.one<std::string>(kSleep); };
    EXPECT_THROW(testing::read(*strict, sleeps), DatabaseError);
    EXPECT_EQ(count(*strict), 0);
}

TEST_F(Postgres, a_server_that_is_not_there_is_an_error_after_a_while) {
    PostgresOptions options;
    options.connection = "host=/nonexistent dbname=x";
    options.patience = std::chrono::milliseconds(50);
    const auto nowhere = open_postgres(options);
    EXPECT_THROW(count(*nowhere), DatabaseError);
    EXPECT_THROW(testing::run(insert(*nowhere, "花子", 1)), DatabaseError);
}

TEST_F(Postgres, backup_names_the_tool_that_does_it) {
    EXPECT_EQ(database().backup("/tmp/x").error().code, "db.backup-with-pg_dump");
}

TEST_F(Postgres, a_row_larger_than_a_socket_buffer_arrives_whole) {
    static constexpr Query kText{"test.text", "SELECT text FROM test_entry WHERE owner = $1"};
    const std::string large(8'000'000, 'x');
    testing::run(insert(database(), "大", 1, large));
    const auto text = [](ReadTx& tx) { return tx.one<std::string>(kText, "大"); };
    EXPECT_EQ(testing::read(database(), text), large);
}

TEST_F(Postgres, conflicts_are_noticed_across_rows_too) {
    // Each of two units reads all and writes one row of its own: serialisable only one after the other.
    static constexpr Query kSum{"test.sum", "SELECT coalesce(sum(number), 0) FROM test_entry"};
    const auto add_sum = [](std::string owner) {
        return [owner](WriteTx& tx) -> Task<> {
            const auto sum = co_await tx.one<int64_t>(kSum);
            co_await tx.run(kInsert, owner, *sum + 1, "");
        };
    };
    const auto left = add_sum("左");
    const auto right = add_sum("右");
    std::vector<Task<>> tasks;
    tasks.push_back(database().write(left));
    tasks.push_back(database().write(right));
    for (const auto& exception : testing::run_all(std::move(tasks))) EXPECT_EQ(exception, nullptr);
    std::set<int64_t> both = numbers_of(database(), "左");
    both.merge(numbers_of(database(), "右"));
    EXPECT_EQ(both, (std::set<int64_t>{1, 2}));
}

} // namespace
} // namespace musubi::db
