#include "lib/json/json.h"

#include "base/encoding.h"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace musubi::json {

namespace {

// A body with thousands of wrong rows is answered with its first mistakes.
constexpr size_t kMostErrors = 100;
// Names of unknown fields come from outside.
constexpr size_t kLongestEchoedName = 64;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

size_t count_characters(std::string_view text) {
    return static_cast<size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<uint8_t>(c) & 0xC0) != 0x80; }));
}

bool is_domain(std::string_view domain) {
    if (domain.empty() || domain.size() > 253 || domain.find('.') == std::string_view::npos) return false;
    size_t label = 0;
    char previous = '.';
    for (const char c : domain) {
        if (c == '.') {
            if (label == 0 || previous == '-') return false;
            label = 0;
        } else {
            if (!is_digit(c) && !is_letter(c) && (c != '-' || label == 0)) return false;
            if (++label > 63) return false;
        }
        previous = c;
    }
    return label > 0 && previous != '-';
}

/// RFC 5321 section 4.1.2 without quoted local parts, address literals and internationalised addresses, which city
/// mail systems in Japan do not deliver to.
bool is_email(std::string_view text) {
    const size_t at = text.rfind('@');
    if (at == std::string_view::npos || at == 0 || at > 64 || text.size() > 254) return false;
    for (const char c : text.substr(0, at))
        if (!is_digit(c) && !is_letter(c) && std::string_view(".!#$%&'*+-/=?^_`{|}~").find(c) == std::string_view::npos)
            return false;
    return is_domain(text.substr(at + 1));
}

bool is_uri(std::string_view text) {
    const size_t colon = text.find(':');
    if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size() || !is_letter(text[0])) return false;
    for (const char c : text.substr(0, colon))
        if (!is_digit(c) && !is_letter(c) && c != '+' && c != '-' && c != '.') return false;
    return std::all_of(text.begin(), text.end(), [](char c) {
        return c > ' ' && c < 0x7F && std::string_view("\"<>\\^`{|}").find(c) == std::string_view::npos;
    });
}

bool is_telephone(std::string_view text) {
    size_t digits = 0;
    for (size_t i = 0; i < text.size(); ++i) {
        if (is_digit(text[i])) {
            ++digits;
        } else if (text[i] == '+' ? i != 0 : std::string_view("-() ").find(text[i]) == std::string_view::npos) {
            return false;
        }
    }
    return digits >= 7 && digits <= 15; // ITU-T E.164: at most 15
}

bool has_format(std::string_view text, std::string_view format) {
    if (format == "email") return is_email(text);
    if (format == "uri") return is_uri(text);
    if (format == "telephone") return is_telephone(text);
    if (format == "base64") return base::base64_decode(text).has_value();
    if (format == "base64url") return base::base64url_decode(text).has_value();
    return true;
}

void append_pointer_token(std::string& out, std::string_view name) {
    out += '/';
    for (const char c : name.substr(0, kLongestEchoedName)) { // RFC 6901 section 3
        if (c == '~') {
            out += "~0";
        } else if (c == '/') {
            out += "~1";
        } else {
            out += c;
        }
    }
    while (!base::valid_utf8(out)) out.pop_back();
}

} // namespace

namespace {

constexpr size_t kBlock = 16;

using Block = uint8_t __attribute__((vector_size(kBlock)));

/// Whether the block may hold something to escape: below 0x20, '"', '\\', '<', or the lead byte of U+2028. Never false
/// when it does.
bool needs_look(const char* bytes) {
    Block block;
    std::memcpy(&block, bytes, kBlock);
    const auto found = (block < 0x20) | (block == '"') | (block == '\\') | (block == '<') | (block == 0xE2);
    uint64_t halves[2];
    static_assert(sizeof halves == kBlock);
    std::memcpy(halves, &found, kBlock);
    return (halves[0] | halves[1]) != 0;
}

} // namespace

void append_string(std::string& out, std::string_view text) {
    constexpr std::string_view hex = "0123456789abcdef";
    out += '"';
    size_t plain = 0;
    for (size_t i = 0; i < text.size(); ++i) {
        while (i + kBlock <= text.size() && !needs_look(text.data() + i)) i += kBlock;
        if (i == text.size()) break;
        const auto c = static_cast<uint8_t>(text[i]);
        const bool separator = c == 0xE2 && i + 2 < text.size() && static_cast<uint8_t>(text[i + 1]) == 0x80 &&
                               (static_cast<uint8_t>(text[i + 2]) & 0xFE) == 0xA8;
        if (c >= 0x20 && c != '"' && c != '\\' && c != '<' && !separator) continue;
        out.append(text.substr(plain, i - plain));
        switch (c) {
        case '"':
            out += "\\\"";
            break;
        case '\\':
            out += "\\\\";
            break;
        case '\n':
            out += "\\n";
            break;
        case '\r':
            out += "\\r";
            break;
        case '\t':
            out += "\\t";
            break;
        case 0xE2:
            out += (static_cast<uint8_t>(text[i + 2]) == 0xA8) ? "\\u2028" : "\\u2029";
            i += 2;
            break;
        default:
            out += "\\u00";
            out += hex[c >> 4];
            out += hex[c & 15];
        }
        plain = i + 1;
    }
    out.append(text.substr(plain));
    out += '"';
}

