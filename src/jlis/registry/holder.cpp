#include "jlis/registry/holder.h"

#include "lib/db/enum_column.h"

namespace musubi::registry {
namespace {

#define MUSUBI_HOLDER_FIELDS                                                                                           \
    "id, name, name_substitutes, kana, birth_date, sex, address, address_substitutes, municipality, state"

constexpr db::Query kNext{"registry.next_number", "INSERT INTO registry_counter (name, last) VALUES ($1, 1)"
                                                  " ON CONFLICT (name) DO UPDATE SET last = registry_counter.last + 1"
                                                  " RETURNING last"};
constexpr db::Query kFind{"registry.find_holder", "SELECT " MUSUBI_HOLDER_FIELDS " FROM registry_holder WHERE id = $1"};
constexpr db::Query kSearch{"registry.search_holders",
                            "SELECT " MUSUBI_HOLDER_FIELDS " FROM registry_holder"
                            " WHERE id = $1 OR name LIKE $2 OR kana LIKE $2 OR address LIKE $2"
                            " ORDER BY kana, id LIMIT $3"};
constexpr db::Query kSave{
    "registry.save_holder",
    "INSERT INTO registry_holder (" MUSUBI_HOLDER_FIELDS ", updated_at)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
    " ON CONFLICT (id) DO UPDATE SET name = excluded.name, name_substitutes = excluded.name_substitutes,"
    " kana = excluded.kana, birth_date = excluded.birth_date, sex = excluded.sex, address = excluded.address,"
    " address_substitutes = excluded.address_substitutes, municipality = excluded.municipality,"
    " state = excluded.state, updated_at = excluded.updated_at"};

constexpr db::Query kAddCard{"registry.add_card", "INSERT INTO registry_card (holder_id, id, issued_at, expires_on)"
                                                  " VALUES ($1, $2, $3, $4)"};
constexpr db::Query kFindCard{"registry.find_card", "SELECT holder_id, id, issued_at, expires_on FROM registry_card"
                                                    " WHERE holder_id = $1 AND id = $2"};

/// LIKE takes % and _ as wildcards; people type them by accident only.
std::string like_pattern(std::string_view text) {
    std::string out = "%";
    for (char c : text)
        if (c != '%' && c != '_' && c != '\\') out += c;
    return out += '%';
}

} // namespace

base::Task<int64_t> next_number(db::WriteTx& tx, std::string name) {
    const auto number = co_await tx.change<int64_t>(kNext, std::move(name));
    co_return *number;
}

Holder Holder::from(db::Reader& row) {
    return {.id = row,
            .name = row,
            .name_substitutes = row,
            .kana = row,
            .birth_date = row,
            .sex = db::enum_value<Sex>(row),
            .address = row,
            .address_substitutes = row,
            .municipality = row,
            .state = db::enum_value<HolderState>(row)};
}

pki::CertifiedAttributes Holder::attributes() const {
    using To = pki::CertifiedAttributes::Sex;
    const To to = sex == Sex::Male ? To::Male : sex == Sex::Female ? To::Female : To::Unknown;
    return {name, name_substitutes, address, address_substitutes, birth_date, to};
}

bool Holder::same_attributes(const Holder& other) const {
    return name == other.name && address == other.address && birth_date == other.birth_date && sex == other.sex;
}

bool valid_holder_id(std::string_view id) {
    if (id.empty() || id.size() > 64) return false;
    for (char c : id) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && !(c >= '0' && c <= '9') && c != '-') return false;
    }
    return true;
}

base::Task<std::optional<Holder>> find_holder(db::ReadTx& tx, std::string id) {
    co_return co_await tx.one<Holder>(kFind, std::move(id));
}

base::Task<std::vector<Holder>> search_holders(db::ReadTx& tx, std::string text, int64_t limit) {
    const std::string pattern = like_pattern(text);
    co_return co_await tx.all<Holder>(kSearch, std::move(text), pattern, limit);
}

base::Task<bool> save_holder(db::WriteTx& tx, Holder holder, base::Instant now) {
    const auto before = co_await find_holder(tx, holder.id);
    const bool changed = before && !before->same_attributes(holder);
    co_await tx.run(kSave, holder.id, holder.name, holder.name_substitutes, holder.kana, holder.birth_date,
                    db::enum_name(holder.sex), holder.address, holder.address_substitutes, holder.municipality,
                    db::enum_name(holder.state), now);
    co_return changed;
}

base::Task<> add_card(db::WriteTx& tx, Card card) {
    co_await tx.run(kAddCard, card.holder_id, card.id, card.issued_at, card.expires_on);
}

base::Task<std::optional<Card>> find_card(db::ReadTx& tx, std::string holder_id, std::string id) {
    co_return co_await tx.one<Card>(kFindCard, std::move(holder_id), std::move(id));
}

} // namespace musubi::registry
