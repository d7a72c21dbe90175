#include "lib/db/test_entries.h"

#include <atomic>
#include <thread>

namespace musubi::db {
namespace {

using base::Task;

constexpr Query kInsertBytes{"test.insert_bytes",
                             "INSERT INTO test_entry (owner, number, text, bytes) VALUES ($1, $2, $3, $4)"};

struct Entry {
    std::string owner;
    int64_t number;
    std::optional<std::string> text;
    std::optional<Blob> bytes;
    static Entry from(Reader& row) { return {.owner = row, .number = row, .text = row, .bytes = row}; }
};
constexpr Query kAll{"test.all", "SELECT owner, number, text, bytes FROM test_entry ORDER BY owner, number"};

TEST_ON_BOTH(Database, gives_back_what_was_written_type_by_type) {
    const Blob bytes{std::string("\0\x01\xff'\\", 5)};
    const auto unit = [&](WriteTx& tx) -> Task<std::vector<Entry>> {
        co_await tx.run(kInsertBytes, "山田 𠮷", std::numeric_limits<int64_t>::min(), "改行\n'引用' \\", bytes);
        co_await tx.run(kInsertBytes, "葛󠄀城", std::numeric_limits<int64_t>::max(), std::nullopt, Blob{});
        co_await tx.run(kInsertBytes, "空", 0, "", std::nullopt);
        co_return co_await tx.all<Entry>(kAll);
    };
    auto entries = testing::write(database, unit);
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.number < b.number; });
    ASSERT_EQ(entries.size(), 3u);
    EXPECT_EQ(entries[0].owner, "山田 𠮷");
    EXPECT_EQ(entries[0].number, std::numeric_limits<int64_t>::min());
    EXPECT_EQ(entries[0].text, "改行\n'引用' \\");
    EXPECT_EQ(entries[0].bytes, bytes);
    EXPECT_EQ(entries[1].text, "");
    EXPECT_EQ(entries[1].bytes, std::nullopt);
    EXPECT_EQ(entries[2].owner, "葛󠄀城");
    EXPECT_EQ(entries[2].text, std::nullopt);
    EXPECT_EQ(entries[2].bytes, Blob{});
}

TEST_ON_BOTH(Database, expressions_come_back_as_integers_and_text) {
    static constexpr Query kSum{"test.sum", "SELECT sum(number), count(*), max(text), sum(number) > 3, 7, 'x'"
                                            " FROM test_entry"};
    struct Sums {
        int64_t sum, count;
        std::string max;
        bool more;
        int seven;
        std::string x;
        static Sums from(Reader& row) {
            return {.sum = row, .count = row, .max = row, .more = row, .seven = row, .x = row};
        }
    };
    testing::run(insert(database, "花子", 1, "あ"));
    testing::run(insert(database, "花子", 4'000'000'000'000, "い"));
    const auto sums = testing::read(database, [](ReadTx& tx) { return tx.one<Sums>(kSum); });
    EXPECT_EQ(sums->sum, 4'000'000'000'001);
    EXPECT_EQ(sums->count, 2);
    EXPECT_EQ(sums->max, "い");
    EXPECT_TRUE(sums->more);
    EXPECT_EQ(sums->seven, 7);
    EXPECT_EQ(sums->x, "x");
}

TEST_ON_BOTH(Database, a_refusal_rolls_the_unit_back_and_is_handed_out) {
    const auto unit = [](WriteTx& tx) -> Task<base::Result<int>> {
        co_await tx.run(kInsert, "太郎", 1, "");
        co_return base::conflict("test.refused");
    };
    const auto result = testing::write(database, unit);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, "test.refused");
    EXPECT_EQ(count(database), 0);
}

TEST_ON_BOTH(Database, an_exception_rolls_the_unit_back_and_is_handed_out) {
    const auto unit = [](WriteTx& tx) -> Task<> {
        co_await tx.run(kInsert, "太郎", 1, "");
        throw std::runtime_error("the printer burns");
    };
    EXPECT_THROW(testing::write(database, unit), std::runtime_error);
    EXPECT_EQ(count(database), 0);
}

