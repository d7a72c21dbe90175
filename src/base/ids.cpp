#include "base/ids.h"

#include "base/encoding.h"

namespace musubi::base::id_detail {

Bytes make(Instant now, Random& random) {
    Bytes bytes;
    random.fill(bytes);
    const auto milliseconds = static_cast<uint64_t>(now.milliseconds());
    for (size_t i = 0; i < 6; ++i) bytes[i] = static_cast<uint8_t>(milliseconds >> (40 - 8 * i));
    bytes[6] = static_cast<uint8_t>(0x70 | (bytes[6] & 0x0F));
    bytes[8] = static_cast<uint8_t>(0x80 | (bytes[8] & 0x3F));
    return bytes;
}

std::string to_string(const Bytes& bytes) {
    const std::string hex = hex_encode({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" + hex.substr(16, 4) + "-" +
           hex.substr(20);
}

bool parse(std::string_view text, Bytes& out) {
    if (text.size() != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-') return false;
    std::string hex;
    for (const char c : text) {
        if (c >= 'A' && c <= 'F') return false; // one spelling for one id, so that text keys compare
        if (c != '-') hex.push_back(c);
    }
    const auto bytes = hex_decode(hex);
    if (!bytes || bytes->size() != out.size()) return false;
    for (size_t i = 0; i < out.size(); ++i) out[i] = static_cast<uint8_t>((*bytes)[i]);
    return true;
}

} // namespace musubi::base::id_detail
