// Small text matters of HTTP that several files here share.
#pragma once

#include "lib/http/call.h"

#include <iterator>
#include <optional>
#include <string>
#include <string_view>

namespace musubi::http {

bool equal_ignoring_case(std::string_view left, std::string_view right); // ASCII
std::string_view trimmed(std::string_view text);                         // without spaces and tabs around it

/// The pieces of a text, one after the other: `for (const auto piece : split(list, ','))`. An empty text has one.
class Split {
  public:
    class Iterator {
      public:
        Iterator(std::string_view text, char separator) : m_rest(text), m_separator(separator) { cut(); }
        std::string_view operator*() const { return m_rest.substr(0, m_at); }
        Iterator& operator++() {
            if (m_at == std::string_view::npos) {
                m_ended = true;
            } else {
                m_rest.remove_prefix(m_at + 1);
                cut();
            }
            return *this;
        }
        bool operator==(std::default_sentinel_t) const { return m_ended; }

      private:
        void cut() { m_at = m_rest.find(m_separator); }
        std::string_view m_rest;
        char m_separator;
        size_t m_at = 0;
        bool m_ended = false;
    };
    Split(std::string_view text, char separator) : m_text(text), m_separator(separator) {}
    Iterator begin() const { return {m_text, m_separator}; }
    std::default_sentinel_t end() const { return {}; }

  private:
    std::string_view m_text;
    char m_separator;
};
inline Split split(std::string_view text, char separator) { return {text, separator}; }

/// Printable or a tab: nothing that could begin another header line.
bool is_field_text(std::string_view text);

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