TEST_ON_BOTH(Database, a_key_that_is_taken_has_a_type_of_its_own) {
    testing::run(insert(database, "花子", 1));
    EXPECT_THROW(testing::run(insert(database, "花子", 1)), UniqueViolation);
    EXPECT_EQ(count(database), 1);
}

TEST_ON_BOTH(Database, a_unit_that_goes_on_after_a_failed_statement_is_not_committed) {
    testing::run(insert(database, "花子", 1));
    const auto goes_on = [](WriteTx& tx) -> Task<> {
        co_await tx.run(kInsert, "花子", 2, "");
        try {
            co_await tx.run(kInsert, "花子", 1, "");
        } catch (const UniqueViolation&) {
        }
    };
    EXPECT_THROW(testing::write(database, goes_on), DatabaseError);
    EXPECT_EQ(count(database), 1);
    const auto asks_again = [](WriteTx& tx) -> Task<> {
        try {
            co_await tx.run(kInsert, "花子", 1, "");
        } catch (const UniqueViolation&) {
        }
        co_await tx.run(kInsert, "花子", 3, "");
    };
    EXPECT_THROW(testing::write(database, asks_again), DatabaseError);
    EXPECT_EQ(count(database), 1);
}

TEST_ON_BOTH(Database, a_unit_may_answer_a_taken_key_with_a_refusal) {
    testing::run(insert(database, "花子", 1));
    const auto unit = [](WriteTx& tx) -> Task<base::Status> {
        try {
            co_await tx.run(kInsert, "花子", 1, "");
        } catch (const UniqueViolation&) {
            co_return base::conflict("test.taken");
        }
        co_return base::success();
    };
    EXPECT_EQ(testing::write(database, unit).error().code, "test.taken");
}

TEST_ON_BOTH(Database, reads_in_one_unit_see_one_state) {
    testing::run(insert(database, "花子", 1));
    const auto other = test().open_another();
    const auto unit = [&](ReadTx& tx) -> Task<std::pair<int64_t, int64_t>> {
        const int64_t before = co_await count(tx);
        const int64_t again = co_await count(tx); // so that PostgreSQL knows of the second statement before the change
        if (again == before) std::thread([&] { base::sync_wait(insert(*other, "花子", count(*other) + 10)); }).join();
        co_return std::pair(before, co_await count(tx));
    };
    const auto [before, after] = testing::read(database, unit);
    EXPECT_EQ(before, after);
    EXPECT_GT(count(database), 1);
}

TEST_ON_BOTH(Database, counts_changes_and_returns_changed_rows) {
    static constexpr Query kUpdate{"test.update", "UPDATE test_entry SET text = $2 WHERE owner = $1"};
    static constexpr Query kReturning{"test.returning", "UPDATE test_entry SET number = number + $2 WHERE owner = $1"
                                                        " RETURNING number"};
    static constexpr Query kUpsert{"test.upsert", "INSERT INTO test_entry (owner, number) VALUES ($1, $2)"
                                                  " ON CONFLICT DO NOTHING"};
    testing::run(insert(database, "花子", 1));
    testing::run(insert(database, "花子", 2));
    const auto unit = [](WriteTx& tx) -> Task<> {
        EXPECT_EQ(co_await tx.run(kUpdate, "花子", "新"), 2);
        EXPECT_EQ(co_await tx.run(kUpdate, "太郎", "新"), 0);
        EXPECT_EQ(co_await tx.run(kUpsert, "花子", 1), 0);
        EXPECT_EQ(co_await tx.run(kUpsert, "花子", 5), 1);
        EXPECT_EQ(co_await tx.change<int64_t>(kReturning, "太郎", 100), std::nullopt);
        const auto changed = co_await tx.change<int64_t>(kReturning, "花子", 100);
        EXPECT_GT(changed.value_or(0), 100);
    };
    testing::write(database, unit);
}

TEST_ON_BOTH(Database, a_parameter_may_be_used_twice_and_in_any_order) {
    static constexpr Query kTwice{"test.twice",
                                  "SELECT number FROM test_entry"
                                  " WHERE (number = $2 OR number = $2 + 1) AND owner = $1 ORDER BY number"};
    testing::run(insert(database, "花子", 1));
    testing::run(insert(database, "花子", 2));
    testing::run(insert(database, "太郎", 2));
    const auto found = testing::read(database, [](ReadTx& tx) { return tx.all<int64_t>(kTwice, "花子", 1); });
    EXPECT_EQ(found, (std::vector<int64_t>{1, 2}));
}

