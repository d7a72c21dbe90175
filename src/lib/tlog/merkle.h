// The Merkle tree of Certificate Transparency (RFC 6962 section 2.1, RFC 9162 section 2.1) over SHA-256.
#pragma once

#include "lib/crypto/digest.h"

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace musubi::tlog {

using Hash = crypto::Sha256Bytes;

Hash leaf_hash(std::string_view leaf); // SHA-256(0x00 ‖ leaf)
Hash node_hash(const Hash& left, const Hash& right);
Hash empty_root(); // of a tree without leaves

inline std::string_view bytes_of(const Hash& hash) { return {reinterpret_cast<const char*>(hash.data()), hash.size()}; }
/// `bytes` holds at least 32 from `at`.
Hash hash_from(std::string_view bytes, size_t at = 0);

/// A complete subtree: leaves [index · 2^level, (index + 1) · 2^level).
struct Node {
    unsigned level = 0;
    uint64_t index = 0;
    friend auto operator<=>(const Node&, const Node&) = default;
};
/// Gives the hash of a complete subtree. The functions below ask only for subtrees that lie inside `size`, and always
/// for the same ones, so that a first run may collect what to load and a second one answer.
using HashSource = std::function<Hash(const Node&)>;

Hash root_hash(uint64_t size, const HashSource& source);
/// From the leaf's sibling up to the root's child (RFC 6962 section 2.1.1); `index` < `size`.
std::vector<Hash> inclusion_proof(uint64_t index, uint64_t size, const HashSource& source);
/// RFC 6962 section 2.1.2; `first` <= `second`. Empty when `first` is 0 or equal to `second`.
std::vector<Hash> consistency_proof(uint64_t first, uint64_t second, const HashSource& source);

/// RFC 9162 section 2.1.3.2.
bool verify_inclusion(const Hash& leaf, uint64_t index, uint64_t size, const std::vector<Hash>& proof,
                      const Hash& root);
/// RFC 9162 section 2.1.4.2. A tree of size 0 is consistent with every tree, by an empty proof.
bool verify_consistency(uint64_t first, const Hash& first_root, uint64_t second, const Hash& second_root,
                        const std::vector<Hash>& proof);

} // namespace musubi::tlog
