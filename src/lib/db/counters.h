// Counts and times per query name. A prepared statement keeps a pointer to its counter, so counting is a few relaxed
// additions.
#pragma once

#include "lib/db/database.h"

#include <atomic>
#include <chrono>
#include <map>
#include <mutex>

namespace musubi::db {

struct QueryCounter {
    std::atomic<uint64_t> count = 0;
    std::atomic<uint64_t> errors = 0;
    std::atomic<uint64_t> rows = 0;
    std::atomic<uint64_t> nanoseconds = 0;

    using Clock = std::chrono::steady_clock;
    void succeeded(Clock::time_point began, uint64_t row_count) {
        add(began);
        rows.fetch_add(row_count, std::memory_order_relaxed);
    }
    void failed(Clock::time_point began) {
        add(began);
        errors.fetch_add(1, std::memory_order_relaxed);
    }

  private:
    void add(Clock::time_point began) {
        const auto took = std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - began);
        count.fetch_add(1, std::memory_order_relaxed);
        nanoseconds.fetch_add(static_cast<uint64_t>(took.count()), std::memory_order_relaxed);
    }
};

class Counters {
  public:
    /// Valid as long as this object.
    QueryCounter& of(std::string_view name) {
        const std::lock_guard lock(m_mutex);
        const auto found = m_by_name.find(name);
        return found != m_by_name.end() ? found->second : m_by_name[std::string(name)];
    }
    std::vector<QueryStatistics> snapshot() const {
        const std::lock_guard lock(m_mutex);
        std::vector<QueryStatistics> out;
        for (const auto& [name, counter] : m_by_name) {
            out.push_back({name, counter.count.load(std::memory_order_relaxed),
                           counter.errors.load(std::memory_order_relaxed), counter.rows.load(std::memory_order_relaxed),
                           std::chrono::nanoseconds(counter.nanoseconds.load(std::memory_order_relaxed))});
        }
        return out;
    }

  private:
    mutable std::mutex m_mutex;
    std::map<std::string, QueryCounter, std::less<>> m_by_name;
};

} // namespace musubi::db