TEST_ON_BOTH(Database, refuses_text_that_is_not_text) {
    EXPECT_THROW(testing::run(insert(database, "\xff\xfe", 1)), DatabaseError);
    EXPECT_THROW(testing::run(insert(database, std::string("a\0b", 3), 1)), DatabaseError);
    EXPECT_EQ(count(database), 0);
}

TEST_ON_BOTH(Database, a_wrong_number_of_parameters_is_an_error) {
    const auto unit = [](WriteTx& tx) -> Task<> { co_await tx.run(kInsert, "花子", 1); };
    EXPECT_THROW(testing::write(database, unit), DatabaseError);
}

TEST_ON_BOTH(Database, a_wrong_statement_in_a_read_harms_no_other_read) {
    static constexpr Query kWrong{"test.wrong", "SELECT nothing FROM test_entry"};
    const auto wrong = [](ReadTx& tx) -> Task<> { co_await tx.all<int64_t>(kWrong); };
    std::vector<Task<>> tasks;
    const auto right = [](ReadTx& tx) -> Task<> { EXPECT_EQ(co_await count(tx), 0); };
    for (int i = 0; i < 20; ++i) {
        if (i % 2 == 0) {
            tasks.push_back(database.read(wrong));
        } else {
            tasks.push_back(database.read(right));
        }
    }
    const auto exceptions = testing::run_all(std::move(tasks));
    for (size_t i = 0; i < exceptions.size(); ++i) EXPECT_EQ(exceptions[i] != nullptr, i % 2 == 0) << i;
}

