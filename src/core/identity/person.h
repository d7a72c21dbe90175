// A person, for life. The id contains no municipality and no number of the state; certificates are many to one person;
// the Individual Number is stored nowhere.
#pragma once

#include "base/ids.h"
#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "core/residents/residents.h"
#include "lib/db/database.h"

#include <array>
#include <optional>
#include <string>
#include <vector>

namespace musubi::identity {

using residents::Sex;

/// How the four attributes were proven.
enum class Source { Card, Letter, Company, Register };
constexpr auto json_names(Source) {
    return std::array{std::pair{Source::Card, "card"}, std::pair{Source::Letter, "letter"},
                      std::pair{Source::Company, "company"}, std::pair{Source::Register, "register"}};
}
db::Value to_value(Source source);
Source from_column(const std::string& text, Source*);

struct Person {
    base::PersonId id;
    std::string name;
    bool name_has_substitutes = false;
    std::optional<std::string> kana;
    base::CivilDate birth_date;
    Sex sex = Sex::Unknown;
    std::string address;
    Source source = Source::Card;
    base::Instant certified_at;
    std::optional<residents::ResidentId> resident; // absent for employees of contracted companies who live elsewhere
    std::optional<std::string> email;              // absent for children
    std::optional<std::string> telephone;
    std::string language; // ja, ja-easy, en
    bool has_password = false;
    base::Instant created_at;
    std::optional<base::Instant> closed_at; // closed: no sign-in except to reopen
    std::optional<base::Instant> erase_at;

    static Person from(db::Reader&);
};

struct NewPerson {
    std::string name;
    bool name_has_substitutes = false;
    std::optional<std::string> kana;
    base::CivilDate birth_date;
    Sex sex = Sex::Unknown;
    std::string address;
    Source source = Source::Card;
    std::optional<residents::ResidentId> resident;
    std::optional<std::string> email;
    std::optional<std::string> telephone;
    std::string language = "ja";
    std::optional<std::string> password_hash;
};

/// "registration.already-registered" (Conflict) when the resident or the e-mail address belongs to a person already.
base::Task<base::Result<Person>> create_person(db::WriteTx& tx, base::Random& random, const NewPerson& person,
                                               base::Instant now);
base::Task<std::optional<Person>> find_person(db::ReadTx& tx, const base::PersonId& id);
base::Task<std::optional<Person>> find_by_email(db::ReadTx& tx, std::string_view email);
base::Task<std::optional<Person>> find_by_resident(db::ReadTx& tx, const residents::ResidentId& resident);

/// For staff, the same rules as residents::search; persons who live elsewhere are found too.
base::Task<std::vector<Person>> search_persons(db::ReadTx& tx, const residents::Search& search, int limit = 20);

struct ContactChange {
    std::optional<std::string> telephone;
    std::optional<std::string> language;
};
base::Task<> change_contact(db::WriteTx& tx, const base::PersonId& id, const ContactChange& change);
/// False when another person uses the address.
base::Task<bool> change_email(db::WriteTx& tx, const base::PersonId& id, std::string_view email);
base::Task<> change_password(db::WriteTx& tx, const base::PersonId& id, std::string_view password_hash);
base::Task<std::optional<std::string>> password_hash_of(db::ReadTx& tx, const base::PersonId& id);
/// New attributes from a new signature certificate.
struct CertifiedAttributes {
    std::string name;
    bool name_has_substitutes = false;
    base::CivilDate birth_date;
    Sex sex = Sex::Unknown;
    std::string address;
};
base::Task<> change_attributes(db::WriteTx& tx, const base::PersonId& id, const CertifiedAttributes& attributes,
                               base::Instant now);

/// Closing ends all sessions; until `erase_at` the person may reopen. Erasing empties everything this module holds and
/// keeps a row that says only that this id existed; other modules erase on the event "identity.person-erased".
base::Task<> close_person(db::WriteTx& tx, const base::PersonId& id, base::Instant now, base::Instant erase_at);
base::Task<bool> reopen_person(db::WriteTx& tx, const base::PersonId& id);
base::Task<std::vector<base::PersonId>> due_for_erasure(db::ReadTx& tx, base::Instant now, int limit = 50);
base::Task<> erase_person(db::WriteTx& tx, const base::PersonId& id, base::Instant now);

enum class CertificateType { Signature, User };
constexpr auto json_names(CertificateType) {
    return std::array{std::pair{CertificateType::Signature, "signature"}, std::pair{CertificateType::User, "user"}};
}
db::Value to_value(CertificateType type);
CertificateType from_column(const std::string& text, CertificateType*);

enum class CertificateStatus { Active, Superseded, Revoked };
constexpr auto json_names(CertificateStatus) {
    return std::array{std::pair{CertificateStatus::Active, "active"},
                      std::pair{CertificateStatus::Superseded, "superseded"},
                      std::pair{CertificateStatus::Revoked, "revoked"}};
}
db::Value to_value(CertificateStatus status);
CertificateStatus from_column(const std::string& text, CertificateStatus*);

/// Issuer and serial name a certificate; the certificate itself is not kept (it holds the four attributes).
struct Certificate {
    std::string issuer; // SHA-256 of the issuer's DER name, hexadecimal
    std::string serial; // hexadecimal, lower case, whole bytes
    CertificateType type = CertificateType::User;
    base::Instant not_before;
    base::Instant not_after;
    CertificateStatus status = CertificateStatus::Active;
    std::optional<std::string> predecessor; // serial of the same issuer, when it was linked as a renewal

    static Certificate from(db::Reader&);
};
/// False when the certificate already belongs to another person. Linking again changes nothing. An earlier active one
/// of the same type becomes superseded.
base::Task<bool> link_certificate(db::WriteTx& tx, const base::PersonId& person, const Certificate& certificate,
                                  base::Instant now);
base::Task<std::optional<base::PersonId>> find_by_certificate(db::ReadTx& tx, std::string_view issuer,
                                                              std::string_view serial);
base::Task<std::vector<Certificate>> certificates_of(db::ReadTx& tx, const base::PersonId& person);
base::Task<> mark_certificate(db::WriteTx& tx, std::string_view issuer, std::string_view serial,
                              CertificateStatus status);

db::Migrations migrations();

} // namespace musubi::identity
