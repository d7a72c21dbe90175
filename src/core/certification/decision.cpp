#include "core/certification/decision.h"

#include "base/encoding.h"
#include "base/ids.h"
#include "lib/crypto/digest.h"
#include "lib/db/enum_column.h"

namespace musubi::certification {
namespace {

constexpr db::Query kRecord{"certification.record_decision",
                            "INSERT INTO certification_decision (subject, id, at, purpose, kind, issuer, serial,"
                            " fingerprint, outcome, reason, method, source_time, valid_until, overdue, check_purpose)"
                            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"};
constexpr db::Query kOf{"certification.decisions_of",
                        "SELECT subject, purpose, kind, issuer, serial, fingerprint, outcome, reason, method,"
                        " source_time, valid_until, overdue, check_purpose FROM certification_decision WHERE subject = "
                        "$1 ORDER BY id DESC LIMIT 200"};

constexpr db::Query kErase{"certification.erase_decisions", "DELETE FROM certification_decision WHERE subject = $1"};

using DecisionId = base::Id<struct DecisionTag>;

struct Row {
    Decision decision;
    static Row from(db::Reader& row) {
        return {.decision = {.subject = row.get<std::string>(),
                             .purpose = row.get<std::string>(),
                             .kind = row.get<std::string>(),
                             .issuer = row.get<std::string>(),
                             .serial = row.get<std::string>(),
                             .fingerprint = row.get<std::string>(),
                             .outcome = row.get<std::string>(),
                             .reason = row.get<std::string>(),
                             .method = row.get<std::string>(),
                             .source_time = row.get<std::optional<base::Instant>>(),
                             .valid_until = row.get<std::optional<base::Instant>>(),
                             .overdue = row.get<int64_t>() != 0,
                             .check_purpose = db::enum_value<CheckPurpose>(row)}};
    }
};

} // namespace

std::string issuer_key(const pki::Authority& issuer) { return base::hex_encode(crypto::sha256(issuer.view.subject)); }

Decision decision_for(const pki::VerifiedCertificate& certificate, std::string subject, std::string purpose) {
    Decision out;
    out.subject = std::move(subject);
    out.purpose = std::move(purpose);
    out.kind = pki::to_string(certificate.kind());
    out.issuer = issuer_key(certificate.issuer());
    out.serial = certificate.serial().hex();
    out.fingerprint = certificate.fingerprint();
    out.outcome = "good";
    out.method = pki::to_string(certificate.revocation().method);
    out.source_time = certificate.revocation().source_time;
    out.valid_until = certificate.revocation().valid_until;
    out.overdue = certificate.revocation().overdue;
    return out;
}

Decision decision_for(const pki::Refusal& refusal, std::string subject, std::string purpose) {
    Decision out;
    out.subject = std::move(subject);
    out.purpose = std::move(purpose);
    if (refusal.kind) out.kind = pki::to_string(*refusal.kind);
    out.fingerprint = refusal.fingerprint;
    out.outcome = refusal.error().code;
    out.reason = refusal.reason;
    out.method = refusal.method;
    out.source_time = refusal.source_time;
    out.serial = refusal.serial;
    if (!refusal.issuer_name.empty()) out.issuer = base::hex_encode(crypto::sha256(refusal.issuer_name));
    return out;
}

base::Task<> record_decision(db::WriteTx& tx, base::Random& random, Decision decision, base::Instant now) {
    co_await tx.run(kRecord, decision.subject, DecisionId::make(now, random), now, decision.purpose, decision.kind,
                    decision.issuer, decision.serial, decision.fingerprint, decision.outcome, decision.reason,
                    decision.method, decision.source_time, decision.valid_until, int64_t{decision.overdue ? 1 : 0},
                    db::enum_name(decision.check_purpose));
}

base::Task<std::vector<Decision>> decisions_of(db::ReadTx& tx, std::string_view subject) {
    const std::string text(subject);
    auto rows = co_await tx.all<Row>(kOf, text);
    std::vector<Decision> out;
    for (Row& row : rows) out.push_back(std::move(row.decision));
    co_return out;
}

base::Task<> erase_decisions(db::WriteTx& tx, std::string_view subject) {
    const std::string text(subject);
    co_await tx.run(kErase, text);
}

} // namespace musubi::certification
