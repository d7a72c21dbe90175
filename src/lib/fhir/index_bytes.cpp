#include "lib/fhir/index_writer.h"
#include "lib/fhir/tables.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace musubi::fhir {
namespace {

constexpr char kVersion = 1;

enum Present : uint8_t { kA = 0x10, kB = 0x20, kC = 0x40, kD = 0x80 };

void put_varint(std::string& out, uint64_t value) {
    while (value >= 0x80) {
        out += static_cast<char>(value | 0x80);
        value >>= 7;
    }
    out += static_cast<char>(value);
}

/// Reads what this process wrote into its own database; damaged bytes give empty values, never a read outside.
struct Reader {
    std::string_view bytes;
    size_t at = 0;

    uint8_t byte() { return at < bytes.size() ? static_cast<uint8_t>(bytes[at++]) : 0; }
    uint64_t varint() {
        uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            const uint8_t b = byte();
            value |= static_cast<uint64_t>(b & 0x7F) << shift;
            if (b < 0x80) break;
        }
        return value;
    }
    std::string_view take(size_t size) {
        const auto part = bytes.substr(std::min(at, bytes.size()), size);
        at += part.size();
        return part;
    }
    std::string_view text() { return take(varint()); }
    template <class Number> Number fixed() {
        Number value{};
        const auto part = take(sizeof value);
        if (part.size() == sizeof value) std::memcpy(&value, part.data(), sizeof value);
        return value;
    }
    std::string_view system() {
        const uint64_t number = varint();
        if (number == 0) return text();
        return tables::system_named(static_cast<uint16_t>(number));
    }
};

void put_text(std::string& out, std::string_view text) {
    put_varint(out, text.size());
    out += text;
}
void put_system(std::string& out, std::string_view system) {
    const uint16_t number = tables::system_number(system);
    if (number != 0 && tables::system_named(number) == system) {
        put_varint(out, number);
    } else {
        put_varint(out, 0);
        put_text(out, system);
    }
}
template <class Number> void put_fixed(std::string& out, Number value) {
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    out.append(bytes, sizeof value);
}

void encode_token(std::string& out, const IndexValue& v, size_t head) {
    uint8_t present = 0;
    if (!v.system.empty()) present |= kA, put_system(out, v.system);
    if (!v.code.empty()) present |= kB, put_text(out, v.code);
    if (!v.text.empty()) present |= kC, put_text(out, v.text);
    if (!v.extra_code.empty()) {
        present |= kD;
        put_system(out, v.extra_system);
        put_text(out, v.extra_code);
    }
    out[head] = static_cast<char>(static_cast<uint8_t>(out[head]) | present);
}

void encode_reference(std::string& out, const IndexValue& v, size_t head) {
    uint8_t present = 0;
    put_varint(out, static_cast<uint64_t>(v.target));
    put_text(out, v.code);
    if (!v.text.empty()) present |= kA, put_text(out, v.text);
    // A plain "Type/id" is not written twice.
    if (v.target == ResourceType::None || !v.text.empty()) present |= kB, put_text(out, v.raw);
    if (!v.version.empty()) present |= kC, put_text(out, v.version);
    if (!v.extra_code.empty()) {
        present |= kD;
        put_system(out, v.extra_system);
        put_text(out, v.extra_code);
    }
    out[head] = static_cast<char>(static_cast<uint8_t>(out[head]) | present);
}

void encode_quantity(std::string& out, const IndexValue& v, size_t head) {
    uint8_t present = 0;
    put_fixed(out, v.number_low);
    if (v.number_high != v.number_low) present |= kA, put_fixed(out, v.number_high);
    if (v.kind == SearchKind::Number) {
        present |= kC, put_text(out, v.raw);
    } else if (!v.code.empty() || !v.system.empty()) {
        present |= kB;
        put_system(out, v.system);
        put_text(out, v.code);
        put_text(out, v.text == v.code ? std::string_view() : v.text);
    }
    if (v.base_unit != 0) {
        present |= kD;
        put_varint(out, v.base_unit);
        put_fixed(out, v.base_low);
        if (present & kA) put_fixed(out, v.base_high);
    }
    out[head] = static_cast<char>(static_cast<uint8_t>(out[head]) | present);
}

void encode_date(std::string& out, const IndexValue& v, size_t head) {
    uint8_t present = 0;
    put_fixed(out, v.low);
    if (v.high == std::numeric_limits<int64_t>::max()) {
        present |= kA;
    } else {
        put_varint(out, static_cast<uint64_t>(v.high) - static_cast<uint64_t>(v.low));
    }
    out[head] = static_cast<char>(static_cast<uint8_t>(out[head]) | present);
}

