#include "services/health_record/vitals_import.h"

#include "core/records/fhir.h"

#include <algorithm>
#include <fmt/core.h>
#include <set>

namespace musubi::health_record {
namespace {

constexpr size_t kMostReported = 100;
constexpr csv::Limits kLimits{
    .max_bytes = 2 * 1024 * 1024, .max_rows = 10'001, .max_columns = 16, .max_field_bytes = 200};

const std::vector<csv::Column>& columns() {
    static const std::vector<csv::Column> all = {
        {"date", {"date", "日付", "測定日", "年月日"}},
        {"time", {"time", "時刻", "時間", "測定時刻"}, csv::Presence::Optional},
        {"kind", {"kind", "種類", "項目"}},
        {"value", {"value", "値", "測定値"}, csv::Presence::Optional},
        {"systolic", {"systolic", "最高血圧", "収縮期血圧"}, csv::Presence::Optional},
        {"diastolic", {"diastolic", "最低血圧", "拡張期血圧"}, csv::Presence::Optional},
        {"pulse", {"pulse", "脈拍", "脈拍数"}, csv::Presence::Optional},
        {"note", {"note", "メモ", "備考"}, csv::Presence::Optional},
    };
    return all;
}

std::optional<VitalKind> kind_named(std::string_view name) {
    static constexpr std::pair<std::string_view, VitalKind> kNames[] = {
        {"血圧", VitalKind::BloodPressure}, {"体重", VitalKind::Weight}, {"身長", VitalKind::Height},
        {"頭囲", VitalKind::Head},          {"歩数", VitalKind::Steps},
    };
    for (const auto& [japanese, kind] : kNames)
        if (japanese == name) return kind;
    return vital_kind(name);
}

/// Full-width digits, colons, points and slashes (U+FF01 to U+FF5E) as their ASCII forms.
std::string half_width(std::string_view text) {
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
        if (text.substr(i, 1) == "\xEF" && i + 2 < text.size()) {
            const auto second = static_cast<unsigned char>(text[i + 1]);
            const auto third = static_cast<unsigned char>(text[i + 2]);
            const unsigned code_point = 0xF000U | (second & 0x3FU) << 6 | (third & 0x3FU);
            if (code_point >= 0xFF01 && code_point <= 0xFF5E) {
                out.push_back(static_cast<char>(code_point - 0xFF01 + 0x21));
                i += 2;
                continue;
            }
        }
        out.push_back(text[i]);
    }
    return out;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
    for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
}

/// The numbers between separators; nothing if there is anything else.
std::optional<std::vector<int>> numbers(std::string_view text, char separator) {
    std::vector<int> out = {0};
    size_t digits = 0;
    for (const char c : text) {
        if (c == separator) {
            if (digits == 0) return std::nullopt;
            out.push_back(0);
            digits = 0;
        } else if (c >= '0' && c <= '9' && digits < 4) {
            out.back() = out.back() * 10 + (c - '0');
            ++digits;
        } else {
            return std::nullopt;
        }
    }
    if (digits == 0) return std::nullopt;
    return out;
}

/// 2026-11-22, 2026/11/2, 2026年11月2日.
std::optional<base::CivilDate> date_of(std::string text) {
    replace_all(text, "年", "-");
    replace_all(text, "月", "-");
    replace_all(text, "日", "");
    std::replace(text.begin(), text.end(), '/', '-');
    const auto parts = numbers(text, '-');
    if (!parts || parts->size() != 3) return std::nullopt;
    return base::CivilDate::of((*parts)[0], static_cast<unsigned>((*parts)[1]), static_cast<unsigned>((*parts)[2]));
}

/// 7:05, 07:05, 07:05:30. Minutes are kept.
std::optional<base::Duration> time_of(const std::string& text) {
    const auto parts = numbers(text, ':');
    if (!parts || parts->size() < 2 || parts->size() > 3) return std::nullopt;
    if ((*parts)[0] > 23 || (*parts)[1] > 59 || (parts->size() == 3 && (*parts)[2] > 59)) return std::nullopt;
    return base::Duration(std::chrono::hours((*parts)[0]) + std::chrono::minutes((*parts)[1]));
}

class RowReader {
  public:
    RowReader(const csv::Table& table, base::CivilDate birth_date, base::Instant now, Confirmation confirmation)
        : m_table(table), m_birth_date(birth_date), m_now(now), m_confirmation(confirmation) {}

