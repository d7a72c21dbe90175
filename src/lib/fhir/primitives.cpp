#include "lib/fhir/primitives.h"

#include "lib/fhir/document.h"
#include "lib/fhir/index.h"
#include "lib/fhir/numbers.h"

#include <algorithm>
#include <array>

namespace musubi::fhir {
namespace {

using tables::Primitive;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

bool all_digits(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), is_digit); }

bool is_integer(std::string_view text, double minimum) {
    const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
    if (!all_digits(digits) || digits.size() > 10) return false;
    const auto value = parse_number(text);
    return value && *value >= minimum && *value <= 2147483647.0;
}

/// No control characters but tab and line ends, and not only blanks.
bool is_text(std::string_view text) {
    bool visible = false;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 && !is_space(c)) return false;
        visible = visible || !is_space(c);
    }
    return visible;
}

bool is_code(std::string_view text) {
    if (text.empty() || is_space(text.front()) || is_space(text.back())) return false;
    for (size_t i = 0; i < text.size(); ++i) {
        if (static_cast<unsigned char>(text[i]) < 0x20) return false;
        if (text[i] == ' ' && text[i + 1] == ' ') return false;
    }
    return true;
}

bool is_uri(std::string_view text) { return !text.empty() && std::none_of(text.begin(), text.end(), is_space); }

bool is_oid(std::string_view text) {
    if (!text.starts_with("urn:oid:")) return false;
    std::string_view rest = text.substr(8);
    if (rest.size() < 3 || rest[0] < '0' || rest[0] > '2' || rest[1] != '.') return false;
    while (!rest.empty()) {
        const size_t dot = std::min(rest.find('.'), rest.size());
        const std::string_view part = rest.substr(0, dot);
        if (!all_digits(part) || (part.size() > 1 && part[0] == '0')) return false;
        if (dot == rest.size()) return true;
        rest.remove_prefix(dot + 1);
    }
    return false;
}

bool is_uuid(std::string_view text) {
    if (text.size() != 45 || !text.starts_with("urn:uuid:")) return false;
    for (size_t i = 9; i < text.size(); ++i) {
        const size_t at = i - 9;
        const char c = text[i];
        const bool dash = at == 8 || at == 13 || at == 18 || at == 23;
        if (dash ? c != '-' : !(is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))) return false;
    }
    return true;
}

bool is_base64(std::string_view text) {
    size_t count = 0;
    size_t padding = 0;
    for (const char c : text) {
        if (is_space(c)) continue;
        if (c == '=') {
            ++padding;
        } else if (padding > 0 ||
                   !(is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '+' || c == '/')) {
            return false;
        }
        ++count;
    }
    return count % 4 == 0 && padding <= 2;
}

bool is_time(std::string_view text) {
    if (text.size() < 8 || text[2] != ':' || text[5] != ':') return false;
    const auto two = [&](size_t at, int limit) {
        return is_digit(text[at]) && is_digit(text[at + 1]) && (text[at] - '0') * 10 + (text[at + 1] - '0') <= limit;
    };
    if (!two(0, 23) || !two(3, 59) || !two(6, 60)) return false;
    return text.size() == 8 || (text[8] == '.' && all_digits(text.substr(9)));
}

/// Dates keep to a day; dateTimes with a time need seconds and a zone, instants all of it.
bool is_date(std::string_view text, Primitive type) {
    if (!parse_date(text)) return false;
    const size_t t = text.find('T');
    if (type == Primitive::Date) return t == std::string_view::npos;
    if (t == std::string_view::npos) return type == Primitive::DateTime;
    const bool seconds = text.size() > 16 && text[16] == ':';
    const bool zone = text.ends_with('Z') || text[text.size() - 6] == '+' || text[text.size() - 6] == '-';
    return seconds && zone;
}

// ---- narrative

constexpr std::array<std::string_view, 58> kTags = {
    "a",  "abbr",  "acronym", "b",     "big",  "blockquote", "br",   "caption", "cite",   "code", "col",   "colgroup",
    "dd", "del",   "dfn",     "div",   "dl",   "dt",         "em",   "h1",      "h2",     "h3",   "h4",    "h5",
    "h6", "hr",    "i",       "img",   "ins",  "kbd",        "li",   "ol",      "p",      "pre",  "q",     "ruby",
    "rb", "rp",    "rt",      "rtc",   "samp", "small",      "span", "strong",  "sub",    "sup",  "table", "tbody",
    "td", "tfoot", "th",      "thead", "tr",   "tt",         "ul",   "var",     "center", "map"};
constexpr std::array<std::string_view, 36> kAttributes = {
    "abbr",        "accesskey",  "align",   "alt",     "axis",    "bgcolor",  "border", "cellhalign", "cellpadding",
    "cellspacing", "cellvalign", "char",    "charoff", "charset", "cite",     "class",  "colspan",    "compact",
    "coords",      "dir",        "headers", "height",  "href",    "hreflang", "id",     "lang",       "longdesc",
    "name",        "rel",        "rowspan", "scope",   "span",    "src",      "style",  "title",      "width"};

