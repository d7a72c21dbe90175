#include "base/log.h"
#include "lib/event_loop/event_loop_asio.h"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <thread>

namespace musubi::event_loop {
namespace {

thread_local EventLoop* t_current = nullptr;

struct Timer {
    boost::asio::steady_timer timer;

    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiting) {
        timer.async_wait([waiting](const boost::system::error_code& ended) {
            if (ended != boost::asio::error::operation_aborted) waiting.resume();
        });
    }
    void await_resume() const noexcept {}
};

base::Detached drive_alone(base::Task<> task) {
    try {
        co_await task;
    } catch (const std::exception& error) {
        log::error("task-failed", {log::field("what", std::string(error.what()))});
    } catch (...) {
        log::error("task-failed");
    }
}

} // namespace

// The work that another thread posts may end the loop while that thread is still waking it: asio signals after it has
// let go of its lock. Whoever calls from outside is counted, so that the loop outlives the call.
class EventLoop::Calling {
  public:
    explicit Calling(std::atomic<int>& count) : m_count(count) { m_count.fetch_add(1, std::memory_order_relaxed); }
    ~Calling() { m_count.fetch_sub(1, std::memory_order_release); }
    Calling(const Calling&) = delete;
    Calling& operator=(const Calling&) = delete;

  private:
    std::atomic<int>& m_count;
};

EventLoop::EventLoop(Lifetime lifetime) : m_lifetime(lifetime), m_native(std::make_unique<Native>()) {}
EventLoop::~EventLoop() {
    while (m_calling.load(std::memory_order_acquire) != 0) std::this_thread::yield();
}

void EventLoop::run() {
    const Scope scope(this);
    EventLoop* outer = std::exchange(t_current, this);
    struct Restore {
        EventLoop* outer;
        ~Restore() { t_current = outer; }
    } restore{outer};
    m_native->context.run();
}

void EventLoop::stop() {
    const Calling calling(m_calling);
    m_native->context.stop();
}

void EventLoop::post(std::coroutine_handle<> handle) {
    const Calling calling(m_calling);
    boost::asio::post(m_native->context, [handle] { handle.resume(); });
}

void EventLoop::post(std::function<void()> function) {
    const Calling calling(m_calling);
    boost::asio::post(m_native->context, std::move(function));
}

EventLoop* EventLoop::current() { return t_current; }

base::Task<> sleep_for(base::Duration duration) {
    EventLoop* loop = EventLoop::current();
    if (!loop) throw std::logic_error("sleep_for needs an event loop");
    Timer timer{boost::asio::steady_timer(loop->native().context, duration)};
    co_await timer;
}

void spawn(base::Task<> task) { drive_alone(std::move(task)); }

} // namespace musubi::event_loop
