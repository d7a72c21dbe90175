#include "lib/card/tlv.h"

namespace musubi::card {

namespace {

constexpr size_t kMaximumObjects = 64;

struct Head {
    uint32_t tag = 0;
    size_t head_size = 0;
    size_t value_size = 0;
};

std::optional<Head> read_head(std::string_view bytes) {
    size_t at = 0;
    const auto next = [&]() -> std::optional<uint8_t> {
        if (at >= bytes.size()) return std::nullopt;
        return static_cast<uint8_t>(bytes[at++]);
    };
    Head head;
    auto byte = next();
    if (!byte) return std::nullopt;
    head.tag = *byte;
    if ((*byte & 0x1F) == 0x1F) {
        do {
            if (head.tag > 0xFFFF) return std::nullopt;
            byte = next();
            if (!byte) return std::nullopt;
            head.tag = head.tag << 8 | *byte;
        } while (*byte & 0x80);
    }
    byte = next();
    if (!byte) return std::nullopt;
    head.value_size = *byte;
    if (*byte >= 0x80) {
        const unsigned count = *byte & 0x7F;
        if (count == 0 || count > 3) return std::nullopt;
        head.value_size = 0;
        for (unsigned i = 0; i < count; ++i) {
            byte = next();
            if (!byte) return std::nullopt;
            head.value_size = head.value_size << 8 | *byte;
        }
    }
    head.head_size = at;
    return head;
}

} // namespace

std::optional<Tlv> read_tlv(std::string_view& bytes) {
    const auto head = read_head(bytes);
    if (!head || bytes.size() - head->head_size < head->value_size) return std::nullopt;
    Tlv object{head->tag, bytes.substr(head->head_size, head->value_size)};
    bytes.remove_prefix(head->head_size + head->value_size);
    return object;
}

std::optional<std::vector<Tlv>> read_tlv_list(std::string_view bytes) {
    std::vector<Tlv> objects;
    while (!bytes.empty()) {
        if (bytes.find_first_not_of(std::string_view("\x00\xFF", 2)) == std::string_view::npos) break;
        const auto object = read_tlv(bytes);
        if (!object || objects.size() == kMaximumObjects) return std::nullopt;
        objects.push_back(*object);
    }
    return objects;
}

std::optional<std::string_view> find_tlv(const std::vector<Tlv>& objects, uint32_t tag) {
    for (const auto& object : objects) {
        if (object.tag == tag) return object.value;
    }
    return std::nullopt;
}

std::optional<size_t> tlv_size(std::string_view head) {
    const auto parsed = read_head(head);
    if (!parsed) return std::nullopt;
    return parsed->head_size + parsed->value_size;
}

std::string write_tlv(uint32_t tag, std::string_view value) {
    std::string out;
    for (int shift = 16; shift >= 0; shift -= 8) {
        if (tag >> shift || shift == 0) out += static_cast<char>(tag >> shift);
    }
    const size_t size = value.size();
    if (size > 0xFFFF) {
        out += '\x83';
        out += static_cast<char>(size >> 16);
        out += static_cast<char>(size >> 8);
    } else if (size > 0xFF) {
        out += '\x82';
        out += static_cast<char>(size >> 8);
    } else if (size > 0x7F) {
        out += '\x81';
    }
    out += static_cast<char>(size);
    out += value;
    return out;
}

} // namespace musubi::card