std::pair<std::string, bool> SchemaSet::claim(std::type_index type, std::string_view qualified_name) {
    if (const auto found = m_names.find(type); found != m_names.end()) return {found->second, false};
    std::vector<std::string> parts{""};
    for (size_t i = 0; i < qualified_name.size(); ++i) {
        const char c = qualified_name[i];
        if (qualified_name.substr(i, 2) == "::") {
            parts.emplace_back();
            ++i;
        } else if (is_letter(c) || is_digit(c) || c == '_') {
            parts.back() += c;
        }
    }
    std::string name = parts.back();
    for (size_t i = parts.size() - 1; m_schemas.contains(name) && i-- > 0;) {
        if (parts[i].empty() || parts[i].find("anonymous") != std::string::npos) continue;
        parts[i][0] = static_cast<char>(is_letter(parts[i][0]) ? parts[i][0] & ~0x20 : parts[i][0]);
        name = parts[i] + name;
    }
    for (int number = 2; m_schemas.contains(name); ++number) name = parts.back() + std::to_string(number);
    m_names.emplace(type, name);
    m_schemas.emplace(name, "{}"); // taken, so that a type may contain itself
    return {name, true};
}

namespace detail {

void ReadState::fail(std::string_view code) {
    if (m_errors.size() < kMostErrors) m_errors.push_back({m_path, std::string(code)});
}
void ReadState::fail_at(std::string_view member, std::string_view code) {
    const size_t mark = enter(member);
    fail(code);
    leave(mark);
}
size_t ReadState::enter(std::string_view member) {
    const size_t mark = m_path.size();
    append_pointer_token(m_path, member);
    return mark;
}
size_t ReadState::enter(size_t index) { return enter(std::string_view(std::to_string(index))); }
base::Error ReadState::take_error() {
    base::Error error = base::invalid("request.fields-invalid");
    error.fields = std::move(m_errors);
    return error;
}

bool is_null(const Element& element) { return element.type() == Element::Type::Null; }

std::optional<std::string_view> read_token(const Element& element, ReadState& state) {
    if (element.type() == Element::Type::String) return element.string();
    state.fail("wrong-type");
    return std::nullopt;
}

namespace {

std::optional<std::string_view> read_text(const Element& element, const Rule& rule, ReadState& state) {
    const auto text = read_token(element, state);
    if (!text) return std::nullopt;
    const size_t length = count_characters(*text);
    std::string_view problem;
    if (length > rule.max_length) {
        problem = "too-long";
    } else if (length < rule.min_length) {
        problem = "too-short";
    } else if (text->find('\0') != std::string_view::npos || !has_format(*text, rule.format)) {
        problem = "malformed"; // PostgreSQL cannot hold U+0000 in text, so no field may
    }
    if (problem.empty()) return text;
    state.fail(problem);
    return std::nullopt;
}

} // namespace

void read_leaf(const Element& element, std::string& out, const Rule& rule, ReadState& state) {
    if (const auto text = read_text(element, rule, state)) out = *text;
}
void read_leaf(const Element& element, base::Secret& out, const Rule& rule, ReadState& state) {
    if (const auto text = read_text(element, rule, state)) out = base::Secret(std::string(*text));
}
void read_leaf(const Element& element, bool& out, const Rule&, ReadState& state) {
    if (element.type() != Element::Type::Bool) return state.fail("wrong-type");
    out = element.boolean();
}
void read_leaf(const Element& element, Decimal& out, const Rule& rule, ReadState& state) {
    if (element.type() != Element::Type::Integer && element.type() != Element::Type::Decimal)
        return state.fail("wrong-type");
    const auto text = element.number_text();
    double value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.size() > 64 || value < static_cast<double>(rule.minimum) || value > static_cast<double>(rule.maximum))
        return state.fail("out-of-range");
    out.text = text;
}
void read_leaf(const Element& element, Raw& out, const Rule&, ReadState&) { out.text = element.raw(); }
void read_leaf(const Element& element, base::Instant& out, const Rule&, ReadState& state) {
    const auto text = read_token(element, state);
    if (!text) return;
    const auto instant = base::Instant::parse(*text);
    if (!instant) return state.fail("malformed");
    out = *instant;
}
void read_leaf(const Element& element, base::CivilDate& out, const Rule&, ReadState& state) {
    const auto text = read_token(element, state);
    if (!text) return;
    const auto date = base::CivilDate::parse(*text);
    if (!date) return state.fail("malformed");
    out = *date;
}

