#include "core/identity/person.h"

#include "core/identity/person_columns.h"
#include "lib/japanese/normalize.h"

#include <algorithm>

namespace musubi::identity {
namespace {

constexpr db::Query kInsert{
    "identity.create_person",
    "INSERT INTO identity_person (id, name, name_has_substitutes, kana, birth_date, sex, address, source,"
    " certified_at, resident_id, email, email_normal, telephone, language, password_hash, name_normal, name_head,"
    " kana_normal, kana_head, address_normal, created_at)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $9)"
    " ON CONFLICT DO NOTHING"};
constexpr db::Query kFind{"identity.find_person", MUSUBI_PERSON_COLUMNS " WHERE id = $1 AND erased_at IS NULL"};
constexpr db::Query kByEmail{"identity.by_email",
                             MUSUBI_PERSON_COLUMNS " WHERE email_normal = $1 AND erased_at IS NULL"};
constexpr db::Query kByResident{"identity.by_resident",
                                MUSUBI_PERSON_COLUMNS " WHERE resident_id = $1 AND erased_at IS NULL"};
constexpr db::Query kByBirth{"identity.by_birth",
                             MUSUBI_CANDIDATE_COLUMNS " WHERE birth_date = $1 AND erased_at IS NULL"
                                                      " ORDER BY kana_normal, name_normal, id LIMIT $2"};
constexpr db::Query kByName{"identity.by_name",
                            MUSUBI_CANDIDATE_COLUMNS " WHERE name_head = $1 AND erased_at IS NULL"
                                                     " ORDER BY kana_normal, name_normal, id LIMIT $2"};
constexpr db::Query kByKana{"identity.by_kana",
                            MUSUBI_CANDIDATE_COLUMNS " WHERE kana_head = $1 AND erased_at IS NULL"
                                                     " ORDER BY kana_normal, name_normal, id LIMIT $2"};
constexpr db::Query kByText{"identity.by_text", MUSUBI_CANDIDATE_COLUMNS
                            " WHERE name_normal LIKE $1 ESCAPE '!' AND kana_normal LIKE $2 ESCAPE '!'"
                            " AND address_normal LIKE $3 ESCAPE '!' AND erased_at IS NULL"
                            " ORDER BY kana_normal, name_normal, id LIMIT $4"};
constexpr db::Query kContact{"identity.change_contact",
                             "UPDATE identity_person SET telephone = CASE WHEN $2 = '' THEN telephone ELSE $3 END,"
                             " language = CASE WHEN $4 = '' THEN language ELSE $4 END"
                             " WHERE id = $1 AND erased_at IS NULL"};
constexpr db::Query kEmailOwner{"identity.email_owner", "SELECT id FROM identity_person WHERE email_normal = $1"};
constexpr db::Query kEmail{"identity.change_email", "UPDATE identity_person SET email = $2, email_normal = $3"
                                                    " WHERE id = $1 AND erased_at IS NULL"};
constexpr db::Query kPassword{"identity.change_password", "UPDATE identity_person SET password_hash = $2"
                                                          " WHERE id = $1 AND erased_at IS NULL"};
constexpr db::Query kPasswordOf{"identity.password_of", "SELECT password_hash FROM identity_person"
                                                        " WHERE id = $1 AND erased_at IS NULL"};
constexpr db::Query kAttributes{
    "identity.change_attributes",
    "UPDATE identity_person SET name = $2, name_has_substitutes = $3, birth_date = $4, sex = $5, address = $6,"
    " name_normal = $7, name_head = $8, address_normal = $9, certified_at = $10, source = 'card'"
    " WHERE id = $1 AND erased_at IS NULL"};

constexpr int kCandidateLimit = 2000;
constexpr size_t kHeadLength = 2;

struct Candidate {
    Person person;
    std::string name;
    std::string kana;
    std::string address;
    static Candidate from(db::Reader& row) {
        Person person = Person::from(row);
        return {.person = std::move(person), .name = row, .kana = row, .address = row};
    }
};

std::string like_text(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '%' || c == '_' || c == '!') out.push_back('!');
        out.push_back(c);
    }
    return out;
}

size_t characters(std::string_view text) {
    return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

} // namespace