void encode_value(std::string& out, const IndexValue& v) {
    const size_t head = out.size();
    out += static_cast<char>(v.kind);
    switch (v.kind) {
    case SearchKind::Token:
        encode_token(out, v, head);
        break;
    case SearchKind::Reference:
        encode_reference(out, v, head);
        break;
    case SearchKind::Number:
    case SearchKind::Quantity:
        encode_quantity(out, v, head);
        break;
    case SearchKind::Date:
        encode_date(out, v, head);
        break;
    case SearchKind::String:
        put_text(out, v.text);
        if (v.raw != v.text) {
            out[head] = static_cast<char>(static_cast<uint8_t>(out[head]) | kA);
            put_text(out, v.raw);
        }
        break;
    case SearchKind::Uri:
        put_text(out, v.code);
        put_text(out, v.version);
        break;
    case SearchKind::Composite:
    case SearchKind::Special:
        break;
    }
}

IndexValue decode_value(std::string_view bytes) {
    IndexValue v;
    Reader in{bytes};
    const uint8_t head = in.byte();
    v.kind = static_cast<SearchKind>(head & 0x0F);
    switch (v.kind) {
    case SearchKind::Token:
        if (head & kA) v.system = in.system();
        if (head & kB) v.code = in.text();
        if (head & kC) v.text = in.text();
        if (head & kD) v.extra_system = in.system(), v.extra_code = in.text();
        break;
    case SearchKind::Reference:
        v.target = static_cast<ResourceType>(in.varint());
        v.code = in.text();
        if (head & kA) v.text = in.text();
        if (head & kB) v.raw = in.text();
        if (head & kC) v.version = in.text();
        if (head & kD) v.extra_system = in.system(), v.extra_code = in.text();
        break;
    case SearchKind::Number:
    case SearchKind::Quantity:
        v.number_low = v.number_high = in.fixed<double>();
        if (head & kA) v.number_high = in.fixed<double>();
        if (head & kC) v.raw = in.text();
        if (head & kB) {
            v.system = in.system();
            v.code = in.text();
            v.text = in.text();
            if (v.text.empty()) v.text = v.code;
        }
        if (head & kD) {
            v.base_unit = static_cast<uint16_t>(in.varint());
            v.base_low = v.base_high = in.fixed<double>();
            if (head & kA) v.base_high = in.fixed<double>();
        }
        break;
    case SearchKind::Date:
        v.low = in.fixed<int64_t>();
        v.high = head & kA ? std::numeric_limits<int64_t>::max()
                           : static_cast<int64_t>(static_cast<uint64_t>(v.low) + in.varint());
        break;
    case SearchKind::String:
        v.text = in.text();
        v.raw = head & kA ? in.text() : v.text;
        break;
    case SearchKind::Uri:
        v.code = in.text();
        v.version = in.text();
        break;
    default:
        break;
    }
    return v;
}

void skip_varints(Reader& in, size_t count) {
    for (size_t i = 0; i < count && in.at < in.bytes.size(); ++i) (void)in.varint();
}

} // namespace

size_t* IndexWriter::slot_of(size_t begin, size_t length) {
    const std::string_view bytes = std::string_view(m_values).substr(begin, length);
    size_t at = std::hash<std::string_view>()(bytes) & (m_slots.size() - 1);
    while (m_slots[at] != 0) {
        const auto& span = m_spans[m_slots[at] - 1];
        if (span.second == length && std::memcmp(m_values.data() + span.first, bytes.data(), length) == 0) break;
        at = (at + 1) & (m_slots.size() - 1);
    }
    return &m_slots[at];
}

uint32_t IndexWriter::add(const IndexValue& value) {
    const size_t begin = m_values.size();
    encode_value(m_values, value);
    const size_t length = m_values.size() - begin;
    if (m_slots.size() < 2 * (m_spans.size() + 1)) {
        m_slots.assign(std::max<size_t>(128, m_slots.size() * 2), 0);
        for (size_t i = 0; i < m_spans.size(); ++i) *slot_of(m_spans[i].first, m_spans[i].second) = i + 1;
    }
    size_t* slot = slot_of(begin, length);
    if (*slot != 0) {
        m_values.resize(begin);
        return static_cast<uint32_t>(*slot - 1);
    }
    m_spans.emplace_back(static_cast<uint32_t>(begin), static_cast<uint32_t>(length));
    *slot = m_spans.size();
    return static_cast<uint32_t>(m_spans.size() - 1);
}

void IndexWriter::post_tuple(uint16_t parameter, const std::vector<uint32_t>& parts) {
    m_tuples.push_back({parameter, static_cast<uint8_t>(parts.size()), static_cast<uint32_t>(m_parts.size())});
    m_parts.insert(m_parts.end(), parts.begin(), parts.end());
}

