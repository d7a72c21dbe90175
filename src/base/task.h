// Task<T>: a lazy coroutine that runs when awaited and resumes its awaiter directly, so that a chain that never waits
// costs no queue and no thread switch. Services see only this header, never an event loop.
//
// Symmetric transfer is not used: g++ 12 makes it a real tail call only at -O2 without sanitizers (GCC bug 100897), and
// a loop over some ten thousand awaits would run off the stack in every other build. Instead awaiter and awaited meet
// at a flag, and the second to arrive goes on; the stack is never deeper than the nesting of the tasks.
#pragma once

#include "base/frames.h"

#include <atomic>
#include <condition_variable>
#include <coroutine>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>

namespace musubi::base {

/// Where a suspended coroutine continues. An event loop sets itself as current on its thread; code that finishes work
/// on another thread posts the waiting coroutine back to the executor it came from.
class Executor {
  public:
    virtual ~Executor() = default;
    virtual void post(std::coroutine_handle<> handle) = 0;

    static Executor* current() { return s_current; }

    class Scope {
      public:
        explicit Scope(Executor* executor) : m_previous(std::exchange(s_current, executor)) {}
        ~Scope() { s_current = m_previous; }
        Scope(const Scope&) = delete;
        Scope& operator=(const Scope&) = delete;

      private:
        Executor* m_previous;
    };

  private:
    static inline thread_local Executor* s_current = nullptr;
};

template <class T = void> class Task;
class TimeBound; // base/time_bound.h

namespace task_detail {

struct PromiseBase : PooledFrame {
    std::coroutine_handle<> continuation = std::noop_coroutine();
    std::atomic<bool> met = false; // set by the awaiter once it is suspended, and by the task once it has ended
    std::exception_ptr exception;
    TimeBound* bound = nullptr; // of the task that awaits this one, unless it was given its own

    std::suspend_always initial_suspend() noexcept { return {}; }
    struct FinalAwaiter {
        bool await_ready() noexcept { return false; }
        template <class Promise> void await_suspend(std::coroutine_handle<Promise> self) noexcept {
            if (self.promise().met.exchange(true, std::memory_order_acq_rel)) self.promise().continuation.resume();
        }
        void await_resume() noexcept {}
    };
    FinalAwaiter final_suspend() noexcept { return {}; }
    void unhandled_exception() { exception = std::current_exception(); }
};

template <class T> struct Promise : PromiseBase {
    std::optional<T> value;
    Task<T> get_return_object();
    template <class U> void return_value(U&& result) { value.emplace(std::forward<U>(result)); }
    T take() {
        if (exception) std::rethrow_exception(exception);
        return std::move(*value);
    }
};

template <> struct Promise<void> : PromiseBase {
    Task<void> get_return_object();
    void return_void() {}
    void take() {
        if (exception) std::rethrow_exception(exception);
    }
};

} // namespace task_detail

template <class T> class [[nodiscard]] Task {
  public:
    using value_type = T;
    using promise_type = task_detail::Promise<T>;
    using Handle = std::coroutine_handle<promise_type>;

    explicit Task(Handle handle) : m_handle(handle) {}
    Task(Task&& other) noexcept : m_handle(std::exchange(other.m_handle, {})) {}
    Task& operator=(Task&& other) noexcept {
        if (this != &other) {
            if (m_handle) m_handle.destroy();
            m_handle = std::exchange(other.m_handle, {});
        }
        return *this;
    }
    ~Task() {
        if (m_handle) m_handle.destroy();
    }

    /// Waits for the end without looking at the value or the exception: for code that drives tasks.
    struct Settled {
        Handle handle;
        bool await_ready() const noexcept { return false; }
        template <class Promise> bool await_suspend(std::coroutine_handle<Promise> awaiting) const {
            auto& promise = handle.promise();
            promise.continuation = awaiting;
            if constexpr (std::is_base_of_v<task_detail::PromiseBase, Promise>) {
                if (!promise.bound) promise.bound = awaiting.promise().bound;
            }
            handle.resume();
            return !promise.met.exchange(true, std::memory_order_acq_rel);
        }
        void await_resume() const noexcept {}
    };
    struct Awaiter : Settled {
        T await_resume() const { return this->handle.promise().take(); }
    };
    Awaiter operator co_await() const& noexcept { return {{m_handle}}; }
    Awaiter operator co_await() const&& noexcept { return {{m_handle}}; }
    Settled settled() const noexcept { return {m_handle}; }

    Handle handle() const { return m_handle; }

  private:
    Handle m_handle;
};

template <class T> Task<T> task_detail::Promise<T>::get_return_object() {
    return Task<T>(std::coroutine_handle<Promise<T>>::from_promise(*this));
}
inline Task<void> task_detail::Promise<void>::get_return_object() {
    return Task<void>(std::coroutine_handle<Promise<void>>::from_promise(*this));
}

/// A coroutine nobody awaits: starts at once, frees itself. An exception that leaves it ends the process, as there is
/// no one to tell; wrap the body accordingly.
struct Detached {
    struct promise_type : task_detail::PooledFrame {
        Detached get_return_object() { return {}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() { std::terminate(); }
    };
};

/// Runs `task` to its end on this thread, for command-line tools and tests that use no sockets. lib/event_loop has
/// `run` for tasks that wait for the network.
template <class T> T sync_wait(Task<T> task) {
    struct Queue final : Executor {
        std::mutex mutex;
        std::condition_variable ready;
        std::deque<std::coroutine_handle<>> handles;
        bool done = false;
        void post(std::coroutine_handle<> handle) override {
            std::lock_guard lock(mutex);
            handles.push_back(handle);
            ready.notify_one();
        }
    } queue;
    Executor::Scope scope(&queue);
    auto driver = [](Task<T>& inner, Queue& q) -> Detached {
        struct Settle {
            Queue& queue;
            ~Settle() {
                std::lock_guard lock(queue.mutex);
                queue.done = true;
                queue.ready.notify_one();
            }
        } settle{q};
        co_await inner.settled();
    };
    driver(task, queue);
    for (;;) {
        std::unique_lock lock(queue.mutex);
        queue.ready.wait(lock, [&] { return queue.done || !queue.handles.empty(); });
        if (queue.handles.empty()) break;
        auto handle = queue.handles.front();
        queue.handles.pop_front();
        lock.unlock();
        handle.resume();
    }
    return task.handle().promise().take();
}

} // namespace musubi::base
