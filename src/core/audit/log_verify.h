// Checks everything the database holds of the log against itself, against its signatures, and against a checkpoint that
// somebody else has kept.
#pragma once

#include "core/audit/log.h"

namespace musubi::audit {

struct LogReport {
    uint64_t size = 0; // leaves
    uint64_t entries = 0;
    uint64_t erased = 0;
    uint64_t series = 0;
    uint64_t checkpoints = 0;
    uint64_t pending = 0; // entries not integrated yet
    std::vector<std::string> problems;
    bool more_problems = false; // than are listed
};

/// How long before its integration an entry may say it happened: the log stood still that long at most.
inline constexpr base::Duration kLatestIntegration = std::chrono::hours(1);

/// Every leaf, tile, checkpoint, commitment, number and the last index. `kept`: a checkpoint from elsewhere.
base::Task<LogReport> verify_log(db::ReadTx& tx, const tlog::VerifierKey& key, std::optional<tlog::Note> kept = {});

} // namespace musubi::audit
