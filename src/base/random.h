// Randomness is an argument: production passes the kernel's generator, tests and the demo city a seeded one.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace musubi::base {

class Random {
  public:
    virtual ~Random() = default;
    virtual void fill(std::span<uint8_t> out) = 0;

    /// Uniform in [0, bound); bound > 0.
    uint64_t below(uint64_t bound);
    std::string bytes(size_t count);
    /// `count` random bytes as base64url without padding (RFC 4648 section 5): 32 bytes give 43 characters.
    std::string token(size_t count = 32);
    /// Decimal digits, leading zeros kept: one-time passcodes.
    std::string digits(size_t count);
};

/// getrandom(2). Aborts the process if the kernel refuses, because nothing safe can follow.
Random& system_random();

/// xoshiro256**: reproducible, for synthetic data and tests only. Never for keys, tokens or ids in production.
class SeededRandom final : public Random {
  public:
    explicit SeededRandom(uint64_t seed);
    void fill(std::span<uint8_t> out) override;
    uint64_t next();

  private:
    uint64_t m_state[4];
};

} // namespace musubi::base
