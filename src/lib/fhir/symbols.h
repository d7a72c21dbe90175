// Looks up the number of an element's name; the hash is the one of tools/compile_fhir_definitions.py.
#pragma once

#include "lib/fhir/tables.h"

#include <cstring>

namespace musubi::fhir {

inline uint16_t find_symbol(std::string_view name) {
    if (name.empty()) return 0;
    uint64_t a = 0;
    uint64_t b = 0;
    const size_t size = name.size();
    if (size >= 8) {
        std::memcpy(&a, name.data(), 8);
        std::memcpy(&b, name.data() + size - 8, 8);
    } else if (size >= 4) {
        std::memcpy(&a, name.data(), 4);
        std::memcpy(&b, name.data() + size - 4, 4);
    } else {
        a = static_cast<uint8_t>(name[0]) | static_cast<uint64_t>(static_cast<uint8_t>(name[size / 2])) << 8 |
            static_cast<uint64_t>(static_cast<uint8_t>(name[size - 1])) << 16;
    }
    uint64_t hash = size * 0x9E3779B97F4A7C15ULL;
    hash ^= a * 0xBF58476D1CE4E5B9ULL;
    hash ^= b * 0x94D049BB133111EBULL;
    hash ^= hash >> 32;
    size_t slot = (hash * 0xD6E8FEB86659FD93ULL) >> 51;
    const auto* slots = tables::kSymbolSlots.data();
    while (const uint16_t symbol = slots[slot]) {
        if (tables::kSymbols[symbol] == name) return symbol;
        slot = (slot + 1) & 8191;
    }
    return 0;
}

/// For code that knows an element by name: `static const Symbol kCode = symbol("code");`
uint16_t known_symbol(std::string_view name);

} // namespace musubi::fhir
