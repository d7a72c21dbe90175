#include "lib/webauthn/cbor.h"

#include <cbor.h>

namespace musubi::webauthn {
namespace {

using Item = CborReader::Item;
using Kind = CborReader::Item::Kind;

constexpr int64_t kMostMembers = 64;
constexpr int kDeepest = 4;

struct Decoded {
    std::optional<Item> item;
    uint64_t argument = 0; // for checking that it was written in its shortest form
};

void put(void* context, Kind kind, uint64_t argument) {
    auto& out = *static_cast<Decoded*>(context);
    out.argument = argument;
    if (argument > INT64_MAX) return;
    const auto number = static_cast<int64_t>(argument);
    out.item = Item{kind, kind == Kind::Negative ? -1 - number : number, {}};
}
void put_string(void* context, Kind kind, cbor_data data, size_t length) {
    auto& out = *static_cast<Decoded*>(context);
    out.argument = length;
    out.item = Item{kind, 0, {reinterpret_cast<const char*>(data), length}};
}

// Everything that has no callback here keeps libcbor's empty one and so yields no item: tags, floating point,
// indefinite lengths, undefined.
cbor_callbacks make_callbacks() {
    cbor_callbacks callbacks = cbor_empty_callbacks;
    callbacks.uint8 = [](void* c, uint8_t v) { put(c, Kind::Unsigned, v); };
    callbacks.uint16 = [](void* c, uint16_t v) { put(c, Kind::Unsigned, v); };
    callbacks.uint32 = [](void* c, uint32_t v) { put(c, Kind::Unsigned, v); };
    callbacks.uint64 = [](void* c, uint64_t v) { put(c, Kind::Unsigned, v); };
    callbacks.negint8 = [](void* c, uint8_t v) { put(c, Kind::Negative, v); };
    callbacks.negint16 = [](void* c, uint16_t v) { put(c, Kind::Negative, v); };
    callbacks.negint32 = [](void* c, uint32_t v) { put(c, Kind::Negative, v); };
    callbacks.negint64 = [](void* c, uint64_t v) { put(c, Kind::Negative, v); };
    callbacks.array_start = [](void* c, auto v) { put(c, Kind::Array, v); };
    callbacks.map_start = [](void* c, auto v) { put(c, Kind::Map, v); };
    callbacks.byte_string = [](void* c, cbor_data d, auto n) { put_string(c, Kind::Bytes, d, n); };
    callbacks.string = [](void* c, cbor_data d, auto n) { put_string(c, Kind::Text, d, n); };
    callbacks.boolean = [](void* c, bool v) { put(c, Kind::Bool, v ? 1 : 0); };
    callbacks.null = [](void* c) { put(c, Kind::Null, 0); };
    return callbacks;
}

size_t shortest_head(uint64_t argument) {
    if (argument < 24) return 1;
    if (argument <= UINT8_MAX) return 2;
    if (argument <= UINT16_MAX) return 3;
    return argument <= UINT32_MAX ? 5 : 9;
}

} // namespace

std::optional<Item> CborReader::next() {
    static const cbor_callbacks callbacks = make_callbacks();
    if (m_rest.empty()) return std::nullopt;
    Decoded decoded;
    const auto result =
        cbor_stream_decode(reinterpret_cast<cbor_data>(m_rest.data()), m_rest.size(), &callbacks, &decoded);
    if (result.status != CBOR_DECODER_FINISHED || !decoded.item) return std::nullopt;
    const bool one_byte = decoded.item->kind == Kind::Bool || decoded.item->kind == Kind::Null;
    const size_t expected = (one_byte ? 1 : shortest_head(decoded.argument)) + decoded.item->data.size();
    if (result.read != expected) return std::nullopt;
    m_rest.remove_prefix(result.read);
    return decoded.item;
}

std::optional<int64_t> CborReader::integer() {
    const auto item = next();
    if (!item || (item->kind != Kind::Unsigned && item->kind != Kind::Negative)) return std::nullopt;
    return item->integer;
}

std::optional<std::string_view> CborReader::bytes() {
    const auto item = next();
    if (!item || item->kind != Kind::Bytes) return std::nullopt;
    return item->data;
}

std::optional<std::string_view> CborReader::text() {
    const auto item = next();
    if (!item || item->kind != Kind::Text) return std::nullopt;
    return item->data;
}

std::optional<int64_t> CborReader::map() {
    const auto item = next();
    if (!item || item->kind != Kind::Map || item->integer > kMostMembers) return std::nullopt;
    return item->integer;
}

std::optional<int64_t> CborReader::array() {
    const auto item = next();
    if (!item || item->kind != Kind::Array || item->integer > kMostMembers) return std::nullopt;
    return item->integer;
}

bool CborReader::skip(int depth) {
    const auto item = next();
    if (!item) return false;
    if (item->kind != Kind::Array && item->kind != Kind::Map) return true;
    if (depth >= kDeepest || item->integer > kMostMembers) return false;
    const int64_t parts = item->kind == Kind::Map ? item->integer * 2 : item->integer;
    for (int64_t i = 0; i < parts; ++i)
        if (!skip(depth + 1)) return false;
    return true;
}

} // namespace musubi::webauthn
