// Event loops (one per core) and a small pool for work that blocks. Nothing here shows asio: only the network layer and
// the PostgreSQL driver see it, through event_loop_asio.h.
#pragma once

#include "base/task.h"
#include "base/time.h"

#include <functional>
#include <memory>
#include <vector>

namespace musubi::event_loop {

class EventLoop final : public base::Executor {
  public:
    EventLoop();
    ~EventLoop() override;
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;

    /// Runs until stop() is called. Sets itself as the current executor of the calling thread.
    void run();
    void stop(); // from any thread
    void post(std::coroutine_handle<> handle) override;
    void post(std::function<void()> function);

    /// The loop running on this thread, or null.
    static EventLoop* current();

    struct Native; // holds the io_context; defined in event_loop_asio.h
    Native& native() { return *m_native; }

  private:
    std::unique_ptr<Native> m_native;
};

/// Resumes on the same loop after `duration`. Needs a current loop.
base::Task<> sleep_for(base::Duration duration);

/// Starts a task on the current loop and forgets it. An exception that leaves the task is logged, not propagated.
void spawn(base::Task<> task);

/// Runs a task to its end on a loop of its own on this thread: for command-line tools and tests.
template <class T>
T run(base::Task<T> task);

/// A fixed number of threads for password hashing, PDF, RSA signing, long scans. The queue is bounded: when it is full,
/// `run` throws base::Overloaded… callers see Unavailable.
class BlockingPool {
  public:
    BlockingPool(size_t threads, size_t queue_limit = 1024);
    ~BlockingPool();
    BlockingPool(const BlockingPool&) = delete;
    BlockingPool& operator=(const BlockingPool&) = delete;

    /// `function` runs on a pool thread; the awaiting coroutine continues on the executor it came from.
    template <class F>
    auto run(F function) -> base::Task<std::invoke_result_t<F&>>;

  private:
    void submit(std::function<void()> job);
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace musubi::event_loop