std::optional<int64_t> read_integer(const Element& element, int64_t minimum, int64_t maximum, ReadState& state) {
    if (element.type() != Element::Type::Integer) {
        state.fail("wrong-type");
        return std::nullopt;
    }
    const auto value = element.integer();
    if (value && *value >= minimum && *value <= maximum) return value;
    state.fail("out-of-range");
    return std::nullopt;
}

ReadFields::ReadFields(const Element& object, ReadState& state)
    : m_state(state), m_members(object.members()), m_taken(m_members.size(), false) {}

std::optional<Element> ReadFields::take(std::string_view name) {
    for (size_t i = 0; i < m_members.size(); ++i) {
        if (m_taken[i] || m_members[i].first != name) continue;
        m_taken[i] = true;
        return m_members[i].second;
    }
    return std::nullopt;
}

void ReadFields::report_unknown() {
    for (size_t i = 0; i < m_members.size(); ++i)
        if (!m_taken[i]) m_state.fail_at(m_members[i].first, "unknown-field");
}

void append_leaf(std::string& out, const std::string& value) { append_string(out, value); }
void append_leaf(std::string& out, bool value) { out += value ? "true" : "false"; }
void append_leaf(std::string& out, const Decimal& value) { out += value.text; }
void append_leaf(std::string& out, const Raw& value) { out += value.text; }
void append_leaf(std::string& out, base::Instant value) { append_string(out, value.to_string()); }
void append_leaf(std::string& out, base::CivilDate value) { append_string(out, value.to_string()); }
void append_integer(std::string& out, int64_t value) {
    char buffer[24];
    out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr);
}
void append_unsigned(std::string& out, uint64_t value) {
    char buffer[24];
    out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr);
}

namespace {

std::string with_meaning(std::string members, const Rule& rule) {
    if (!rule.meaning.empty()) {
        if (!members.empty()) members += ',';
        members += "\"description\":";
        append_string(members, rule.meaning);
    }
    return "{" + members + "}";
}

} // namespace

std::string string_schema(const Rule& rule) {
    std::string members = R"("type":"string")";
    if (rule.min_length > 0) members += ",\"minLength\":" + std::to_string(rule.min_length);
    if (rule.max_length != Rule{}.max_length) members += ",\"maxLength\":" + std::to_string(rule.max_length);
    if (rule.format == "base64" || rule.format == "base64url") {
        members += ",\"contentEncoding\":\"" + std::string(rule.format) + "\"";
    } else if (!rule.format.empty()) {
        members += ",\"format\":\"" + std::string(rule.format) + "\"";
    }
    return with_meaning(std::move(members), rule);
}

std::string integer_schema(int64_t minimum, int64_t maximum, size_t bytes, const Rule& rule) {
    std::string members = R"("type":"integer")";
    if (bytes == 4) members += R"(,"format":"int32")";
    if (bytes == 8) members += R"(,"format":"int64")";
    if (minimum != INT64_MIN) members += ",\"minimum\":" + std::to_string(minimum);
    if (maximum != INT64_MAX) members += ",\"maximum\":" + std::to_string(maximum);
    return with_meaning(std::move(members), rule);
}

std::string fixed_schema(std::string_view inner, const Rule& rule) { return with_meaning(std::string(inner), rule); }

std::string array_schema(std::string items, const Rule& rule) {
    std::string members = R"("type":"array","items":)" + items;
    if (rule.max_items != Rule{}.max_items) members += ",\"maxItems\":" + std::to_string(rule.max_items);
    return with_meaning(std::move(members), rule);
}

std::string enum_schema(const std::vector<std::string_view>& names, const Rule& rule) {
    std::string members = R"("type":"string","enum":[)";
    for (size_t i = 0; i < names.size(); ++i) {
        if (i > 0) members += ',';
        append_string(members, names[i]);
    }
    return with_meaning(members + "]", rule);
}

std::string reference_schema(const std::string& name, const Rule& rule) {
    return with_meaning("\"$ref\":\"#/components/schemas/" + name + "\"", rule);
}

void SchemaFields::add(std::string_view name, const std::string& schema, bool required) {
    if (!m_properties.empty()) m_properties += ',';
    append_string(m_properties, name);
    m_properties += ':' + schema;
    if (!required) return;
    if (!m_required.empty()) m_required += ',';
    append_string(m_required, name);
}

std::string SchemaFields::finish() const {
    std::string out = R"({"type":"object","additionalProperties":false,"properties":{)" + m_properties + "}";
    if (!m_required.empty()) out += ",\"required\":[" + m_required + "]";
    return out + "}";
}

} // namespace detail

} // namespace musubi::json
