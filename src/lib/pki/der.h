// DER (ITU-T X.690), strictly: definite lengths in the fewest bytes, one-byte tags, nothing after the end. A byte
// string that passes has one meaning and one spelling, so hashes and comparisons of bytes are comparisons of meaning.
#pragma once

#include "base/time.h"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace musubi::pki::der {

enum Tag : uint8_t {
    kBoolean = 0x01,
    kInteger = 0x02,
    kBitString = 0x03,
    kOctetString = 0x04,
    kNull = 0x05,
    kObjectIdentifier = 0x06,
    kEnumerated = 0x0a,
    kUtf8String = 0x0c,
    kPrintableString = 0x13,
    kIa5String = 0x16,
    kUtcTime = 0x17,
    kGeneralizedTime = 0x18,
    kSequence = 0x30,
    kSet = 0x31,
};
/// Context-specific tags, [n] IMPLICIT of a primitive type and [n] EXPLICIT (or IMPLICIT of a constructed one).
constexpr uint8_t context(int number) { return static_cast<uint8_t>(0x80 | number); }
constexpr uint8_t context_constructed(int number) { return static_cast<uint8_t>(0xa0 | number); }

struct Element {
    uint8_t tag = 0;
    std::string_view content;
    std::string_view whole; // tag, length and content
};

/// Walks the elements of one content. Borrows the bytes. Every `take` returns false, and moves nowhere, if the next
/// element is missing, malformed or of another tag.
class Reader {
  public:
    Reader() = default;
    explicit Reader(std::string_view bytes) : m_rest(bytes) {}

    bool empty() const { return m_rest.empty(); }
    uint8_t peek() const { return m_rest.empty() ? 0 : static_cast<uint8_t>(m_rest[0]); }

    bool take_any(Element& out);
    bool take(uint8_t tag, Element& out);
    bool take(uint8_t tag, std::string_view& content);
    bool take(uint8_t tag, Reader& inside);

  private:
    std::string_view m_rest;
};

/// The whole of `bytes` is one element with tag `tag`; `inside` walks its content.
bool enter(std::string_view bytes, uint8_t tag, Reader& inside);

/// Checks one complete element and everything nested in it: lengths, minimal integers, booleans 00 or FF, empty NULL,
/// well-formed identifiers, bit strings with zero padding, UTF-8, at most `max_depth` levels.
bool well_formed(std::string_view bytes, int max_depth = 16);

/// A non-negative INTEGER or ENUMERATED below 2^63.
std::optional<uint64_t> small_integer(std::string_view content);
/// The magnitude of a positive INTEGER without its sign byte; nothing if negative, zero or not minimal.
std::optional<std::string_view> positive_integer(std::string_view content);
/// BOOLEAN: exactly 00 or FF.
std::optional<bool> boolean(std::string_view content);
/// BIT STRING that holds whole bytes.
std::optional<std::string_view> bit_string_bytes(std::string_view content);
/// UTCTime or GeneralizedTime in the one form RFC 5280 section 4.1.2.5 allows (seconds, "Z", no fraction).
std::optional<base::Instant> time(const Element& element);
/// The same with the rule that years before 2050 are UTCTime, as certificates and CRLs must have it.
std::optional<base::Instant> certificate_time(const Element& element);

// Writing. Each function gives one complete element.
std::string write(uint8_t tag, std::string_view content);
std::string write(uint8_t tag, std::initializer_list<std::string_view> parts);
inline std::string sequence(std::initializer_list<std::string_view> parts) { return write(kSequence, parts); }
std::string integer(uint64_t value);
/// Big-endian magnitude; leading zeros are dropped, a sign byte is added where needed.
std::string integer(std::string_view magnitude);
std::string object_identifier(std::string_view content);
std::string bit_string(std::string_view bytes);
/// Named bits (X.690 section 11.2.2: trailing zero bits dropped); bit 0 is the most significant of the first byte.
std::string named_bits(uint16_t bits);
std::string write_boolean(bool value);
std::string null();
std::string generalized_time(base::Instant at);
/// UTCTime until 2049, GeneralizedTime after (RFC 5280 section 4.1.2.5). Fractions of a second are cut.
std::string write_certificate_time(base::Instant at);
/// Only the header, for bodies too large to copy.
std::string header(uint8_t tag, size_t content_size);

} // namespace musubi::pki::der
