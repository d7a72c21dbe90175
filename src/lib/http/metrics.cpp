#include "lib/http/metrics.h"

#include <algorithm>
#include <deque>
#include <fmt/format.h>

namespace musubi::http {

namespace {

// Upper bounds in microseconds; a health record page aims at well under 100 ms.
constexpr std::array<int64_t, 13> kBounds = {100,    250,     500,     1000,      2500,      5000,      10'000,
                                             25'000, 100'000, 250'000, 1'000'000, 2'500'000, 10'000'000};
// Statuses counted by name; the last stands for all others.
constexpr std::array kStatuses = {101, 200, 201, 202, 204, 206, 301, 302, 303, 304, 307, 308, 400, 401, 403,
                                  404, 405, 408, 409, 410, 412, 413, 415, 423, 429, 431, 500, 501, 503, 599};

using Counter = std::atomic<uint64_t>;
void add(Counter& counter, uint64_t value = 1) { counter.fetch_add(value, std::memory_order_relaxed); }
uint64_t read(const Counter& counter) { return counter.load(std::memory_order_relaxed); }

std::atomic<size_t> next_thread = 0;

} // namespace

struct Metrics::Operation {
    std::array<Counter, kStatuses.size()> by_status{};
    std::array<Counter, kBounds.size() + 1> by_duration{};
    Counter nanoseconds{};
};

struct alignas(64) Metrics::Slot {
    std::atomic<int64_t> in_flight{};
    std::deque<Operation> operations;
};

Metrics::Metrics() {
    for (auto& slot : m_slots) slot = std::make_unique<Slot>();
    add_operation("none");
}
Metrics::~Metrics() = default;

size_t Metrics::add_operation(std::string name) {
    m_names.push_back(std::move(name));
    for (auto& slot : m_slots) slot->operations.emplace_back();
    return m_names.size() - 1;
}

Metrics::Slot& Metrics::slot() {
    thread_local const size_t number = next_thread.fetch_add(1, std::memory_order_relaxed) % kSlots;
    return *m_slots[number];
}

void Metrics::begin() { slot().in_flight.fetch_add(1, std::memory_order_relaxed); }

void Metrics::end(size_t operation, int status, std::chrono::nanoseconds took) {
    Slot& mine = slot();
    mine.in_flight.fetch_sub(1, std::memory_order_relaxed);
    Operation& counters = mine.operations[operation];
    const auto known = std::find(kStatuses.begin(), kStatuses.end() - 1, status);
    add(counters.by_status[static_cast<size_t>(known - kStatuses.begin())]);
    const int64_t microseconds = took.count() / 1000;
    size_t bucket = 0;
    while (bucket < kBounds.size() && microseconds > kBounds[bucket]) ++bucket;
    add(counters.by_duration[bucket]);
    add(counters.nanoseconds, static_cast<uint64_t>(took.count()));
}

void Metrics::add_source(std::function<std::string()> source) { m_sources.push_back(std::move(source)); }

std::string Metrics::text() const {
    std::string requests =
        "# HELP musubi_http_requests_total Answers sent.\n# TYPE musubi_http_requests_total counter\n";
    std::string durations = "# HELP musubi_http_request_duration_seconds From the parsed request to its answer.\n"
                            "# TYPE musubi_http_request_duration_seconds histogram\n";
    for (size_t operation = 0; operation < m_names.size(); ++operation) {
        const auto sum = [&](auto member) {
            uint64_t total = 0;
            for (const auto& slot : m_slots) total += read(member(slot->operations[operation]));
            return total;
        };
        const std::string& name = m_names[operation];
        for (size_t status = 0; status < kStatuses.size(); ++status) {
            const uint64_t count = sum([status](const Operation& o) -> const Counter& { return o.by_status[status]; });
            if (count == 0) continue;
            requests += fmt::format("musubi_http_requests_total{{operation=\"{}\",status=\"{}\"}} {}\n", name,
                                    kStatuses[status], count);
        }
        uint64_t below = 0;
        std::string buckets;
        for (size_t i = 0; i <= kBounds.size(); ++i) {
            below += sum([i](const Operation& o) -> const Counter& { return o.by_duration[i]; });
            const std::string bound =
                i < kBounds.size() ? fmt::format("{}", static_cast<double>(kBounds[i]) / 1e6) : "+Inf";
            buckets += fmt::format("musubi_http_request_duration_seconds_bucket{{operation=\"{}\",le=\"{}\"}} {}\n",
                                   name, bound, below);
        }
        if (below == 0) continue;
        const uint64_t spent = sum([](const Operation& o) -> const Counter& { return o.nanoseconds; });
        durations += buckets;
        durations += fmt::format("musubi_http_request_duration_seconds_sum{{operation=\"{0}\"}} {1:.6f}\n"
                                 "musubi_http_request_duration_seconds_count{{operation=\"{0}\"}} {2}\n",
                                 name, static_cast<double>(spent) / 1e9, below);
    }
    int64_t in_flight = 0;
    for (const auto& slot : m_slots) in_flight += slot->in_flight.load(std::memory_order_relaxed);
    std::string out = requests + durations +
                      fmt::format("# HELP musubi_http_in_flight Requests being answered.\n"
                                  "# TYPE musubi_http_in_flight gauge\nmusubi_http_in_flight {}\n",
                                  in_flight);
    for (const auto& source : m_sources) out += source();
    return out;
}

} // namespace musubi::http
