#include "lib/tlog/merkle.h"

#include <bit>
#include <cassert>
#include <cstring>
#include <string>

namespace musubi::tlog {
namespace {

// The root of leaves [begin, end). In every split of RFC 6962 the left part is complete, so each range that is a power
// of two long is one complete subtree.
Hash range_hash(uint64_t begin, uint64_t end, const HashSource& source) {
    const uint64_t count = end - begin;
    if (std::has_single_bit(count)) {
        const auto level = static_cast<unsigned>(std::countr_zero(count));
        return source({level, begin >> level});
    }
    const uint64_t left = std::bit_floor(count);
    return node_hash(range_hash(begin, begin + left, source), range_hash(begin + left, end, source));
}

uint64_t left_part(uint64_t count) { // the largest power of two below count; count > 1
    return std::bit_floor(count - 1);
}

void add_path(uint64_t index, uint64_t begin, uint64_t end, const HashSource& source, std::vector<Hash>& out) {
    if (end - begin == 1) return;
    const uint64_t middle = begin + left_part(end - begin);
    if (index < middle) {
        add_path(index, begin, middle, source, out);
        out.push_back(range_hash(middle, end, source));
    } else {
        add_path(index, middle, end, source, out);
        out.push_back(range_hash(begin, middle, source));
    }
}

// SUBPROOF(m, D[n], b) of RFC 6962 section 2.1.2.
void add_subproof(uint64_t first, uint64_t begin, uint64_t end, bool whole, const HashSource& source,
                  std::vector<Hash>& out) {
    if (first == end) {
        if (!whole) out.push_back(range_hash(begin, end, source));
        return;
    }
    const uint64_t middle = begin + left_part(end - begin);
    if (first <= middle) {
        add_subproof(first, begin, middle, whole, source, out);
        out.push_back(range_hash(middle, end, source));
    } else {
        add_subproof(first, middle, end, false, source, out);
        out.push_back(range_hash(begin, middle, source));
    }
}

} // namespace

Hash leaf_hash(std::string_view leaf) {
    std::string bytes(1, '\0');
    bytes += leaf;
    return crypto::sha256_bytes(bytes);
}

Hash node_hash(const Hash& left, const Hash& right) {
    char bytes[65];
    bytes[0] = 1;
    std::memcpy(bytes + 1, left.data(), 32);
    std::memcpy(bytes + 33, right.data(), 32);
    return crypto::sha256_bytes({bytes, sizeof bytes});
}

Hash empty_root() { return crypto::sha256_bytes({}); }

Hash hash_from(std::string_view bytes, size_t at) {
    assert(bytes.size() >= at + 32);
    Hash out;
    std::memcpy(out.data(), bytes.data() + at, out.size());
    return out;
}

Hash root_hash(uint64_t size, const HashSource& source) {
    return size == 0 ? empty_root() : range_hash(0, size, source);
}

std::vector<Hash> inclusion_proof(uint64_t index, uint64_t size, const HashSource& source) {
    assert(index < size);
    std::vector<Hash> out;
    add_path(index, 0, size, source, out);
    return out;
}

std::vector<Hash> consistency_proof(uint64_t first, uint64_t second, const HashSource& source) {
    assert(first <= second);
    std::vector<Hash> out;
    if (first != 0 && first != second) add_subproof(first, 0, second, true, source, out);
    return out;
}

bool verify_inclusion(const Hash& leaf, uint64_t index, uint64_t size, const std::vector<Hash>& proof,
                      const Hash& root) {
    if (index >= size) return false;
    uint64_t at = index;
    uint64_t last = size - 1;
    Hash hash = leaf;
    for (const Hash& sibling : proof) {
        if (last == 0) return false;
        if ((at & 1) != 0 || at == last) {
            hash = node_hash(sibling, hash);
            while ((at & 1) == 0 && at != 0) {
                at >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(hash, sibling);
        }
        at >>= 1;
        last >>= 1;
    }
    return last == 0 && hash == root;
}

bool verify_consistency(uint64_t first, const Hash& first_root, uint64_t second, const Hash& second_root,
                        const std::vector<Hash>& proof) {
    if (first > second) return false;
    if (first == second) return proof.empty() && first_root == second_root;
    if (first == 0) return proof.empty() && first_root == empty_root();
    auto next = proof.begin();
    Hash seed = first_root;
    if (!std::has_single_bit(first)) {
        if (next == proof.end()) return false;
        seed = *next++;
    }
    uint64_t at = first - 1;
    uint64_t last = second - 1;
    while ((at & 1) != 0) {
        at >>= 1;
        last >>= 1;
    }
    Hash old_hash = seed;
    Hash new_hash = seed;
    for (; next != proof.end(); ++next) {
        if (last == 0) return false;
        if ((at & 1) != 0 || at == last) {
            old_hash = node_hash(*next, old_hash);
            new_hash = node_hash(*next, new_hash);
            while ((at & 1) == 0 && at != 0) {
                at >>= 1;
                last >>= 1;
            }
        } else {
            new_hash = node_hash(new_hash, *next);
        }
        at >>= 1;
        last >>= 1;
    }
    return last == 0 && old_hash == first_root && new_hash == second_root;
}

} // namespace musubi::tlog
