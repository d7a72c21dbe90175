#include "core/residents/residents.h"

#include "lib/db/enum_column.h"
#include "lib/japanese/normalize.h"

#include <algorithm>

namespace musubi::residents {
namespace {

constexpr db::Query kPut{
    "residents.put",
    "INSERT INTO residents_resident (id, household_id, name, kana, birth_date, sex, postal_code, address, relation,"
    " standing, name_normal, name_head, kana_normal, kana_head, address_normal, address_head, updated_at)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)"
    " ON CONFLICT (id) DO UPDATE SET household_id = excluded.household_id, name = excluded.name,"
    " kana = excluded.kana, birth_date = excluded.birth_date, sex = excluded.sex,"
    " postal_code = excluded.postal_code, address = excluded.address, relation = excluded.relation,"
    " standing = excluded.standing, name_normal = excluded.name_normal, name_head = excluded.name_head,"
    " kana_normal = excluded.kana_normal, kana_head = excluded.kana_head,"
    " address_normal = excluded.address_normal, address_head = excluded.address_head,"
    " updated_at = excluded.updated_at"};

#define MUSUBI_RESIDENT_COLUMNS                                                                                        \
    "SELECT id, household_id, name, kana, birth_date, sex, postal_code, address, relation, standing"                   \
    " FROM residents_resident"

constexpr db::Query kFind{"residents.find", MUSUBI_RESIDENT_COLUMNS " WHERE id = $1"};
constexpr db::Query kHousehold{"residents.household",
                               MUSUBI_RESIDENT_COLUMNS " WHERE household_id = $1 AND standing = 'resident'"
                                                       " ORDER BY birth_date, id"};

// A resident with the normalised columns beside it.
#define MUSUBI_CANDIDATE_COLUMNS                                                                                       \
    "SELECT id, household_id, name, kana, birth_date, sex, postal_code, address, relation, standing,"                  \
    " name_normal, kana_normal, address_normal FROM residents_resident"

constexpr db::Query kByBirth{"residents.by_birth",
                             MUSUBI_CANDIDATE_COLUMNS " WHERE birth_date = $1 AND standing = 'resident'"
                                                      " ORDER BY kana_normal, id LIMIT $2"};
constexpr db::Query kByName{"residents.by_name",
                            MUSUBI_CANDIDATE_COLUMNS " WHERE name_head = $1 AND standing = 'resident'"
                                                     " ORDER BY kana_normal, id LIMIT $2"};
constexpr db::Query kByKana{"residents.by_kana",
                            MUSUBI_CANDIDATE_COLUMNS " WHERE kana_head = $1 AND standing = 'resident'"
                                                     " ORDER BY kana_normal, id LIMIT $2"};
constexpr db::Query kByText{"residents.by_text",
                            MUSUBI_CANDIDATE_COLUMNS " WHERE name_normal LIKE $1 ESCAPE '!' AND kana_normal LIKE $2"
                                                     " ESCAPE '!' AND address_normal LIKE $3 ESCAPE '!'"
                                                     " AND standing = 'resident' ORDER BY kana_normal, id LIMIT $4"};

constexpr int kCandidateLimit = 2000;
constexpr size_t kHeadLength = 2;

struct Candidate {
    Resident resident;
    std::string name;
    std::string kana;
    std::string address;
    static Candidate from(db::Reader& row) {
        Resident resident = Resident::from(row);
        return {.resident = std::move(resident), .name = row, .kana = row, .address = row};
    }
};

bool same_sex(Sex left, Sex right) { return left == right || left == Sex::Unknown || right == Sex::Unknown; }

std::string like_text(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '%' || c == '_' || c == '!') out.push_back('!');
        out.push_back(c);
    }
    return out;
}

std::string beginning(const std::string& text) { return like_text(text) + "%"; }

size_t characters(std::string_view text) {
    return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

} // namespace

db::Value to_value(Sex sex) { return db::to_value(db::enum_name(sex)); }
Sex from_column(const std::string& text, Sex*) { return db::enum_value<Sex>(text); }
db::Value to_value(Standing standing) { return db::to_value(db::enum_name(standing)); }
Standing from_column(const std::string& text, Standing*) { return db::enum_value<Standing>(text); }
db::Value to_value(Certainty certainty) { return db::to_value(db::enum_name(certainty)); }
Certainty from_column(const std::string& text, Certainty*) { return db::enum_value<Certainty>(text); }

Resident Resident::from(db::Reader& row) {
    return {.id = row,
            .household = row,
            .name = row,
            .kana = row,
            .birth_date = row,
            .sex = row.get<Sex>(),
            .postal_code = row,
            .address = row,
            .relation = row,
            .standing = row.get<Standing>()};
}

