// Changes to a text at known places, so that everything else stays byte for byte. Private to this module.
#pragma once

#include "lib/fhir/json_tree.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace musubi::fhir {

/// [begin, end) becomes `text`.
struct Edit {
    size_t begin = 0;
    size_t end = 0;
    std::string text;
};

/// The places must not overlap.
inline std::string apply_edits(std::string_view text, std::vector<Edit> edits) {
    std::sort(edits.begin(), edits.end(), [](const Edit& a, const Edit& b) { return a.begin < b.begin; });
    std::string out;
    out.reserve(text.size() + 160);
    size_t at = 0;
    for (const auto& edit : edits) {
        out.append(text, at, edit.begin - at);
        out += edit.text;
        at = edit.end;
    }
    out.append(text, at);
    return out;
}

inline Edit replacement(Node node, std::string text) {
    return {node.position(), node.position() + node.raw().size(), std::move(text)};
}

/// A JSON string literal.
inline std::string json_string(std::string_view text) {
    constexpr std::string_view kHex = "0123456789abcdef";
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20) {
            out += "\\u00";
            out += kHex[byte >> 4];
            out += kHex[byte & 15];
        } else {
            out += c;
        }
    }
    out += '"';
    return out;
}

/// `"name": value` of a member as it stands in the text.
inline std::string_view member_text(Node member) {
    const char* begin = member.name().data() - 1;
    const auto raw = member.raw();
    return {begin, static_cast<size_t>(raw.data() + raw.size() - begin)};
}

} // namespace musubi::fhir