std::string IndexWriter::finish() {
    std::sort(m_posts.begin(), m_posts.end(), [](const Post& a, const Post& b) {
        return a.parameter != b.parameter ? a.parameter < b.parameter : a.value < b.value;
    });
    const auto same = [](const Post& a, const Post& b) { return a.parameter == b.parameter && a.value == b.value; };
    m_posts.erase(std::unique(m_posts.begin(), m_posts.end(), same), m_posts.end());
    std::sort(m_tuples.begin(), m_tuples.end(), [](const Tuple& a, const Tuple& b) {
        return a.parameter != b.parameter ? a.parameter < b.parameter : a.first < b.first;
    });
    std::string postings;
    uint16_t previous = 0;
    const auto begin_posting = [&](uint16_t parameter, size_t count, uint8_t width) {
        put_varint(postings, static_cast<uint64_t>(parameter - previous));
        previous = parameter;
        put_varint(postings, count);
        postings += static_cast<char>(width);
    };
    size_t tuple = 0;
    const auto write_tuples = [&](uint32_t below) {
        while (tuple < m_tuples.size() && m_tuples[tuple].parameter < below) {
            size_t end = tuple;
            while (end < m_tuples.size() && m_tuples[end].parameter == m_tuples[tuple].parameter) ++end;
            begin_posting(m_tuples[tuple].parameter, end - tuple, m_tuples[tuple].width);
            for (; tuple < end; ++tuple)
                for (size_t part = 0; part < m_tuples[tuple].width; ++part)
                    put_varint(postings, m_parts[m_tuples[tuple].first + part]);
        }
    };
    for (size_t i = 0; i < m_posts.size();) {
        size_t end = i;
        while (end < m_posts.size() && m_posts[end].parameter == m_posts[i].parameter) ++end;
        write_tuples(m_posts[i].parameter);
        begin_posting(m_posts[i].parameter, end - i, 1);
        for (; i < end; ++i) put_varint(postings, m_posts[i].value);
    }
    write_tuples(UINT32_MAX);
    std::string out;
    out.reserve(m_values.size() + postings.size() + m_spans.size() + 8);
    out += kVersion;
    put_varint(out, m_spans.size());
    for (const auto& span : m_spans) put_varint(out, span.second);
    put_varint(out, postings.size());
    out += postings;
    out += m_values;
    return out;
}

IndexView::IndexView(std::string_view bytes) {
    Reader in{bytes};
    if (in.byte() != kVersion) return;
    const uint64_t count = in.varint();
    const size_t begin = in.at;
    skip_varints(in, count);
    m_lengths = bytes.substr(begin, in.at - begin);
    m_postings = in.text();
    m_values = bytes.substr(in.at);
}

IndexView::Posting IndexView::find(uint16_t parameter) const {
    Reader in{m_postings};
    uint64_t current = 0;
    while (in.at < m_postings.size()) {
        current += in.varint();
        const size_t count = in.varint();
        const size_t width = std::max<size_t>(in.byte(), 1);
        if (current == parameter) return {m_postings.substr(in.at), count, width};
        if (current > parameter) return {};
        skip_varints(in, count * width);
    }
    return {};
}

IndexView::Values::Values(const IndexView& index, uint16_t parameter)
    : m_index(index), m_posting(index.find(parameter)), m_left(m_posting.count * m_posting.width) {}

bool IndexView::Values::next(IndexValue& value) {
    if (m_left == 0 || m_at >= m_posting.list.size()) return false;
    --m_left;
    Reader numbers{m_posting.list, m_at};
    const size_t wanted = numbers.varint();
    m_at = numbers.at;
    if (wanted < m_number) m_number = m_length_at = m_value_at = 0;
    Reader lengths{m_index.m_lengths, m_length_at};
    for (; m_number < wanted && lengths.at < lengths.bytes.size(); ++m_number) m_value_at += lengths.varint();
    m_length_at = lengths.at;
    const size_t length = lengths.varint();
    value = decode_value(m_value_at < m_index.m_values.size() ? m_index.m_values.substr(m_value_at, length)
                                                              : std::string_view());
    return true;
}

std::vector<uint16_t> IndexView::parameters() const {
    std::vector<uint16_t> out;
    Reader in{m_postings};
    uint64_t current = 0;
    while (in.at < m_postings.size()) {
        current += in.varint();
        out.push_back(static_cast<uint16_t>(current));
        const size_t count = in.varint();
        skip_varints(in, count * std::max<size_t>(in.byte(), 1));
    }
    return out;
}

} // namespace musubi::fhir