base::Task<> put(db::WriteTx& tx, const Resident& resident, base::Instant now) {
    const std::string name = japanese::normal_name(resident.name);
    const std::string kana = japanese::normal_kana(resident.kana);
    const std::string address = japanese::normal_address(resident.address);
    co_await tx.run(kPut, resident.id, resident.household, resident.name, resident.kana, resident.birth_date,
                    resident.sex, resident.postal_code, resident.address, resident.relation, resident.standing, name,
                    japanese::head(name, kHeadLength), kana, japanese::head(kana, kHeadLength), address,
                    japanese::head(address, kHeadLength), now);
}

base::Task<std::optional<Resident>> find(db::ReadTx& tx, const ResidentId& id) { return tx.one<Resident>(kFind, id); }

base::Task<std::vector<Resident>> household_members(db::ReadTx& tx, const HouseholdId& household) {
    return tx.all<Resident>(kHousehold, household);
}

base::Task<std::vector<Resident>> find_by_attributes(db::ReadTx& tx, const Attributes& attributes) {
    const std::string name =
        japanese::normal_name(japanese::mark_substitutes(attributes.name, attributes.name_substitutes));
    const std::string address =
        japanese::normal_address(japanese::mark_substitutes(attributes.address, attributes.address_substitutes));
    const Sex sex = attributes.sex;
    auto candidates = co_await tx.all<Candidate>(kByBirth, attributes.birth_date, kCandidateLimit);
    std::vector<Resident> out;
    for (Candidate& candidate : candidates)
        if (same_sex(candidate.resident.sex, sex) && japanese::matches(name, candidate.name) &&
            japanese::matches(address, candidate.address))
            out.push_back(std::move(candidate.resident));
    co_return out;
}

base::Task<Match> match(db::ReadTx& tx, const Claim& claim) {
    const std::string name = japanese::normal_name(claim.name);
    const std::string kana = japanese::normal_kana(claim.kana);
    const std::string address = japanese::normal_address(claim.address);
    const base::CivilDate birth = claim.birth_date;
    const Sex sex = claim.sex;
    auto candidates = co_await tx.all<Candidate>(kByBirth, birth, kCandidateLimit);
    for (Candidate& other : co_await tx.all<Candidate>(kByName, japanese::head(name, kHeadLength), kCandidateLimit))
        if (other.resident.birth_date != birth) candidates.push_back(std::move(other));

    struct Scored {
        int score;
        Candidate* candidate;
    };
    std::vector<Scored> scored;
    int sure = 0;
    for (Candidate& candidate : candidates) {
        const bool born = candidate.resident.birth_date == birth;
        const bool named = candidate.name == name;
        const bool sounds = !kana.empty() && candidate.kana == kana;
        const bool lives = candidate.address == address;
        if (!(born && (named || sounds || lives)) && !(named && lives)) continue;
        const bool all = born && named && lives && same_sex(candidate.resident.sex, sex);
        if (all) ++sure;
        scored.push_back(
            {(all ? 16 : 0) + (born ? 4 : 0) + (named ? 3 : 0) + (lives ? 2 : 0) + (sounds ? 1 : 0), &candidate});
    }
    std::sort(scored.begin(), scored.end(), [](const Scored& a, const Scored& b) {
        return a.score != b.score ? a.score > b.score : a.candidate < b.candidate; // equal ones as they were found
    });
    Match out;
    if (sure == 1)
        out.certainty = Certainty::Sure;
    else if (!scored.empty())
        out.certainty = Certainty::Doubtful;
    for (size_t i = 0; i < scored.size() && i < 10; ++i)
        out.candidates.push_back(std::move(scored[i].candidate->resident));
    co_return out;
}

base::Task<std::vector<Resident>> search(db::ReadTx& tx, const Search& search, int limit) {
    const std::string name = search.name ? japanese::normal_name(*search.name) : std::string();
    const std::string kana = search.kana ? japanese::normal_kana(*search.kana) : std::string();
    const std::string address = search.address ? japanese::normal_address(*search.address) : std::string();
    const auto birth = search.birth_date;
    std::vector<Candidate> candidates;
    if (birth) {
        candidates = co_await tx.all<Candidate>(kByBirth, *birth, kCandidateLimit);
    } else if (characters(name) >= kHeadLength) {
        candidates = co_await tx.all<Candidate>(kByName, japanese::head(name, kHeadLength), kCandidateLimit);
    } else if (characters(kana) >= kHeadLength) {
        candidates = co_await tx.all<Candidate>(kByKana, japanese::head(kana, kHeadLength), kCandidateLimit);
    } else if (!name.empty() || !kana.empty() || !address.empty()) {
        candidates = co_await tx.all<Candidate>(kByText, beginning(name), beginning(kana),
                                                "%" + like_text(address) + "%", limit);
    }
    std::vector<Resident> out;
    for (Candidate& candidate : candidates) {
        if (static_cast<int>(out.size()) >= limit) break;
        if (candidate.name.starts_with(name) && candidate.kana.starts_with(kana) &&
            candidate.address.find(address) != std::string::npos)
            out.push_back(std::move(candidate.resident));
    }
    co_return out;
}

} // namespace musubi::residents
