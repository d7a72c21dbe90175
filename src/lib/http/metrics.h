// Counters for Prometheus (text format 0.0.4), kept per thread so that counting costs no shared cache line.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace musubi::http {

class Metrics {
  public:
    Metrics();
    ~Metrics();

    /// Before any thread counts. Operation 0 is everything that met no route.
    size_t add_operation(std::string name);
    void begin();
    void end(size_t operation, int status, std::chrono::nanoseconds took);

    /// Text other parts add below ours, for example the database's statement statistics. Called on each scrape.
    void add_source(std::function<std::string()> source);
    std::string text() const;

  private:
    static constexpr size_t kSlots = 8;
    struct Operation;
    struct Slot;
    Slot& slot();

    std::vector<std::string> m_names;
    std::array<std::unique_ptr<Slot>, kSlots> m_slots;
    std::vector<std::function<std::string()>> m_sources;
};

} // namespace musubi::http
