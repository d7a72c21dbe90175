#include "lib/tlog/note.h"

#include "base/encoding.h"

#include <charconv>
#include <optional>
#include <stdexcept>

namespace musubi::tlog {
namespace {

constexpr size_t kMaxNote = 64 * 1024;
constexpr size_t kMaxSignatures = 64;
constexpr std::string_view kDash = "\xE2\x80\x94 "; // "— "

base::Error malformed_note() { return base::invalid("tlog.note-malformed"); }

// Not empty, no white space, no plus sign (signed-note, "key name").
bool good_name(std::string_view name) {
    if (name.empty() || name.size() > 255 || !base::valid_utf8(name)) return false;
    for (const char c : name)
        if (static_cast<uint8_t>(c) <= 0x20 || c == 0x7f || c == '+') return false;
    return true;
}

std::string cosigned_message(std::string_view text, uint64_t seconds) {
    return "cosignature/v1\ntime " + std::to_string(seconds) + "\n" + std::string(text);
}

std::string big_endian(uint64_t value) {
    std::string out;
    for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(value >> shift));
    return out;
}

base::Result<NoteSignature> parse_line(std::string_view line) {
    if (!line.starts_with(kDash)) return malformed_note();
    line.remove_prefix(kDash.size());
    const size_t space = line.find(' ');
    if (space == std::string_view::npos) return malformed_note();
    NoteSignature out;
    out.name = line.substr(0, space);
    const auto bytes = base::base64_decode(line.substr(space + 1));
    if (!good_name(out.name) || !bytes || bytes->size() < 5) return malformed_note();
    out.key_id = bytes->substr(0, 4);
    out.bytes = bytes->substr(4);
    return out;
}

} // namespace

std::string NoteSignature::line() const {
    return std::string(kDash) + name + " " + base::base64_encode(key_id + bytes) + "\n";
}

std::string Note::to_string() const {
    std::string out = text + "\n";
    for (const NoteSignature& signature : signatures) out += signature.line();
    return out;
}

base::Result<std::vector<NoteSignature>> parse_signatures(std::string_view lines) {
    if (lines.size() > kMaxNote || !lines.ends_with('\n')) return malformed_note();
    std::vector<NoteSignature> out;
    while (!lines.empty()) {
        if (out.size() == kMaxSignatures) return malformed_note();
        const size_t end = lines.find('\n');
        MUSUBI_TRY(auto signature, parse_line(lines.substr(0, end)));
        out.push_back(std::move(signature));
        lines.remove_prefix(end + 1);
    }
    return out;
}

base::Result<Note> parse_note(std::string_view note) {
    if (note.size() > kMaxNote || !base::valid_utf8(note)) return malformed_note();
    for (const char c : note)
        if (static_cast<uint8_t>(c) < 0x20 && c != '\n') return malformed_note();
    const size_t split = note.rfind("\n\n");
    if (split == std::string_view::npos) return malformed_note();
    Note out;
    out.text = note.substr(0, split + 1);
    MUSUBI_TRY(out.signatures, parse_signatures(note.substr(split + 2)));
    return out;
}

std::string VerifierKey::key_id() const {
    return crypto::sha256(name + "\n" + static_cast<char>(type) + key).substr(0, 4);
}

std::string VerifierKey::to_string() const {
    return name + "+" + base::hex_encode(key_id()) + "+" + base::base64_encode(static_cast<char>(type) + key);
}

base::Result<VerifierKey> parse_verifier_key(std::string_view text) {
    const auto malformed = base::invalid("tlog.key-malformed");
    const size_t first = text.find('+');
    const size_t second = first == std::string_view::npos ? first : text.find('+', first + 1);
    if (second == std::string_view::npos || text.size() > 512) return malformed;
    const auto bytes = base::base64_decode(text.substr(second + 1));
    if (!bytes || bytes->size() != 33) return malformed;
    const auto type = static_cast<KeyType>((*bytes)[0]);
    if (type != KeyType::Note && type != KeyType::Cosignature) return malformed;
    VerifierKey out{std::string(text.substr(0, first)), type, bytes->substr(1)};
    if (!good_name(out.name) || base::hex_encode(out.key_id()) != text.substr(first + 1, second - first - 1))
        return malformed;
    return out;
}