template <size_t N> bool is_one_of(const std::array<std::string_view, N>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_safe_link(std::string_view value) {
    const size_t colon = value.find(':');
    if (colon == std::string_view::npos) return true;
    std::string scheme;
    for (const char c : value.substr(0, colon)) scheme += static_cast<char>(c | 0x20);
    return scheme == "http" || scheme == "https" || scheme == "mailto" || scheme == "tel" || scheme == "urn" ||
           scheme == "ftp" || scheme == "data" || scheme.find_first_of("/?#") != std::string::npos;
}

/// Attributes of a tag from `at` to its end; false if one is not permitted.
bool are_safe_attributes(std::string_view text) {
    while (true) {
        while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
        if (text.empty()) return true;
        const size_t equals = text.find('=');
        if (equals == std::string_view::npos || equals + 1 >= text.size()) return false;
        std::string_view name = text.substr(0, equals);
        while (!name.empty() && is_space(name.back())) name.remove_suffix(1);
        text.remove_prefix(equals + 1);
        while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
        if (text.empty() || (text.front() != '"' && text.front() != '\'')) return false;
        const size_t end = text.find(text.front(), 1);
        if (end == std::string_view::npos) return false;
        const std::string_view value = text.substr(1, end - 1);
        const bool known = is_one_of(kAttributes, name) || name.starts_with("xmlns") || name == "xml:lang" ||
                           name == "valign" || name == "rules" || name == "frame" || name == "summary" ||
                           name == "nowrap" || name == "type" || name == "tabindex" || name == "value" ||
                           name == "start" || name == "shape" || name == "clear" || name == "usemap" ||
                           name == "xml:space";
        if (!known || ((name == "href" || name == "src") && !is_safe_link(value))) return false;
        text.remove_prefix(end + 1);
    }
}

} // namespace

bool is_safe_xhtml(std::string_view html) {
    std::vector<std::string_view> open;
    size_t elements = 0;
    bool content = false;
    for (size_t at = 0; at < html.size();) {
        if (html[at] != '<') {
            if (open.empty() && !is_space(html[at])) return false;
            content = content || !is_space(html[at]);
            ++at;
            continue;
        }
        if (html.substr(at).starts_with("<!--")) {
            const size_t end = html.find("-->", at + 4);
            if (end == std::string_view::npos) return false;
            at = end + 3;
            continue;
        }
        size_t end = at + 1;
        for (char quote = 0; end < html.size() && (quote != 0 || html[end] != '>'); ++end) {
            if (quote != 0)
                quote = html[end] == quote ? '\0' : quote;
            else if (html[end] == '"' || html[end] == '\'')
                quote = html[end];
        }
        if (end == html.size()) return false;
        std::string_view tag = html.substr(at + 1, end - at - 1);
        at = end + 1;
        if (tag.starts_with('/')) {
            tag.remove_prefix(1);
            while (!tag.empty() && is_space(tag.back())) tag.remove_suffix(1);
            if (open.empty() || open.back() != tag) return false;
            open.pop_back();
            continue;
        }
        const bool closed = tag.ends_with('/');
        if (closed) tag.remove_suffix(1);
        const size_t name_end = std::min(tag.find_first_of(" \t\r\n"), tag.size());
        const std::string_view name = tag.substr(0, name_end);
        if (open.empty() && (name != "div" || elements > 0)) return false;
        if (!is_one_of(kTags, name) || !are_safe_attributes(tag.substr(name_end)) || open.size() > 200) return false;
        content = content || name == "img";
        ++elements;
        if (!closed) open.push_back(name);
    }
    return open.empty() && elements > 0 && content;
}

bool is_well_formed(Primitive type, Node value) {
    switch (type) {
    case Primitive::Boolean:
        return value.kind() == JsonKind::True || value.kind() == JsonKind::False;
    case Primitive::Integer:
        return value.kind() == JsonKind::Number && is_integer(value.raw(), -2147483648.0);
    case Primitive::UnsignedInt:
        return value.kind() == JsonKind::Number && is_integer(value.raw(), 0);
    case Primitive::PositiveInt:
        return value.kind() == JsonKind::Number && is_integer(value.raw(), 1);
    case Primitive::Decimal:
        return value.kind() == JsonKind::Number && parse_number(value.raw()).has_value();
    default:
        break;
    }
    if (!value.is_string()) return false;
    const std::string_view text = value.string();
    switch (type) {
    case Primitive::Uri:
    case Primitive::Url:
    case Primitive::Canonical:
        return is_uri(text);
    case Primitive::Base64Binary:
        return is_base64(text);
    case Primitive::Instant:
    case Primitive::Date:
    case Primitive::DateTime:
        return is_date(text, type);
    case Primitive::Time:
        return is_time(text);
    case Primitive::Code:
        return is_code(text);
    case Primitive::Oid:
        return is_oid(text);
    case Primitive::Id:
        return is_id(text);
    case Primitive::Uuid:
        return is_uuid(text);
    case Primitive::Xhtml:
        return is_safe_xhtml(text);
    default:
        return is_text(text);
    }
}

} // namespace musubi::fhir
