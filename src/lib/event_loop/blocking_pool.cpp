#include "lib/event_loop/event_loop.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

namespace musubi::event_loop {

struct BlockingPool::State {
    std::mutex mutex;
    std::condition_variable wake;
    std::deque<std::function<void()>> queue;
    size_t limit = 0;
    bool stopping = false;
    std::vector<std::thread> threads;

    void work() {
        std::unique_lock lock(mutex);
        for (;;) {
            wake.wait(lock, [this] { return stopping || !queue.empty(); });
            if (queue.empty()) return;
            auto job = std::move(queue.front());
            queue.pop_front();
            lock.unlock();
            job();
            job = nullptr;
            lock.lock();
        }
    }
};

BlockingPool::BlockingPool(size_t threads, size_t queue_limit) : m_state(std::make_unique<State>()) {
    m_state->limit = queue_limit;
    for (size_t i = 0; i < threads; ++i) m_state->threads.emplace_back([state = m_state.get()] { state->work(); });
}

BlockingPool::~BlockingPool() {
    {
        const std::lock_guard lock(m_state->mutex);
        m_state->stopping = true;
    }
    m_state->wake.notify_all();
    for (auto& thread : m_state->threads) thread.join();
}

void BlockingPool::submit(std::function<void()> job) {
    {
        const std::lock_guard lock(m_state->mutex);
        if (m_state->queue.size() >= m_state->limit) throw Overloaded("too much work is waiting");
        m_state->queue.push_back(std::move(job));
    }
    m_state->wake.notify_one();
}

} // namespace musubi::event_loop
