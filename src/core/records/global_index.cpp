#include "core/records/global_index.h"

#include "lib/fhir/index.h"

#include <algorithm>
#include <set>

namespace musubi::records {
namespace {

using r4::SearchKind;

constexpr db::Query kAddToken{"records.add_token", "INSERT INTO records_token (type, parameter, value, person_id, id)"
                                                   " VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING"};
constexpr db::Query kAddText{"records.add_text", "INSERT INTO records_text (type, parameter, value, person_id, id)"
                                                 " VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING"};
constexpr db::Query kAddDate{"records.add_date", "INSERT INTO records_date (type, parameter, low, high, person_id, id)"
                                                 " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING"};
constexpr db::Query kDropTokens{"records.drop_tokens",
                                "DELETE FROM records_token WHERE person_id = $1 AND type = $2 AND id = $3"};
constexpr db::Query kDropTexts{"records.drop_texts",
                               "DELETE FROM records_text WHERE person_id = $1 AND type = $2 AND id = $3"};
constexpr db::Query kDropDates{"records.drop_dates",
                               "DELETE FROM records_date WHERE person_id = $1 AND type = $2 AND id = $3"};
constexpr db::Query kTokens{"records.by_token", "SELECT person_id, id FROM records_token"
                                                " WHERE type = $1 AND parameter = $2 AND value = $3 LIMIT $4"};
constexpr db::Query kTexts{"records.by_text", "SELECT DISTINCT person_id, id FROM records_text WHERE type = $1"
                                              " AND parameter = $2 AND value >= $3 AND value < $4 LIMIT $5"};
constexpr db::Query kDates{"records.by_date", "SELECT DISTINCT person_id, id FROM records_date WHERE type = $1"
                                              " AND parameter = $2 AND low >= $3 AND low < $4 LIMIT $5"};

/// Everything has its identifiers in the index; other parameters are worth it only where staff look for someone or
/// something without knowing whose it is.
struct Declared {
    r4::ResourceType type;
    std::string_view code;
};
constexpr Declared kDeclared[] = {
    {r4::ResourceType::Patient, "name"},        {r4::ResourceType::Patient, "family"},
    {r4::ResourceType::Patient, "given"},       {r4::ResourceType::Patient, "birthdate"},
    {r4::ResourceType::Patient, "phone"},       {r4::ResourceType::Patient, "address-postalcode"},
    {r4::ResourceType::RelatedPerson, "name"},  {r4::ResourceType::Organization, "name"},
    {r4::ResourceType::Location, "name"},       {r4::ResourceType::Practitioner, "name"},
    {r4::ResourceType::Practitioner, "family"}, {r4::ResourceType::Practitioner, "given"},
    {r4::ResourceType::Questionnaire, "url"},   {r4::ResourceType::Immunization, "lot-number"},
    {r4::ResourceType::Appointment, "date"},    {r4::ResourceType::Slot, "start"},
    {r4::ResourceType::Task, "status"},
};
constexpr size_t kLongestText = 64;

bool is_declared(r4::ResourceType type, const r4::SearchParameter& parameter) {
    if (parameter.code == "identifier") return true;
    return std::any_of(std::begin(kDeclared), std::end(kDeclared),
                       [&](const Declared& one) { return one.type == type && one.code == parameter.code; });
}

/// FNV-1a, finished by a multiplication so that short codes differ in every bit. What is found is compared again.
int64_t hash_of(std::string_view text) {
    uint64_t hash = 0xcbf29ce484222325;
    for (const char c : text) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3;
    hash ^= hash >> 32;
    return static_cast<int64_t>(hash * 0x9e3779b97f4a7c15);
}

/// At most kLongestText bytes, cut between characters.
std::string head_of(std::string_view text) {
    if (text.size() <= kLongestText) return std::string(text);
    size_t end = kLongestText;
    while (end > 0 && (static_cast<uint8_t>(text[end]) & 0xC0) == 0x80) --end;
    return std::string(text.substr(0, end));
}

struct TokenRow {
    int64_t parameter;
    int64_t value;
};
struct TextRow {
    int64_t parameter;
    std::string value;
};
struct DateRow {
    int64_t parameter;
    int64_t low;
    int64_t high;
};
struct Rows {
    std::vector<TokenRow> tokens;
    std::vector<TextRow> texts;
    std::vector<DateRow> dates;
};

Rows rows_of(r4::ResourceType type, const r4::IndexView& index) {
    Rows rows;
    for (const uint16_t id : index.parameters()) {
        const r4::SearchParameter& parameter = r4::search_parameter(id);
        if (!is_declared(type, parameter)) continue;
        index.for_each(id, [&](const r4::IndexValue& value) {
            if (value.kind == SearchKind::Token || value.kind == SearchKind::Uri) {
                const std::string code =
                    value.kind == SearchKind::Uri ? std::string(value.code) : r4::fold_token(value.code);
                if (!code.empty()) rows.tokens.push_back({id, hash_of(code)});
            } else if (value.kind == SearchKind::String && !value.text.empty()) {
                rows.texts.push_back({id, head_of(value.text)});
            } else if (value.kind == SearchKind::Date) {
                rows.dates.push_back({id, value.low, value.high});
            }
            return true;
        });
    }
    return rows;
}

/// The first text that does not begin with `head`; folded text never holds the byte FF.
std::string after_all(const std::string& head) { return head + "\xF4\x8F\xBF\xBF"; }

} // namespace

bool is_listed(r4::ResourceType type, const r4::IndexView& index) {
    for (const uint16_t id : index.parameters())
        if (is_declared(type, r4::search_parameter(id))) return true;
    return false;
}

base::Task<> remove_index(db::WriteTx& tx, Owner owner, std::string type, std::string id) {
    co_await tx.run(kDropTokens, owner, type, id);
    co_await tx.run(kDropTexts, owner, type, id);
    co_await tx.run(kDropDates, owner, type, id);
}

base::Task<> write_index(db::WriteTx& tx, Owner owner, std::string type, std::string id, std::string index_values,
                         Replacing replacing) {
    if (replacing == Replacing::Yes) co_await remove_index(tx, owner, type, id);
    const auto known = r4::type_named(type);
    if (!known) co_return;
    const Rows rows = rows_of(*known, r4::IndexView(index_values));
    for (const TokenRow& row : rows.tokens) co_await tx.run(kAddToken, type, row.parameter, row.value, owner, id);
    for (const TextRow& row : rows.texts) co_await tx.run(kAddText, type, row.parameter, row.value, owner, id);
    for (const DateRow& row : rows.dates) co_await tx.run(kAddDate, type, row.parameter, row.low, row.high, owner, id);
}

bool is_answerable(r4::ResourceType type, const r4::Criterion& criterion) {
    if (!criterion.parameter || !is_declared(type, *criterion.parameter)) return false;
    for (const r4::QueryValue& value : criterion.values) {
        switch (criterion.parameter->kind) {
        case SearchKind::Token:
            if (criterion.modifier != r4::Modifier::None || value.code.empty()) return false;
            break;
        case SearchKind::Uri:
            if (criterion.modifier != r4::Modifier::None || value.code.empty()) return false;
            break;
        case SearchKind::String:
            if (criterion.modifier != r4::Modifier::None && criterion.modifier != r4::Modifier::Exact) return false;
            if (r4::fold_string(value.text).empty()) return false;
            break;
        case SearchKind::Date:
            if (criterion.modifier != r4::Modifier::None || value.prefix != r4::Prefix::Equal) return false;
            break;
        default:
            return false;
        }
    }
    return !criterion.values.empty();
}

namespace {

struct Found {
    std::string person;
    std::string id;
    static Found from(db::Reader& row) { return {.person = row, .id = row}; }
};

base::Task<std::vector<Found>> look_up_value(db::ReadTx& tx, std::string type, const r4::SearchParameter& parameter,
                                             const r4::QueryValue& value, int64_t limit) {
    const int64_t id = parameter.id;
    switch (parameter.kind) {
    case SearchKind::Token:
    case SearchKind::Uri: {
        const int64_t hash = hash_of(parameter.kind == SearchKind::Uri ? value.code : r4::fold_token(value.code));
        co_return co_await tx.all<Found>(kTokens, type, id, hash, limit);
    }
    case SearchKind::String: {
        const std::string head = head_of(r4::fold_string(value.text));
        co_return co_await tx.all<Found>(kTexts, type, id, head, after_all(head), limit);
    }
    default:
        // Equality means that the stored range lies within the asked one (R4 section 3.1.1.4.6).
        co_return co_await tx.all<Found>(kDates, type, id, value.range.low, value.range.high, limit);
    }
}

} // namespace

base::Task<std::vector<Key>> look_up(db::ReadTx& tx, r4::ResourceType type, const r4::Criterion& criterion,
                                     size_t limit) {
    std::set<Key> keys;
    const std::string name(r4::name_of(type));
    for (const r4::QueryValue& value : criterion.values) {
        const auto found = co_await look_up_value(tx, name, *criterion.parameter, value, static_cast<int64_t>(limit));
        for (const Found& one : found) keys.insert(Key{Owner::from_key(one.person), one.id});
        if (keys.size() >= limit) break;
    }
    co_return std::vector<Key>(keys.begin(), keys.end());
}

} // namespace musubi::records
