#include "lib/http/rate_limit.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cmath>
#include <cstring>
#include <string>

namespace musubi::http {

namespace {

uint64_t keyed_hash(uint64_t seed, std::string_view route, std::string_view key) {
    uint64_t hash = seed;
    const auto mix = [&hash](uint64_t word) {
        const auto product = static_cast<unsigned __int128>(hash ^ word) * 0x9E3779B97F4A7C15;
        hash = static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
    };
    for (const auto part : {route, key}) {
        for (size_t at = 0; at < part.size(); at += 8) {
            uint64_t word = 0;
            std::memcpy(&word, part.data() + at, std::min<size_t>(8, part.size() - at));
            mix(word);
        }
        mix(part.size());
    }
    return hash;
}

} // namespace

RateLimiter::RateLimiter(base::Random& random, size_t most_keys)
    : m_most_per_shard(std::max<size_t>(1, most_keys / kShards)) {
    random.fill({reinterpret_cast<uint8_t*>(&m_seed), sizeof m_seed});
}

std::optional<base::Duration> RateLimiter::take(std::string_view route, std::string_view key, int count,
                                                base::Duration window, base::Instant now) {
    const uint64_t hash = keyed_hash(m_seed, route, key);
    const double milliseconds_per_token = static_cast<double>(window.count()) / count;
    Shard& shard = m_shards[hash % kShards];
    const std::lock_guard lock(shard.mutex);
    auto found = shard.buckets.find(hash);
    if (found == shard.buckets.end()) {
        if (shard.buckets.size() >= m_most_per_shard) make_room(shard, now);
        found = shard.buckets.emplace(hash, Bucket{static_cast<double>(count), now, now}).first;
    }
    Bucket& bucket = found->second;
    const double passed = static_cast<double>(std::max<int64_t>(0, (now - bucket.at).count()));
    bucket.tokens = std::min<double>(count, bucket.tokens + passed / milliseconds_per_token);
    bucket.at = now;
    std::optional<base::Duration> wait;
    if (bucket.tokens >= 1) {
        bucket.tokens -= 1;
    } else {
        wait = base::Duration(static_cast<int64_t>(std::ceil((1 - bucket.tokens) * milliseconds_per_token)));
    }
    bucket.full_at = now + base::Duration(static_cast<int64_t>((count - bucket.tokens) * milliseconds_per_token));
    return wait;
}

void RateLimiter::make_room(Shard& shard, base::Instant now) const {
    std::erase_if(shard.buckets, [now](const auto& entry) { return entry.second.full_at <= now; });
    // A flood of addresses must neither grow memory nor lock everyone else out.
    while (shard.buckets.size() >= m_most_per_shard) shard.buckets.erase(shard.buckets.begin());
}

std::string network_of(std::string_view address) {
    in6_addr bytes{};
    if (address.find(':') == std::string_view::npos || inet_pton(AF_INET6, std::string(address).c_str(), &bytes) != 1)
        return std::string(address);
    if (IN6_IS_ADDR_V4MAPPED(&bytes)) return std::string(address.substr(address.rfind(':') + 1));
    std::memset(bytes.s6_addr + 8, 0, 8);
    char text[INET6_ADDRSTRLEN];
    return std::string(inet_ntop(AF_INET6, &bytes, text, sizeof text)) + "/64";
}

} // namespace musubi::http
