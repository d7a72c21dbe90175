// Strict reading of the CBOR that authenticators write (CTAP 2.1 section 8, canonical form): definite lengths, shortest
// integers, no tags, no floating point. Private to lib/webauthn.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace musubi::webauthn {

/// Walks over the items of a buffer; borrows it. Nothing is allocated, so a length in the input costs nothing.
class CborReader {
  public:
    explicit CborReader(std::string_view bytes) : m_rest(bytes) {}

    struct Item {
        enum class Kind { Unsigned, Negative, Bytes, Text, Array, Map, Bool, Null } kind;
        int64_t integer = 0;   // value of a number; count of an Array or Map
        std::string_view data; // Bytes, Text
    };
    /// The next item head (with its content for strings), or nothing if the input is not of the strict form.
    std::optional<Item> next();

    std::optional<int64_t> integer(); // Unsigned or Negative
    std::optional<std::string_view> bytes();
    std::optional<std::string_view> text();
    std::optional<int64_t> map();   // its number of pairs, at most 64
    std::optional<int64_t> array(); // its length, at most 64
    /// Steps over one item of any kind, nested at most four deep.
    bool skip(int depth = 0);

    std::string_view rest() const { return m_rest; }
    bool at_end() const { return m_rest.empty(); }

  private:
    std::string_view m_rest;
};

} // namespace musubi::webauthn
