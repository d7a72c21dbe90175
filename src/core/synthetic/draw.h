// Private to core/synthetic: random draws that are the same on every machine.
#pragma once

#include "base/random.h"

#include <cmath>
#include <string>
#include <string_view>

namespace musubi::synthetic {

class Draw {
  public:
    Draw(uint64_t seed, std::string_view subject) : m_random(mixed(seed, subject)) {}

    double uniform() { return static_cast<double>(m_random.next() >> 11) * 0x1.0p-53; }
    /// Twelve uniforms (Irwin–Hall): near enough to a normal distribution, and free of library functions.
    double normal() {
        double sum = -6;
        for (int i = 0; i < 12; ++i) sum += uniform();
        return sum;
    }
    bool chance(double probability) { return uniform() < probability; }
    int between(int least, int most) {
        return least + static_cast<int>(m_random.below(static_cast<uint64_t>(most - least + 1)));
    }
    base::SeededRandom& random() { return m_random; }

  private:
    /// FNV-1a over the subject, so that each person's draw is independent of the order in which people are made.
    static uint64_t mixed(uint64_t seed, std::string_view subject) {
        uint64_t hash = 0xcbf29ce484222325ULL ^ seed;
        for (const char c : subject) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
        return hash;
    }
    base::SeededRandom m_random;
};

} // namespace musubi::synthetic
