// How long a piece of work as a whole may take. A task hands its bound on to every task it awaits, so that what lies
// deep below (a statement, a commit) can look at it without being told by each function in between.
#pragma once

#include "base/task.h"

#include <atomic>
#include <chrono>
#include <stdexcept>

namespace musubi::base {

/// Thrown by what looks at a bound that is over.
class TookTooLong : public std::runtime_error {
  public:
    TookTooLong() : std::runtime_error("the request took too long") {}
};

/// May be asked from any thread. Either the work is given up, or what it commits counts: never both.
class TimeBound {
  public:
    using Clock = std::chrono::steady_clock;
    explicit TimeBound(Clock::duration limit) { restart(limit); }
    TimeBound(const TimeBound&) = delete;
    TimeBound& operator=(const TimeBound&) = delete;

    /// Only while nobody looks at it.
    void restart(Clock::duration limit) {
        m_deadline = Clock::now() + limit;
        m_commits.store(0, std::memory_order_relaxed);
    }
    bool over() const { return m_commits.load(std::memory_order_acquire) == kGivenUp || Clock::now() >= m_deadline; }
    /// Throws TookTooLong when it is over.
    void check() const {
        if (over()) throw TookTooLong();
    }
    /// From now on nothing is committed any more. False while something is being committed: then its outcome is to be
    /// waited for.
    bool give_up() {
        int none = 0;
        return m_commits.compare_exchange_strong(none, kGivenUp, std::memory_order_acq_rel) || none == kGivenUp;
    }

    /// Held while a transaction is committed, from its last statement to the answer.
    class Commit {
      public:
        explicit Commit(TimeBound* bound) : m_bound(bound) {}
        ~Commit() { end(); }
        Commit(const Commit&) = delete;
        Commit& operator=(const Commit&) = delete;
        /// Throws TookTooLong when the work was given up.
        void begin() {
            if (m_bound && !m_begun) m_bound->begin_commit();
            m_begun = true;
        }
        void end() {
            if (m_bound && m_begun) m_bound->m_commits.fetch_sub(1, std::memory_order_acq_rel);
            m_begun = false;
        }

      private:
        TimeBound* m_bound;
        bool m_begun = false;
    };

  private:
    static constexpr int kGivenUp = -1;
    void begin_commit() {
        int commits = m_commits.load(std::memory_order_acquire);
        do {
            if (commits == kGivenUp || Clock::now() >= m_deadline) throw TookTooLong();
        } while (!m_commits.compare_exchange_weak(commits, commits + 1, std::memory_order_acq_rel));
    }
    Clock::time_point m_deadline;
    std::atomic<int> m_commits = 0; // under way, or kGivenUp
};

/// `task`, and all it awaits, under this bound, which outlives it.
template <class T> Task<T> bounded(Task<T> task, TimeBound& bound) {
    task.handle().promise().bound = &bound;
    return task;
}

/// Inside a task: `ThisBound here; TimeBound* bound = co_await here;` is what it runs under, or null. Does not wait.
struct ThisBound {
    TimeBound* bound = nullptr;
    bool await_ready() const noexcept { return false; }
    template <class Promise> bool await_suspend(std::coroutine_handle<Promise> self) noexcept {
        if constexpr (std::is_base_of_v<task_detail::PromiseBase, Promise>) bound = self.promise().bound;
        return false;
    }
    TimeBound* await_resume() const noexcept { return bound; }
};

} // namespace musubi::base
