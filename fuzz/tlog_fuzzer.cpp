// Notes, proofs, witness requests and tile paths come from anyone. What is read is written again as it was.
#include "lib/tlog/proof.h"
#include "lib/tlog/tile.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace musubi::tlog;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto note = parse_note(text)) {
        if (note->to_string() != text) std::abort();
        if (const auto checkpoint = parse_checkpoint(note->text))
            if (checkpoint->text() != note->text) std::abort();
    }
    if (const auto proof = parse_proof(text)) {
        if (proof->to_string() != text) std::abort();
        verify_inclusion(leaf_hash(proof->extra), proof->index, 1u << 20, proof->path, empty_root());
    }
    if (const auto request = parse_add_checkpoint(text)) {
        if (request->to_string() != text) std::abort();
        verify_consistency(request->old_size, empty_root(), 1u << 20, empty_root(), request->consistency);
    }
    if (const auto path = parse_tile_path(text))
        if (tile_path(path->id, path->width) != text) std::abort();
    if (const auto key = parse_verifier_key(text))
        if (key->to_string() != text) std::abort();
    static_cast<void>(narrow_bundle(text, 2));
    return 0;
}