TEST_ON_BOTH(Database, many_units_at_once_from_several_threads_all_arrive) {
    constexpr int kThreads = 4;
    constexpr int kUnits = 50;
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
        threads.emplace_back([&database, t] {
            std::vector<Task<>> tasks;
            for (int i = 0; i < kUnits; ++i) tasks.push_back(insert(database, "人" + std::to_string(t), i));
            for (const auto& exception : testing::run_all(std::move(tasks))) EXPECT_EQ(exception, nullptr);
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(count(database), kThreads * kUnits);
}

TEST_ON_BOTH(Database, serving_loops_read_and_write_side_by_side) {
    constexpr int kLoops = 3;
    std::atomic<int> seen_less = 0;
    const auto session = [&](int who, event_loop::EventLoop& loop) -> Task<> {
        for (int i = 0; i < 30; ++i) {
            co_await insert(database, "人" + std::to_string(who), i);
            const auto own = [who](ReadTx& tx) { return tx.all<int64_t>(kNumbersOf, "人" + std::to_string(who)); };
            const auto numbers = co_await database.read(own);
            if (numbers.size() < static_cast<size_t>(i) + 1) ++seen_less;
        }
        loop.stop();
    };
    std::vector<std::unique_ptr<event_loop::EventLoop>> loops;
    std::vector<std::thread> threads;
    for (int i = 0; i < kLoops; ++i) loops.push_back(std::make_unique<event_loop::EventLoop>());
    for (int i = 0; i < kLoops; ++i) {
        threads.emplace_back([&, i] {
            loops[static_cast<size_t>(i)]->post(
                [&, i] { event_loop::spawn(session(i, *loops[static_cast<size_t>(i)])); });
            loops[static_cast<size_t>(i)]->run();
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(seen_less, 0) << "what was acknowledged must be visible to the next read";
    EXPECT_EQ(count(database), kLoops * 30);
}

// Two writers that each read what the other writes: without conflicts being noticed and units run again, counting up
// loses numbers.
TEST_ON_BOTH(Database, units_that_meet_are_run_again_and_lose_nothing) {
    static constexpr Query kGet{"test.get", "SELECT number FROM test_entry WHERE owner = 'counter'"};
    static constexpr Query kSet{"test.set", "UPDATE test_entry SET number = $1 WHERE owner = 'counter'"};
    testing::run(insert(database, "counter", 0));
    const auto up = [](WriteTx& tx) -> Task<> {
        const auto number = co_await tx.one<int64_t>(kGet);
        co_await tx.run(kSet, *number + 1);
    };
    std::vector<Task<>> tasks;
    for (int i = 0; i < 20; ++i) tasks.push_back(database.write(up));
    for (const auto& exception : testing::run_all(std::move(tasks))) EXPECT_EQ(exception, nullptr);
    const auto end = testing::read(database, [](ReadTx& tx) { return tx.one<int64_t>(kGet); });
    EXPECT_EQ(end, 20);
}

TEST_ON_BOTH(Database, works_where_no_loop_runs) {
    base::sync_wait(insert(database, "花子", 1));
    const auto unit = [](ReadTx& tx) { return count(tx); };
    EXPECT_EQ(base::sync_wait(database.read(unit)), 1);
    auto bare = database.read(unit); // not even an executor: the thread waits
    bare.handle().resume();
    ASSERT_TRUE(bare.handle().done());
    EXPECT_EQ(bare.handle().promise().take(), 1);
}

TEST_ON_BOTH(Database, counts_runs_rows_errors_and_time_by_name) {
    testing::run(insert(database, "花子", 1));
    EXPECT_THROW(testing::run(insert(database, "花子", 1)), UniqueViolation);
    testing::run(insert(database, "花子", 2));
    const auto statistics = database.statistics();
    const auto found = std::find_if(statistics.begin(), statistics.end(),
                                    [](const QueryStatistics& one) { return one.name == "test.insert"; });
    ASSERT_NE(found, statistics.end());
    EXPECT_EQ(found->count, 3u);
    EXPECT_EQ(found->errors, 1u);
    EXPECT_EQ(found->rows, 2u);
    EXPECT_GT(found->total.count(), 0);
}

TEST_ON_BOTH(Database, a_long_loop_in_one_unit_is_one_transaction) {
    const auto unit = [](WriteTx& tx) -> Task<> {
        for (int i = 0; i < 3000; ++i) co_await tx.run(kInsert, "市", i, "");
    };
    testing::write(database, unit);
    EXPECT_EQ(count(database), 3000);
}

TEST_ON_BOTH(Database, what_was_written_is_there_after_opening_again) {
    testing::run(insert(database, "花子", 1));
    test().reopen();
    EXPECT_EQ(count(test().database()), 1);
}

Task<> insert_given_up_midway(Database& database, base::TimeBound& bound, int& statements) {
    const auto unit = [&](WriteTx& tx) -> Task<> {
        co_await tx.run(kInsert, "花子", 1, "");
        ++statements;
        bound.give_up();
        co_await tx.run(kInsert, "花子", 2, "");
        ++statements;
    };
    co_await database.write(unit);
}

TEST_ON_BOTH(Database, a_unit_whose_time_is_over_is_refused_its_next_statement_and_rolled_back) {
    base::TimeBound bound(std::chrono::hours(1));
    int statements = 0;
    EXPECT_THROW(testing::run(base::bounded(insert_given_up_midway(database, bound, statements), bound)),
                 base::TookTooLong);
    EXPECT_EQ(statements, 1);
    EXPECT_EQ(count(database), 0);
}

Task<> insert_given_up_at_its_end(Database& database, base::TimeBound& bound) {
    const auto unit = [&](WriteTx& tx) -> Task<> {
        co_await tx.run(kInsert, "花子", 1, "");
        bound.give_up();
    };
    co_await database.write(unit);
}

TEST_ON_BOTH(Database, a_unit_whose_time_is_over_is_not_committed) {
    base::TimeBound bound(std::chrono::hours(1));
    EXPECT_THROW(testing::run(base::bounded(insert_given_up_at_its_end(database, bound), bound)), base::TookTooLong);
    EXPECT_EQ(count(database), 0);
}

TEST_ON_BOTH(Database, a_commit_within_its_time_counts_and_leaves_the_bound_free) {
    base::TimeBound bound(std::chrono::hours(1));
    testing::run(base::bounded(insert(database, "花子", 1), bound));
    EXPECT_EQ(count(database), 1);
    EXPECT_TRUE(bound.give_up());
    const auto reading = [&]() -> Task<> { co_await database.read([](ReadTx& tx) { return count(tx); }); };
    EXPECT_THROW(testing::run(base::bounded(reading(), bound)), base::TookTooLong);
}

} // namespace
} // namespace musubi::db
