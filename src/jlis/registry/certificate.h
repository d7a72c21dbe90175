// Certificates and their fate.
#pragma once

#include "jlis/registry/holder.h"
#include "lib/pki/revocation.h"

#include <optional>
#include <string>
#include <vector>

namespace musubi::registry {

/// "good" also after its end: a list and an answer are about revocation.
enum class Status { Good, Hold, Revoked };
constexpr auto json_names(Status) {
    return std::array{std::pair{Status::Good, "good"}, std::pair{Status::Hold, "hold"},
                      std::pair{Status::Revoked, "revoked"}};
}

struct Certificate {
    pki::CertificateKind authority;
    int64_t serial;
    std::string holder_id;
    std::string card_id;
    std::string municipality;
    Status status = Status::Good;
    std::string reason; // name of a CRLReason; empty while good
    std::optional<base::Instant> revoked_at;
    base::Instant not_before;
    base::Instant not_after;
    std::optional<int64_t> predecessor;
    std::optional<int64_t> successor;
    std::string der;

    static Certificate from(db::Reader& row);
};

base::Task<std::optional<Certificate>> find_certificate(db::ReadTx& tx, pki::CertificateKind authority, int64_t serial);
/// Those of a holder that are good or held, of one authority.
base::Task<std::vector<Certificate>> certificates_in_force(db::ReadTx& tx, std::string holder_id,
                                                           pki::CertificateKind authority);
base::Task<> add_certificate(db::WriteTx& tx, Certificate certificate, Change change);
/// The successor takes the place of the predecessor, which is revoked as superseded.
base::Task<> supersede(db::WriteTx& tx, Certificate predecessor, int64_t successor, Change change);

/// "certificate.unknown", "certificate.already-revoked". Revocation is final; a hold may still become a revocation.
base::Task<base::Status> revoke(db::WriteTx& tx, pki::CertificateKind authority, int64_t serial,
                                pki::RevocationReason reason, Change change);
/// Every certificate of the holder that is good becomes held (loss reported by day or night); the number of them.
base::Task<int64_t> hold(db::WriteTx& tx, std::string holder_id, Change change);
/// The card was found: held certificates become good again.
base::Task<int64_t> lift(db::WriteTx& tx, std::string holder_id, Change change);

/// What the law demands when the register reports a change: moving and a new name end the signature certificate
/// (its attributes are no longer true), death and leaving the country end both.
enum class RegisterChange { Address, Name, Death, Abroad };
constexpr auto json_names(RegisterChange) {
    return std::array{std::pair{RegisterChange::Address, "address"}, std::pair{RegisterChange::Name, "name"},
                      std::pair{RegisterChange::Death, "death"}, std::pair{RegisterChange::Abroad, "abroad"}};
}
base::Task<int64_t> revoke_for_change(db::WriteTx& tx, std::string holder_id, RegisterChange kind, Change change);

/// What a list says about one certificate.
struct Listed {
    int64_t serial;
    std::string reason;
    base::Instant revoked_at;
    static Listed from(db::Reader& row) { return {.serial = row, .reason = row, .revoked_at = row}; }
};
/// Revoked or held certificates of one municipality that have not ended before `now`, by serial number.
base::Task<std::vector<Listed>> revoked_certificates(db::ReadTx& tx, pki::CertificateKind authority,
                                                     std::string municipality, base::Instant now);
base::Task<std::vector<std::string>> municipalities(db::ReadTx& tx);

} // namespace musubi::registry
