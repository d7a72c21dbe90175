// Event loops (one per core) and a small pool for work that blocks. Nothing here shows asio: only the network layer and
// the PostgreSQL driver see it, through event_loop_asio.h.
#pragma once

#include "base/task.h"
#include "base/time.h"

#include <atomic>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace musubi::event_loop {

/// A loop that serves lives as long as its program, so that connections may be kept with it. A brief one (`run` makes
/// them) is gone after one task.
enum class Lifetime { Serving, Brief };

class EventLoop final : public base::Executor {
  public:
    explicit EventLoop(Lifetime lifetime = Lifetime::Serving);
    ~EventLoop() override;
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;

    /// Runs until stop() is called; returns at once if it was called before. Sets itself as the current executor of the
    /// calling thread. Work still waiting then is dropped with the loop. Called once in the life of a loop.
    void run();
    void stop(); // from any thread
    void post(std::coroutine_handle<> handle) override;
    void post(std::function<void()> function);

    /// The loop running on this thread, or null.
    static EventLoop* current();
    Lifetime lifetime() const { return m_lifetime; }

    struct Native; // holds the io_context; defined in event_loop_asio.h
    Native& native() { return *m_native; }

  private:
    class Calling;
    Lifetime m_lifetime;
    std::atomic<int> m_calling{0}; // threads inside post or stop
    std::unique_ptr<Native> m_native;
};

/// Resumes on the same loop after `duration`. Needs a current loop.
base::Task<> sleep_for(base::Duration duration);

/// Starts a task on the current loop and forgets it. An exception that leaves the task is logged, not propagated.
void spawn(base::Task<> task);

namespace detail {
template <class T> base::Detached drive(base::Task<T>& task, EventLoop& loop) {
    co_await task.settled();
    loop.stop();
}
} // namespace detail

/// Runs a task to its end on a loop of its own on this thread: for command-line tools and tests. What the task spawned
/// and did not wait for ends with it.
template <class T> T run(base::Task<T> task) {
    EventLoop loop(Lifetime::Brief);
    loop.post([&task, &loop] { detail::drive(task, loop); });
    loop.run();
    return task.handle().promise().take();
}

/// The queue of a BlockingPool is full; callers answer Unavailable.
class Overloaded : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// A fixed number of threads for password hashing, PDF, RSA signing, long scans. The queue is bounded: when it is full,
/// `run` throws Overloaded. The destructor finishes what is queued.
class BlockingPool {
  public:
    explicit BlockingPool(size_t threads, size_t queue_limit = 1024);
    ~BlockingPool();
    BlockingPool(const BlockingPool&) = delete;
    BlockingPool& operator=(const BlockingPool&) = delete;

    /// `function` runs on a pool thread; the awaiting coroutine continues on the executor it came from. Without a
    /// current executor nothing else waits for this thread, and the function simply runs here.
    template <class F> auto run(F function) -> base::Task<std::invoke_result_t<F&>>;

  private:
    template <class F> struct Job;
    void submit(std::function<void()> job);
    struct State;
    std::unique_ptr<State> m_state;
};

template <class F> struct BlockingPool::Job {
    using Value = std::invoke_result_t<F&>;
    using Kept = std::conditional_t<std::is_void_v<Value>, char, Value>;

    BlockingPool& pool;
    F& function;
    std::optional<Kept> value;
    std::exception_ptr exception;

    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> waiting) {
        base::Executor* home = base::Executor::current();
        if (!home) {
            work();
            return false;
        }
        pool.submit([this, home, waiting] {
            work();
            home->post(waiting);
        });
        return true;
    }
    Value await_resume() {
        if (exception) std::rethrow_exception(exception);
        if constexpr (!std::is_void_v<Value>) return std::move(*value);
    }

  private:
    void work() {
        try {
            if constexpr (std::is_void_v<Value>) {
                function();
            } else {
                value.emplace(function());
            }
        } catch (...) {
            exception = std::current_exception();
        }
    }
};

template <class F> auto BlockingPool::run(F function) -> base::Task<std::invoke_result_t<F&>> {
    Job<F> job{*this, function, {}, {}};
    co_return co_await job;
}

} // namespace musubi::event_loop
