// Holders: residents as the register reports them to the certification side.
#pragma once

#include "jlis/registry/registry.h"
#include "lib/pki/profile.h"

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace musubi::registry {

enum class Sex { Male, Female, Unknown };
constexpr auto json_names(Sex) {
    return std::array{std::pair{Sex::Male, "male"}, std::pair{Sex::Female, "female"},
                      std::pair{Sex::Unknown, "unknown"}};
}
enum class HolderState { Resident, Dead, Abroad };
constexpr auto json_names(HolderState) {
    return std::array{std::pair{HolderState::Resident, "resident"}, std::pair{HolderState::Dead, "dead"},
                      std::pair{HolderState::Abroad, "abroad"}};
}

struct Holder {
    std::string id; // chosen by the register: 1 to 64 letters, digits and hyphens
    std::string name;
    std::string name_substitutes; // see pki::CertifiedAttributes
    std::string kana;
    base::CivilDate birth_date;
    Sex sex = Sex::Unknown;
    std::string address;
    std::string address_substitutes;
    std::string municipality; // 全国地方公共団体コード, 5 or 6 digits
    HolderState state = HolderState::Resident;

    static Holder from(db::Reader& row);
    pki::CertifiedAttributes attributes() const;
    /// True if the four attributes (基本4情報) are the same.
    bool same_attributes(const Holder& other) const;
};

bool valid_holder_id(std::string_view id);

base::Task<std::optional<Holder>> find_holder(db::ReadTx& tx, std::string id);
/// Text that stands anywhere in name, reading or address, or is the id; ordered by reading.
base::Task<std::vector<Holder>> search_holders(db::ReadTx& tx, std::string text, int64_t limit);
/// Takes the register's copy. Returns true when the four attributes of a known holder changed; the caller then revokes
/// the signature certificate (see revoke_for_change).
base::Task<bool> save_holder(db::WriteTx& tx, Holder holder, base::Instant now);

struct Card {
    std::string holder_id;
    std::string id;
    base::Instant issued_at;
    base::CivilDate expires_on;

    static Card from(db::Reader& row) { return {.holder_id = row, .id = row, .issued_at = row, .expires_on = row}; }
};
base::Task<> add_card(db::WriteTx& tx, Card card);
base::Task<std::optional<Card>> find_card(db::ReadTx& tx, std::string holder_id, std::string id);

} // namespace musubi::registry
