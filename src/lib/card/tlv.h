// BER-TLV as the card's files use it: tags of one to three bytes, definite lengths of up to three bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace musubi::card {

struct Tlv {
    uint32_t tag = 0; // as written: 0xDF22, 0xFF20, 0x30
    std::string_view value;
};

/// Reads one object and moves `bytes` behind it. Nothing if the object is malformed or does not fit.
std::optional<Tlv> read_tlv(std::string_view& bytes);

/// All objects of a constructed value, at most 64 of them; nothing if any of them is malformed. Filler bytes 00 and FF
/// after the last object are allowed.
std::optional<std::vector<Tlv>> read_tlv_list(std::string_view bytes);

/// The value of the first object with this tag.
std::optional<std::string_view> find_tlv(const std::vector<Tlv>& objects, uint32_t tag);

/// The whole size (tag, length and value) of the object that begins with `head`; nothing while `head` is too short to
/// tell or is malformed.
std::optional<size_t> tlv_size(std::string_view head);

std::string write_tlv(uint32_t tag, std::string_view value);

} // namespace musubi::card
