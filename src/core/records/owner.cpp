#include "core/records/owner.h"

#include <array>

namespace musubi::records {
namespace {

using ResourceId = base::Id<struct RecordsResourceTag>;

// The 64 characters of FHIR ids (R4 section 2.24.0.1) in the order of their bytes, so that ids sort by time.
constexpr std::string_view kAlphabet = "-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr size_t kBytes = 28; // person 16, milliseconds 6, random 6
constexpr size_t kLength = 38;

std::string encode(std::string_view bytes) {
    std::string out;
    uint32_t bits = 0;
    int held = 0;
    for (const char byte : bytes) {
        bits = (bits << 8) | static_cast<uint8_t>(byte);
        held += 8;
        while (held >= 6) {
            held -= 6;
            out.push_back(kAlphabet[(bits >> held) & 63]);
        }
    }
    if (held > 0) out.push_back(kAlphabet[(bits << (6 - held)) & 63]);
    return out;
}

std::optional<std::string> decode(std::string_view text) {
    std::string out;
    uint32_t bits = 0;
    int held = 0;
    for (const char c : text) {
        const size_t value = kAlphabet.find(c);
        if (value == std::string_view::npos) return std::nullopt;
        bits = (bits << 6) | static_cast<uint32_t>(value);
        held += 6;
        if (held < 8) continue;
        held -= 8;
        out.push_back(static_cast<char>((bits >> held) & 255));
    }
    if ((bits & ((1U << held) - 1)) != 0) return std::nullopt; // one spelling only
    return out;
}

} // namespace

std::optional<base::PersonId> Owner::person() const {
    auto person = base::PersonId::parse(m_key);
    if (!person) return std::nullopt;
    return *person;
}

std::string make_resource_id(const Owner& owner, base::Instant now, base::Random& random) {
    const auto person = owner.person();
    if (!person) return ResourceId::make(now, random).to_string();
    std::string bytes(reinterpret_cast<const char*>(person->bytes().data()), person->bytes().size());
    const auto at = static_cast<uint64_t>(now.milliseconds());
    for (int shift = 40; shift >= 0; shift -= 8) bytes.push_back(static_cast<char>((at >> shift) & 255));
    bytes += random.bytes(kBytes - bytes.size());
    return encode(bytes);
}

std::optional<Owner> owner_named_by(std::string_view id) {
    if (id.size() != kLength) return std::nullopt;
    const auto bytes = decode(id);
    if (!bytes || bytes->size() != kBytes) return std::nullopt;
    static constexpr std::string_view kHex = "0123456789abcdef";
    std::string text;
    for (size_t i = 0; i < 16; ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) text.push_back('-');
        const auto byte = static_cast<uint8_t>((*bytes)[i]);
        text.push_back(kHex[byte >> 4]);
        text.push_back(kHex[byte & 15]);
    }
    const auto person = base::PersonId::parse(text);
    if (!person) return std::nullopt;
    return Owner(*person);
}

} // namespace musubi::records
