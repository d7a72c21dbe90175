// Hexadecimal and base64 (RFC 4648). Decoders are strict: no white space, no stray bits, no wrong padding.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace musubi::base {

std::string hex_encode(std::string_view bytes); // lower case
std::optional<std::string> hex_decode(std::string_view text);

std::string base64_encode(std::string_view bytes); // section 4, padded
std::optional<std::string> base64_decode(std::string_view text);

std::string base64url_encode(std::string_view bytes); // section 5, no padding
std::optional<std::string> base64url_decode(std::string_view text);

/// True if `text` is well-formed UTF-8 (no overlong forms, no surrogates, nothing above U+10FFFF).
bool valid_utf8(std::string_view text);

} // namespace musubi::base
