// The transparency log over the audit record: entries are written in their caller's transaction as ever, and a moment
// later numbered, committed to and integrated into a Merkle tree by one node at a time, so that callers never wait for
// one another. Formats: C2SP tlog-tiles, tlog-checkpoint, tlog-proof; leaves and histories: leaf.h, history.h.
#pragma once

#include "core/audit/audit.h"
#include "core/audit/history.h"
#include "lib/tlog/note.h"
#include "lib/tlog/proof.h"

namespace musubi::audit {

class Log {
  public:
    /// The signer's name is the log's origin.
    Log(db::Database& database, base::Random& random, tlog::Signer signer)
        : m_database(database), m_random(random), m_signer(std::move(signer)) {}

    const tlog::VerifierKey& key() const { return m_signer.verifier(); }
    const std::string& origin() const { return key().name; }

    /// Integrates what has been committed since, at most `limit` entries; how many. Call it again until it says 0.
    base::Task<int> sequence(base::Instant now, int limit = 4096);

    /// Puts an index of all series into the log when something was added since the last one. It reads every series: run
    /// it on a pool for blocking work.
    base::Task<bool> make_index(base::Instant now);

    /// Opens entries whose seal has run out and says so in the person's own series; how many.
    base::Task<int> open_seals(base::Instant now);

  private:
    db::Database& m_database;
    base::Random& m_random;
    tlog::Signer m_signer;
};

/// The newest signed checkpoint; "log.empty" (NotFound).
base::Task<base::Result<std::string>> checkpoint(db::ReadTx& tx);
/// A tile or bundle by its path below the log's address; "log.tile-not-found".
base::Task<base::Result<std::string>> tile(db::ReadTx& tx, std::string_view path);

/// A tlog-proof of one entry with what it commits to, as verify_entry_proof reads it. "log.entry-not-found" (also for
/// another person's and for sealed ones), "log.entry-not-integrated" (Conflict: a moment later it is).
base::Task<base::Result<std::string>> entry_proof(db::ReadTx& tx, base::PersonId person, EntryId id);
/// The same by series, for receipts: its `number`-th entry.
base::Task<base::Result<std::string>> entry_proof(db::ReadTx& tx, std::string series, uint64_t number);

/// Everything in the series up to the last index, or that there is nothing. "log.not-indexed" (Conflict) before the
/// first index.
base::Task<base::Result<History>> history_of_person(db::ReadTx& tx, base::PersonId person);
/// A series that does not exist yet is given its key, so that its absence can be shown.
base::Task<base::Result<History>> history_of_series(db::WriteTx& tx, base::Random& random, std::string series);

/// Proof that the tree of `second` leaves begins with the one of `first`.
base::Task<std::vector<tlog::Hash>> consistency(db::ReadTx& tx, uint64_t first, uint64_t second);

/// Keeps a witness's signature with the checkpoint it is for. False when that checkpoint is not ours (any more).
base::Task<bool> add_cosignature(db::WriteTx& tx, const tlog::Checkpoint& checkpoint,
                                 const tlog::NoteSignature& signature);

} // namespace musubi::audit
