// Token buckets per route and key, in memory and bounded; each node counts for itself.
#pragma once

#include "base/random.h"
#include "base/time.h"

#include <array>
#include <mutex>
#include <optional>
#include <string_view>
#include <unordered_map>

namespace musubi::http {

class RateLimiter {
  public:
    explicit RateLimiter(base::Random& random, size_t most_keys = 1 << 18);

    /// Takes one of `count` tokens that refill evenly over `window`. When none is left: the time until the next.
    std::optional<base::Duration> take(std::string_view route, std::string_view key, int count, base::Duration window,
                                       base::Instant now);

  private:
    struct Bucket {
        double tokens;
        base::Instant at;
        base::Instant full_at; // from then on it says nothing and may be forgotten
    };
    struct Shard {
        std::mutex mutex;
        std::unordered_map<uint64_t, Bucket> buckets;
    };
    static constexpr size_t kShards = 16;

    void make_room(Shard& shard, base::Instant now) const;

    uint64_t m_seed; // so that nobody can choose addresses that share a bucket
    size_t m_most_per_shard;
    std::array<Shard, kShards> m_shards;
};

/// What stands for a client in limits: the IPv4 address, or the /64 network of an IPv6 address, as one subscriber
/// usually holds at least that.
std::string network_of(std::string_view address);

} // namespace musubi::http
