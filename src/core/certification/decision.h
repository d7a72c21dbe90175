// What was decided about a certificate, on which source, when and what for: kept with every reliance on a certificate.
#pragma once

#include "base/random.h"
#include "lib/db/database.h"
#include "lib/pki/verifier.h"

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace musubi::certification {

/// Why the authority's information was used: to accept a signature somebody makes now, or to learn whether a customer's
/// certificate is still in force (現況確認), which the authority counts and bills apart.
enum class CheckPurpose { SignatureVerification, LivenessCheck };
constexpr auto json_names(CheckPurpose) {
    return std::array{std::pair{CheckPurpose::SignatureVerification, "signature-verification"},
                      std::pair{CheckPurpose::LivenessCheck, "liveness-check"}};
}

struct Decision {
    std::string subject; // PersonId or RegistrationId; empty when nobody is known
    std::string purpose; // "registration", "login"
    std::string kind;    // "signature", "user"; empty when the bytes were no certificate
    std::string issuer;  // as issuer_key below; empty for refusals before the issuer was known
    std::string serial;
    std::string fingerprint; // SHA-256 of the certificate
    std::string outcome;     // "good" or the refusal's code
    std::string reason;      // revoked: the CRLReason
    std::string method;      // "list", "ocsp"; empty when revocation was not reached
    std::optional<base::Instant> source_time;
    std::optional<base::Instant> valid_until; // nextUpdate of that source
    bool overdue = false;                     // accepted within the grace after valid_until
    CheckPurpose check_purpose = CheckPurpose::SignatureVerification;
};

Decision decision_for(const pki::VerifiedCertificate& certificate, std::string subject, std::string purpose);
Decision decision_for(const pki::Refusal& refusal, std::string subject, std::string purpose);
base::Task<> record_decision(db::WriteTx& tx, base::Random& random, Decision decision, base::Instant now);
/// Newest first, for tests and for the operator who looks into a complaint.
base::Task<std::vector<Decision>> decisions_of(db::ReadTx& tx, std::string_view subject);

/// When the person is erased.
base::Task<> erase_decisions(db::WriteTx& tx, std::string_view subject);

/// SHA-256 of the issuer's DER name in hexadecimal: with the serial number the key of a certificate.
std::string issuer_key(const pki::Authority& issuer);

} // namespace musubi::certification
