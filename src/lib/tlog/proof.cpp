#include "lib/tlog/proof.h"

#include "base/encoding.h"

namespace musubi::tlog {
namespace {

constexpr size_t kMaxText = 128 * 1024;
constexpr size_t kMaxHashes = 63;
constexpr std::string_view kHeader = "c2sp.org/tlog-proof@v1";

/// The next line without its newline; nothing when there is no whole line left.
std::optional<std::string_view> take_line(std::string_view& rest) {
    const size_t end = rest.find('\n');
    if (end == std::string_view::npos) return std::nullopt;
    const auto line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    return line;
}

/// Hashes up to and with the empty line.
std::optional<std::vector<Hash>> take_hashes(std::string_view& rest) {
    std::vector<Hash> out;
    for (;;) {
        const auto line = take_line(rest);
        if (!line) return std::nullopt;
        if (line->empty()) return out;
        const auto hash = parse_hash(*line);
        if (!hash || out.size() == kMaxHashes) return std::nullopt;
        out.push_back(*hash);
    }
}

std::string hash_lines(const std::vector<Hash>& hashes) {
    std::string out;
    for (const Hash& hash : hashes) out += hash_text(hash) + "\n";
    return out + "\n";
}

} // namespace

std::string Proof::to_string() const {
    std::string out = std::string(kHeader) + "\n";
    if (!extra.empty()) out += "extra " + base::base64_encode(extra) + "\n";
    out += "index " + std::to_string(index) + "\n";
    return out + hash_lines(path) + checkpoint.to_string();
}

base::Result<Proof> parse_proof(std::string_view text) {
    const auto malformed = base::invalid("tlog.proof-malformed");
    if (text.size() > kMaxText) return malformed;
    Proof out;
    if (take_line(text) != kHeader) return malformed;
    auto line = take_line(text);
    if (line && line->starts_with("extra ")) {
        auto extra = base::base64_decode(line->substr(6));
        if (!extra || extra->empty()) return malformed;
        out.extra = std::move(*extra);
        line = take_line(text);
    }
    if (!line || !line->starts_with("index ")) return malformed;
    const auto index = parse_decimal(line->substr(6));
    auto path = take_hashes(text);
    if (!index || !path) return malformed;
    out.index = *index;
    out.path = std::move(*path);
    auto checkpoint = parse_note(text);
    if (!checkpoint) return malformed;
    out.checkpoint = std::move(*checkpoint);
    return out;
}

base::Result<Checkpoint> verify_proof(const Proof& proof, const Hash& leaf, const VerifierKey& log,
                                      std::string_view origin) {
    MUSUBI_TRY(auto checkpoint, parse_checkpoint(proof.checkpoint.text));
    if (checkpoint.origin != origin) return base::invalid("tlog.origin-unknown");
    if (!verify_note(proof.checkpoint, log)) return base::invalid("tlog.signature-wrong");
    if (!verify_inclusion(leaf, proof.index, checkpoint.size, proof.path, checkpoint.root))
        return base::invalid("tlog.proof-wrong");
    return checkpoint;
}

std::string AddCheckpoint::to_string() const {
    return "old " + std::to_string(old_size) + "\n" + hash_lines(consistency) + checkpoint.to_string();
}

base::Result<AddCheckpoint> parse_add_checkpoint(std::string_view body) {
    const auto malformed = base::invalid("tlog.request-malformed");
    if (body.size() > kMaxText) return malformed;
    const auto line = take_line(body);
    if (!line || !line->starts_with("old ")) return malformed;
    const auto size = parse_decimal(line->substr(4));
    auto hashes = take_hashes(body);
    if (!size || !hashes) return malformed;
    auto checkpoint = parse_note(body);
    if (!checkpoint) return malformed;
    return AddCheckpoint{*size, std::move(*hashes), std::move(*checkpoint)};
}

} // namespace musubi::tlog