Signer::Signer(std::string name, KeyType type, crypto::Ed25519PrivateKey key)
    : m_verifier{std::move(name), type, key.public_key()}, m_key(std::move(key)) {
    if (!good_name(m_verifier.name)) throw std::logic_error("a note's key needs a name without spaces and plus signs");
}

NoteSignature Signer::sign(std::string_view text) const {
    if (m_verifier.type != KeyType::Note) throw std::logic_error("this key signs cosignatures");
    return {m_verifier.name, m_verifier.key_id(), m_key.sign(text)};
}

NoteSignature Signer::cosign(std::string_view text, base::Instant at) const {
    if (m_verifier.type != KeyType::Cosignature) throw std::logic_error("this key signs notes");
    const auto seconds = static_cast<uint64_t>(at.seconds());
    return {m_verifier.name, m_verifier.key_id(), big_endian(seconds) + m_key.sign(cosigned_message(text, seconds))};
}

bool verify_note(const Note& note, const VerifierKey& key) {
    if (key.type == KeyType::Cosignature) return cosigned_at(note, key).has_value();
    const std::string id = key.key_id();
    for (const NoteSignature& signature : note.signatures)
        if (signature.name == key.name && signature.key_id == id)
            return crypto::ed25519_verify(key.key, note.text, signature.bytes);
    return false;
}

std::optional<base::Instant> cosigned_at(const Note& note, const VerifierKey& key) {
    if (key.type != KeyType::Cosignature) return std::nullopt;
    const std::string id = key.key_id();
    for (const NoteSignature& signature : note.signatures) {
        if (signature.name != key.name || signature.key_id != id) continue;
        if (signature.bytes.size() != 72) return std::nullopt;
        uint64_t seconds = 0;
        for (int i = 0; i < 8; ++i)
            seconds = seconds << 8 | static_cast<uint8_t>(signature.bytes[static_cast<size_t>(i)]);
        if (seconds > uint64_t{1} << 40) return std::nullopt; // far beyond any clock, and milliseconds still fit
        if (!crypto::ed25519_verify(key.key, cosigned_message(note.text, seconds), signature.bytes.substr(8)))
            return std::nullopt;
        return base::Instant::from_milliseconds(static_cast<int64_t>(seconds) * 1000);
    }
    return std::nullopt;
}

std::optional<uint64_t> parse_decimal(std::string_view text) {
    uint64_t value = 0;
    if (text.empty() || text.size() > 19 || (text.size() > 1 && text[0] == '0')) return std::nullopt;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<Hash> parse_hash(std::string_view text) {
    const auto bytes = base::base64_decode(text);
    if (!bytes || bytes->size() != 32) return std::nullopt;
    return hash_from(*bytes);
}

std::string hash_text(const Hash& hash) { return base::base64_encode(bytes_of(hash)); }

std::string Checkpoint::text() const {
    std::string out = origin + "\n" + std::to_string(size) + "\n" + hash_text(root) + "\n";
    for (const std::string& line : extensions) out += line + "\n";
    return out;
}

base::Result<Checkpoint> parse_checkpoint(std::string_view text) {
    const auto malformed = base::invalid("tlog.checkpoint-malformed");
    if (!text.ends_with('\n')) return malformed;
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const size_t end = text.find('\n');
        lines.push_back(text.substr(0, end));
        if (lines.back().empty() || lines.size() > 32) return malformed;
        text.remove_prefix(end + 1);
    }
    if (lines.size() < 3) return malformed;
    const auto size = parse_decimal(lines[1]);
    const auto root = parse_hash(lines[2]);
    if (!size || !root) return malformed;
    Checkpoint out;
    out.origin = lines[0];
    out.size = *size;
    out.root = *root;
    out.extensions.assign(lines.begin() + 3, lines.end());
    return out;
}

} // namespace musubi::tlog
