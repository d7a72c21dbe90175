// Signed notes, checkpoints and cosignatures (C2SP signed-note, tlog-checkpoint, tlog-cosignature), with Ed25519.
#pragma once

#include "base/result.h"
#include "base/time.h"
#include "lib/crypto/ed25519.h"
#include "lib/tlog/merkle.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace musubi::tlog {

/// "— name base64(key id ‖ bytes)": one line under a note.
struct NoteSignature {
    std::string name;
    std::string key_id; // 4 bytes
    std::string bytes;
    std::string line() const; // with its newline
};

struct Note {
    std::string text; // ends with a newline
    std::vector<NoteSignature> signatures;
    std::string to_string() const;
};
/// At most 64 KiB and 64 signatures; "tlog.note-malformed".
base::Result<Note> parse_note(std::string_view note);
/// Lines alone, as a witness answers. "tlog.note-malformed".
base::Result<std::vector<NoteSignature>> parse_signatures(std::string_view lines);

/// The type byte of a key, which also says what it signs.
enum class KeyType : uint8_t {
    Note = 0x01,        // the text
    Cosignature = 0x04, // "cosignature/v1\ntime N\n" and the text
};

/// A public key with its name: "name+key id+base64(type ‖ key)".
struct VerifierKey {
    std::string name;
    KeyType type = KeyType::Note;
    std::string key; // 32 bytes
    std::string key_id() const;
    std::string to_string() const;
};
/// "tlog.key-malformed", also when the key id is not that of name and key.
base::Result<VerifierKey> parse_verifier_key(std::string_view text);

class Signer {
  public:
    Signer(std::string name, KeyType type, crypto::Ed25519PrivateKey key);
    const VerifierKey& verifier() const { return m_verifier; }
    /// A key of type Note.
    NoteSignature sign(std::string_view text) const;
    /// A key of type Cosignature.
    NoteSignature cosign(std::string_view text, base::Instant at) const;

  private:
    VerifierKey m_verifier;
    crypto::Ed25519PrivateKey m_key;
};

/// Whether one of the note's signatures is this key's and good; signatures of other keys are passed over.
bool verify_note(const Note& note, const VerifierKey& key);
/// When this key cosigned the note, in whole seconds; nothing if it did not.
std::optional<base::Instant> cosigned_at(const Note& note, const VerifierKey& key);

struct Checkpoint {
    std::string origin;
    uint64_t size = 0;
    Hash root{};
    std::vector<std::string> extensions; // further lines, not empty
    std::string text() const;            // what is signed
};
/// The text of a note. "tlog.checkpoint-malformed".
base::Result<Checkpoint> parse_checkpoint(std::string_view text);

/// A decimal number without leading zeros, as all these formats write them.
std::optional<uint64_t> parse_decimal(std::string_view text);
/// 32 bytes as base64.
std::optional<Hash> parse_hash(std::string_view text);
std::string hash_text(const Hash& hash);

} // namespace musubi::tlog
