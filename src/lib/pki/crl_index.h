// Revocation lists kept on disk: ten million entries in some fifty megabytes, mapped into memory, found in two or three
// cache misses, and there again the moment a server restarts.
//
// A list is read as it arrives (crl_reader.h), its entries are sorted through files without names, and only when the
// authority's signature has been verified over all of it does a finished, synchronised file take the place of its
// predecessor by one rename. A crash at any instant leaves the old list or the new one, never half of one.
//
// File: one header of 4096 bytes, which ends with the SHA-256 of what precedes it and holds the SHA-256 of every
// section; then for each of two tables (serial numbers up to 8 bytes, longer ones) a directory, keys and details. The
// directory cuts the range of serial numbers into equal buckets of sixteen entries on average; a key holds only what
// the bucket does not say already; a detail packs second and reason into 32 bits while the list spans fifteen years.
#pragma once

#include "lib/pki/crl.h"
#include "lib/pki/crl_reader.h"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace musubi::pki {

class RevocationIndex final : public RevocationSet {
  public:
    /// Maps a finished file and checks every digest. "crl.index-unreadable", "crl.index-damaged".
    static base::Result<std::shared_ptr<const RevocationIndex>> open(const std::string& path);
    ~RevocationIndex() override;
    RevocationIndex(const RevocationIndex&) = delete;
    RevocationIndex& operator=(const RevocationIndex&) = delete;

    /// Throws std::runtime_error if the mapped file was damaged after it was opened.
    std::optional<RevokedEntry> find(const SerialNumber& serial) const override;
    size_t size() const override;
    const std::string& authority_key_identifier() const { return m_authority_key_identifier; }
    /// Bytes of the file.
    size_t file_size() const { return m_size; }

  private:
    friend class RevocationIngest;
    struct Impl;
    RevocationIndex() = default;
    enum class Digests { Check, FreshlyWritten };
    static base::Result<std::shared_ptr<const RevocationIndex>> map(const std::string& path, Digests digests);
    const uint8_t* m_bytes = nullptr;
    size_t m_size = 0;
    std::string m_authority_key_identifier;
};

/// One list on its way in.
class RevocationIngest {
  public:
    ~RevocationIngest();
    RevocationIngest(RevocationIngest&&) noexcept;

    /// Errors of RevocationListReader::feed.
    base::Status feed(std::string_view piece);
    /// Verified against the trust store, durable, in its place and mapped. Refused like RevocationLists::add; a disk
    /// that does not take it is Check::RevocationUnknown with the reason in `found`.
    Verdict<std::shared_ptr<const RevocationIndex>> finish();

  private:
    friend class RevocationFolder;
    struct State;
    explicit RevocationIngest(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

/// The folder of one server's lists; one program at a time works in it.
class RevocationFolder {
  public:
    /// Makes the folder (0700) and clears away what an interrupted ingest left. "crl.folder-unusable".
    static base::Result<RevocationFolder> open(std::string path);

    struct Content {
        std::vector<std::shared_ptr<const RevocationIndex>> lists; // of authorities in the store
        std::vector<std::string> damaged;                          // file names
    };
    /// Everything that is there and whole.
    Content load(const TrustStore& store) const;
    /// The list that stood before the present one in the same place, for the daily difference; null if there is none.
    std::shared_ptr<const RevocationIndex> previous(std::string_view authority_key_identifier,
                                                    std::string_view distribution_point) const;
    /// `store` must outlive the ingest. Of more entries than `entries_in_memory` (16 bytes each) the rest waits on
    /// disk.
    RevocationIngest begin(const TrustStore& store, size_t entries_in_memory = size_t{1} << 20) const;

    const std::string& path() const { return m_path; }

  private:
    explicit RevocationFolder(std::string path) : m_path(std::move(path)) {}
    std::string m_path;
};

/// What became of one of our own certificates between two lists.
struct RevocationChange {
    size_t which; // position in `registered`
    enum class Kind {
        Revoked, // was not listed, or only held; is listed now
        Held,    // certificateHold
        Lifted,  // was listed and is no longer
        Changed, // still listed, with another reason or time
    } kind;
    RevokedEntry entry; // as the newer list has it; for Lifted as the older one had it
};
/// Yesterday's list (null: none) and today's, intersected with certificates this city knows. Fast when `registered` is
/// sorted; right in any order.
std::vector<RevocationChange> difference(const RevocationSet* before, const RevocationSet& after,
                                         std::span<const SerialNumber> registered);

} // namespace musubi::pki
