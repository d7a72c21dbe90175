#include "jlis/registry/certificate.h"

#include "base/encoding.h"
#include "lib/db/enum_column.h"

namespace musubi::registry {
namespace {

#define MUSUBI_CERTIFICATE_FIELDS                                                                                      \
    "authority, serial, holder_id, card_id, municipality, status, reason, revoked_at, not_before, not_after,"          \
    " predecessor, successor, der"

constexpr db::Query kFind{"registry.find_certificate", "SELECT " MUSUBI_CERTIFICATE_FIELDS " FROM registry_certificate"
                                                       " WHERE authority = $1 AND serial = $2"};
constexpr db::Query kInForce{"registry.certificates_in_force",
                             "SELECT " MUSUBI_CERTIFICATE_FIELDS " FROM registry_certificate"
                             " WHERE holder_id = $1 AND authority = $2 AND status <> 'revoked' ORDER BY serial"};
constexpr db::Query kAdd{"registry.add_certificate",
                         "INSERT INTO registry_certificate (authority, serial, holder_id, card_id, municipality,"
                         " status, reason, revoked_at, not_before, not_after, predecessor, successor, der)"
                         " VALUES ($1, $2, $3, $4, $5, 'good', '', NULL, $6, $7, $8, NULL, $9)"};
constexpr db::Query kSetSuccessor{"registry.set_successor", "UPDATE registry_certificate SET successor = $3"
                                                            " WHERE authority = $1 AND serial = $2"};
constexpr db::Query kSetStatus{"registry.set_status",
                               "UPDATE registry_certificate SET status = $3, reason = $4, revoked_at = $5"
                               " WHERE authority = $1 AND serial = $2 AND status <> 'revoked'"};
constexpr db::Query kAddEvent{"registry.add_event",
                              "INSERT INTO registry_event (authority, serial, id, at, kind, reason, actor)"
                              " VALUES ($1, $2, $3, $4, $5, $6, $7)"};
constexpr db::Query kRevoked{"registry.revoked_certificates",
                             "SELECT serial, reason, revoked_at FROM registry_certificate"
                             " WHERE authority = $1 AND municipality = $2 AND status <> 'good' AND not_after >= $3"
                             " ORDER BY serial"};
constexpr db::Query kMunicipalities{"registry.municipalities",
                                    "SELECT DISTINCT municipality FROM registry_holder ORDER BY municipality"};

pki::CertificateKind authority_from(const std::string& text) {
    return text == "signature" ? pki::CertificateKind::Signature : pki::CertificateKind::UserAuthentication;
}

struct EventId {};

base::Task<> record(db::WriteTx& tx, pki::CertificateKind authority, int64_t serial, std::string_view kind,
                    std::string_view reason, const Change& change) {
    const auto id = base::Id<EventId>::make(change.at, change.random);
    co_await tx.run(kAddEvent, pki::to_string(authority), serial, id, change.at, kind, reason, change.actor);
}

base::Task<> set_status(db::WriteTx& tx, Certificate certificate, Status status, pki::RevocationReason reason,
                        Change change) {
    const bool good = status == Status::Good;
    const std::string reason_name(good ? std::string_view() : pki::to_string(reason));
    const auto at = good ? std::optional<base::Instant>() : change.at;
    co_await tx.run(kSetStatus, pki::to_string(certificate.authority), certificate.serial, db::enum_name(status),
                    reason_name, at);
    const char* kind = good ? "lifted" : status == Status::Hold ? "held" : "revoked";
    co_await record(tx, certificate.authority, certificate.serial, kind, reason_name, change);
}

} // namespace

Certificate Certificate::from(db::Reader& row) {
    Certificate out{.authority = authority_from(row),
                    .serial = row,
                    .holder_id = row,
                    .card_id = row,
                    .municipality = row,
                    .status = db::enum_value<Status>(row),
                    .reason = row,
                    .revoked_at = row.get<std::optional<base::Instant>>(),
                    .not_before = row,
                    .not_after = row,
                    .predecessor = row.get<std::optional<int64_t>>(),
                    .successor = row.get<std::optional<int64_t>>(),
                    .der = {}};
    out.der = base::base64_decode(row.get<std::string>()).value_or("");
    return out;
}

base::Task<std::optional<Certificate>> find_certificate(db::ReadTx& tx, pki::CertificateKind authority,
                                                        int64_t serial) {
    co_return co_await tx.one<Certificate>(kFind, pki::to_string(authority), serial);
}

base::Task<std::vector<Certificate>> certificates_in_force(db::ReadTx& tx, std::string holder_id,
                                                           pki::CertificateKind authority) {
    co_return co_await tx.all<Certificate>(kInForce, std::move(holder_id), pki::to_string(authority));
}

base::Task<> add_certificate(db::WriteTx& tx, Certificate certificate, Change change) {
    co_await tx.run(kAdd, pki::to_string(certificate.authority), certificate.serial, certificate.holder_id,
                    certificate.card_id, certificate.municipality, certificate.not_before, certificate.not_after,
                    certificate.predecessor, base::base64_encode(certificate.der));
    co_await record(tx, certificate.authority, certificate.serial, "issued", "", change);
}

base::Task<> supersede(db::WriteTx& tx, Certificate predecessor, int64_t successor, Change change) {
    co_await tx.run(kSetSuccessor, pki::to_string(predecessor.authority), predecessor.serial, successor);
    co_await set_status(tx, predecessor, Status::Revoked, pki::RevocationReason::Superseded, change);
}

base::Task<base::Status> revoke(db::WriteTx& tx, pki::CertificateKind authority, int64_t serial,
                                pki::RevocationReason reason, Change change) {
    const auto certificate = co_await find_certificate(tx, authority, serial);
    if (!certificate) co_return base::not_found("certificate.unknown");
    if (certificate->status == Status::Revoked) co_return base::conflict("certificate.already-revoked");
    co_await set_status(tx, *certificate, Status::Revoked, reason, change);
    co_return base::success();
}

base::Task<int64_t> hold(db::WriteTx& tx, std::string holder_id, Change change) {
    int64_t count = 0;
    for (const auto authority : {pki::CertificateKind::Signature, pki::CertificateKind::UserAuthentication}) {
        const auto certificates = co_await certificates_in_force(tx, holder_id, authority);
        for (const auto& certificate : certificates) {
            if (certificate.status != Status::Good) continue;
            co_await set_status(tx, certificate, Status::Hold, pki::RevocationReason::CertificateHold, change);
            ++count;
        }
    }
    co_return count;
}

base::Task<int64_t> lift(db::WriteTx& tx, std::string holder_id, Change change) {
    int64_t count = 0;
    for (const auto authority : {pki::CertificateKind::Signature, pki::CertificateKind::UserAuthentication}) {
        const auto certificates = co_await certificates_in_force(tx, holder_id, authority);
        for (const auto& certificate : certificates) {
            if (certificate.status != Status::Hold) continue;
            co_await set_status(tx, certificate, Status::Good, pki::RevocationReason::Unspecified, change);
            ++count;
        }
    }
    co_return count;
}

base::Task<int64_t> revoke_for_change(db::WriteTx& tx, std::string holder_id, RegisterChange kind, Change change) {
    const bool gone = kind == RegisterChange::Death || kind == RegisterChange::Abroad;
    const auto reason = gone ? pki::RevocationReason::CessationOfOperation : pki::RevocationReason::AffiliationChanged;
    int64_t count = 0;
    for (const auto authority : {pki::CertificateKind::Signature, pki::CertificateKind::UserAuthentication}) {
        if (authority == pki::CertificateKind::UserAuthentication && !gone) continue; // carries no attributes
        const auto certificates = co_await certificates_in_force(tx, holder_id, authority);
        for (const auto& certificate : certificates) {
            co_await set_status(tx, certificate, Status::Revoked, reason, change);
            ++count;
        }
    }
    co_return count;
}

base::Task<std::vector<Listed>> revoked_certificates(db::ReadTx& tx, pki::CertificateKind authority,
                                                     std::string municipality, base::Instant now) {
    co_return co_await tx.all<Listed>(kRevoked, pki::to_string(authority), std::move(municipality), now);
}

base::Task<std::vector<std::string>> municipalities(db::ReadTx& tx) {
    co_return co_await tx.all<std::string>(kMunicipalities);
}

} // namespace musubi::registry
