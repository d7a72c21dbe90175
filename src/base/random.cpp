#include "base/random.h"

#include "base/encoding.h"

#include <cstdlib>
#include <cstring>
#include <sys/random.h>

namespace musubi::base {

uint64_t Random::below(uint64_t bound) {
    // Rejection keeps the distribution flat: values past the last whole multiple of `bound` are drawn again.
    const uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
    uint64_t value = 0;
    do {
        uint8_t raw[8];
        fill(raw);
        std::memcpy(&value, raw, sizeof value);
    } while (value >= limit);
    return value % bound;
}

std::string Random::bytes(size_t count) {
    std::string out(count, '\0');
    fill({reinterpret_cast<uint8_t*>(out.data()), count});
    return out;
}

std::string Random::token(size_t count) { return base64url_encode(bytes(count)); }

std::string Random::digits(size_t count) {
    std::string out;
    out.reserve(count);
    for (size_t i = 0; i < count; ++i) out.push_back(static_cast<char>('0' + below(10)));
    return out;
}

namespace {

class SystemRandom final : public Random {
  public:
    void fill(std::span<uint8_t> out) override {
        size_t done = 0;
        while (done < out.size()) {
            const ssize_t got = getrandom(out.data() + done, out.size() - done, 0);
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) std::abort();
            done += static_cast<size_t>(got);
        }
    }
};

uint64_t rotate_left(uint64_t value, int by) { return (value << by) | (value >> (64 - by)); }

} // namespace

Random& system_random() {
    static SystemRandom instance;
    return instance;
}

SeededRandom::SeededRandom(uint64_t seed) {
    // splitmix64 spreads a small seed over the whole state, as the authors of xoshiro advise.
    for (auto& word : m_state) {
        seed += 0x9E3779B97F4A7C15ULL;
        uint64_t z = seed;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
        word = z ^ (z >> 31);
    }
}

uint64_t SeededRandom::next() {
    const uint64_t result = rotate_left(m_state[1] * 5, 7) * 9;
    const uint64_t shifted = m_state[1] << 17;
    m_state[2] ^= m_state[0];
    m_state[3] ^= m_state[1];
    m_state[1] ^= m_state[2];
    m_state[0] ^= m_state[3];
    m_state[2] ^= shifted;
    m_state[3] = rotate_left(m_state[3], 45);
    return result;
}

void SeededRandom::fill(std::span<uint8_t> out) {
    for (size_t at = 0; at < out.size(); at += 8) {
        const uint64_t word = next();
        std::memcpy(out.data() + at, &word, std::min<size_t>(8, out.size() - at));
    }
}

} // namespace musubi::base
