#include "core/identity/person.h"

namespace musubi::identity {
namespace {

constexpr db::Query kLink{
    "identity.link_certificate",
    "INSERT INTO identity_certificate (person_id, issuer, serial, type, not_before, not_after, status, predecessor,"
    " linked_at) VALUES ($1, $2, $3, $4, $5, $6, 'active', $7, $8) ON CONFLICT DO NOTHING"};
constexpr db::Query kOwner{"identity.certificate_owner", "SELECT person_id FROM identity_certificate"
                                                         " WHERE issuer = $1 AND serial = $2"};
constexpr db::Query kSupersede{"identity.supersede_certificates",
                               "UPDATE identity_certificate SET status = 'superseded'"
                               " WHERE person_id = $1 AND type = $2 AND issuer = $3 AND serial <> $4"
                               " AND status = 'active' AND not_before <= $5"};
constexpr db::Query kOfPerson{"identity.certificates_of",
                              "SELECT issuer, serial, type, not_before, not_after, status, predecessor"
                              " FROM identity_certificate WHERE person_id = $1 ORDER BY not_before DESC, serial"};
constexpr db::Query kMark{"identity.mark_certificate",
                          "UPDATE identity_certificate SET status = $3 WHERE issuer = $1 AND serial = $2"};

} // namespace

Certificate Certificate::from(db::Reader& row) {
    return {.issuer = row.get<std::string>(),
            .serial = row.get<std::string>(),
            .type = row.get<CertificateType>(),
            .not_before = row.get<base::Instant>(),
            .not_after = row.get<base::Instant>(),
            .status = row.get<CertificateStatus>(),
            .predecessor = row.get<std::optional<std::string>>()};
}

base::Task<bool> link_certificate(db::WriteTx& tx, const base::PersonId& person, const Certificate& certificate,
                                  base::Instant now) {
    const int64_t added = co_await tx.run(kLink, person, certificate.issuer, certificate.serial, certificate.type,
                                          certificate.not_before, certificate.not_after, certificate.predecessor, now);
    if (added == 0) {
        const auto owner = co_await find_by_certificate(tx, certificate.issuer, certificate.serial);
        co_return owner && *owner == person;
    }
    co_await tx.run(kSupersede, person, certificate.type, certificate.issuer, certificate.serial,
                    certificate.not_before);
    co_return true;
}

base::Task<std::optional<base::PersonId>> find_by_certificate(db::ReadTx& tx, std::string_view issuer,
                                                              std::string_view serial) {
    return tx.one<base::PersonId>(kOwner, std::string(issuer), std::string(serial));
}

base::Task<std::vector<Certificate>> certificates_of(db::ReadTx& tx, const base::PersonId& person) {
    return tx.all<Certificate>(kOfPerson, person);
}

base::Task<> mark_certificate(db::WriteTx& tx, std::string_view issuer, std::string_view serial,
                              CertificateStatus status) {
    co_await tx.run(kMark, std::string(issuer), std::string(serial), status);
}

} // namespace musubi::identity
