// The municipality's copy of its resident register (住民基本台帳): who lives here, and with whom. The register itself
// is kept elsewhere; this copy answers "is this person a resident" and "who belongs to this household". It holds no
// Individual Number.
#pragma once

#include "base/ids.h"
#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "lib/db/database.h"

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace musubi::residents {

using ResidentId = base::Id<struct ResidentTag>;
using HouseholdId = base::Id<struct HouseholdTag>;

enum class Sex { Male, Female, Unknown };
constexpr auto json_names(Sex) {
    return std::array{std::pair{Sex::Male, "male"}, std::pair{Sex::Female, "female"},
                      std::pair{Sex::Unknown, "unknown"}};
}
db::Value to_value(Sex sex);
Sex from_column(const std::string& text, Sex*);

enum class Standing { Resident, MovedOut, Dead };
constexpr auto json_names(Standing) {
    return std::array{std::pair{Standing::Resident, "resident"}, std::pair{Standing::MovedOut, "moved-out"},
                      std::pair{Standing::Dead, "dead"}};
}
db::Value to_value(Standing standing);
Standing from_column(const std::string& text, Standing*);

struct Resident {
    ResidentId id;
    HouseholdId household;
    std::string name; // as registered: family name, U+3000, given name; any character of Unicode
    std::string kana;
    base::CivilDate birth_date;
    Sex sex;
    std::string postal_code; // seven digits
    std::string address;     // from the prefecture
    std::string relation;    // 続柄 to the head of the household: 世帯主, 妻, 夫, 子, …
    Standing standing = Standing::Resident;

    static Resident from(db::Reader&);
};

/// Adds or replaces by id: the daily load from the register, the demo city.
base::Task<> put(db::WriteTx& tx, const Resident& resident, base::Instant now);
base::Task<std::optional<Resident>> find(db::ReadTx& tx, const ResidentId& id);
/// Everyone of the household who lives here, eldest first.
base::Task<std::vector<Resident>> household_members(db::ReadTx& tx, const HouseholdId& household);

/// The four attributes (基本4情報) of a signature certificate. Substitutes: one digit per character, "1" where the
/// certificate shows a stand-in because the real character is outside its character set; empty = none.
struct Attributes {
    std::string name;
    std::string name_substitutes;
    std::string address;
    std::string address_substitutes;
    base::CivilDate birth_date;
    Sex sex = Sex::Unknown;
};
/// Present residents whose four attributes agree: birth date exactly, sex unless one side does not know it, name and
/// address after normalisation (widths, spaces, variant characters, 丁目・番・号), any character where a stand-in is.
base::Task<std::vector<Resident>> find_by_attributes(db::ReadTx& tx, const Attributes& attributes);

/// What a person wrote on a form or staff typed: partial, with mistakes.
struct Claim {
    std::string name;
    std::string kana;
    base::CivilDate birth_date;
    Sex sex = Sex::Unknown;
    std::string address;
};
enum class Certainty { Sure, Doubtful, None };
constexpr auto json_names(Certainty) {
    return std::array{std::pair{Certainty::Sure, "sure"}, std::pair{Certainty::Doubtful, "doubtful"},
                      std::pair{Certainty::None, "none"}};
}
db::Value to_value(Certainty certainty);
Certainty from_column(const std::string& text, Certainty*);
struct Match {
    Certainty certainty = Certainty::None;
    std::vector<Resident> candidates; // best first, at most ten
};
/// Sure: exactly one resident agrees in name, birth date, sex and address. Doubtful: some agree in birth date and in
/// name or kana or address, or in name and address.
base::Task<Match> match(db::ReadTx& tx, const Claim& claim);

/// For staff: any combination; at least one of them must be given. Names and addresses match by their beginning after
/// normalisation, and addresses also in the middle.
struct Search {
    std::optional<std::string> name;
    std::optional<std::string> kana;
    std::optional<base::CivilDate> birth_date;
    std::optional<std::string> address;
};
base::Task<std::vector<Resident>> search(db::ReadTx& tx, const Search& search, int limit = 20);

db::Migrations migrations();

} // namespace musubi::residents