    void read(const csv::Table::Row& row, ReadRows& out) {
        const size_t errors_before = out.errors.size();
        const auto fault = [&](std::string_view column, std::string code) {
            out.errors.push_back({static_cast<int64_t>(row.number), m_table.title(column), std::move(code)});
        };
        ImportRow read;
        const auto kind = kind_named(m_table.cell(row, "kind"));
        if (!kind) fault("kind", "kind-unknown");
        const auto date = date_of(half_width(m_table.cell(row, "date")));
        if (!date) fault("date", "date-malformed");
        const std::string clock = half_width(m_table.cell(row, "time"));
        const auto time = clock.empty() ? std::optional<base::Duration>() : time_of(clock);
        if (!clock.empty() && !time) fault("time", "time-malformed");
        if (out.errors.size() != errors_before) return;

        read.kind = *kind;
        read.entry.at = base::start_of_day_in_japan(*date) + time.value_or(base::Duration(0));
        read.entry.effective = time ? records::fhir::date_time(read.entry.at) : date->to_string();
        read.entry.value = number(row, "value");
        read.entry.systolic = number(row, "systolic");
        read.entry.diastolic = number(row, "diastolic");
        read.entry.pulse = number(row, "pulse");
        if (const auto note = m_table.cell(row, "note"); !note.empty()) read.entry.note = std::string(note);
        for (const VitalFault& one : faults_of(read.kind, read.entry, m_birth_date, m_now, m_confirmation))
            fault(one.field == "at" ? "date" : one.field, one.code);
        if (out.errors.size() == errors_before) out.rows.push_back(std::move(read));
    }

  private:
    std::optional<std::string> number(const csv::Table::Row& row, std::string_view key) const {
        const auto cell = m_table.cell(row, key);
        if (cell.empty()) return std::nullopt;
        std::string text = half_width(cell);
        std::erase(text, ','); // "8,120" steps
        return text;
    }

    const csv::Table& m_table;
    base::CivilDate m_birth_date;
    base::Instant m_now;
    Confirmation m_confirmation;
};

/// Two entries are the same measurement when kind, time and numbers are. Numbers are compared as numbers.
std::string fingerprint(VitalKind kind, base::Instant at, const std::vector<std::optional<std::string>>& values) {
    std::string out = fmt::format("{}|{}", name_of_kind(kind), at.milliseconds());
    for (const auto& value : values) {
        std::string text = value.value_or("");
        if (text.find('.') != std::string::npos) {
            text.erase(text.find_last_not_of('0') + 1);
            if (text.back() == '.') text.pop_back();
        }
        out += "|" + text;
    }
    return out;
}

std::string fingerprint(const ImportRow& row) {
    const VitalEntry& entry = row.entry;
    return fingerprint(row.kind, entry.at, {entry.systolic, entry.diastolic, entry.pulse, entry.value});
}

std::string fingerprint(VitalKind kind, const VitalView& view) {
    const auto text = [](const std::optional<json::Decimal>& value) {
        return value ? std::optional(value->text) : std::nullopt;
    };
    return fingerprint(
        kind, view.at,
        {text(view.values.systolic), text(view.values.diastolic), text(view.values.pulse), text(view.values.value)});
}

/// What the record holds already in the time the rows cover.
base::Task<std::set<std::string>> known(db::ReadTx& tx, base::PersonId person, const std::vector<ImportRow>& rows) {
    std::set<std::string> out;
    for (const VitalKind kind :
         {VitalKind::BloodPressure, VitalKind::Weight, VitalKind::Height, VitalKind::Head, VitalKind::Steps}) {
        Span span;
        for (const ImportRow& row : rows) {
            if (row.kind != kind) continue;
            span.from = std::min(span.from.value_or(row.entry.at), row.entry.at);
            span.before = std::max(span.before.value_or(row.entry.at), row.entry.at + std::chrono::milliseconds(1));
        }
        if (!span.from) continue;
        const auto present = co_await vitals_of(tx, person, kind, span, 1'000'000);
        for (const VitalView& view : present) out.insert(fingerprint(kind, view));
    }
    co_return out;
}

} // namespace

base::Result<ReadRows> read_vitals_csv(std::string_view bytes, base::CivilDate birth_date, base::Instant now,
                                       Confirmation confirmation) {
    MUSUBI_TRY(const csv::Table table, csv::parse_table(bytes, columns(), kLimits));
    ReadRows out;
    RowReader reader(table, birth_date, now, confirmation);
    for (const auto& row : table.rows) reader.read(row, out);
    return out;
}

base::Task<base::Result<ImportReport>> import_vitals(db::WriteTx& tx, base::Random& random, base::PersonId person,
                                                     identity::Relation entered_by, ReadRows read, BadRows bad_rows,
                                                     base::Instant now) {
    ImportReport report;
    report.error_count = static_cast<int64_t>(read.errors.size());
    report.errors = std::move(read.errors);
    if (report.errors.size() > kMostReported) report.errors.resize(kMostReported);
    if (report.error_count > 0 && bad_rows == BadRows::RefuseFile) co_return report;

    std::set<std::string> present = co_await known(tx, person, read.rows);
    for (const ImportRow& row : read.rows) {
        if (!present.insert(fingerprint(row)).second) {
            ++report.skipped;
            continue;
        }
        records::Draft draft;
        draft.type = "Observation";
        draft.origin = records::Origin::Self;
        draft.body = observation_of(row.kind, row.entry, person, entered_by);
        auto stored = co_await records::put(tx, random, person, std::move(draft), now);
        if (!stored) co_return std::move(stored).error();
        ++report.accepted;
    }
    co_return report;
}

} // namespace musubi::health_record