Person Person::from(db::Reader& row) {
    const auto id = row.get<base::PersonId>();
    std::string name = row.get<std::string>();
    const bool substitutes = row.get<bool>();
    auto kana = row.get<std::optional<std::string>>();
    const auto birth_date = row.get<base::CivilDate>();
    return {.id = id,
            .name = std::move(name),
            .name_has_substitutes = substitutes,
            .kana = std::move(kana),
            .birth_date = birth_date,
            .sex = row.get<Sex>(),
            .address = row.get<std::string>(),
            .source = row.get<Source>(),
            .certified_at = row.get<base::Instant>(),
            .resident = row.get<std::optional<residents::ResidentId>>(),
            .email = row.get<std::optional<std::string>>(),
            .telephone = row.get<std::optional<std::string>>(),
            .language = row.get<std::string>(),
            .has_password = row.get<bool>(),
            .created_at = row.get<base::Instant>(),
            .closed_at = row.get<std::optional<base::Instant>>(),
            .erase_at = row.get<std::optional<base::Instant>>()};
}

base::Task<base::Result<Person>> create_person(db::WriteTx& tx, base::Random& random, const NewPerson& person,
                                               base::Instant now) {
    const auto id = base::PersonId::make(now, random);
    const std::string name = japanese::normal_name(person.name);
    const std::string kana = japanese::normal_kana(person.kana.value_or(""));
    const std::string address = japanese::normal_address(person.address);
    std::optional<std::string> email_normal;
    if (person.email) email_normal = japanese::normal_email(*person.email);
    const int64_t added =
        co_await tx.run(kInsert, id, person.name, person.name_has_substitutes, person.kana, person.birth_date,
                        person.sex, person.address, person.source, now, person.resident, person.email, email_normal,
                        person.telephone, person.language, person.password_hash, name,
                        japanese::head(name, kHeadLength), kana, japanese::head(kana, kHeadLength), address);
    if (added == 0) co_return base::conflict("registration.already-registered");
    auto created = co_await find_person(tx, id);
    co_return std::move(*created);
}

base::Task<std::optional<Person>> find_person(db::ReadTx& tx, const base::PersonId& id) {
    return tx.one<Person>(kFind, id);
}

base::Task<std::optional<Person>> find_by_email(db::ReadTx& tx, std::string_view email) {
    return tx.one<Person>(kByEmail, japanese::normal_email(email));
}

base::Task<std::optional<Person>> find_by_resident(db::ReadTx& tx, const residents::ResidentId& resident) {
    return tx.one<Person>(kByResident, resident);
}

base::Task<std::vector<Person>> search_persons(db::ReadTx& tx, const residents::Search& search, int limit) {
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
        candidates = co_await tx.all<Candidate>(kByText, like_text(name) + "%", like_text(kana) + "%",
                                                "%" + like_text(address) + "%", limit);
    }
    std::vector<Person> out;
    for (Candidate& candidate : candidates) {
        if (static_cast<int>(out.size()) >= limit) break;
        if (candidate.name.starts_with(name) && candidate.kana.starts_with(kana) &&
            candidate.address.find(address) != std::string::npos)
            out.push_back(std::move(candidate.person));
    }
    co_return out;
}

base::Task<> change_contact(db::WriteTx& tx, const base::PersonId& id, const ContactChange& change) {
    std::optional<std::string> telephone;
    if (change.telephone && !change.telephone->empty()) telephone = change.telephone;
    co_await tx.run(kContact, id, change.telephone ? "set" : "", telephone, change.language.value_or(""));
}

base::Task<bool> change_email(db::WriteTx& tx, const base::PersonId& id, std::string_view email) {
    const std::string normal = japanese::normal_email(email);
    const auto owner = co_await tx.one<base::PersonId>(kEmailOwner, normal);
    if (owner && *owner != id) co_return false;
    co_await tx.run(kEmail, id, std::string(email), normal);
    co_return true;
}

base::Task<> change_password(db::WriteTx& tx, const base::PersonId& id, std::string_view password_hash) {
    co_await tx.run(kPassword, id, std::string(password_hash));
}

base::Task<std::optional<std::string>> password_hash_of(db::ReadTx& tx, const base::PersonId& id) {
    const auto found = co_await tx.one<std::optional<std::string>>(kPasswordOf, id);
    co_return found ? *found : std::nullopt;
}

base::Task<> change_attributes(db::WriteTx& tx, const base::PersonId& id, const CertifiedAttributes& attributes,
                               base::Instant now) {
    const std::string name = japanese::normal_name(attributes.name);
    co_await tx.run(kAttributes, id, attributes.name, attributes.name_has_substitutes, attributes.birth_date,
                    attributes.sex, attributes.address, name, japanese::head(name, kHeadLength),
                    japanese::normal_address(attributes.address), now);
}

} // namespace musubi::identity
