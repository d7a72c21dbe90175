#include "lib/csv/csv.h"

#include "base/encoding.h"

#include <memory>
#include <unicode/ucnv.h>

namespace musubi::csv {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
// Shift_JIS as Windows writes it (NEC and IBM extensions included). Shift_JIS proper lacks ① and 髙.
constexpr const char* kJapaneseWindows = "windows-31j";

base::Result<std::string> decode_shift_jis(std::string_view bytes) {
    UErrorCode status = U_ZERO_ERROR;
    std::unique_ptr<UConverter, decltype(&ucnv_close)> converter(ucnv_open(kJapaneseWindows, &status), &ucnv_close);
    if (U_FAILURE(status)) return base::internal("ICU has no windows-31j converter");
    ucnv_setToUCallBack(converter.get(), UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &status);
    // One byte becomes at most one UTF-16 unit here, two bytes at most two.
    std::u16string units(bytes.size() + 1, u'\0');
    const int32_t length = ucnv_toUChars(converter.get(), units.data(), static_cast<int32_t>(units.size()),
                                         bytes.data(), static_cast<int32_t>(bytes.size()), &status);
    if (U_FAILURE(status)) return base::invalid("csv.encoding-unknown");
    std::unique_ptr<UConverter, decltype(&ucnv_close)> utf8((status = U_ZERO_ERROR, ucnv_open("UTF-8", &status)),
                                                            &ucnv_close);
    if (U_FAILURE(status)) return base::internal("ICU has no UTF-8 converter");
    ucnv_setFromUCallBack(utf8.get(), UCNV_FROM_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &status);
    std::string text(static_cast<size_t>(length) * 3 + 1, '\0');
    const int32_t written =
        ucnv_fromUChars(utf8.get(), text.data(), static_cast<int32_t>(text.size()), units.data(), length, &status);
    if (U_FAILURE(status)) return base::invalid("csv.encoding-unknown");
    text.resize(static_cast<size_t>(written));
    return text;
}

base::Error at(std::string code, size_t row, size_t column) {
    return base::invalid(std::move(code)).with("row", std::to_string(row)).with("column", std::to_string(column));
}

bool is_forbidden_control(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t' && c != '\r' && c != '\n') || byte == 0x7F;
}

/// U+E000 to U+F8FF: 外字 that mean something on one machine only, and something else here.
bool has_private_use_character(std::string_view text) {
    for (size_t i = 0; i + 2 < text.size(); ++i) {
        const auto first = static_cast<unsigned char>(text[i]);
        const auto second = static_cast<unsigned char>(text[i + 1]);
        if (first == 0xEE || (first == 0xEF && second < 0xA4)) return true;
    }
    return false;
}

class Parser {
  public:
    Parser(std::string_view text, const Limits& limits) : m_text(text), m_limits(limits) {}

    base::Result<std::vector<Record>> run() {
        std::vector<Record> records;
        size_t row = 0;
        while (m_at < m_text.size()) {
            if (++row > m_limits.max_rows) return at("csv.too-many-rows", row, 1);
            Record record{row, {}};
            MUSUBI_CHECK(read_record(record));
            const bool blank = record.fields.size() == 1 && record.fields.front().empty();
            if (!blank) records.push_back(std::move(record));
        }
        return records;
    }

  private:
    base::Status read_record(Record& record) {
        for (;;) {
            const size_t column = record.fields.size() + 1;
            if (column > m_limits.max_columns) return at("csv.too-many-columns", record.row, column);
            std::string field;
            const bool quoted = m_at < m_text.size() && m_text[m_at] == '"';
            MUSUBI_CHECK(quoted ? read_quoted(field, record.row, column) : read_plain(field, record.row, column));
            if (has_private_use_character(field)) return at("csv.user-defined-character", record.row, column);
            record.fields.push_back(std::move(field));
            if (m_at == m_text.size()) return base::success();
            if (m_text[m_at] == ',') {
                ++m_at;
                continue;
            }
            m_at += m_text.substr(m_at, 2) == "\r\n" ? 2 : 1;
            return base::success();
        }
    }

    base::Status read_plain(std::string& field, size_t row, size_t column) {
        while (m_at < m_text.size()) {
            const char c = m_text[m_at];
            if (c == ',' || c == '\n' || c == '\r') break;
            if (c == '"') return at("csv.quote-misplaced", row, column);
            MUSUBI_CHECK(append(field, c, row, column));
            ++m_at;
        }
        return base::success();
    }

    base::Status read_quoted(std::string& field, size_t row, size_t column) {
        ++m_at;
        while (m_at < m_text.size()) {
            const char c = m_text[m_at++];
            if (c == '"') {
                if (m_at == m_text.size() || m_text[m_at] == ',' || m_text[m_at] == '\n' || m_text[m_at] == '\r')
                    return base::success();
                if (m_text[m_at] != '"') return at("csv.quote-misplaced", row, column);
                ++m_at;
            }
            MUSUBI_CHECK(append(field, c, row, column));
        }
        return at("csv.quote-unclosed", row, column);
    }

    base::Status append(std::string& field, char c, size_t row, size_t column) const {
        if (is_forbidden_control(c)) return at("csv.control-character", row, column);
        if (field.size() == m_limits.max_field_bytes) return at("csv.field-too-long", row, column);
        field.push_back(c);
        return base::success();
    }

    std::string_view m_text;
    const Limits& m_limits;
    size_t m_at = 0;
};

} // namespace

base::Result<std::string> to_utf8(std::string_view bytes, Encoding& encoding) {
    encoding = Encoding::Utf8;
    const bool marked = bytes.substr(0, kByteOrderMark.size()) == kByteOrderMark;
    const std::string_view text = marked ? bytes.substr(kByteOrderMark.size()) : bytes;
    if (base::valid_utf8(text)) return std::string(text);
    if (marked) return base::invalid("csv.encoding-unknown");
    encoding = Encoding::ShiftJis;
    return decode_shift_jis(bytes);
}

base::Result<File> parse(std::string_view bytes, const Limits& limits) {
    if (bytes.size() > limits.max_bytes)
        return base::error(base::ErrorKind::TooLarge, "csv.too-large").with("bytes", std::to_string(limits.max_bytes));
    File file;
    MUSUBI_TRY(const std::string text, to_utf8(bytes, file.encoding));
    MUSUBI_TRY(file.records, Parser(text, limits).run());
    return file;
}

void append_record(std::string& out, const std::vector<std::string>& fields) {
    for (size_t i = 0; i < fields.size(); ++i) {
        if (i != 0) out.push_back(',');
        const std::string& field = fields[i];
        const bool formula = !field.empty() &&
                             std::string_view("=+-@\t").find(field.front()) != std::string_view::npos &&
                             field.find_first_not_of("0123456789.-+") != std::string::npos;
        if (!formula && field.find_first_of(",\"\r\n") == std::string::npos) {
            out += field;
            continue;
        }
        out.push_back('"');
        if (formula) out.push_back('\'');
        for (const char c : field) {
            if (c == '"') out.push_back('"');
            out.push_back(c);
        }
        out.push_back('"');
    }
    out += "\r\n";
}

} // namespace musubi::csv
