// Small text matters of HTTP that several files here share.
#pragma once

#include "lib/http/call.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace musubi::http {

bool equal_ignoring_case(std::string_view left, std::string_view right); // ASCII
std::string_view trimmed(std::string_view text);                         // without spaces and tabs around it
std::vector<std::string_view> split(std::string_view text, char separator);

/// RFC 3986 section 2.1. Nothing when an escape is malformed or the result is not UTF-8 or holds U+0000.
enum class Plus { IsPlus, IsSpace };
std::optional<std::string> percent_decode(std::string_view text, Plus plus);

/// A request path, decoded. Nothing for escapes that hide structure ("%2F", "%5C"), dot segments and control
/// characters.
std::optional<std::string> decode_path(std::string_view raw);

std::optional<Method> parse_method(std::string_view text);
std::string_view method_name(Method method);

/// The standard reason phrase (RFC 9110 section 15).
std::string_view reason_phrase(int status);

/// From the headers of a request; Japanese when nothing fits.
Language language_of(const Request& request);

/// The best of the offered encodings by Accept-Encoding, of "br", "gzip" and "" (as it is).
std::string_view choose_encoding(std::string_view accept_encoding, bool has_brotli, bool has_gzip);

/// If-None-Match against one entity tag, by weak comparison (RFC 9110 section 13.1.2).
bool etag_matches(std::string_view if_none_match, std::string_view etag);
/// A strong entity tag of these bytes, quoted. Not cryptographic: it only spares a client its own last answer.
std::string make_etag(std::string_view bytes);

} // namespace musubi::http
