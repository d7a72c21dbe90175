#include "lib/event_loop/event_loop.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <string>
#include <thread>
#include <vector>

namespace musubi::event_loop {
namespace {

using base::Task;

Task<std::string> sleeps_and_says(std::string text) {
    co_await sleep_for(std::chrono::milliseconds(1));
    co_return text;
}

TEST(EventLoop, runs_a_task_that_waits) { EXPECT_EQ(run(sleeps_and_says("遅い")), "遅い"); }

Task<> fails_after_waiting() {
    co_await sleep_for(std::chrono::milliseconds(1));
    throw std::runtime_error("disk");
}

TEST(EventLoop, hands_out_what_the_task_threw) { EXPECT_THROW(run(fails_after_waiting()), std::runtime_error); }

Task<> note(std::vector<int>& order, int value, base::Duration after) {
    co_await sleep_for(after);
    order.push_back(value);
}

Task<std::vector<int>> two_sleepers() {
    std::vector<int> order;
    spawn(note(order, 1, std::chrono::milliseconds(0)));
    co_await note(order, 2, std::chrono::milliseconds(200));
    co_return order;
}

TEST(EventLoop, spawned_tasks_go_on_while_another_waits) { EXPECT_EQ(run(two_sleepers()), (std::vector{1, 2})); }

Task<int> survives_a_failing_spawn() {
    spawn(fails_after_waiting());
    co_await sleep_for(std::chrono::milliseconds(20));
    co_return 7;
}

TEST(EventLoop, the_failure_of_a_spawned_task_ends_nothing_else) { EXPECT_EQ(run(survives_a_failing_spawn()), 7); }

TEST(EventLoop, knows_the_loop_of_the_thread) {
    EXPECT_EQ(EventLoop::current(), nullptr);
    EventLoop loop;
    EventLoop* seen = nullptr;
    base::Executor* executor = nullptr;
    loop.post([&] {
        seen = EventLoop::current();
        executor = base::Executor::current();
        loop.stop();
    });
    loop.run();
    EXPECT_EQ(seen, &loop);
    EXPECT_EQ(executor, &loop);
    EXPECT_EQ(EventLoop::current(), nullptr);
    EXPECT_EQ(base::Executor::current(), nullptr);
}

TEST(EventLoop, a_loop_stopped_before_it_ran_returns_at_once) {
    EventLoop loop;
    loop.stop();
    loop.run();
}

TEST(EventLoop, takes_posts_from_many_threads) {
    EventLoop loop;
    int count = 0; // only the loop's thread touches it
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 1000; ++i) {
                loop.post([&] {
                    if (++count == 4000) loop.stop();
                });
            }
        });
    }
    loop.run();
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(count, 4000);
}

TEST(EventLoop, sleeping_without_a_loop_is_an_error_and_not_a_hang) {
    EXPECT_THROW(base::sync_wait(sleep_for(std::chrono::milliseconds(1))), std::logic_error);
}

Task<bool> works_elsewhere_and_comes_home(BlockingPool& pool) {
    const auto home = std::this_thread::get_id();
    const auto there = co_await pool.run([] { return std::this_thread::get_id(); });
    co_return there != home&& std::this_thread::get_id() == home;
}

TEST(BlockingPool, works_on_its_own_thread_and_continues_where_it_came_from) {
    BlockingPool pool(2);
    EXPECT_TRUE(run(works_elsewhere_and_comes_home(pool)));
    EXPECT_TRUE(base::sync_wait(works_elsewhere_and_comes_home(pool)));
}

Task<> throws_in_the_pool(BlockingPool& pool) {
    co_await pool.run([] { throw std::runtime_error("no entropy"); });
}

TEST(BlockingPool, hands_back_what_the_work_threw) {
    BlockingPool pool(1);
    EXPECT_THROW(run(throws_in_the_pool(pool)), std::runtime_error);
}

Task<> occupy(BlockingPool& pool, std::latch& started, std::latch& release, std::atomic<int>& finished) {
    co_await pool.run([&] {
        started.count_down();
        release.wait();
    });
    ++finished;
}

Task<> count_when_done(BlockingPool& pool, std::atomic<int>& finished) {
    co_await pool.run([] {});
    ++finished;
}

TEST(BlockingPool, refuses_when_its_queue_is_full) {
    BlockingPool pool(1, 2);
    std::latch started(1);
    std::latch release(1);
    std::atomic<int> finished = 0;
    EventLoop loop;
    bool refused = false;
    loop.post([&] {
        spawn(occupy(pool, started, release, finished));
        started.wait();
        spawn(count_when_done(pool, finished));
        spawn(count_when_done(pool, finished));
        auto one_too_many = [](BlockingPool& full, EventLoop& on, bool& was_refused, std::latch& go,
                               std::atomic<int>& count) -> Task<> {
            try {
                co_await full.run([] {});
            } catch (const Overloaded&) {
                was_refused = true;
            }
            go.count_down();
            while (count < 3) co_await sleep_for(std::chrono::milliseconds(1));
            on.stop();
        };
        spawn(one_too_many(pool, loop, refused, release, finished));
    });
    loop.run();
    EXPECT_TRUE(refused);
    EXPECT_EQ(finished, 3);
}

} // namespace
} // namespace musubi::event_loop
