#include "lib/pki/der.h"

#include "base/encoding.h"
#include "lib/pki/oid.h"

#include <array>
#include <utility>

namespace musubi::pki {
namespace der {
namespace {

/// Splits the first element off `bytes`. X.690 sections 8.1.2, 8.1.3 and 10.1.
bool split(std::string_view bytes, Element& out) {
    if (bytes.size() < 2) return false;
    const auto byte = [&](size_t i) { return static_cast<uint8_t>(bytes[i]); };
    const uint8_t tag = byte(0);
    if ((tag & 0x1f) == 0x1f) return false;
    size_t length = byte(1);
    size_t header_size = 2;
    if (length >= 0x80) {
        const size_t count = length & 0x7f;
        if (count == 0 || count > 4 || bytes.size() < 2 + count) return false;
        length = 0;
        for (size_t i = 0; i < count; ++i) length = length << 8 | byte(2 + i);
        if (length < 0x80 || (count > 1 && length >> (8 * (count - 1)) == 0)) return false;
        header_size += count;
    }
    if (bytes.size() - header_size < length) return false;
    out = {tag, bytes.substr(header_size, length), bytes.substr(0, header_size + length)};
    return true;
}

bool minimal_integer(std::string_view content) {
    if (content.empty()) return false;
    if (content.size() == 1) return true;
    const auto first = static_cast<uint8_t>(content[0]);
    const bool second_high = static_cast<uint8_t>(content[1]) >= 0x80;
    return !(first == 0x00 && !second_high) && !(first == 0xff && second_high);
}

bool well_formed_identifier(std::string_view content) {
    if (content.empty() || static_cast<uint8_t>(content.back()) >= 0x80) return false;
    bool first = true;
    for (char c : content) {
        const auto byte = static_cast<uint8_t>(c);
        if (first && byte == 0x80) return false; // X.690 section 8.19.2: fewest octets
        first = byte < 0x80;
    }
    return true;
}

bool well_formed_primitive(const Element& element) {
    const std::string_view content = element.content;
    switch (element.tag) {
    case kBoolean:
        return boolean(content).has_value();
    case kInteger:
    case kEnumerated:
        return minimal_integer(content);
    case kNull:
        return content.empty();
    case kObjectIdentifier:
        return well_formed_identifier(content);
    case kBitString: {
        if (content.empty()) return false;
        const auto unused = static_cast<uint8_t>(content[0]);
        if (unused > 7 || (content.size() == 1 && unused != 0)) return false;
        return unused == 0 || (static_cast<uint8_t>(content.back()) & ((1U << unused) - 1)) == 0;
    }
    case kUtf8String:
        return base::valid_utf8(content);
    case kUtcTime:
    case kGeneralizedTime:
        return time(element).has_value();
    default:
        return true;
    }
}

/// X.690 section 8.9 to 8.12 and 10.2: SEQUENCE and SET are constructed, every other universal type is primitive.
bool right_form(uint8_t tag) {
    if ((tag & 0xc0) != 0) return true;
    const bool constructed = (tag & 0x20) != 0;
    const int number = tag & 0x1f;
    return number != 0 && constructed == (number == 16 || number == 17);
}

int two_digits(std::string_view text, size_t at) {
    const char a = text[at];
    const char b = text[at + 1];
    if (a < '0' || a > '9' || b < '0' || b > '9') return -1;
    return (a - '0') * 10 + (b - '0');
}

std::string time_digits(base::Instant at, bool four_digit_year) {
    const int64_t seconds = at.seconds();
    const auto of_day = static_cast<int>((seconds % 86400 + 86400) % 86400); // certificates may begin before 1970
    const auto date = base::CivilDate::from_days(static_cast<int32_t>((seconds - of_day) / 86400));
    std::string out = date.to_compact_string();
    if (!four_digit_year) out.erase(0, 2);
    for (int value : {of_day / 3600, of_day / 60 % 60, of_day % 60}) {
        out += static_cast<char>('0' + value / 10);
        out += static_cast<char>('0' + value % 10);
    }
    return out += 'Z';
}

} // namespace

bool Reader::take_any(Element& out) {
    if (!split(m_rest, out)) return false;
    m_rest.remove_prefix(out.whole.size());
    return true;
}

bool Reader::take(uint8_t tag, Element& out) { return peek() == tag && take_any(out); }

bool Reader::take(uint8_t tag, std::string_view& content) {
    Element element;
    if (!take(tag, element)) return false;
    content = element.content;
    return true;
}

bool Reader::take(uint8_t tag, Reader& inside) {
    Element element;
    if (!take(tag, element)) return false;
    inside = Reader(element.content);
    return true;
}

bool enter(std::string_view bytes, uint8_t tag, Reader& inside) {
    Reader reader(bytes);
    return reader.take(tag, inside) && reader.empty();
}

bool well_formed(std::string_view bytes, int max_depth) {
    constexpr int kLimit = 32;
    std::array<Reader, kLimit> levels;
    if (max_depth > kLimit) max_depth = kLimit;
    Element element;
    if (!split(bytes, element) || element.whole.size() != bytes.size()) return false;
    int depth = 0;
    levels[0] = Reader(bytes);
    while (depth >= 0) {
        Reader& level = levels[static_cast<size_t>(depth)];
        if (level.empty()) {
            --depth;
            continue;
        }
        if (!level.take_any(element) || !right_form(element.tag)) return false;
        if ((element.tag & 0x20) == 0) {
            if (!well_formed_primitive(element)) return false;
        } else {
            if (++depth >= max_depth) return false;
            levels[static_cast<size_t>(depth)] = Reader(element.content);
        }
    }
    return true;
}

std::optional<uint64_t> small_integer(std::string_view content) {
    if (!minimal_integer(content) || content.size() > 8 || static_cast<uint8_t>(content[0]) >= 0x80)
        return std::nullopt;
    uint64_t value = 0;
    for (char c : content) value = value << 8 | static_cast<uint8_t>(c);
    return value;
}

std::optional<std::string_view> positive_integer(std::string_view content) {
    if (!minimal_integer(content) || static_cast<uint8_t>(content[0]) >= 0x80) return std::nullopt;
    if (content[0] == 0) content.remove_prefix(1);
    if (content.empty()) return std::nullopt;
    return content;
}

std::optional<bool> boolean(std::string_view content) {
    if (content.size() != 1) return std::nullopt;
    const auto byte = static_cast<uint8_t>(content[0]);
    if (byte != 0x00 && byte != 0xff) return std::nullopt;
    return byte == 0xff;
}

std::optional<std::string_view> bit_string_bytes(std::string_view content) {
    if (content.empty() || content[0] != 0) return std::nullopt;
    return content.substr(1);
}

std::optional<base::Instant> time(const Element& element) {
    std::string_view text = element.content;
    int year = 0;
    if (element.tag == kUtcTime && text.size() == 13) {
        year = two_digits(text, 0);
        if (year < 0) return std::nullopt;
        year += year < 50 ? 2000 : 1900;
        text.remove_prefix(2);
    } else if (element.tag == kGeneralizedTime && text.size() == 15) {
        const int century = two_digits(text, 0);
        const int rest = two_digits(text, 2);
        if (century < 0 || rest < 0) return std::nullopt;
        year = century * 100 + rest;
        text.remove_prefix(4);
    } else {
        return std::nullopt;
    }
    if (text.back() != 'Z') return std::nullopt;
    std::array<int, 5> parts{};
    for (size_t i = 0; i < parts.size(); ++i) {
        parts[i] = two_digits(text, 2 * i);
        if (parts[i] < 0) return std::nullopt;
    }
    const auto date = base::CivilDate::of(year, static_cast<unsigned>(parts[0]), static_cast<unsigned>(parts[1]));
    if (!date || parts[2] > 23 || parts[3] > 59 || parts[4] > 59) return std::nullopt;
    const int64_t seconds = int64_t{date->days_since_epoch()} * 86400 + parts[2] * 3600 + parts[3] * 60 + parts[4];
    return base::Instant::from_milliseconds(seconds * 1000);
}

std::optional<base::Instant> certificate_time(const Element& element) {
    if (element.tag == kGeneralizedTime && element.content.substr(0, 4) < "2050") return std::nullopt;
    return time(element);
}

std::string header(uint8_t tag, size_t content_size) {
    std::string out(1, static_cast<char>(tag));
    if (content_size < 0x80) return out += static_cast<char>(content_size);
    int count = 1;
    for (size_t rest = content_size >> 8; rest != 0; rest >>= 8) ++count;
    out += static_cast<char>(0x80 | count);
    for (int i = count - 1; i >= 0; --i) out += static_cast<char>(content_size >> (8 * i));
    return out;
}

std::string write(uint8_t tag, std::string_view content) { return header(tag, content.size()).append(content); }

std::string write(uint8_t tag, std::initializer_list<std::string_view> parts) {
    size_t size = 0;
    for (auto part : parts) size += part.size();
    std::string out = header(tag, size);
    out.reserve(out.size() + size);
    for (auto part : parts) out += part;
    return out;
}

std::string integer(uint64_t value) {
    std::string magnitude;
    for (int shift = 56; shift >= 0; shift -= 8) magnitude += static_cast<char>(value >> shift);
    return integer(magnitude);
}

std::string integer(std::string_view magnitude) {
    while (!magnitude.empty() && magnitude[0] == 0) magnitude.remove_prefix(1);
    std::string content;
    if (magnitude.empty() || static_cast<uint8_t>(magnitude[0]) >= 0x80) content += '\0';
    return write(kInteger, content.append(magnitude));
}

std::string object_identifier(std::string_view content) { return write(kObjectIdentifier, content); }

std::string bit_string(std::string_view bytes) { return write(kBitString, std::string(1, '\0').append(bytes)); }

std::string named_bits(uint16_t bits) {
    std::string content;
    if (bits == 0) return write(kBitString, std::string(1, '\0'));
    int unused = 0;
    while ((bits >> unused & 1) == 0) ++unused;
    content += static_cast<char>(unused % 8);
    content += static_cast<char>(bits >> 8);
    if (unused < 8) content += static_cast<char>(bits);
    return write(kBitString, content);
}

std::string write_boolean(bool value) { return write(kBoolean, value ? "\xff" : std::string_view("\0", 1)); }
std::string null() { return write(kNull, ""); }
std::string generalized_time(base::Instant at) { return write(kGeneralizedTime, time_digits(at, true)); }

std::string write_certificate_time(base::Instant at) {
    const auto year_2050 = base::CivilDate::of(2050, 1, 1)->days_since_epoch();
    if (at.seconds() / 86400 >= year_2050) return generalized_time(at);
    return write(kUtcTime, time_digits(at, false));
}

} // namespace der

std::string oid_text(std::string_view content) {
    std::string out;
    uint64_t number = 0;
    bool begins = true;
    for (char c : content) {
        // X.690 section 8.19.2: no arc begins with an empty septet or ends in the middle, or one identifier would have
        // many encodings.
        if (std::exchange(begins, static_cast<uint8_t>(c) < 0x80) && static_cast<uint8_t>(c) == 0x80) return "?";
        number = number << 7 | (static_cast<uint8_t>(c) & 0x7f);
        if (number > (uint64_t{1} << 50)) return "?";
        if (static_cast<uint8_t>(c) >= 0x80) continue;
        if (out.empty()) {
            const uint64_t first = number < 80 ? number / 40 : 2;
            out = std::to_string(first) + "." + std::to_string(number - first * 40);
        } else {
            out += "." + std::to_string(number);
        }
        number = 0;
    }
    return out.empty() || !begins ? "?" : out;
}

std::string oid_from_text(std::string_view dotted) {
    std::string out;
    uint64_t first = 0;
    size_t arc = 0;
    while (true) {
        const size_t end = std::min(dotted.find('.'), dotted.size());
        if (end == 0 || end > 12) return {};
        uint64_t number = 0;
        for (char c : dotted.substr(0, end)) {
            if (c < '0' || c > '9') return {};
            number = number * 10 + static_cast<uint64_t>(c - '0');
        }
        if (arc == 0) {
            if (number > 2) return {};
            first = number;
        } else {
            if (arc == 1) {
                if (first < 2 && number > 39) return {};
                number += first * 40;
            }
            int groups = 1;
            for (uint64_t rest = number >> 7; rest != 0; rest >>= 7) ++groups;
            for (int i = groups - 1; i >= 0; --i)
                out += static_cast<char>((number >> (7 * i) & 0x7f) | (i > 0 ? 0x80 : 0));
        }
        ++arc;
        if (end == dotted.size()) return arc < 2 ? std::string() : out;
        dotted.remove_prefix(end + 1);
    }
}

} // namespace musubi::pki
