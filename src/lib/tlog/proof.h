// Proofs that verify offline (C2SP tlog-proof) and a witness's request (C2SP tlog-witness).
#pragma once

#include "lib/tlog/note.h"

namespace musubi::tlog {

struct Proof {
    std::string extra; // opaque, not authenticated
    uint64_t index = 0;
    std::vector<Hash> path;
    Note checkpoint;
    std::string to_string() const;
};
/// At most 64 KiB, 64 hashes; "tlog.proof-malformed".
base::Result<Proof> parse_proof(std::string_view text);

/// Signed by `log`, of its origin, and the leaf lies at the index. "tlog.origin-unknown", "tlog.signature-wrong",
/// "tlog.proof-wrong". Answers the checkpoint.
base::Result<Checkpoint> verify_proof(const Proof& proof, const Hash& leaf, const VerifierKey& log,
                                      std::string_view origin);

/// The body of a POST to a witness's add-checkpoint.
struct AddCheckpoint {
    uint64_t old_size = 0;
    std::vector<Hash> consistency;
    Note checkpoint;
    std::string to_string() const;
};
/// "tlog.request-malformed".
base::Result<AddCheckpoint> parse_add_checkpoint(std::string_view body);

} // namespace musubi::tlog
